"""Spans of days in a company's time zone, and money spread over them. PURE."""

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from voicebot.errors import InvalidInput

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Days:
    """A span of days, both ends included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise InvalidInput(f"The last day, {self.last}, is before the first, {self.first}.")

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    def overlap(self, other: "Days") -> "Days | None":
        """The days in both spans, None when there are none."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return Days(first, last) if first <= last else None

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """UTC instants [start, end): midnight before the first day and midnight after the last in `zone`."""
        return midnight(self.first, zone), midnight(self.last + timedelta(days=1), zone)


def zone_of(name: str) -> ZoneInfo:
    """The time zone of this IANA name. Raises InvalidInput for an unknown one."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise InvalidInput(f"{name!r} is not a time zone.") from error


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The UTC instant at which `day` begins in `zone`."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """The day that an aware instant falls on in `zone`."""
    return instant.astimezone(zone).date()


def last_days(count: int, today: date) -> Days:
    """The `count` days that end today."""
    return Days(today - timedelta(days=count - 1), today)


def spread(amount: Decimal, over: Days, within: Days) -> Decimal:
    """The part of `amount`, spent evenly over the days of `over`, that falls on days of `within`. Not rounded."""
    shared = over.overlap(within)
    return amount * len(shared) / len(over) if shared else Decimal(0)


def rent(monthly: Decimal, rented: Days, within: Days) -> Decimal:
    """Rent of the shared days: each costs the month's rent over the number of days in its month. Not rounded."""
    shared = rented.overlap(within)
    total = Decimal(0)
    day = shared.first if shared else None
    while shared and day and day <= shared.last:
        length = calendar.monthrange(day.year, day.month)[1]
        end = min(shared.last, day.replace(day=length))
        total += monthly * ((end - day).days + 1) / length
        day = end + timedelta(days=1)
    return total


def minutes_cost(seconds: int | None, minute_price: Decimal) -> Decimal:
    """Price of a call, billed per started minute as carriers do; `minute_price` covers both legs."""
    return minute_price * -(-(seconds or 0) // 60)


def cents(amount: Decimal) -> Decimal:
    """Rounded to hundredths, halves up, as money is shown."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)
