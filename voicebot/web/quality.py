"""The attribution quality report as a page, as CSV and as JSON."""

from collections.abc import Iterator
from dataclasses import asdict

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from voicebot.reports.export import as_json
from voicebot.reports.quality import QualityReport
from voicebot.reports.quality_data import quality_report
from voicebot.terms import CreditModel, VerdictKind
from voicebot.web import ranged
from voicebot.web.access import LoggedIn
from voicebot.web.ranged import Asked
from voicebot.web.routes import page_router

router = page_router()

CSV_HEADER = (
    "name", "source", "leads_tracked", "leads_corrected", "leads_low", "leads_high", "cost", "cost_per_lead_tracked",
    "cost_per_lead_corrected", "cost_per_lead_low", "cost_per_lead_high", "roi_tracked", "roi_corrected", "roi_low",
    "roi_high",
    *(f"{kind}_share" for kind in VerdictKind), *(f"leads_{model}" for model in CreditModel), "sample_too_small",
    "heading",
)  # fmt: skip


@router.get("/quality")
def show_quality(request: Request, viewer: LoggedIn, fields: Asked) -> Response:
    """The report."""
    values = {"kinds": list(VerdictKind), "models": list(CreditModel)}
    return ranged.page(request, viewer, fields, quality_report, "quality.html", **values)


@router.get("/quality.json")
def quality_json(viewer: LoggedIn, fields: Asked) -> Response:
    """The same as JSON; money as text with two decimals."""
    return JSONResponse(as_json(ranged.read(viewer, fields, quality_report)))


@router.get("/quality.csv")
def quality_csv(viewer: LoggedIn, fields: Asked) -> Response:
    """One line per campaign, as tracked and as corrected."""
    return ranged.csv("quality.csv", CSV_HEADER, _cells(ranged.read(viewer, fields, quality_report)))


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
            *row.roi_corrected,
            *(round(row.shares[kind].estimate, 4) for kind in VerdictKind),
            *(round(row.by_model.get(model, 0.0), 2) for model in CreditModel),
            row.sample_too_small,
            report.heading,
        ]
