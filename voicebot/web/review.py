"""The review queue: one call at a time, heard in one click and answered with one key."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session, col, select

from voicebot import taxonomy
from voicebot.attribution import correcting, gathering, ledger
from voicebot.attribution.correcting import NOTHING_SAID, Correction
from voicebot.attribution.review import COLD_START
from voicebot.db import get_database
from voicebot.errors import InvalidInput
from voicebot.reports.call import CallDetail, call_detail, company_call
from voicebot.reports.review_queue import Item, Queue, review_queue
from voicebot.tables import Campaign, Company, VerdictRow
from voicebot.terms import Disposition, VerdictKind, WitnessKind
from voicebot.web import forms
from voicebot.web.access import LoggedIn
from voicebot.web.recordings import audio_link
from voicebot.web.render import query, render_page
from voicebot.web.routes import RowId, page_router
from voicebot.web.sessions import Viewer

router = page_router()

# Keys 1 to 8 name sources; 0 says that nothing was said.
MOST_OFFERED = 8
USUAL = ("friend_family", "google_unspecified", "facebook", "yelp", "repeat_customer")
RIGHT = "right"


@router.get("/review")
def show_review(request: Request, viewer: LoggedIn, call: str = "", skipped: str = "", done: str = "") -> Response:
    """The call to look at now, or the one asked for. `skipped`: ids passed over; `done`: the one answered last."""
    passed = [number for part in skipped.split(",") if (number := forms.number(part, "a call"))]
    wanted, before = forms.number(call, "a call"), forms.number(done, "a call")
    with get_database().reading() as session:
        queue = review_queue(session, viewer.company, viewer.user_id)
        gathering.measured_rates(session, viewer.company_id)  # the answer needs them, and must not wait for them
        item = _wanted(queue, session, viewer, wanted) if wanted else queue.next(passed)
        detail = call_detail(session, viewer.company_id, item.call_id) if item else None
        after = call_detail(session, viewer.company_id, before) if before else None
        offered = _offered(session, viewer.company_id, detail, blind=item.blind) if item and detail else []
    return _page(request, viewer, queue, item, detail, after, offered, passed)


@router.post("/review/{call_id:int}")
def answer_review(
    viewer: LoggedIn,
    call_id: RowId,
    source: Annotated[str, Form(max_length=64)] = "",
    other: Annotated[str, Form(max_length=64)] = "",
    disposition: Annotated[str, Form(max_length=32)] = "",
    booked: Annotated[str, Form(max_length=3)] = "",
    skipped: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Keep the answer as a label and in the ledger, and go on to the next call."""
    with get_database().writing() as session:
        company = session.get_one(Company, viewer.company_id)
        call = company_call(session, viewer.company_id, call_id)
        # What was shown decides whether the answer is blind, not what the form says.
        item = review_queue(session, company, viewer.user_id).find(call_id)
        now = correcting.standing(session, call)
        correction = Correction(
            source=_source(other or source, now),
            disposition=forms.one_of(disposition, Disposition, "a disposition"),
            booked={"yes": True, "no": False}.get(booked),
        )
        if correction == Correction():
            raise InvalidInput("Say what you heard: choose a source, or what the call was.")
        blind = item is not None and item.blind
        correcting.answer(session, company, call, correction, by=viewer.user_id, blind=blind)
    return _on(done=call_id, skipped=skipped)


@router.post("/review/{call_id:int}/undo")
def undo_review(viewer: LoggedIn, call_id: RowId) -> Response:
    """Take the viewer's own answer back, and show the call again."""
    with get_database().writing() as session:
        company = session.get_one(Company, viewer.company_id)
        correcting.undo(session, company, company_call(session, viewer.company_id, call_id), by=viewer.user_id)
    return _on(call=call_id)


def _on(**values: Any) -> Response:
    said = query(**values)
    return RedirectResponse(f"/review?{said}" if said else "/review", HTTPStatus.SEE_OTHER)


def _source(text: str, now: VerdictRow) -> str | None:
    """The source of the answer; "right" is what the verdict says."""
    if not text:
        return None
    if text == RIGHT:
        return NOTHING_SAID if now.kind is VerdictKind.SILENT or now.source is None else now.source
    return taxonomy.source(text).id


def _wanted(queue: Queue, session: Session, viewer: Viewer, call_id: int) -> Item | None:
    """The call asked for, whether or not it is in the queue. Raises NotFound for another company's."""
    company_call(session, viewer.company_id, call_id)
    if ledger.current(session, call_id) is None:
        return None
    return queue.find(call_id) or Item(call_id, False, False, 0.0, 0.0)


def _offered(session: Session, company_id: int, detail: CallDetail | None, *, blind: bool) -> list[str]:
    """Sources to choose from by key. Where the verdict is hidden, the same for every call of the company."""
    campaigns = session.exec(select(Campaign.source).where(col(Campaign.company_id) == company_id)).all()
    first: list[str] = []
    if not blind and detail and detail.current:
        witnesses = [w for w in detail.current.witnesses if w.kind is not WitnessKind.REVIEWER and not w.denied]
        first = [witness.source for witness in witnesses if not taxonomy.source(witness.source).none]
    return list(dict.fromkeys([*first, *sorted(set(campaigns)), *USUAL]))[:MOST_OFFERED]


def _page(
    request: Request,
    viewer: Viewer,
    queue: Queue,
    item: Item | None,
    detail: CallDetail | None,
    after: CallDetail | None,
    offered: list[str],
    passed: list[int],
) -> Response:
    recordings = detail.recordings if detail else ()
    values: dict[str, Any] = {
        "queue": queue,
        "item": item,
        "detail": detail,
        "after": after,
        "offered": offered,
        "skipped": ",".join(str(one) for one in passed),
        "skip_to": query(skipped=",".join(str(one) for one in [*passed, item.call_id])) if item else "",
        "links": {entry.id: audio_link(entry.id, viewer.user_id) for entry in recordings if entry.playable},
        "dispositions": list(Disposition),
        "leaves": [leaf for leaf in taxonomy.sources().values() if leaf.id != NOTHING_SAID],
        "nothing": NOTHING_SAID,
        "right": RIGHT,
        "cold_start": COLD_START,
    }
    return render_page(request, "review.html", viewer, **values)
