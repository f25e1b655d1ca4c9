"""Numbers that the account has already, taken over: registered here and left as they are at the carrier."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from voicebot.carrier.numbers import OwnedNumber
from voicebot.errors import NotFound
from voicebot.numbers import registering
from voicebot.numbers.registering import Place
from voicebot.tables import TrackingNumber


@dataclass(frozen=True, slots=True)
class Known:
    """The account's numbers by what is known of them here: in use by anybody, or by nobody."""

    registered: tuple[OwnedNumber, ...]
    unregistered: tuple[OwnedNumber, ...]


def sorted_out(session: Session, owned: Sequence[OwnedNumber]) -> Known:
    """Which of the account's numbers are registered here. One that was released here counts as nobody's."""
    query = select(TrackingNumber.number).where(col(TrackingNumber.released_on).is_(None))
    in_use = set(session.exec(query).all())
    return Known(
        tuple(one for one in owned if one.number in in_use), tuple(one for one in owned if one.number not in in_use)
    )


def named(owned: Sequence[OwnedNumber], numbers: Sequence[str]) -> list[OwnedNumber]:
    """The account's numbers with these names, E.164. Raises NotFound for one that it does not have."""
    by_number = {one.number: one for one in owned}
    if missing := [number for number in numbers if number not in by_number]:
        raise NotFound(f"The carrier account does not have {', '.join(missing)}.")
    return [by_number[number] for number in numbers]


def take_over(session: Session, one: OwnedNumber, place: Place, rent: Decimal, at: datetime) -> bool:
    """Register the number, rented since the carrier made it, standing for the place's campaign from `at` on.

    Out: whether it was new; one that the company has registered already stays as it is. Raises Conflict when it is
    another company's.
    """
    row = session.exec(select(TrackingNumber).where(col(TrackingNumber.number) == one.number)).first()
    if row is not None and row.company_id == place.company_id and row.released_on is None:
        return False
    registering.register(session, one.number, place, rent, at, rented_at=one.created_at)
    return True
