"""The first page: a few numbers and the newest calls."""

from datetime import datetime

from fastapi import Request, Response

from voicebot.db import get_database
from voicebot.reports.calls import list_calls
from voicebot.reports.days import last_days, zone_of
from voicebot.reports.filters import CallFilter
from voicebot.reports.overview import overview
from voicebot.web.access import LoggedIn
from voicebot.web.render import render_page
from voicebot.web.routes import page_router

router = page_router()

DAYS = 30
NEWEST = 10


@router.get("/")
def show_overview(request: Request, viewer: LoggedIn) -> Response:
    """The last 30 days, and the newest calls."""
    zone = zone_of(viewer.company.time_zone)
    days = last_days(DAYS, datetime.now(zone).date())
    with get_database().reading() as session:
        numbers = overview(session, viewer.company_id, days, zone)
        newest = list_calls(session, viewer.company_id, CallFilter(), zone, size=NEWEST)
    return render_page(request, "overview.html", viewer, numbers=numbers, days=days, lines=newest)
