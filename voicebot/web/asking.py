"""What asking costs, as a page and as JSON: those who were asked beside those held out, and what it means."""

from datetime import timedelta
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from voicebot.columns import utc_now
from voicebot.db import get_database
from voicebot.reports import asking, asking_told
from voicebot.reports.asking import CostOfAsking
from voicebot.reports.flows import FlowLine, list_flows
from voicebot.web.access import LoggedIn
from voicebot.web.render import render_page
from voicebot.web.routes import page_router
from voicebot.web.sessions import Viewer

router = page_router()

SPANS = (30, 90, 365)
USUAL_DAYS = 90


@router.get("/flows/cost")
def show_cost(request: Request, viewer: LoggedIn, days: int = USUAL_DAYS, flow: int | None = None) -> Response:
    """The cost of asking, of one call flow or of all."""
    found, flows, days, flow = _read(viewer, days, flow)
    values: dict[str, Any] = {
        "found": found,
        "flows": flows,
        "days": days,
        "spans": SPANS,
        "chosen": flow,
        "holdout": {line.flow.id: _holdout(line) for line in flows},
        "meaning": asking_told.meaning(found),
    }
    return render_page(request, "flow_cost.html", viewer, **values)


@router.get("/flows/cost.json")
def cost_json(viewer: LoggedIn, days: int = USUAL_DAYS, flow: int | None = None) -> Response:
    """The same as `voicebot flows cost --json` writes, with its sentences."""
    found, _, days, flow = _read(viewer, days, flow)
    return JSONResponse(found.as_json() | {"days": days, "flow": flow, "meaning": asking_told.meaning(found)})


def _read(viewer: Viewer, days: int, flow: int | None) -> tuple[CostOfAsking, tuple[FlowLine, ...], int, int | None]:
    """The figures; a span or a flow that is not on offer gives way to the usual ones."""
    days = days if days in SPANS else USUAL_DAYS
    with get_database().reading() as session:
        flows = list_flows(session, viewer.company_id)
        flow = flow if any(line.flow.id == flow for line in flows) else None
        return asking.cost(session, viewer.company_id, utc_now() - timedelta(days=days), flow), flows, days, flow


def _holdout(line: FlowLine) -> float | None:
    """The share that a flow's source question holds out; None for a flow that asks nobody."""
    document = line.newest.document
    steps = [*document.get("steps", ()), *(step for branch in document.get("branches", {}).values() for step in branch)]
    asking_steps = [one for one in steps if one.get("type") == "source_question" and one.get("ask") != "never"]
    return max((float(step.get("holdout") or 0) for step in asking_steps), default=None)
