"""Which company a command is about."""

from sqlmodel import Session, col, select

from voicebot import db
from voicebot.errors import InvalidInput, NotFound
from voicebot.tables import Company


def company_named(session: Session, name: str) -> Company:
    """The company of this name, kept in the database. Raises NotFound."""
    row = session.exec(select(Company).where(col(Company.name) == name)).first()
    if row is None:
        raise NotFound(f"There is no company {name!r}.")
    return row


def company_id_named(name: str) -> int:
    """The id of the company of this name. Raises NotFound."""
    with db.get_database().reading() as session:
        row = company_named(session, name)
    assert row.id is not None
    return row.id


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
