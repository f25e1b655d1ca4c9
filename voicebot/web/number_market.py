"""Looking for numbers that are for sale, and buying one."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from voicebot import phone
from voicebot.carrier import offers, prices
from voicebot.carrier.account import Account
from voicebot.carrier.offers import LOCAL, TOLL_FREE, Offer, Question
from voicebot.carrier.prices import Price
from voicebot.db import get_database
from voicebot.errors import InvalidInput, VoicebotError
from voicebot.numbers import market
from voicebot.settings import get_settings
from voicebot.web.access import Admin
from voicebot.web.number_forms import choices, place_of, rent_of, spending_account, wanted
from voicebot.web.render import render_page
from voicebot.web.routes import page_router
from voicebot.web.sessions import Viewer

router = page_router()
FIELDS = ("kind", "area_code", "city", "region", "zip", "pattern", "near")
SHOWN = 15
Text = Annotated[str, Form(max_length=200)]


@dataclass(frozen=True, slots=True)
class Found:
    """What is for sale; `offers` is None before anything was looked for."""

    offers: list[Offer] | None = None
    price: Price | None = None
    fault: str = ""


@router.get("/numbers/search")
def search(request: Request, viewer: Admin) -> Response:
    """The form, and what is for sale for the question in the address."""
    return _page(request, viewer)


@router.post("/numbers/buy")
def buy(
    request: Request,
    viewer: Admin,
    number: Text = "",
    campaign: Text = "",
    destination: Text = "",
    call_flow: Text = "",
) -> Response:
    """Buy the chosen number: configured, registered and assigned in one step."""
    try:
        if not number:
            raise InvalidInput("Choose a number first.")
        e164 = phone.parse_e164(number)
        with get_database().reading() as session:
            account = spending_account(session, viewer)
            place = place_of(session, viewer, destination, call_flow, campaign)
        rent = rent_of(account, e164)
        row = market.buy(account, e164, place, rent, wanted(request), get_settings().web.public_url)
    except VoicebotError as error:
        return _page(request, viewer, error=str(error))
    return RedirectResponse(f"/numbers?saved={row.id}&bought=1#number-{row.id}", HTTPStatus.SEE_OTHER)


def _find(account: Account, typed: dict[str, str]) -> Found:
    """What is for sale; a refusal is told on the page."""
    if not any(typed[name] for name in FIELDS):
        return Found()
    try:
        question = Question(
            kind=TOLL_FREE if typed["kind"] == TOLL_FREE else LOCAL,
            area_code=typed["area_code"],
            city=typed["city"],
            region=typed["region"],
            postal_code=typed["zip"],
            contains=typed["pattern"],
            near=phone.parse_e164(typed["near"]) if typed["near"] else "",
        )
        return Found(offers.find(account, question, SHOWN), prices.monthly(account, "US", question.kind))
    except VoicebotError as error:
        return Found(fault=str(error))


def _page(request: Request, viewer: Viewer, *, error: str = "") -> Response:
    typed = {name: request.query_params.get(name, "").strip()[:100] for name in FIELDS}
    with get_database().reading() as session:
        try:
            account, fault = spending_account(session, viewer), ""
        except VoicebotError as problem:
            account, fault = None, str(problem)
        offered = choices(session, viewer.company_id)
    # After a refusal too: what else is for sale is what one wants to see next.
    found = _find(account, typed) if account is not None else Found()
    return render_page(
        request,
        "number_search.html",
        viewer,
        status=422 if error else 200,
        typed=typed,
        found=found,
        may_buy=account is not None,
        fault=fault or found.fault,
        error=error,
        choices=offered,
    )
