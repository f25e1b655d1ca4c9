"""Logging in and out, and switching between companies."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import col, select

from voicebot import logs
from voicebot.db import get_database
from voicebot.errors import NotFound
from voicebot.passwords import hash_password, needs_rehash, verify_password
from voicebot.tables import User
from voicebot.web.access import LoggedIn
from voicebot.web.attempts import Attempts
from voicebot.web.render import render_page
from voicebot.web.routes import page_router
from voicebot.web.sessions import close_session, companies_of, find_viewer, open_session

log = logs.get(__name__)
router = page_router()

WRONG = "That e-mail address and password do not belong together."
NO_COMPANY = "Your account belongs to no company yet. Ask an admin to add you."
# Per person at one address, per address, and per account from everywhere, each within five minutes.
LIMITS = {"pair": 5, "address": 30, "account": 50}


class LoginLimits:
    """The three limits on failed logins; one per application."""

    def __init__(self) -> None:
        self._limits = {name: Attempts(limit) for name, limit in LIMITS.items()}

    def wait_seconds(self, address: str, email: str) -> float:
        """Seconds until this address may try this account again."""
        return max(self._limits[name].wait_seconds(key) for name, key in self._keys(address, email).items())

    def failed(self, address: str, email: str) -> None:
        """Note a failed login."""
        for name, key in self._keys(address, email).items():
            self._limits[name].failed(key)

    def succeeded(self, address: str, email: str) -> None:
        """The person knows the password: earlier slips no longer count."""
        self._limits["pair"].forget(self._keys(address, email)["pair"])

    @staticmethod
    def _keys(address: str, email: str) -> dict[str, str]:
        return {"pair": f"{address} {email}", "address": address, "account": email}


@router.get("/login")
def show_login(request: Request, next: str = "/") -> Response:
    """The login form, or straight on for someone who is logged in."""
    with get_database().reading() as session:
        viewer = find_viewer(session, request)
    if viewer:
        return _see(local_path(next))
    return render_page(request, "login.html", None, email="", next=local_path(next), error="")


@router.post("/login")
def log_in(
    request: Request,
    email: Annotated[str, Form(max_length=254)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    """Open a session, or show the form again with what is wrong."""
    email, target = email.strip().lower(), local_path(next)
    limits: LoginLimits = request.app.state.login_limits
    address = request.client.host if request.client else ""
    wait = limits.wait_seconds(address, email)
    if wait:
        message = f"Too many failed attempts. Try again in {max(1, round(wait / 60))} min."
        refusal = render_page(request, "login.html", None, status=429, email=email, next=target, error=message)
        refusal.headers["Retry-After"] = str(int(wait) + 1)
        return refusal
    user = _authenticate(email, password)
    with get_database().reading() as session:
        companies = companies_of(session, user.id) if user and user.id else []
    if user is None or not companies:
        limits.failed(address, email)
        log.warning("login_failed", address=address)
        message = NO_COMPANY if user else WRONG
        return render_page(request, "login.html", None, status=401, email=email, next=target, error=message)
    limits.succeeded(address, email)
    response = _see(target)
    open_session(response, user, companies[0][1].id or 0)
    return response


@router.post("/logout")
def log_out(viewer: LoggedIn, everywhere: Annotated[bool, Form()] = False) -> Response:
    """End this session, or with `everywhere` every session of the user."""
    if everywhere:
        with get_database().writing() as session:
            session.get_one(User, viewer.user_id).session_version += 1
    response = _see("/login")
    close_session(response)
    return response


@router.post("/company")
def switch_company(viewer: LoggedIn, company_id: Annotated[int, Form()]) -> Response:
    """Look at another company of the user's."""
    if company_id not in {known for known, _ in viewer.companies}:
        raise NotFound("There is no such company.")
    response = _see("/")
    open_session(response, viewer.user, company_id)
    return response


def local_path(target: str) -> str:
    """`target` when it leads to a page of this site, else the overview: a link must not send people elsewhere."""
    unsafe = not target.startswith("/") or target.startswith(("//", "/\\")) or any(ord(c) < 32 for c in target)
    return "/" if unsafe or target.startswith(("/login", "/logout")) else target


def _authenticate(email: str, password: str) -> User | None:
    with get_database().reading() as session:
        user = session.exec(select(User).where(col(User.email) == email)).one_or_none()
    # Outside any transaction: the hash is slow on purpose, and a ringing call may be waiting to be written.
    if not verify_password(user.password_hash if user else None, password) or user is None:
        return None
    if needs_rehash(user.password_hash):
        fresh = hash_password(password)
        with get_database().writing() as session:
            session.get_one(User, user.id).password_hash = fresh
    return user


def _see(target: str) -> RedirectResponse:
    return RedirectResponse(target, HTTPStatus.SEE_OTHER)
