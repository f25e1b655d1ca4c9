"""A company's own settings: checked, changed, and each change kept with who made it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from voicebot.errors import InvalidInput
from voicebot.tables import Company, SettingChange, User

MOST_SHOWN = 50
# The longest address that a mail server takes (RFC 5321), and more people than anybody should mail.
LONGEST_EMAIL, MOST_EMAILS = 254, 20


@dataclass(frozen=True, slots=True)
class Change:
    """One change as people read it; `who` made it."""

    change: SettingChange
    who: str


def change(session: Session, company: Company, values: dict[str, Any], *, by: int | None) -> list[str]:
    """Set these of the company's columns, and keep what became of each. Out: the names of those that differ.

    In: `company`, a row of this session; `by`, the user's id, None for the command line.
    """
    changed = [name for name, value in values.items() if getattr(company, name) != value]
    for name in changed:
        before, after = _as_text(getattr(company, name)), _as_text(values[name])
        session.add(SettingChange(company_id=company.id or 0, name=name, before=before, after=after, changed_by=by))
        setattr(company, name, values[name])
    session.add(company)
    return changed


def changes(session: Session, company_id: int) -> list[Change]:
    """The latest changes of the company's settings, the newest first."""
    rows = session.exec(
        select(SettingChange, User)
        .outerjoin(User, col(User.id) == col(SettingChange.changed_by))
        .where(col(SettingChange.company_id) == company_id)
        .order_by(col(SettingChange.id).desc())
        .limit(MOST_SHOWN)
    ).all()
    return [Change(row, (user.name or user.email) if user else "the command line") for row, user in rows]


def emails(given: Iterable[str]) -> list[str]:
    """Addresses to mail, each once. Raises InvalidInput for what is none."""
    found = list(dict.fromkeys(one.strip() for one in given if one.strip()))
    for one in found:
        name, _, host = one.partition("@")
        if not name or not host or "@" in host or any(map(str.isspace, one)) or len(one) > LONGEST_EMAIL:
            raise InvalidInput(f"{one!r} is not an email address: it has one @ and no spaces.")
    if len(found) > MOST_EMAILS:
        raise InvalidInput(f"At most {MOST_EMAILS} addresses can be mailed.")
    return found


def _as_text(value: object) -> str:
    if isinstance(value, float):
        return f"{value * 100:g} %"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nobody"
    return str(value)
