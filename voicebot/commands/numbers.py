"""`voicebot numbers`: point tracking numbers at this installation, show them, and put former addresses back."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated

import typer
from sqlmodel import Session, col, select

from voicebot import db
from voicebot.carrier import accounts, roundtrip
from voicebot.carrier import numbers as carrier
from voicebot.carrier.account import Account
from voicebot.errors import VoicebotError
from voicebot.ivr.addresses import addresses
from voicebot.settings import get_settings
from voicebot.tables import Campaign, NumberAssignment, TrackingNumber

app = typer.Typer(help="Tracking numbers at the carrier.", no_args_is_help=True)
Apply = Annotated[bool, typer.Option("--apply", help="change it; without this only the difference is shown")]
Report = Callable[[str], None]


@app.command("list")
def list_numbers() -> None:
    """Show the registered tracking numbers and their campaigns."""
    with db.get_database().reading() as session:
        rows = session.exec(
            select(TrackingNumber.number, TrackingNumber.kind, Campaign.name)
            .join(NumberAssignment, col(NumberAssignment.tracking_number_id) == col(TrackingNumber.id))
            .join(Campaign, col(Campaign.id) == col(NumberAssignment.campaign_id))
            .where(col(NumberAssignment.ends_at).is_(None))
            .order_by(col(TrackingNumber.number))
        ).all()
    for number, kind, campaign in rows:
        typer.echo(f"{number}  {kind:<9}  {campaign}")


@app.command()
def sync(apply: Apply = False) -> None:
    """Configure the registered numbers with this installation's webhook addresses.

    Only numbers registered here are touched. Before anything is changed a signed round trip to the public URL must
    work, and the former addresses are remembered for `numbers restore`.
    """
    synchronise(apply=apply, report=typer.echo)


@app.command()
def restore(apply: Apply = False) -> None:
    """Put back the addresses that the numbers had before `numbers sync --apply`."""
    for company_id, numbers in _registered().items():
        wanted = {row.number: dict(row.former_addresses) for row in numbers if row.former_addresses is not None}
        account = _account(company_id)
        found = carrier.difference(wanted, carrier.owned(account)) if wanted else carrier.Difference((), ())
        _show(found, typer.echo)
        if apply:
            for change in found.changes:
                carrier.apply(account, change)
            _forget(list(wanted))
    typer.echo("Done." if apply else "Nothing was changed. Add --apply to change it.")


def synchronise(*, apply: bool, report: Report) -> int:
    """`numbers sync`. Out: how many numbers differ (and were changed, with `apply`). Raises VoicebotError."""
    public_url = get_settings().web.public_url
    wanted_addresses = asdict(addresses(public_url))
    count = 0
    for company_id, numbers in _registered().items():
        account = _account(company_id)
        owned = carrier.owned(account)
        found = carrier.difference({row.number: wanted_addresses for row in numbers}, owned)
        _show(found, report)
        count += len(found.changes)
        if apply and found.changes:
            roundtrip.check(account, public_url)
            _remember({one.number: one.addresses() for one in owned})
            for change in found.changes:
                carrier.apply(account, change)
    report("Done." if apply else "Nothing was changed. Add --apply to change it.")
    return count


def _registered() -> dict[int, list[TrackingNumber]]:
    with db.get_database().reading() as session:
        rows = session.exec(select(TrackingNumber).where(col(TrackingNumber.released_on).is_(None))).all()
    by_company: dict[int, list[TrackingNumber]] = {}
    for row in rows:
        by_company.setdefault(row.company_id, []).append(row)
    return by_company


def _account(company_id: int) -> Account:
    with db.get_database().reading() as session:
        account = accounts.for_company(session, company_id)
    if account is None:
        raise VoicebotError(
            "There are no carrier credentials: set VOICEBOT_CARRIER__ACCOUNT_SID and VOICEBOT_CARRIER__AUTH_TOKEN."
        )
    return account


def _show(found: carrier.Difference, report: Report) -> None:
    for change in found.changes:
        report(change.number)
        for name, value in change.after.items():
            report(f"  {name}: {change.before[name] or '(empty)'} -> {value or '(empty)'}")
    for number in found.missing:
        report(f"{number} is registered here and is not in the carrier account: it is left alone.")
    if not found.changes:
        report("No number differs.")


def _remember(former: dict[str, dict[str, str]]) -> None:
    """Keep what each number had before we first touched it; a second sync must not overwrite that."""
    with db.get_database().writing() as session:
        for row in _rows(session, list(former)):
            if row.former_addresses is None:
                row.former_addresses = dict(former[row.number])
                session.add(row)


def _forget(numbers: list[str]) -> None:
    with db.get_database().writing() as session:
        for row in _rows(session, numbers):
            row.former_addresses = None
            session.add(row)


def _rows(session: Session, numbers: list[str]) -> list[TrackingNumber]:
    return list(session.exec(select(TrackingNumber).where(col(TrackingNumber.number).in_(numbers))).all())
