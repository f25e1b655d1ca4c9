"""The list of numbers: what each stands for and stood for, its calls, its rent, what is wrong, and assigning it."""

from http import HTTPStatus
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from voicebot.columns import utc_now
from voicebot.db import get_database
from voicebot.errors import InvalidInput, NotFound, VoicebotError
from voicebot.numbers import assigning, auditing, market, names
from voicebot.numbers.history import read_moment
from voicebot.numbers.usage import usage
from voicebot.reports.campaigns import list_campaigns
from voicebot.tables import TrackingNumber
from voicebot.web.access import Admin, LoggedIn, Writer
from voicebot.web.number_forms import account_of
from voicebot.web.render import render_page
from voicebot.web.routes import RowId, page_router
from voicebot.web.sessions import Viewer

router = page_router()
Text = Annotated[str, Form(max_length=200)]


@router.get("/numbers")
def show_numbers(request: Request, viewer: LoggedIn) -> Response:
    """Every number, those in use first. The carrier is not asked."""
    return _page(request, viewer)


@router.post("/numbers/{number_id:int}/assign")
def assign(
    request: Request, viewer: Writer, number_id: RowId, campaign: Text = "", since: Text = "", until: Text = ""
) -> Response:
    """Let the number stand for another campaign; a fault shows the form again with what was typed."""
    zone = ZoneInfo(viewer.company.time_zone)
    try:
        with get_database().writing() as session:
            row = _own(session, viewer, number_id)
            target = names.campaign(session, viewer.company_id, campaign)
            assigning.assign(session, row, target, read_moment(since, zone) or utc_now(), read_moment(until, zone))
    except VoicebotError as error:
        typed = {"campaign": campaign, "since": since, "until": until}
        return _page(request, viewer, faulty=number_id, typed=typed, error=_said(error))
    return _saved(number_id)


@router.post("/numbers/{number_id:int}/unassign")
def unassign(request: Request, viewer: Writer, number_id: RowId, since: Text = "") -> Response:
    """Let the number stand for no campaign from now, or a later moment, on."""
    try:
        with get_database().writing() as session:
            row = _own(session, viewer, number_id)
            at = read_moment(since, ZoneInfo(viewer.company.time_zone)) or utc_now()
            assigning.unassign(session, row, at)
    except VoicebotError as error:
        return _page(request, viewer, faulty=number_id, error=_said(error))
    return _saved(number_id)


@router.post("/numbers/{number_id:int}/release")
def release(request: Request, viewer: Admin, number_id: RowId, number: Text = "") -> Response:
    """Give the number back for good; its last four digits are typed as the yes."""
    try:
        with get_database().reading() as session:
            row = _own(session, viewer, number_id)
            account = account_of(session, viewer)
        if number.strip() != row.number[-4:]:
            raise InvalidInput(f"To give {row.number} back, type its last four digits.")
        market.release(account, row)
    except VoicebotError as error:
        return _page(request, viewer, faulty=number_id, error=_said(error))
    return _saved(number_id)


def _own(session: Session, viewer: Viewer, number_id: int) -> TrackingNumber:
    row = session.get(TrackingNumber, number_id)
    if row is None or row.company_id != viewer.company_id:
        raise _NotOurs("There is no such number.")
    return row


class _NotOurs(NotFound):
    """Another company's number: a page that is not there, and no fault of a form."""


def _said(error: VoicebotError) -> str:
    if isinstance(error, _NotOurs):
        raise error
    return str(error)


def _saved(number_id: int) -> Response:
    return RedirectResponse(f"/numbers?saved={number_id}#number-{number_id}", HTTPStatus.SEE_OTHER)


def _page(
    request: Request, viewer: Viewer, *, faulty: int | None = None, typed: dict[str, str] | None = None, error: str = ""
) -> Response:
    with get_database().reading() as session:
        uses = sorted(usage(session, utc_now(), viewer.company_id), key=lambda use: use.released_on is not None)
        campaigns = [view.campaign for view in list_campaigns(session, viewer.company_id)]
    findings = auditing.local_findings(uses)
    return render_page(
        request,
        "numbers.html",
        viewer,
        status=422 if error else 200,
        uses=uses,
        findings=findings,
        wrong=sum(1 for use in uses if findings[use.id]),
        campaigns=campaigns,
        faulty=faulty,
        typed=typed or {"campaign": "", "since": "", "until": ""},
        error=error,
        saved=request.query_params.get("saved", ""),
        bought="bought" in request.query_params,
    )
