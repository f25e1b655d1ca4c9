"""Call flows: the list, the editor with its live checks, and a talk in text with the very dialogue of the telephone."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any, Protocol, cast

from fastapi import Body, Form, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from sqlmodel import Session, col, select

from voicebot.columns import utc_now
from voicebot.db import get_database
from voicebot.errors import Conflict, InvalidInput
from voicebot.reports.days import zone_of
from voicebot.reports.flows import FlowDetail, flow_detail, list_flows
from voicebot.reports.running import running_sources
from voicebot.tables import CallFlow, CallFlowVersion
from voicebot.transcribe.redact import chosen
from voicebot.web import flow_call
from voicebot.web.access import LoggedIn, Writer
from voicebot.web.render import render_page
from voicebot.web.routes import RowId, page_router
from voicebot.web.sessions import Viewer

router = page_router()

LONGEST = 60_000
FlowText = Annotated[str, Form(max_length=LONGEST)]


class FlowTools(Protocol):
    """What the page must be given to understand a call flow: pages and call flows do not know each other."""

    def shipped(self, company: str) -> str:
        """The text that a new flow starts with."""
        ...

    def as_text(self, document: Mapping[str, Any]) -> str:
        """A stored document as people edit it."""
        ...

    def check(self, text: str) -> dict[str, Any]:
        """`document`, `faults`, `warnings`, `seconds`."""
        ...

    def talk(self, text: str, said: Mapping[str, Any]) -> dict[str, Any]:
        """`state`, `lines`, `waits`, `rings`. Raises InvalidInput."""
        ...


@router.get("/flows")
def show_flows(request: Request, viewer: LoggedIn) -> Response:
    """All call flows of the company."""
    return _list(request, viewer)


@router.post("/flows")
def make_flow(request: Request, viewer: Writer, name: Annotated[str, Form(max_length=200)] = "") -> Response:
    """A new flow, which begins as the shipped one."""
    document = _tools(request).check(_tools(request).shipped(viewer.company.name))["document"]
    try:
        with get_database().writing() as session:
            flow_id = _add_flow(session, viewer, name.strip(), document)
    except (InvalidInput, Conflict) as error:
        return _list(request, viewer, error=str(error))
    return RedirectResponse(f"/flows/{flow_id}", HTTPStatus.SEE_OTHER)


@router.get("/flows/{flow_id:int}")
def show_flow(request: Request, viewer: LoggedIn, flow_id: RowId, version: int | None = None) -> Response:
    """The editor, with the newest version or the one asked for."""
    with get_database().reading() as session:
        detail = flow_detail(session, viewer.company_id, flow_id, version)
    return _editor(request, viewer, detail, _tools(request).as_text(detail.shown.document))


@router.post("/flows/{flow_id:int}")
def save_flow(
    request: Request, viewer: Writer, flow_id: RowId, text: FlowText = "", base: Annotated[int, Form()] = 0
) -> Response:
    """Save the text as a new version, unless it says what the newest one says."""
    checked = _tools(request).check(text)
    with get_database().writing() as session:
        detail = flow_detail(session, viewer.company_id, flow_id)
        newest = detail.versions[0][0]
        fault = "; ".join(checked["faults"])
        if not fault and base != newest.version:
            fault = f"Version {newest.version} was saved in the meantime. Look at it before you save yours."
        if fault:
            return _editor(request, viewer, detail, text, error=fault)
        if checked["document"] != newest.document:
            session.add(
                CallFlowVersion(
                    call_flow_id=flow_id,
                    version=newest.version + 1,
                    document=checked["document"],
                    created_by=viewer.user_id,
                )
            )
    return RedirectResponse(f"/flows/{flow_id}?saved=1", HTTPStatus.SEE_OTHER)


@router.post("/flows/check.json")
def check_flow(
    request: Request, viewer: LoggedIn, text: Annotated[str, Body(embed=True, max_length=LONGEST)]
) -> Response:
    """What is wrong with a text, and how long it keeps a caller."""
    checked = _tools(request).check(text)
    return JSONResponse({key: checked[key] for key in ("faults", "warnings", "seconds")})


@router.post("/flows/talk.json")
def talk_with_flow(
    request: Request,
    viewer: LoggedIn,
    text: Annotated[str, Body(max_length=LONGEST)],
    said: Annotated[dict[str, Any], Body()],
) -> Response:
    """One turn of a talk in text."""
    if not said.get("state"):
        now = utc_now().astimezone(zone_of(viewer.company.time_zone))
        with get_database().reading() as session:
            said = {**said, "at": now.isoformat(), "offers": running_sources(session, viewer.company_id, now.date())}
    hides = sorted(chosen(viewer.company.redacts, viewer.company.redacted_categories))
    return JSONResponse(_tools(request).talk(text, {**said, "hides": hides}))


def _add_flow(session: Session, viewer: Viewer, name: str, document: dict[str, Any]) -> int:
    if not name:
        raise InvalidInput("Give the call flow a name.")
    named = select(CallFlow.id).where(col(CallFlow.company_id) == viewer.company_id, col(CallFlow.name) == name)
    if session.exec(named).first() is not None:
        raise Conflict(f"There is a call flow {name!r} already.")
    flow = CallFlow(company_id=viewer.company_id, name=name)
    session.add(flow)
    session.flush()
    assert flow.id is not None
    session.add(CallFlowVersion(call_flow_id=flow.id, version=1, document=document, created_by=viewer.user_id))
    return flow.id


def _list(request: Request, viewer: Viewer, error: str = "") -> Response:
    tools = _tools(request)
    with get_database().reading() as session:
        lines = list_flows(session, viewer.company_id)
    seconds = {line.flow.id: tools.check(tools.as_text(line.newest.document))["seconds"] for line in lines}
    return render_page(
        request, "flows.html", viewer, status=422 if error else 200, lines=lines, seconds=seconds, error=error
    )


def _editor(request: Request, viewer: Viewer, detail: FlowDetail, text: str, error: str = "") -> Response:
    with get_database().reading() as session:
        can_call = viewer.may_write and flow_call.is_offered(session, viewer.company_id)
    return render_page(
        request,
        "flow.html",
        viewer,
        status=422 if error else 200,
        detail=detail,
        text=text,
        error=error,
        checked=_tools(request).check(text),
        saved="saved" in request.query_params,
        can_call=can_call,
    )


def _tools(request: Request) -> FlowTools:
    return cast(FlowTools, request.app.state.flow_tools)
