"""`voicebot accounts`: the carrier accounts of companies that have one of their own."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from voicebot import db
from voicebot.carrier import accounts
from voicebot.carrier.account import Account
from voicebot.commands.output import print_rows
from voicebot.errors import InvalidInput
from voicebot.numbers import names
from voicebot.tables import CarrierAccount

app = typer.Typer(help="Carrier accounts of companies that have one of their own.", no_args_is_help=True)
CompanyName = Annotated[str, typer.Option("--company", help="the company's name; needed where there are several")]
Sid = Annotated[str, typer.Argument(help="AC and 32 hexadecimal digits")]


@app.command()
def add(
    account_sid: Sid,
    company: CompanyName = "",
    token_file: Annotated[
        Path | None, typer.Option(help="a file that holds the token; standard input unless given")
    ] = None,
    shared_key_file: Annotated[
        Path | None, typer.Option(help="a file that holds the key that signs SHA-256 webhooks, where there is one")
    ] = None,
) -> None:
    """Let a company's numbers be those of its own account; the same account again replaces the token.

    The primary auth token is read from standard input or a file, never from the command line. It is tried at the
    carrier first and kept encrypted.
    """
    token, shared_key = _read(token_file), _read(shared_key_file) if shared_key_file else ""
    with db.get_database().reading() as session:
        company_id = names.company(session, company).id or 0
    accounts.try_out(account_sid, token)
    with db.get_database().writing() as session:
        accounts.add(session, company_id, account_sid, token, shared_key)
    typer.echo(f"{account_sid} serves the company now. The web processes take it up within 15 seconds.")


@app.command("list")
def list_accounts(company: CompanyName = "") -> None:
    """Show which account serves which company. Tokens are never shown."""
    with db.get_database().reading() as session:
        wanted = [names.company(session, company)] if company else names.companies(session)
        default = accounts.installation()
        rows = [(owner.name, _serving(accounts.of_company(session, owner.id or 0), default)) for owner in wanted]
    print_rows(rows)


@app.command()
def remove(
    account_sid: Sid,
    company: CompanyName = "",
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Forget a company's own account and its token; the installation's serves it again, if there is one."""
    if not yes:
        typer.confirm(f"Forget {account_sid}? Its webhooks are refused once the product restarts.", abort=True)
    with db.get_database().writing() as session:
        accounts.remove(session, names.company(session, company).id or 0, account_sid)
    typer.echo(f"{account_sid} is forgotten.")


def _serving(own: list[CarrierAccount], default: Account | None) -> str:
    if own:
        return ", ".join(row.account_sid for row in own)
    return f"{default.account_sid} (the installation's)" if default else "none"


def _read(token_file: Path | None) -> str:
    if token_file is None:
        if sys.stdin.isatty():
            return str(typer.prompt("Auth token", hide_input=True))
        return sys.stdin.read().strip()
    try:
        return token_file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise InvalidInput(f"{token_file} cannot be read: {error.strerror}.") from error
