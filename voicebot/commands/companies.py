"""Which company a command is about."""

from sqlmodel import Session, col, select

from voicebot.errors import InvalidInput, NotFound
from voicebot.tables import Company


def the_company(session: Session, name: str | None) -> int:
    """The company of this name, or the only one there is. Raises NotFound, and InvalidInput where one must be named."""
    query = select(Company).order_by(col(Company.name))
    found = session.exec(query if name is None else query.where(col(Company.name) == name)).all()
    if not found:
        raise NotFound(f"There is no company {name!r}." if name else "There is no company yet: see docs/seed.md.")
    if len(found) > 1:
        raise InvalidInput(f"Which company? Name one with --company: {', '.join(row.name for row in found)}.")
    assert found[0].id is not None
    return found[0].id
