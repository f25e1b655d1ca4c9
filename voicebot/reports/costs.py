"""What campaigns cost in a span of days: spend, number rent and minutes, each apart."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from voicebot.reports.days import Days, local_day, rent, spread
from voicebot.tables import Campaign, NumberAssignment, Spend, TrackingNumber

# Campaign id, or None for what belongs to no campaign.
Key = int | None


@dataclass(frozen=True, slots=True)
class SpendInRange:
    """Spend by campaign in the company's currency, and what was entered in others: (currency, amount)."""

    by_campaign: Mapping[Key, Decimal]
    other_currencies: tuple[tuple[str, Decimal], ...]


def spend_in_range(session: Session, company_id: int, currency: str, days: Days) -> SpendInRange:
    """Each entry spread evenly over its days, and the part that falls on `days`."""
    query = (
        select(Spend)
        .join(Campaign, col(Campaign.id) == col(Spend.campaign_id))
        .where(col(Campaign.company_id) == company_id)
        .where(col(Spend.starts_on) <= days.last, col(Spend.ends_on) >= days.first)
    )
    ours: dict[Key, Decimal] = defaultdict(Decimal)
    others: dict[str, Decimal] = defaultdict(Decimal)
    for entry in session.exec(query):
        part = spread(entry.amount, Days(entry.starts_on, entry.ends_on), days)
        if entry.currency == currency:
            ours[entry.campaign_id] += part
        else:
            others[entry.currency] += part
    return SpendInRange(ours, tuple(sorted(others.items())))


def rent_in_range(session: Session, company_id: int, days: Days, zone: ZoneInfo, today: date) -> Mapping[Key, Decimal]:
    """Rent of the company's numbers by the campaign they stood for; None holds days when a number stood for none.

    Rent of days to come is not counted: a number may be released tomorrow.
    """
    past = days.overlap(Days(date.min, today))
    totals: dict[Key, Decimal] = defaultdict(Decimal)
    if past is None:
        return totals
    numbers = session.exec(select(TrackingNumber).where(col(TrackingNumber.company_id) == company_id)).all()
    ids = [number.id for number in numbers]
    assigned: dict[int, list[NumberAssignment]] = defaultdict(list)
    for entry in session.exec(select(NumberAssignment).where(col(NumberAssignment.tracking_number_id).in_(ids))):
        assigned[entry.tracking_number_id].append(entry)
    for number in numbers:
        for key, amount in rent_of(number, assigned[number.id or 0], past, zone).items():
            totals[key] += amount
    return totals


def rent_of(
    number: TrackingNumber, assignments: Iterable[NumberAssignment], days: Days, zone: ZoneInfo
) -> Mapping[Key, Decimal]:
    """One number's rent by campaign. A day belongs to the campaign that had the number when the day ended. PURE."""
    rented = _span(number.rented_on, number.released_on)
    held = rented.overlap(days) if rented else None
    totals: dict[Key, Decimal] = defaultdict(Decimal)
    if held is None:
        return totals
    whole = rent(number.monthly_rent, held, days)
    for entry in assignments:
        span = _span(local_day(entry.starts_at, zone), local_day(entry.ends_at, zone) if entry.ends_at else None)
        if span:
            totals[entry.campaign_id] += rent(number.monthly_rent, span, held)
    idle = whole - sum(totals.values(), Decimal(0))
    if idle > 0:
        totals[None] += idle
    return totals


def _span(first: date, after: date | None) -> Days | None:
    """From `first` up to the day before `after`, without end when that is None; None when no day is in it."""
    if after is None:
        return Days(first, date.max)
    return Days(first, after - timedelta(days=1)) if after > first else None
