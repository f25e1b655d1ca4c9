"""The list of campaigns, and the money spent on them."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from voicebot.db import get_database
from voicebot.errors import InvalidInput
from voicebot.reports.campaigns import company_campaign, company_spend, list_campaigns
from voicebot.reports.days import Days
from voicebot.tables import Spend
from voicebot.web import forms
from voicebot.web.access import LoggedIn, Writer
from voicebot.web.render import render_page
from voicebot.web.routes import RowId, page_router
from voicebot.web.sessions import Viewer

router = page_router()


@router.get("/campaigns")
def show_campaigns(request: Request, viewer: LoggedIn) -> Response:
    """All campaigns with what was spent on each."""
    return _page(request, viewer)


@router.post("/campaigns/{campaign_id:int}/spend")
def add_spend(
    request: Request,
    viewer: Writer,
    campaign_id: RowId,
    first: Annotated[str, Form(max_length=20)] = "",
    last: Annotated[str, Form(max_length=20)] = "",
    amount: Annotated[str, Form(max_length=40)] = "",
    currency: Annotated[str, Form(max_length=10)] = "",
    note: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Note money spent over a span of days; a fault shows the form again with what was typed."""
    typed = {"first": first, "last": last, "amount": amount, "currency": currency, "note": note}
    try:
        entry = _read(campaign_id, typed, viewer.company.currency)
        with get_database().writing() as session:
            company_campaign(session, viewer.company_id, campaign_id)
            session.add(entry)
    except InvalidInput as error:
        return _page(request, viewer, campaign_id=campaign_id, typed=typed, error=str(error))
    return RedirectResponse(f"/campaigns?saved={campaign_id}#campaign-{campaign_id}", HTTPStatus.SEE_OTHER)


@router.post("/spend/{spend_id:int}/remove")
def remove_spend(viewer: Writer, spend_id: RowId) -> Response:
    """Take back an entry made by mistake."""
    with get_database().writing() as session:
        entry = company_spend(session, viewer.company_id, spend_id)
        campaign_id = entry.campaign_id
        session.delete(entry)
    return RedirectResponse(f"/campaigns?saved={campaign_id}#campaign-{campaign_id}", HTTPStatus.SEE_OTHER)


def _read(campaign_id: int, typed: dict[str, str], currency: str) -> Spend:
    first, last = forms.day(typed["first"], "first day"), forms.day(typed["last"], "last day")
    amount = forms.amount(typed["amount"])
    if first is None or amount is None:
        raise InvalidInput("Enter the first day and the amount.")
    days = Days(first, last or first)
    return Spend(
        campaign_id=campaign_id,
        starts_on=days.first,
        ends_on=days.last,
        amount=amount,
        currency=forms.currency(typed["currency"], currency),
        note=typed["note"].strip(),
    )


def _page(
    request: Request,
    viewer: Viewer,
    *,
    campaign_id: int | None = None,
    typed: dict[str, str] | None = None,
    error: str = "",
) -> Response:
    with get_database().reading() as session:
        views = list_campaigns(session, viewer.company_id)
    return render_page(
        request,
        "campaigns.html",
        viewer,
        status=422 if error else 200,
        views=views,
        faulty=campaign_id,
        typed=typed or {"first": "", "last": "", "amount": "", "currency": viewer.company.currency, "note": ""},
        error=error,
        saved=request.query_params.get("saved", ""),
    )
