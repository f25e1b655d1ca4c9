"""A number's row here: made when it is bought or imported, closed when it is released."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from voicebot import logs, phone
from voicebot.carrier.offers import LOCAL, TOLL_FREE
from voicebot.errors import Conflict
from voicebot.numbers import assigning
from voicebot.tables import CallFlow, Campaign, Company, Destination, TrackingNumber

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """What a number is registered with: the rows are the company's own."""

    company: Company
    destination: Destination
    call_flow: CallFlow
    campaign: Campaign | None

    @property
    def company_id(self) -> int:
        """The company's id."""
        assert self.company.id is not None
        return self.company.id


def refuse_what_cannot_be(session: Session, number: str, place: Place, at: datetime) -> None:
    """Raise Conflict when `register` would refuse the number or the place's campaign: asked before money is spent."""
    refuse_if_registered(session, number, place.company_id)
    if place.campaign is not None:
        assigning.refuse_ended(place.campaign, at, ZoneInfo(place.company.time_zone))


def refuse_if_registered(session: Session, number: str, company_id: int) -> None:
    """Raise Conflict when the number is in use here, or was another company's."""
    row = session.exec(select(TrackingNumber).where(col(TrackingNumber.number) == number)).first()
    if row is not None and row.company_id != company_id:
        raise Conflict(f"{number} belongs to another company of this installation.")
    if row is not None and row.released_on is None:
        raise Conflict(f"{number} is registered here already.")


def register(
    session: Session,
    number: str,
    place: Place,
    monthly_rent: Decimal,
    at: datetime,
    *,
    rented_at: datetime | None = None,
) -> TrackingNumber:
    """Write the number's row, and its assignment from `at` on where there is a campaign.

    In: `rented_at`, since when it costs rent, where that is not `at`.

    A number that the company has released before is taken up again: its history and calls stay with it, and the days
    between count as rented. Raises Conflict when it is registered already.
    """
    refuse_if_registered(session, number, place.company_id)
    row = session.exec(select(TrackingNumber).where(col(TrackingNumber.number) == number)).first()
    since = (rented_at or at).astimezone(ZoneInfo(place.company.time_zone)).date()
    row = row or TrackingNumber(
        company_id=place.company_id, number=number, destination_id=0, call_flow_id=0, rented_on=since
    )
    assert place.destination.id is not None and place.call_flow.id is not None
    row.destination_id, row.call_flow_id = place.destination.id, place.call_flow.id
    row.kind = TOLL_FREE if phone.is_toll_free(number) else LOCAL
    row.monthly_rent, row.released_on, row.former_addresses = monthly_rent, None, None
    session.add(row)
    session.flush()
    if place.campaign is not None:
        assigning.assign(session, row, place.campaign, at)
    log.info("number_registered", number=number, company=place.company.name)
    return row


def close(session: Session, row: TrackingNumber, at: datetime) -> None:
    """The number is given up: it stands for no campaign any more. Its calls and its history stay."""
    if row.released_on is not None:
        return
    assigning.end_all(session, row, at)
    zone = ZoneInfo(session.get_one(Company, row.company_id).time_zone)
    row.released_on = at.astimezone(zone).date()
    session.add(row)
    log.info("number_released", number=row.number)
