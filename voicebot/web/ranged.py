"""A report over a range of days, in the three forms that every one has: a page, JSON and CSV."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Protocol, TypeVar

from fastapi import Depends, Request, Response
from fastapi.responses import StreamingResponse
from sqlmodel import Session

from voicebot.db import get_database
from voicebot.errors import InvalidInput
from voicebot.reports.days import Days, last_days, zone_of
from voicebot.reports.export import csv_lines
from voicebot.tables import Company
from voicebot.web import forms
from voicebot.web.render import render_page
from voicebot.web.sessions import Viewer

DEFAULT_DAYS = 30
MOST_DAYS = 3 * 366


class Ranged(Protocol):
    """A report that says which days it is about."""

    @property
    def days(self) -> Days:
        """Its days."""
        ...


R = TypeVar("R", bound=Ranged)
Make = Callable[[Session, Company, Days, date], R]


@dataclass(frozen=True, slots=True)
class Range:
    """The two days as the person typed them."""

    first: str = ""
    last: str = ""

    def as_days(self, viewer: Viewer) -> Days:
        """What they mean; the last 30 days when both are empty. Raises InvalidInput."""
        today = datetime.now(zone_of(viewer.company.time_zone)).date()
        usual = last_days(DEFAULT_DAYS, today)
        first, last = forms.day(self.first, "first day"), forms.day(self.last, "last day")
        days = Days(first or min(usual.first, last or today), last or max(today, first or today))
        if len(days) > MOST_DAYS:
            raise InvalidInput("Choose at most three years.")
        return days


def asked(first: str = "", last: str = "") -> Range:
    """The range's fields from the address."""
    return Range(first, last)


Asked = Annotated[Range, Depends(asked)]


def read(viewer: Viewer, fields: Range, make: Make[R]) -> R:
    """The viewer's company's report, made from the database. Raises InvalidInput for days that are none."""
    days = fields.as_days(viewer)
    today = datetime.now(zone_of(viewer.company.time_zone)).date()
    with get_database().reading() as session:
        return make(session, viewer.company, days, today)


def page(request: Request, viewer: Viewer, fields: Range, make: Make[R], template: str, **values: Any) -> Response:
    """The report's page, its days filled in; a range that cannot be read shows its fault and no figures."""
    report, error = None, ""
    try:
        report = read(viewer, fields, make)
        fields = Range(report.days.first.isoformat(), report.days.last.isoformat())
    except InvalidInput as fault:
        error = str(fault)
    status = 422 if error else 200
    return render_page(request, template, viewer, status=status, fields=fields, report=report, error=error, **values)


def csv(name: str, header: tuple[str, ...], rows: Iterable[list[object]]) -> StreamingResponse:
    """A file to download."""
    return StreamingResponse(
        csv_lines(header, rows),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
