"""The list of calls as a page, as CSV and as JSON, all with the same filter."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse
from sqlmodel import Session, col, select

from voicebot.db import get_database
from voicebot.errors import InvalidInput
from voicebot.reports.calls import PAGE_SIZE, CallLine, all_calls, count_calls, list_calls
from voicebot.reports.days import zone_of
from voicebot.reports.export import as_json
from voicebot.reports.filters import CallFilter
from voicebot.tables import Campaign
from voicebot.terms import CallOutcome, Disposition, VerdictKind
from voicebot.web import forms, ranged
from voicebot.web.access import LoggedIn
from voicebot.web.render import render_page
from voicebot.web.routes import page_router
from voicebot.web.sessions import Viewer

router = page_router()

CSV_HEADER = (
    "started_at", "call_sid", "caller_number", "caller_name", "campaign", "tracked_source", "outcome", "answer",
    "asked_source", "heard_source", "disposition", "verdict", "source", "probability", "duration_seconds", "stage",
    "error", "test_call",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """The filter's fields as the person typed them, to be shown again whatever they hold."""

    campaign: str = ""
    disposition: str = ""
    verdict: str = ""
    outcome: str = ""
    first: str = ""
    last: str = ""
    search: str = ""
    call_back: str = ""

    def as_filter(self) -> CallFilter:
        """What they mean. Raises InvalidInput."""
        return CallFilter(
            campaign_id=forms.number(self.campaign, "a campaign"),
            disposition=forms.one_of(self.disposition, Disposition, "a disposition"),
            verdict=forms.one_of(self.verdict, VerdictKind, "a verdict"),
            outcome=forms.one_of(self.outcome, CallOutcome, "an outcome"),
            days=forms.days(self.first, self.last),
            search=self.search,
            to_call_back=bool(self.call_back),
        )

    def as_query(self) -> dict[str, str]:
        """The fields that say something, by their names in the address."""
        return {name: value for name in self.__slots__ if (value := str(getattr(self, name)))}


def asked(
    campaign: str = "",
    disposition: str = "",
    verdict: str = "",
    outcome: str = "",
    first: str = "",
    last: str = "",
    search: str = "",
    call_back: str = "",
) -> Asked:
    """The filter's fields from the address."""
    return Asked(campaign, disposition, verdict, outcome, first, last, search[:200], call_back[:1])


Fields = Annotated[Asked, Depends(asked)]


@router.get("/calls")
def show_calls(request: Request, viewer: LoggedIn, fields: Fields, page: str = "1") -> Response:
    """The calls, newest first. A filter that cannot be read shows its fault beside the fields and no calls."""
    try:
        wanted, at = fields.as_filter(), forms.number(page, "a page") or 1
    except InvalidInput as error:
        return _page(request, viewer, fields, [], 0, 1, error=str(error))
    zone = zone_of(viewer.company.time_zone)
    with get_database().reading() as session:
        total = count_calls(session, viewer.company_id, wanted, zone)
        at = min(at, max(1, -(-total // PAGE_SIZE)))
        lines = list_calls(session, viewer.company_id, wanted, zone, page=at)
    return _page(request, viewer, fields, lines, total, at)


@router.get("/calls.json")
def calls_json(viewer: LoggedIn, fields: Fields, page: str = "1") -> Response:
    """The same page of the list as JSON."""
    wanted, at = fields.as_filter(), forms.number(page, "a page") or 1
    zone = zone_of(viewer.company.time_zone)
    with get_database().reading() as session:
        total = count_calls(session, viewer.company_id, wanted, zone)
        lines = list_calls(session, viewer.company_id, wanted, zone, page=at)
    return JSONResponse({"total": total, "page": at, "page_size": PAGE_SIZE, "calls": as_json(lines)})


@router.get("/calls.csv")
def calls_csv(viewer: LoggedIn, fields: Fields) -> Response:
    """Every call of the filter as CSV; times carry the company's zone."""
    return ranged.csv("calls.csv", CSV_HEADER, _csv_rows(viewer, fields.as_filter()))


def _csv_rows(viewer: Viewer, wanted: CallFilter) -> Iterator[list[object]]:
    zone = zone_of(viewer.company.time_zone)
    with get_database().reading() as session:
        for line in all_calls(session, viewer.company_id, wanted, zone):
            yield [
                line.started_at.astimezone(zone).isoformat(timespec="seconds"),
                line.call_sid,
                line.caller_number,
                line.caller_name,
                line.campaign,
                line.tracked_source,
                line.outcome,
                line.answer,
                line.asked_source,
                line.heard_source,
                line.disposition,
                line.verdict,
                line.source,
                line.probability,
                line.duration_seconds,
                line.stage,
                line.last_error,
                line.is_test,
            ]


def _page(
    request: Request, viewer: Viewer, fields: Asked, lines: list[CallLine], total: int, at: int, *, error: str = ""
) -> Response:
    with get_database().reading() as session:
        campaigns = campaign_choices(session, viewer.company_id)
    values: dict[str, Any] = {
        "lines": lines,
        "total": total,
        "page_number": at,
        "pages": max(1, -(-total // PAGE_SIZE)),
        "fields": fields,
        "query_fields": fields.as_query(),
        "campaigns": campaigns,
        "dispositions": list(Disposition),
        "verdicts": list(VerdictKind),
        "outcomes": list(CallOutcome),
        "error": error,
    }
    return render_page(request, "calls.html", viewer, status=422 if error else 200, **values)


def campaign_choices(session: Session, company_id: int) -> list[tuple[int, str]]:
    """The company's campaigns as (id, name), by name."""
    query = select(Campaign).where(col(Campaign.company_id) == company_id).order_by(col(Campaign.name))
    return [(campaign.id or 0, campaign.name) for campaign in session.exec(query)]
