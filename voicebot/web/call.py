"""A call's page, and the value of its lead."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Form, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from voicebot.attribution import correcting
from voicebot.attribution.correcting import Correction
from voicebot.columns import utc_now
from voicebot.db import get_database
from voicebot.errors import Conflict, InvalidInput
from voicebot.reports.call import CallDetail, call_detail, company_call, notice_seconds
from voicebot.reports.export import as_json
from voicebot.tables import Company, Lead
from voicebot.terms import LeadOutcome, WitnessKind
from voicebot.web import forms
from voicebot.web.access import LoggedIn, Writer
from voicebot.web.recordings import audio_link
from voicebot.web.render import render_page
from voicebot.web.routes import RowId, page_router
from voicebot.web.sessions import Viewer

router = page_router()

WITNESSES = (
    (WitnessKind.TRACKED, "Tracked", "the number dialled"),
    (WitnessKind.ASKED, "Asked", "the answer before the agent"),
    (WitnessKind.HEARD, "Heard", "the conversation"),
)


@router.get("/calls/{call_id:int}")
def show_call(request: Request, viewer: LoggedIn, call_id: RowId) -> Response:
    """Everything about one call."""
    return _page(request, viewer, _detail(viewer, call_id))


@router.get("/calls/{call_id:int}.json")
def call_json(viewer: LoggedIn, call_id: RowId) -> Response:
    """The same as JSON: the call, its verdicts with their evidence, the transcripts and the steps."""
    detail = _detail(viewer, call_id)
    entries = [
        {
            **entry.verdict.model_dump(mode="json"),
            "made_by": entry.made_by,
            "witnesses": [witness.model_dump(mode="json") for witness in entry.witnesses],
        }
        for entry in detail.ledger
    ]
    document: dict[str, Any] = {
        "call": detail.call.model_dump(mode="json", exclude={"dialogue", "lease_owner", "lease_until"}),
        "campaign": detail.campaign.name if detail.campaign else None,
        "verdicts": entries,
        "answers": [answer.model_dump(mode="json") for answer in detail.answers],
        "recordings": as_json(detail.recordings),
        "steps": [step.model_dump(mode="json") for step in detail.steps],
        "lead": detail.lead.model_dump(mode="json") if detail.lead else None,
    }
    return JSONResponse(document)


@router.post("/calls/{call_id:int}/value")
def enter_value(
    request: Request,
    viewer: Writer,
    call_id: RowId,
    outcome: Annotated[str, Form(max_length=32)] = "",
    value: Annotated[str, Form(max_length=40)] = "",
    currency: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Keep what became of the call's lead; a fault shows the page again with what was typed."""
    typed = {"outcome": outcome, "value": value, "currency": currency}
    try:
        chosen = forms.one_of(outcome, LeadOutcome, "an outcome") or LeadOutcome.OPEN
        amount = forms.amount(value)
        code = forms.currency(currency, viewer.company.currency) if amount is not None else None
        with get_database().writing() as session:
            call = company_call(session, viewer.company_id, call_id)
            lead = session.get(Lead, call.lead_id) if call.lead_id else None
            if lead is None:
                raise Conflict("This call belongs to no lead, so it has no value. Only calls of new leads do.")
            if (lead.outcome, lead.value, lead.currency) != (chosen, amount, code):
                company = session.get_one(Company, viewer.company_id)
                change = Correction(value=amount, currency=code, clears_value=amount is None, outcome=chosen)
                correcting.correct(session, company, call, change, by=viewer.user_id, why="value entered")
    except InvalidInput as error:
        return _page(request, viewer, _detail(viewer, call_id), typed=typed, error=str(error))
    return RedirectResponse(f"/calls/{call_id}?saved=1#value", HTTPStatus.SEE_OTHER)


@router.post("/calls/{call_id:int}/called-back")
def mark_called_back(viewer: Writer, call_id: RowId) -> Response:
    """Somebody has called the caller back, or has not after all."""
    with get_database().writing() as session:
        call = company_call(session, viewer.company_id, call_id)
        call.called_back_at = None if call.called_back_at else utc_now()
        session.add(call)
    return RedirectResponse(f"/calls/{call_id}", HTTPStatus.SEE_OTHER)


def _detail(viewer: Viewer, call_id: int) -> CallDetail:
    with get_database().reading() as session:
        return call_detail(session, viewer.company_id, call_id)


def _page(
    request: Request, viewer: Viewer, detail: CallDetail, *, typed: dict[str, str] | None = None, error: str = ""
) -> Response:
    lead = detail.lead
    stored = {
        "outcome": str(lead.outcome) if lead else "",
        "value": f"{lead.value:.2f}" if lead and lead.value is not None else "",
        "currency": (lead.currency if lead else None) or viewer.company.currency,
    }
    values: dict[str, Any] = {
        "detail": detail,
        "call": detail.call,
        "notice_after": notice_seconds(detail.call),
        "witness_kinds": WITNESSES,
        "links": {entry.id: audio_link(entry.id, viewer.user_id) for entry in detail.recordings if entry.playable},
        "lead_outcomes": list(LeadOutcome),
        "typed": typed or stored,
        "error": error,
        "saved": request.query_params.get("saved") == "1" and not error,
    }
    return render_page(request, "call.html", viewer, status=422 if error else 200, **values)
