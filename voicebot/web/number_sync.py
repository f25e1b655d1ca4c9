"""The company's numbers compared with the carrier: what differs and what is wrong, changed or put back."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from voicebot import phone
from voicebot.carrier import numbers as carrier
from voicebot.carrier.numbers import Change
from voicebot.columns import utc_now
from voicebot.db import get_database
from voicebot.errors import VoicebotError
from voicebot.numbers import auditing, importing, syncing
from voicebot.numbers.audit import Finding, Kind
from voicebot.numbers.syncing import Outcome
from voicebot.settings import get_settings
from voicebot.web.access import Admin
from voicebot.web.number_forms import account_of, choices, place_of, rent_of, spending_account, wanted
from voicebot.web.render import render_page
from voicebot.web.routes import page_router
from voicebot.web.sessions import Viewer

router = page_router()
Text = Annotated[str, Form(max_length=200)]
SHOWN_AS_DIFFERENCE = frozenset({Kind.FOREIGN_ADDRESS, Kind.WRONG_FALLBACK, Kind.WRONG_STATUS_CALLBACK})


@router.get("/numbers/sync")
def show_difference(request: Request, viewer: Admin) -> Response:
    """What would change at the carrier, and what is wrong there. Nothing is changed."""
    return _page(request, viewer)


@router.post("/numbers/sync/apply")
def apply(request: Request, viewer: Admin) -> Response:
    """Point the company's numbers here, once a signed round trip has worked."""
    try:
        plans = syncing.differences(wanted(request), viewer.company_id)
        return _done(request, viewer, syncing.apply(plans, get_settings().web.public_url))
    except VoicebotError as error:
        return _page(request, viewer, error=str(error))


@router.post("/numbers/sync/restore")
def restore(request: Request, viewer: Admin) -> Response:
    """Put back the addresses that the company's numbers had before."""
    try:
        return _done(request, viewer, syncing.restore(syncing.former(viewer.company_id), viewer.company_id))
    except VoicebotError as error:
        return _page(request, viewer, error=str(error))


@router.post("/numbers/import")
def take_over(
    request: Request,
    viewer: Admin,
    number: Text = "",
    campaign: Text = "",
    destination: Text = "",
    call_flow: Text = "",
) -> Response:
    """Register a number that the company's account has already. At the carrier it stays as it is."""
    try:
        e164 = phone.parse_e164(number)
        with get_database().reading() as session:
            account = spending_account(session, viewer)
            place = place_of(session, viewer, destination, call_flow, campaign)
        (found,) = importing.named(carrier.owned(account), [e164])
        rent = rent_of(account, e164)
        with get_database().writing() as session:
            importing.take_over(session, found, place, rent, utc_now())
    except VoicebotError as error:
        return _page(request, viewer, error=str(error))
    return RedirectResponse("/numbers/sync?imported=1", HTTPStatus.SEE_OTHER)


def _done(request: Request, viewer: Viewer, outcome: Outcome) -> Response:
    if outcome.refused:
        said = "; ".join(f"{number}: {error}" for number, error in outcome.refused)
        return _page(request, viewer, error=f"{outcome.changed} changed, {len(outcome.refused)} refused. {said}")
    return RedirectResponse(f"/numbers/sync?changed={outcome.changed}", HTTPStatus.SEE_OTHER)


def _page(request: Request, viewer: Viewer, *, error: str = "") -> Response:
    changes: tuple[Change, ...] = ()
    back: tuple[Change, ...] = ()
    findings: list[Finding] = []
    fault = ""
    with get_database().reading() as session:
        offered = choices(session, viewer.company_id)
    try:
        with get_database().reading() as session:
            account_of(session, viewer)
        changes = _changes(syncing.differences(wanted(request), viewer.company_id))
        back = _changes(syncing.former(viewer.company_id))
        found = auditing.findings(wanted(request), viewer.company_id)
        findings = [one for one in found if one.kind not in SHOWN_AS_DIFFERENCE]
    except VoicebotError as problem:
        fault = str(problem)
    return render_page(
        request,
        "number_sync.html",
        viewer,
        status=422 if error else 200,
        changes=changes,
        back=back,
        findings=[one for one in findings if one.kind is not Kind.NOT_REGISTERED],
        strangers=[one.number for one in findings if one.kind is Kind.NOT_REGISTERED],
        choices=offered,
        imported="imported" in request.query_params,
        fault=fault,
        error=error,
        changed=request.query_params.get("changed", ""),
    )


def _changes(plans: list[syncing.Plan]) -> tuple[Change, ...]:
    return tuple(change for plan in plans for change in plan.difference.changes)
