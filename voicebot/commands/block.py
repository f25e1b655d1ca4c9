"""The block list of a company: numbers whose calls a flow's reject step does not take."""

from typing import Annotated

import typer
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from voicebot import db, phone
from voicebot.commands.companies import the_company
from voicebot.errors import NotFound
from voicebot.tables import BlockedNumber

app = typer.Typer(help="The block list: callers that a call flow's reject step refuses.", no_args_is_help=True)

Of = Annotated[str | None, typer.Option("--company", help="the company's name; needed where there are several")]
Number = Annotated[str, typer.Argument(help="the caller's number")]


@app.command("list")
def list_blocked(company: Of = None) -> None:
    """Show the blocked numbers with the reason and the day."""
    with db.get_database().reading() as session:
        company_id = the_company(session, company)
        query = select(BlockedNumber).where(col(BlockedNumber.company_id) == company_id)
        rows = session.exec(query.order_by(col(BlockedNumber.number))).all()
    for row in rows:
        typer.echo(f"{row.number}  {row.created_at:%Y-%m-%d}  {row.reason}".rstrip())
    if not rows:
        typer.echo("No number is blocked.")


@app.command()
def add(number: Number, reason: Annotated[str, typer.Option(help="why")] = "", company: Of = None) -> None:
    """Block a number. Doing it twice changes the reason only."""
    e164 = phone.parse_e164(number)
    with db.get_database().writing() as session:
        company_id = the_company(session, company)
        row = session.exec(_of(company_id, e164)).first() or BlockedNumber(company_id=company_id, number=e164)
        row.reason = reason[:200]
        session.add(row)
    typer.echo(f"{e164} is blocked.")


@app.command()
def remove(number: Number, company: Of = None) -> None:
    """Take a number from the block list."""
    e164 = phone.parse_e164(number)
    with db.get_database().writing() as session:
        row = session.exec(_of(the_company(session, company), e164)).first()
        if row is None:
            raise NotFound(f"{e164} is not blocked.")
        session.delete(row)
    typer.echo(f"{e164} is no longer blocked.")


def _of(company_id: int, number: str) -> SelectOfScalar[BlockedNumber]:
    return select(BlockedNumber).where(col(BlockedNumber.company_id) == company_id, col(BlockedNumber.number) == number)
