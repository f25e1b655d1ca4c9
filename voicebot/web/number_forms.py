"""What the pages of numbers need around a form: the account that serves the company, and the addresses."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from fastapi import Request
from sqlmodel import Session, col, select

from voicebot import phone
from voicebot.carrier import accounts, prices
from voicebot.carrier.account import Account
from voicebot.carrier.numbers import Addresses
from voicebot.carrier.offers import LOCAL, TOLL_FREE
from voicebot.errors import Conflict, InvalidInput, SettingsError
from voicebot.numbers import names
from voicebot.numbers.registering import Place
from voicebot.reports.campaigns import list_campaigns
from voicebot.tables import CallFlow, Campaign, Destination
from voicebot.web.sessions import Viewer


@dataclass(frozen=True, slots=True)
class Choices:
    """What a number can be registered with: the company's own rows."""

    campaigns: list[Campaign]
    destinations: list[Destination]
    flows: list[CallFlow]


def choices(session: Session, company_id: int) -> Choices:
    """What the form offers."""
    places = select(Destination).where(col(Destination.company_id) == company_id)
    flows = select(CallFlow).where(col(CallFlow.company_id) == company_id)
    campaigns = [view.campaign for view in list_campaigns(session, company_id)]
    return Choices(campaigns, list(session.exec(places).all()), list(session.exec(flows).all()))


def place_of(session: Session, viewer: Viewer, destination: str, call_flow: str, campaign: str) -> Place:
    """What was chosen, by name. Raises NotFound or InvalidInput."""
    return Place(
        viewer.company,
        names.destination(session, viewer.company_id, destination),
        names.call_flow(session, viewer.company_id, call_flow),
        names.campaign(session, viewer.company_id, campaign),
    )


def rent_of(account: Account, e164: str) -> Decimal:
    """What the number costs each month. Raises InvalidInput where that is not known."""
    kind = TOLL_FREE if phone.is_toll_free(e164) else LOCAL
    price = prices.monthly(account, phone.country(e164), kind)
    if price.monthly is None:
        raise InvalidInput(f"What it costs is not known ({price.note}): do it on the command line.")
    return price.monthly


def wanted(request: Request) -> Callable[[str], Addresses]:
    """What each number is to be configured with; the application says it, pages know no webhooks."""
    found: Callable[[str], Addresses] | None = request.app.state.number_addresses
    if found is None:
        raise SettingsError("This process serves pages alone and knows no webhook addresses.")
    return found


def account_of(session: Session, viewer: Viewer) -> Account:
    """The account that serves the viewer's company. Raises SettingsError when there is none."""
    account = accounts.for_company(session, viewer.company_id)
    if account is None:
        raise SettingsError("No carrier account serves this company: add its own, or ask the operator for one.")
    return account


def spending_account(session: Session, viewer: Viewer) -> Account:
    """The account, where its rent is the company's own affair. Raises Conflict where other companies share it."""
    account = account_of(session, viewer)
    if not accounts.is_alone(session, account, viewer.company_id):
        raise Conflict(
            "Several companies share the carrier account, so its operator buys numbers on the command line. "
            "With an account of its own this company buys them here."
        )
    return account
