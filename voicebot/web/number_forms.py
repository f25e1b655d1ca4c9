"""What the pages of numbers need around a form: the account that serves the company, and the addresses."""

from collections.abc import Callable

from fastapi import Request
from sqlmodel import Session

from voicebot.carrier import accounts
from voicebot.carrier.account import Account
from voicebot.carrier.numbers import Addresses
from voicebot.errors import Conflict, SettingsError
from voicebot.web.sessions import Viewer


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
