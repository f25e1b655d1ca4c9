"""The company's own carrier account: added with its token, which is never shown again, and removed."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from voicebot.carrier import accounts
from voicebot.db import get_database
from voicebot.errors import VoicebotError
from voicebot.web.access import Admin
from voicebot.web.render import render_page
from voicebot.web.routes import page_router
from voicebot.web.sessions import Viewer

router = page_router()
Text = Annotated[str, Form(max_length=200)]


@router.get("/numbers/account")
def show_account(request: Request, viewer: Admin) -> Response:
    """Which account serves the company."""
    return _page(request, viewer)


@router.post("/numbers/account")
def add(
    request: Request, viewer: Admin, account_sid: Text = "", auth_token: Text = "", shared_key: Text = ""
) -> Response:
    """Keep the company's own account, once the carrier has taken its credentials."""
    try:
        accounts.try_out(account_sid.strip(), auth_token)
        with get_database().writing() as session:
            accounts.add(session, viewer.company_id, account_sid.strip(), auth_token, shared_key)
    except VoicebotError as error:
        return _page(request, viewer, typed=account_sid, error=str(error))
    return RedirectResponse("/numbers/account?saved=1", HTTPStatus.SEE_OTHER)


@router.post("/numbers/account/remove")
def remove(request: Request, viewer: Admin, account_sid: Text = "") -> Response:
    """Forget one of the company's own accounts."""
    try:
        with get_database().writing() as session:
            accounts.remove(session, viewer.company_id, account_sid)
    except VoicebotError as error:
        return _page(request, viewer, error=str(error))
    return RedirectResponse("/numbers/account?saved=1", HTTPStatus.SEE_OTHER)


def _page(request: Request, viewer: Viewer, *, typed: str = "", error: str = "") -> Response:
    with get_database().reading() as session:
        own = accounts.of_company(session, viewer.company_id)
    return render_page(
        request,
        "carrier_account.html",
        viewer,
        status=422 if error else 200,
        own=own,
        has_default=accounts.installation() is not None,
        typed=typed,
        error=error,
        saved=request.query_params.get("saved", ""),
    )
