"""`voicebot numbers`: tracking numbers, where they point, what they stand for, and what is wrong with them."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from voicebot import db
from voicebot.carrier.numbers import Difference
from voicebot.columns import utc_now
from voicebot.commands import number_campaigns, number_market
from voicebot.commands.output import aligned, print_json, print_rows
from voicebot.errors import CarrierError
from voicebot.ivr.addresses import of_number
from voicebot.numbers import auditing, names, syncing
from voicebot.numbers.syncing import Outcome, Plan
from voicebot.numbers.usage import Use, usage
from voicebot.settings import get_settings

app = typer.Typer(help="Tracking numbers at the carrier.", no_args_is_help=True)
app.command("search")(number_market.search)
app.command("buy")(number_market.buy)
app.command("import")(number_market.import_numbers)
app.command("release")(number_market.release)
app.command("assign")(number_campaigns.assign)
app.command("unassign")(number_campaigns.unassign)
Apply = Annotated[bool, typer.Option("--apply", help="change it; without this only the difference is shown")]
Report = Callable[[str], None]
NOTHING_HERE = "No tracking number is registered here: see docs/numbers.md."
# What cron looks at: 0 nothing is wrong, 1 the audit itself failed, 3 something is wrong.
FOUND = 3


@app.command("list")
def list_numbers(
    company: number_market.CompanyName = "",
    released: Annotated[bool, typer.Option("--released", help="also those that were given back")] = False,
    json_wanted: number_market.Json = False,
) -> None:
    """Show the registered tracking numbers, what they stand for and where they ring."""
    with db.get_database().reading() as session:
        company_id = names.company(session, company).id if company else None
        uses = [use for use in usage(session, utc_now(), company_id) if released or use.released_on is None]
    if json_wanted:
        print_json([{**asdict(use), "campaign": use.present.campaign if use.present else None} for use in uses])
        return
    print_rows([_cells(use) for use in uses])
    if not uses:
        typer.echo(NOTHING_HERE)


def _cells(use: Use) -> list[str]:
    campaign = use.present.campaign if use.present else "(no campaign)"
    return [use.number, use.kind, f"released {use.released_on}" if use.released_on else campaign, use.destination]


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


@app.command()
def audit(company: number_market.CompanyName = "", json_wanted: number_market.Json = False) -> None:
    """Show what is wrong with the numbers, here and at the carrier, and what to do. Nothing is changed.

    Ends with status 0 when nothing is wrong and 3 when something is, so that cron can tell.
    """
    with db.get_database().reading() as session:
        company_id = names.company(session, company).id if company else None
    found = auditing.findings(of_number, company_id)
    if json_wanted:
        print_json([asdict(one) for one in found])
    for one in found if not json_wanted else ():
        typer.echo(f"{one.number or one.company or 'account'}  {one.says}\n    {one.kind}: {one.do}")
    if not found and not json_wanted:
        typer.echo("Nothing is wrong with the numbers.")
    if found:
        raise typer.Exit(FOUND)


def synchronise(*, apply: bool, report: Report) -> int:
    """`numbers sync`. Out: how many numbers differ (and were changed, with `apply`). Raises VoicebotError."""
    plans = syncing.differences(of_number)
    _show(plans, report)
    return _finish(plans, syncing.apply(plans, get_settings().web.public_url) if apply else None, report)


def put_back(*, apply: bool, report: Report) -> int:
    """`numbers restore`. Out: how many numbers differ (and were changed, with `apply`). Raises VoicebotError."""
    plans = syncing.former()
    _show(plans, report)
    return _finish(plans, syncing.restore(plans) if apply else None, report)


def _show(plans: Sequence[Plan], report: Report) -> None:
    for plan in plans:
        for line in _described(plan.difference):
            report(line)
    if not any(plan.difference.changes for plan in plans):
        report("No number differs." if plans else NOTHING_HERE)


def _described(found: Difference) -> list[str]:
    rows = [
        (change.number, name, change.before[name] or "(empty)", "->", value or "(empty)")
        for change in found.changes
        for name, value in change.after.items()
    ]
    gone = [f"{number}  is registered here and is not in the carrier account: left alone." for number in found.missing]
    return [*aligned(rows), *gone]


def _finish(plans: Sequence[Plan], outcome: Outcome | None, report: Report) -> int:
    count = sum(len(plan.difference.changes) for plan in plans)
    if outcome is not None and outcome.refused:
        for number, error in outcome.refused:
            report(f"{number}  {error}")
        raise CarrierError(
            f"{len(outcome.refused)} of {count} numbers could not be changed; the others were.",
            code=outcome.refused[0][1].code,
            permanent=all(error.permanent for _, error in outcome.refused),
        )
    if count:
        report(
            f"{count} changed."
            if outcome is not None
            else f"{count} would change. Nothing was changed: add --apply to do it."
        )
    return count
