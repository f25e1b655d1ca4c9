"""Pages from templates: the Jinja2 environment, its filters and `render_page`."""

import hashlib
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse

from voicebot import phone, taxonomy
from voicebot.reports.days import cents, zone_of
from voicebot.web.sessions import Viewer

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
DASH = "–"


def render_page(
    request: Request, template: str, viewer: Viewer | None, *, status: int = 200, **values: Any
) -> HTMLResponse:
    """A page for the viewer; `values` are the template's. The company's zone and currency come by themselves."""
    common = {
        "request": request,
        "viewer": viewer,
        "here": request.url.path,
        "zone": zone_of(viewer.company.time_zone) if viewer else None,
        "currency": viewer.company.currency if viewer else "",
    }
    return HTMLResponse(environment().get_template(template).render(**common, **values), status)


@cache
def environment() -> jinja2.Environment:
    """Templates that refuse an unknown name and escape every value."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        phone=phone.display,
        source=taxonomy.label,
        words=words,
        moment=moment,
        time_of_day=time_of_day,
        day=day,
        span=span,
        clock=clock,
        percent=percent,
        quantity=quantity,
        money=money,
    )
    made.globals.update(asset=asset, query=query)
    return made


def words(term: object) -> str:
    """A member of an enumeration for people: `new_lead` as "New lead"."""
    return str(term).replace("_", " ").capitalize() if term else DASH


def moment(instant: datetime | None, zone: ZoneInfo, *, seconds: bool = False) -> str:
    """An instant in the company's zone: "Nov 23, 2:05 PM", with the year when it is not this one."""
    if instant is None:
        return DASH
    local = instant.astimezone(zone)
    year = "" if local.year == datetime.now(zone).year else f" {local.year}"
    exact = f":{local:%S}" if seconds else ""
    return f"{local:%b} {local.day}{year}, {local.hour % 12 or 12}:{local:%M}{exact} {local:%p}"


def time_of_day(instant: datetime | None, zone: ZoneInfo) -> str:
    """The time alone, to the second: "2:05:09 PM"."""
    if instant is None:
        return DASH
    local = instant.astimezone(zone)
    return f"{local.hour % 12 or 12}:{local:%M:%S %p}"


def day(value: date | None) -> str:
    """A day: "Nov 23, 2026"."""
    return f"{value:%b} {value.day}, {value.year}" if value else DASH


def span(seconds: float | None) -> str:
    """A length of time: "45 s", "3 min 05 s"."""
    if seconds is None:
        return DASH
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if seconds < 10 and seconds != whole else f"{whole} s"
    hours, rest = divmod(whole, 3600)
    return f"{hours} h {rest // 60:02d} min" if hours else f"{rest // 60} min {rest % 60:02d} s"


def clock(seconds: float | None) -> str:
    """A place in a recording, or a call's length in a table: "3:05"."""
    return DASH if seconds is None else f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def percent(share: float | Decimal | None) -> str:
    """A share from 0 to 1: "87%"."""
    return DASH if share is None else f"{share * 100:,.0f}%".replace("-", "−")


def quantity(count: float) -> str:
    """A count that may be a fraction, where credit is split: "12", "3.5"."""
    return f"{count:.1f}".removesuffix(".0")


def money(amount: Decimal | None, currency: str = "") -> str:
    """An amount with two decimals and its currency: "$1,250.00", "EUR 90.00"."""
    if amount is None:
        return DASH
    sign = "−" if amount < 0 else ""
    mark = "$" if currency == "USD" else f"{currency} " if currency else ""
    return f"{sign}{mark}{abs(cents(amount)):,.2f}"


def query(**values: Any) -> str:
    """A query string of the values that say something."""
    return urlencode({name: value for name, value in values.items() if value not in (None, "")})


@cache
def asset(name: str) -> str:
    """A static file's address, changed whenever its content is, so that browsers may keep it for good."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"
