"""The company's settings: what goes to review, who is mailed, and who changed them."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from voicebot import company_settings
from voicebot.db import get_database
from voicebot.errors import InvalidInput
from voicebot.settings import get_settings
from voicebot.tables import Company
from voicebot.web import forms
from voicebot.web.access import Admin, LoggedIn
from voicebot.web.render import render_page
from voicebot.web.routes import page_router
from voicebot.web.sessions import Viewer

router = page_router()
Text = Annotated[str, Form(max_length=2000)]

REVIEW = {
    "review_below": (
        "Review verdicts less sure than",
        "Until a person has looked, the dialled campaign keeps the lead.",
    ),
    "review_share": (
        "Calls drawn at random for review",
        "They tell how often the verdicts are right: without them the report rests on assumptions.",
    ),
    "second_review_share": (
        "Reviewed calls that a second person judges too",
        "They tell how far two people agree.",
    ),
}
NAMES = {name: label for name, (label, _) in REVIEW.items()} | {"alert_emails": "Who is mailed"}


@router.get("/settings")
def show_settings(request: Request, viewer: LoggedIn) -> Response:
    """What stands, and who changed it."""
    company = viewer.company
    return _page(request, viewer, {name: f"{getattr(company, name) * 100:g}" for name in REVIEW})


@router.post("/settings/review")
def save_review(
    request: Request,
    viewer: Admin,
    review_below: Text = "",
    review_share: Text = "",
    second_review_share: Text = "",
) -> Response:
    """What goes to review."""
    typed = {"review_below": review_below, "review_share": review_share, "second_review_share": second_review_share}
    try:
        values = {name: forms.share(text, REVIEW[name][0]) for name, text in typed.items()}
    except InvalidInput as error:
        return _page(request, viewer, typed, error=str(error))
    return _save(viewer, values)


@router.post("/settings/mail")
def save_mail(request: Request, viewer: Admin, emails: Text = "") -> Response:
    """Who is mailed about missed calls and voicemails."""
    try:
        values = {"alert_emails": company_settings.emails(emails.replace(",", "\n").splitlines())}
    except InvalidInput as error:
        typed = {name: f"{getattr(viewer.company, name) * 100:g}" for name in REVIEW}
        return _page(request, viewer, typed, emails=emails, error=str(error))
    return _save(viewer, values)


def _save(viewer: Viewer, values: dict[str, Any]) -> Response:
    with get_database().writing() as session:
        company = session.get_one(Company, viewer.company_id)
        company_settings.change(session, company, values, by=viewer.user_id)
    return RedirectResponse("/settings?saved=1", HTTPStatus.SEE_OTHER)


def _page(
    request: Request, viewer: Viewer, typed: dict[str, str], *, emails: str | None = None, error: str = ""
) -> Response:
    with get_database().reading() as session:
        changes = company_settings.changes(session, viewer.company_id)
    values: dict[str, Any] = {
        "typed": typed,
        "review": REVIEW,
        "names": NAMES,
        "emails": "\n".join(viewer.company.alert_emails) if emails is None else emails,
        "can_mail": bool(get_settings().smtp.host),
        "changes": changes,
        "error": error,
        "saved": "saved" in request.query_params,
    }
    return render_page(request, "settings.html", viewer, status=422 if error else 200, **values)
