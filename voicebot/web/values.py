"""Values of leads from a CSV file: first a preview of what matches, then the writing."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Form, Request, Response, UploadFile
from sqlmodel import Session

from voicebot.db import get_database
from voicebot.errors import InvalidInput
from voicebot.reports.days import zone_of
from voicebot.reports.values import Match, apply, lead_calls, match
from voicebot.tables import Company
from voicebot.web import value_file
from voicebot.web.access import LoggedIn, Writer
from voicebot.web.render import render_page
from voicebot.web.routes import page_router
from voicebot.web.sessions import Viewer
from voicebot.web.value_file import Fault

router = page_router()


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would do. `text` is the file's own text, carried along to be applied."""

    text: str
    matched: tuple[Match, ...]
    unmatched: tuple[Match, ...]
    faults: tuple[Fault, ...]


@router.get("/values/import")
def show_import(request: Request, viewer: LoggedIn) -> Response:
    """Where a file is chosen, with what it must hold."""
    return _page(request, viewer)


@router.post("/values/import")
def preview_import(request: Request, viewer: Writer, file: UploadFile | None = None) -> Response:
    """Show which lines match which lead; nothing is written."""
    try:
        if file is None or not file.filename:
            raise InvalidInput("Choose a file first.")
        text = value_file.decode(file.file.read(value_file.MAX_BYTES + 1))
        with get_database().reading() as session:
            preview = _preview(session, viewer, text)
    except InvalidInput as error:
        return _page(request, viewer, error=str(error))
    return _page(request, viewer, preview=preview)


@router.post("/values/apply")
def apply_import(request: Request, viewer: Writer, text: Annotated[str, Form()] = "") -> Response:
    """Write the values of the lines that match. The file is matched anew: what was shown may be an hour old."""
    try:
        value_file.decode(text.encode())
        with get_database().writing() as session:
            preview = _preview(session, viewer, text)
            company = session.get_one(Company, viewer.company_id)
            changed = apply(session, company, preview.matched, by=viewer.user_id)
    except InvalidInput as error:
        return _page(request, viewer, error=str(error))
    return _page(request, viewer, preview=preview, changed=changed)


def _preview(session: Session, viewer: Viewer, text: str) -> Preview:
    lines, faults = value_file.read(text, viewer.company.currency)
    calls = lead_calls(session, viewer.company_id, (line.number for line in lines))
    zone = zone_of(viewer.company.time_zone)
    found = match(lines, calls, viewer.company.lead_window_days, zone)
    twice = [Fault(entry.line.line, entry.line.number, entry.fault) for entry in found if entry.fault]
    return Preview(
        text=text,
        matched=tuple(entry for entry in found if entry.call),
        unmatched=tuple(entry for entry in found if not entry.call and not entry.fault),
        faults=tuple(sorted((*faults, *twice), key=lambda fault: fault.line)),
    )


def _page(
    request: Request,
    viewer: Viewer,
    *,
    preview: Preview | None = None,
    changed: int | None = None,
    error: str = "",
) -> Response:
    values: dict[str, Any] = {"preview": preview, "changed": changed, "error": error, "columns": value_file.COLUMNS}
    return render_page(request, "values.html", viewer, status=422 if error else 200, **values)
