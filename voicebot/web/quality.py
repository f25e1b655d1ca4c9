"""The attribution quality report as a page, as CSV and as JSON."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from voicebot.db import get_database
from voicebot.errors import InvalidInput
from voicebot.reports.days import zone_of
from voicebot.reports.export import as_json, csv_lines
from voicebot.reports.quality import QualityReport
from voicebot.reports.quality_data import quality_report
from voicebot.terms import CreditModel, VerdictKind
from voicebot.web.access import LoggedIn
from voicebot.web.campaign_report import Asked, Range
from voicebot.web.render import render_page
from voicebot.web.routes import page_router
from voicebot.web.sessions import Viewer

router = page_router()

CSV_HEADER = (
    "name", "source", "leads_tracked", "leads_corrected", "leads_low", "leads_high", "cost", "cost_per_lead_tracked",
    "cost_per_lead_corrected", "cost_per_lead_low", "cost_per_lead_high", "roi_tracked", "roi_corrected",
    *(f"{kind}_share" for kind in VerdictKind), *(f"leads_{model}" for model in CreditModel), "sample_too_small",
    "heading",
)  # fmt: skip


@router.get("/quality")
def show_quality(request: Request, viewer: LoggedIn, fields: Asked) -> Response:
    """The report; a range that cannot be read shows its fault and no figures."""
    try:
        report = _report(viewer, fields)
    except InvalidInput as error:
        return _page(request, viewer, fields, None, error=str(error))
    shown = Range(report.days.first.isoformat(), report.days.last.isoformat())
    return _page(request, viewer, shown, report)


@router.get("/quality.json")
def quality_json(viewer: LoggedIn, fields: Asked) -> Response:
    """The same as JSON; money as text with two decimals."""
    return JSONResponse(as_json(_report(viewer, fields)))


@router.get("/quality.csv")
def quality_csv(viewer: LoggedIn, fields: Asked) -> Response:
    """One line per campaign, as tracked and as corrected."""
    return StreamingResponse(
        csv_lines(CSV_HEADER, _cells(_report(viewer, fields))),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="quality.csv"'},
    )


def _cells(report: QualityReport) -> Iterator[list[object]]:
    for row in report.rows:
        leads = asdict(row.corrected)
        yield [
            row.name,
            row.source,
            row.tracked,
            *(round(leads[name], 2) for name in ("leads", "low", "high")),
            row.cost,
            row.cost_tracked,
            *row.cost_corrected,
            row.roi_tracked,
            row.roi_corrected,
            *(round(row.shares[kind].estimate, 4) for kind in VerdictKind),
            *(round(row.by_model.get(model, 0.0), 2) for model in CreditModel),
            row.sample_too_small,
            report.heading,
        ]


def _report(viewer: Viewer, fields: Range) -> QualityReport:
    days = fields.as_days(viewer)
    today = datetime.now(zone_of(viewer.company.time_zone)).date()
    with get_database().reading() as session:
        return quality_report(session, viewer.company, days, today)


def _page(
    request: Request, viewer: Viewer, fields: Range, report: QualityReport | None, *, error: str = ""
) -> Response:
    values: dict[str, Any] = {
        "fields": fields,
        "report": report,
        "error": error,
        "kinds": list(VerdictKind),
        "models": list(CreditModel),
    }
    return render_page(request, "quality.html", viewer, status=422 if error else 200, **values)
