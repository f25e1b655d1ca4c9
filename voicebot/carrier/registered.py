"""The tracking numbers registered here, by the account that owns them, and the addresses they had before us."""

from collections.abc import Mapping

from sqlmodel import Session, col, select

from voicebot.carrier import accounts
from voicebot.carrier.account import Account
from voicebot.errors import SettingsError
from voicebot.tables import TrackingNumber


def by_account(session: Session, company_id: int | None = None) -> dict[Account, list[TrackingNumber]]:
    """Every number that is not released, of one company or of all, in order, under its company's account.

    Raises SettingsError when a company's numbers have no account.
    """
    query = select(TrackingNumber).where(col(TrackingNumber.released_on).is_(None))
    if company_id is not None:
        query = query.where(col(TrackingNumber.company_id) == company_id)
    rows = session.exec(query.order_by(col(TrackingNumber.number))).all()
    of_company = {one: _account(session, one) for one in {row.company_id for row in rows}}
    found: dict[Account, list[TrackingNumber]] = {}
    for row in rows:
        found.setdefault(of_company[row.company_id], []).append(row)
    return found


def _account(session: Session, company_id: int) -> Account:
    account = accounts.for_company(session, company_id)
    if account is None:
        raise SettingsError(accounts.MISSING)
    return account


def remember(session: Session, number: str, fields: Mapping[str, str]) -> None:
    """Keep what a number's fields were before we changed them. What was kept at an earlier change stays."""
    row = _row(session, number)
    row.former_addresses = {**fields, **(row.former_addresses or {})}
    session.add(row)


def forget(session: Session, number: str) -> None:
    """The number has its former addresses again."""
    row = _row(session, number)
    row.former_addresses = None
    session.add(row)


def _row(session: Session, number: str) -> TrackingNumber:
    return session.exec(select(TrackingNumber).where(col(TrackingNumber.number) == number)).one()
