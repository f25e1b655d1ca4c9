"""What a request must pass before a page runs: a login, a role, and an origin of our own."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from voicebot.db import get_database
from voicebot.errors import VoicebotError
from voicebot.settings import get_settings
from voicebot.web.sessions import Viewer, find_viewer

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class LoginNeeded(VoicebotError):  # noqa: N818 - reads better where it is raised
    """Nobody is logged in, or the login has ended."""


class Forbidden(VoicebotError):  # noqa: N818
    """The person is known and may not do this."""


def require_viewer(request: Request) -> Viewer:
    """The person who is logged in. Raises LoginNeeded."""
    with get_database().reading() as session:
        viewer = find_viewer(session, request)
    if viewer is None:
        raise LoginNeeded("Log in to see this page.")
    return viewer


def require_writer(viewer: Annotated[Viewer, Depends(require_viewer)]) -> Viewer:
    """A person who may enter values and spend. Raises LoginNeeded or Forbidden."""
    if not viewer.may_write:
        raise Forbidden(f"Your role here is {viewer.role}. Only admins and managers may change this.")
    return viewer


def require_admin(viewer: Annotated[Viewer, Depends(require_viewer)]) -> Viewer:
    """A person who may spend money at the carrier and change where numbers point. Raises LoginNeeded or Forbidden."""
    if not viewer.is_admin:
        raise Forbidden(f"Your role here is {viewer.role}. Only admins may see and change this.")
    return viewer


LoggedIn = Annotated[Viewer, Depends(require_viewer)]
Writer = Annotated[Viewer, Depends(require_writer)]
Admin = Annotated[Viewer, Depends(require_admin)]


def refuse_cross_site(request: Request) -> None:
    """Refuse a form that another site's page sent with the viewer's cookie.

    Browsers say where a request comes from in Sec-Fetch-Site (W3C Fetch Metadata), on plain HTTP only in Origin; a
    request with neither is no browser's form and is refused too. Raises Forbidden.
    """
    if request.method in SAFE_METHODS:
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    told = site in ("same-origin", "none")
    if not (told if site is not None else origin is not None and _is_ours(origin, request)):
        raise Forbidden("This form was not sent from a page of this site, so nothing was changed.")


def _is_ours(origin: str, request: Request) -> bool:
    host = urlsplit(origin).netloc.lower()
    ours = {request.headers.get("host", "").lower(), urlsplit(get_settings().web.public_url).netloc.lower()}
    return bool(host) and host in ours
