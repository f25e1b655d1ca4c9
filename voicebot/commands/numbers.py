"""`voicebot numbers`: point tracking numbers at this installation, show them, and put former addresses back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import typer
from sqlmodel import Session, and_, col, select

from voicebot import db, logs
from voicebot.carrier import numbers as carrier
from voicebot.carrier import registered, roundtrip
from voicebot.carrier.account import Account
from voicebot.carrier.numbers import Change, Difference
from voicebot.commands import number_campaigns, number_market
from voicebot.commands.output import aligned
from voicebot.errors import CarrierError
from voicebot.ivr.addresses import of_number
from voicebot.settings import get_settings
from voicebot.tables import Campaign, Destination, NumberAssignment, TrackingNumber

app = typer.Typer(help="Tracking numbers at the carrier.", no_args_is_help=True)
app.command("search")(number_market.search)
app.command("buy")(number_market.buy)
app.command("import")(number_market.import_numbers)
app.command("release")(number_market.release)
app.command("assign")(number_campaigns.assign)
app.command("unassign")(number_campaigns.unassign)
Apply = Annotated[bool, typer.Option("--apply", help="change it; without this only the difference is shown")]
Report = Callable[[str], None]
log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """What differs in one account."""

    account: Account
    difference: Difference


@app.command("list")
def list_numbers() -> None:
    """Show the registered tracking numbers, what they stand for and where they ring."""
    with db.get_database().reading() as session:
        rows = _numbers_in_use(session)
    table = [(number, kind, campaign or "(no campaign)", destination) for number, kind, campaign, destination in rows]
    for line in aligned(table):
        typer.echo(line)
    if not rows:
        typer.echo("No tracking number is registered here: see docs/seed.md.")


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
    put_back(apply=apply, report=typer.echo)


def synchronise(*, apply: bool, report: Report) -> int:
    """`numbers sync`. Out: how many numbers differ (and were changed, with `apply`). Raises VoicebotError."""
    public_url = get_settings().web.public_url
    plans = _plans(lambda row: carrier.configuration(of_number(row.number)), report)
    if apply:
        for plan in plans:
            if plan.difference.changes:
                roundtrip.check(plan.account, public_url)
        _carry_out(plans, report, before=_remember)
    return _finish(plans, report, applied=apply)


def put_back(*, apply: bool, report: Report) -> int:
    """`numbers restore`. Out: how many numbers differ (and were changed, with `apply`). Raises VoicebotError."""
    plans = _plans(lambda row: row.former_addresses, report)
    if apply:
        _carry_out(plans, report)
        _forget_where_restored(plans)
    return _finish(plans, report, applied=apply)


def _plans(wanted: Callable[[TrackingNumber], Mapping[str, str] | None], report: Report) -> list[Plan]:
    """What differs from `wanted` (None: leave the number alone), shown account by account."""
    with db.get_database().reading() as session:
        by_account = registered.by_account(session)
    plans = []
    for account, rows in by_account.items():
        fields = {row.number: one for row in rows if (one := wanted(row)) is not None}
        found = carrier.difference(fields, carrier.owned(account)) if fields else Difference((), ())
        plans.append(Plan(account, found))
        for line in _described(found):
            report(line)
    if not any(plan.difference.changes for plan in plans):
        report("No number differs." if plans else "No tracking number is registered here: see docs/seed.md.")
    return plans


def _described(found: Difference) -> list[str]:
    rows = [
        (change.number, name, change.before[name] or "(empty)", "->", value or "(empty)")
        for change in found.changes
        for name, value in change.after.items()
    ]
    gone = [f"{number}  is registered here and is not in the carrier account: left alone." for number in found.missing]
    return [*aligned(rows), *gone]


def _carry_out(plans: Sequence[Plan], report: Report, before: Callable[[Change], None] | None = None) -> None:
    """Make every change; one that the carrier refuses does not keep the others from being made."""
    refused = []
    for plan in plans:
        for change in plan.difference.changes:
            if before is not None:
                before(change)
            try:
                carrier.apply(plan.account, change)
            except CarrierError as error:
                report(f"{change.number}  {error}")
                refused.append(error)
            else:
                log.info("number_configured", number=change.number, **change.after)
    if refused:
        total = sum(len(plan.difference.changes) for plan in plans)
        raise CarrierError(
            f"{len(refused)} of {total} numbers could not be changed; the others were.",
            code=refused[0].code,
            permanent=all(error.permanent for error in refused),
        )


def _finish(plans: Sequence[Plan], report: Report, *, applied: bool) -> int:
    count = sum(len(plan.difference.changes) for plan in plans)
    if count:
        report(f"{count} changed." if applied else f"{count} would change. Nothing was changed: add --apply to do it.")
    return count


def _remember(change: Change) -> None:
    """Written before the change: a crash in between leaves a memory too many and never one too few."""
    with db.get_database().writing() as session:
        registered.remember(session, change.number, change.before)


def _forget_where_restored(plans: Sequence[Plan]) -> None:
    missing = {number for plan in plans for number in plan.difference.missing}
    with db.get_database().writing() as session:
        for rows in registered.by_account(session).values():
            for row in rows:
                if row.former_addresses is not None and row.number not in missing:
                    registered.forget(session, row.number)


def _numbers_in_use(session: Session) -> list[tuple[str, str, str | None, str]]:
    """Number, kind, campaign now (None without one) and destination, in order."""
    now = and_(
        col(NumberAssignment.tracking_number_id) == col(TrackingNumber.id), col(NumberAssignment.ends_at).is_(None)
    )
    rows = session.exec(
        select(TrackingNumber.number, TrackingNumber.kind, Campaign.name, Destination.number)
        .join(Destination, col(Destination.id) == col(TrackingNumber.destination_id))
        .outerjoin(NumberAssignment, now)
        .outerjoin(Campaign, col(Campaign.id) == col(NumberAssignment.campaign_id))
        .where(col(TrackingNumber.released_on).is_(None))
        .order_by(col(TrackingNumber.number))
    ).all()
    return [(number, kind, campaign, destination) for number, kind, campaign, destination in rows]
