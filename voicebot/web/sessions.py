"""Who is logged in: a signed cookie, checked against the database at every request."""

from dataclasses import dataclass

from fastapi import Request, Response
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlmodel import Session, col, select

from voicebot.keys import secret_key
from voicebot.settings import get_settings
from voicebot.tables import Company, Membership, User
from voicebot.terms import Role

COOKIE = "voicebot_session"
WRITERS = frozenset({Role.ADMIN, Role.MANAGER})


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person at the page, the company looked at, and the role there. `companies`: (id, name) to switch between."""

    user: User
    company: Company
    role: Role
    companies: tuple[tuple[int, str], ...]

    @property
    def user_id(self) -> int:
        """The user's id."""
        assert self.user.id is not None
        return self.user.id

    @property
    def company_id(self) -> int:
        """The id of the company looked at: every query of a page is bound to it."""
        assert self.company.id is not None
        return self.company.id

    @property
    def may_write(self) -> bool:
        """Whether the role may enter values and spend."""
        return self.role in WRITERS

    @property
    def is_admin(self) -> bool:
        """Whether the role may spend money at the carrier and change where numbers point."""
        return self.role is Role.ADMIN


def open_session(response: Response, user: User, company_id: int) -> None:
    """Put the login into the answer's cookie."""
    web = get_settings().web
    response.set_cookie(
        COOKIE,
        _signer().dumps({"user": user.id, "version": user.session_version, "company": company_id}),
        max_age=web.session_hours * 3600,
        httponly=True,
        samesite="lax",
        secure=web.public_url.startswith("https://"),
    )


def close_session(response: Response) -> None:
    """Take the cookie back."""
    response.delete_cookie(COOKIE)


def find_viewer(session: Session, request: Request) -> Viewer | None:
    """The viewer by the request's cookie, None when it is missing, forged, too old, ended or without a company."""
    try:
        claim = _signer().loads(request.cookies.get(COOKIE, ""), max_age=get_settings().web.session_hours * 3600)
        user_id, version, company_id = int(claim["user"]), int(claim["version"]), int(claim["company"])
    except (BadData, KeyError, TypeError, ValueError):
        return None
    user = session.get(User, user_id)
    if user is None or user.session_version != version:
        return None
    memberships = companies_of(session, user_id)
    held = next((entry for entry in memberships if entry[1].id == company_id), None)
    if held is None:
        return None
    names = tuple((company.id or 0, company.name) for _, company in memberships)
    return Viewer(user, held[1], held[0].role, names)


def companies_of(session: Session, user_id: int) -> list[tuple[Membership, Company]]:
    """The user's memberships with their companies, by the company's name."""
    query = (
        select(Membership, Company)
        .where(col(Company.id) == col(Membership.company_id), col(Membership.user_id) == user_id)
        .order_by(col(Company.name))
    )
    return list(session.exec(query))


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret_key(), salt="voicebot.session")
