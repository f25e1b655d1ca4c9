"""Opening hours: which hours of which days a business is open, by its own clock. Pure."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from voicebot.ivr.flow.parts import Part

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SPAN = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
MINUTES_OF_A_DAY = 24 * 60


def _spans(value: Any) -> Any:
    """ "08:00-12:00, 13:00-17:00" as it stands, once it is known to be right. A span may end the next day."""
    if not isinstance(value, str):
        raise ValueError('hours are written "08:00-17:00"; in YAML put them in quotes')  # noqa: TRY004 - for pydantic
    for span in value.split(","):
        found = SPAN.fullmatch(span.strip())
        start, end = _minutes(found) if found else (0, 0)
        if not found or start == end or max(start, end) > MINUTES_OF_A_DAY:
            raise ValueError(f'{span.strip()!r} is no span of hours: write "08:00-17:00"')
    return value


def _minutes(found: re.Match[str]) -> tuple[int, int]:
    hours = [int(part) for part in found.groups()]
    return hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]


def _days(value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise ValueError('hours are written by day: {mon-fri: "08:00-17:00"}')  # noqa: TRY004 - for pydantic
    taken: list[str] = []
    for name in value:
        days = days_in(str(name))
        if not days:
            raise ValueError(f"{name!r} is no day: write mon, or mon-fri")
        taken += days
    if len(taken) != len(set(taken)):
        raise ValueError("a day is named twice")
    return value


def days_in(name: str) -> list[str]:
    """The days of "sat" or of "mon-fri"; none where it is neither."""
    first, _, last = name.partition("-")
    if first not in DAYS or (last or first) not in DAYS:
        return []
    start, end = DAYS.index(first), DAYS.index(last or first)
    return list(DAYS[start : end + 1]) if start <= end else [*DAYS[start:], *DAYS[: end + 1]]


Spans = Annotated[str, BeforeValidator(_spans)]
Hours = Annotated[dict[str, Spans], BeforeValidator(_days)]


class Holiday(Part):
    """A day that is not like the others: closed, unless it has hours of its own."""

    day: date
    hours: Spans | None = None
    name: str = Field("", max_length=80)


def is_open(hours: Mapping[str, str], holidays: tuple[Holiday, ...], at: datetime) -> bool:
    """Whether the business is open at a moment of its own clock (`at`: local time, its zone already applied)."""
    minute = at.hour * 60 + at.minute
    yesterday = date.fromordinal(at.date().toordinal() - 1)
    return _within(_of_day(hours, holidays, at.date()), minute) or _within(
        _of_day(hours, holidays, yesterday), minute + MINUTES_OF_A_DAY
    )


def _of_day(hours: Mapping[str, str], holidays: tuple[Holiday, ...], day: date) -> str:
    for holiday in holidays:
        if holiday.day == day:
            return holiday.hours or ""
    return next((spans for name, spans in hours.items() if DAYS[day.weekday()] in days_in(name)), "")


def _within(spans: str, minute: int) -> bool:
    for span in spans.split(",") if spans else []:
        found = SPAN.fullmatch(span.strip())
        assert found is not None
        start, end = _minutes(found)
        if start <= minute < (end if end > start else end + MINUTES_OF_A_DAY):
            return True
    return False
