"""Complete what the webhooks missed, and the documents that the carrier falls back to when this machine is gone."""

from pathlib import Path
from typing import Annotated

import typer

from voicebot import backfilling, company_settings, db
from voicebot.columns import utc_now
from voicebot.commands.companies import company_named
from voicebot.errors import InvalidInput
from voicebot.ivr import static_fallback
from voicebot.settings import get_settings

fallback = typer.Typer(no_args_is_help=True, help="Documents for the carrier when this machine is gone.")


def alerts(
    company: Annotated[str, typer.Argument(help="the company's name")],
    emails: Annotated[list[str] | None, typer.Argument(help="who is mailed from now on; shown where left out")] = None,
    nobody: Annotated[bool, typer.Option("--nobody", help="mail nobody from now on")] = False,
) -> None:
    """Show or set who is mailed about a company's missed calls and voicemails."""
    wanted = [] if nobody else None if emails is None else company_settings.emails(emails)
    with db.get_database().writing() as session:
        row = company_named(session, company)
        if wanted is not None:
            company_settings.change(session, row, {"alert_emails": wanted}, by=None)
        typer.echo(", ".join(row.alert_emails) or "Nobody is mailed.")


def backfill(
    since: Annotated[str, typer.Option(help="a day, a moment, or `3d` or `12h` before now")] = "3d",
) -> None:
    """Add calls and recordings that the webhooks missed, from the carrier's records. Runs every night by itself too."""
    try:
        began = backfilling.moment_of(since, utc_now())
    except ValueError as error:
        raise InvalidInput(f"--since {since!r} is neither a moment nor days (3d) or hours (12h).") from error
    found = backfilling.backfill(db.get_database(), get_settings().queue, began)
    typer.echo(f"{found.seen} calls at the carrier: {found.added} were missing here, {found.completed} completed.")


@fallback.command()
def export(folder: Annotated[Path, typer.Argument(help="where to write the documents")]) -> None:
    """Write one TwiML document per tracking number, to be hosted apart from this machine.

    Set VOICEBOT_WEB__FALLBACK_BASE_URL to their address: `numbers sync` then has the carrier fetch them there.
    """
    with db.get_database().reading() as session:
        written = static_fallback.export(session, folder)
    typer.echo(f"{len(written)} documents written to {folder}.")
    if not get_settings().web.fallback_base_url:
        typer.echo("Set VOICEBOT_WEB__FALLBACK_BASE_URL to where you host them, then run `voicebot numbers sync`.")
