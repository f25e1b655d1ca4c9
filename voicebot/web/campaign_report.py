"""The campaign report as a page, as CSV and as JSON."""

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from voicebot.reports.campaign_report import ReportRow
from voicebot.reports.export import as_json
from voicebot.reports.figures import campaign_report
from voicebot.terms import VerdictKind
from voicebot.web import ranged
from voicebot.web.access import LoggedIn
from voicebot.web.ranged import Asked
from voicebot.web.routes import page_router

router = page_router()

CSV_HEADER = (
    "campaign", "source", "calls", "answered", "missed", "spend", "number_rent", "minutes_cost", "cost", "currency",
    "tracked_leads", "tracked_cost_per_lead", "tracked_value_won", "tracked_roi",
    "corrected_leads", "corrected_cost_per_lead", "corrected_value_won", "corrected_roi",
    "confirmed", "corrected", "conflict", "silent", "sample_too_small",
)  # fmt: skip


@router.get("/reports/campaigns")
def show_report(request: Request, viewer: LoggedIn, fields: Asked) -> Response:
    """The report."""
    return ranged.page(request, viewer, fields, campaign_report, "campaign_report.html", kinds=list(VerdictKind))


@router.get("/reports/campaigns.json")
def report_json(viewer: LoggedIn, fields: Asked) -> Response:
    """The same as JSON; money as text with two decimals."""
    return JSONResponse(as_json(ranged.read(viewer, fields, campaign_report)))


@router.get("/reports/campaigns.csv")
def report_csv(viewer: LoggedIn, fields: Asked) -> Response:
    """The same as CSV, the total last."""
    report = ranged.read(viewer, fields, campaign_report)
    rows = (_cells(row, report.currency) for row in (*report.rows, report.total))
    return ranged.csv("campaigns.csv", CSV_HEADER, rows)


def _cells(row: ReportRow, currency: str) -> list[object]:
    cells: list[object] = [row.name, row.source, row.calls, row.answered, row.missed]
    cells += [row.spend, row.rent, row.minutes_cost, row.cost, currency]
    for side in (row.tracked, row.corrected):
        cells += [side.leads, side.cost_per_lead, side.value_won, side.roi]
    return [*cells, *(row.verdicts[kind] for kind in VerdictKind), row.sample_too_small]
