"""`voicebot hints`: the names that the speech engine listens for in a company's calls."""

from typing import Annotated

import typer

from voicebot import hinting
from voicebot.columns import utc_now
from voicebot.commands.companies import company_named
from voicebot.db import get_database


def hints(
    company: Annotated[str, typer.Argument(help="the company's name")],
    on: Annotated[bool | None, typer.Option("--on/--off", help="listen for names in calls heard from now on")] = None,
    name: Annotated[
        list[str] | None,
        typer.Option(help="a service, product, person, street or town that is said in calls; replaces those before"),
    ] = None,
) -> None:
    """Set the names that are said in a company's calls, or show them. Its own and its campaigns' are known already."""
    with get_database().writing() as session:
        row = company_named(session, company)
        row.hears_names = row.hears_names if on is None else on
        row.spoken_names = row.spoken_names if name is None else [one.strip() for one in name if one.strip()]
        session.add(row)
        session.flush()
        found = hinting.names(session, row, utc_now())
    typer.echo("\n".join(found) or f"{company}: no names are listened for.")
