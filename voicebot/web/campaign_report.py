"""The campaign report as a page, as CSV and as JSON."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from voicebot.db import get_database
from voicebot.errors import InvalidInput
from voicebot.reports.campaign_report import CampaignReport, ReportRow
from voicebot.reports.days import Days, last_days, zone_of
from voicebot.reports.export import as_json, csv_lines
from voicebot.reports.figures import campaign_report
from voicebot.terms import VerdictKind
from voicebot.web import forms
from voicebot.web.access import LoggedIn
from voicebot.web.render import render_page
from voicebot.web.routes import page_router
from voicebot.web.sessions import Viewer

router = page_router()

DEFAULT_DAYS = 30
MOST_DAYS = 3 * 366
CSV_HEADER = (
    "campaign", "source", "calls", "answered", "missed", "spend", "number_rent", "minutes_cost", "cost", "currency",
    "tracked_leads", "tracked_cost_per_lead", "tracked_value_won", "tracked_roi",
    "corrected_leads", "corrected_cost_per_lead", "corrected_value_won", "corrected_roi",
    "confirmed", "corrected", "conflict", "silent", "sample_too_small",
)  # fmt: skip


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


@router.get("/reports/campaigns")
def show_report(request: Request, viewer: LoggedIn, fields: Asked) -> Response:
    """The report; a range that cannot be read shows its fault and no figures."""
    try:
        report = _report(viewer, fields)
    except InvalidInput as error:
        return _page(request, viewer, fields, None, error=str(error))
    shown = Range(report.days.first.isoformat(), report.days.last.isoformat())
    return _page(request, viewer, shown, report)


@router.get("/reports/campaigns.json")
def report_json(viewer: LoggedIn, fields: Asked) -> Response:
    """The same as JSON; money as text with two decimals."""
    return JSONResponse(as_json(_report(viewer, fields)))


@router.get("/reports/campaigns.csv")
def report_csv(viewer: LoggedIn, fields: Asked) -> Response:
    """The same as CSV, the total last."""
    report = _report(viewer, fields)
    rows = (_cells(row, report.currency) for row in (*report.rows, report.total))
    return StreamingResponse(
        csv_lines(CSV_HEADER, rows),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="campaigns.csv"'},
    )


def _report(viewer: Viewer, fields: Range) -> CampaignReport:
    days = fields.as_days(viewer)
    today = datetime.now(zone_of(viewer.company.time_zone)).date()
    with get_database().reading() as session:
        return campaign_report(session, viewer.company, days, today)


def _cells(row: ReportRow, currency: str) -> list[object]:
    cells: list[object] = [row.name, row.source, row.calls, row.answered, row.missed]
    cells += [row.spend, row.rent, row.minutes_cost, row.cost, currency]
    for side in (row.tracked, row.corrected):
        cells += [side.leads, side.cost_per_lead, side.value_won, side.roi]
    return [*cells, *(row.verdicts[kind] for kind in VerdictKind), row.sample_too_small]


def _page(
    request: Request, viewer: Viewer, fields: Range, report: CampaignReport | None, *, error: str = ""
) -> Response:
    values: dict[str, Any] = {"fields": fields, "report": report, "error": error, "kinds": list(VerdictKind)}
    return render_page(request, "campaign_report.html", viewer, status=422 if error else 200, **values)
