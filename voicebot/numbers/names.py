"""What people name on the command line and in forms, as rows: companies, destinations, call flows, campaigns."""

from collections.abc import Sequence
from typing import TypeVar

from sqlmodel import Session, col, select

from voicebot import phone
from voicebot.errors import InvalidInput, NotFound
from voicebot.tables import CallFlow, Campaign, Company, Destination, TrackingNumber

R = TypeVar("R")


def companies(session: Session) -> list[Company]:
    """Every company, by name."""
    return list(session.exec(select(Company).order_by(col(Company.name))).all())


def company(session: Session, name: str = "") -> Company:
    """The company of this name, or the only one. Raises NotFound or InvalidInput."""
    rows = companies(session)
    if not rows:
        raise NotFound("There is no company yet: `voicebot seed FILE` makes one.")
    return _chosen(rows, [row.name for row in rows], name, "company", "--company")


def destination(session: Session, company_id: int, label: str = "") -> Destination:
    """The destination of this label, or the company's only one. Raises NotFound or InvalidInput."""
    rows = session.exec(select(Destination).where(col(Destination.company_id) == company_id)).all()
    return _chosen(rows, [row.label for row in rows], label, "destination", "--destination")


def call_flow(session: Session, company_id: int, name: str = "") -> CallFlow:
    """The call flow of this name, or the company's only one. Raises NotFound or InvalidInput."""
    rows = session.exec(select(CallFlow).where(col(CallFlow.company_id) == company_id)).all()
    return _chosen(rows, [row.name for row in rows], name, "call flow", "--call-flow")


def campaign(session: Session, company_id: int, name: str) -> Campaign:
    """The campaign of this name. Raises NotFound or InvalidInput."""
    rows = session.exec(select(Campaign).where(col(Campaign.company_id) == company_id)).all()
    return _chosen(rows, [row.name for row in rows], name, "campaign", "--campaign", may_guess=False)


def tracking_number(session: Session, text: str, company_id: int | None = None) -> TrackingNumber:
    """A number registered here, as people write it; of one company where that is given. Raises NotFound."""
    e164 = phone.parse_e164(text)
    row = session.exec(select(TrackingNumber).where(col(TrackingNumber.number) == e164)).first()
    if row is None or company_id not in (None, row.company_id):
        raise NotFound(f"{e164} is not registered here.")
    return row


def _chosen(rows: Sequence[R], names: list[str], name: str, what: str, option: str, *, may_guess: bool = True) -> R:
    found = [row for row, own in zip(rows, names, strict=True) if own.casefold() == name.casefold()]
    if found:
        return found[0]
    known = ", ".join(sorted(names)) or "none"
    if name:
        raise NotFound(f"There is no {what} {name!r}. Known: {known}.")
    if may_guess and len(rows) == 1:
        return rows[0]
    raise InvalidInput(f"Say which {what} with {option}. Known: {known}.")
