"""`voicebot redaction`: what a company hides, and how well it is found."""

import json
from pathlib import Path
from typing import Annotated

import typer

from voicebot import redacting
from voicebot.attribution.statistics import wilson
from voicebot.commands.companies import company_named
from voicebot.db import get_database
from voicebot.errors import InvalidInput
from voicebot.transcribe.redact import Category, scoring
from voicebot.transcribe.redact.scoring import Tally

app = typer.Typer(help="Take card numbers and the like out of text and sound.", no_args_is_help=True)


@app.command("set")
def set_(
    company: Annotated[str, typer.Argument(help="the company's name")],
    on: Annotated[bool | None, typer.Option("--on/--off", help="redact recordings fetched from now on")] = None,
    category: Annotated[
        list[Category] | None, typer.Option(help="only these; may be given several times; all unless told")
    ] = None,
    delete_carrier_copy: Annotated[
        bool | None,
        typer.Option(
            "--delete-carrier-copy/--keep-carrier-copy", help="once ours is verified; follows --on unless told"
        ),
    ] = None,
) -> None:
    """Switch redaction for one company, or show what is set."""
    with get_database().writing() as session:
        row = company_named(session, company)
        row.redacts = row.redacts if on is None else on
        if category:
            row.redacted_categories = [str(name) for name in category]
        if delete_carrier_copy is not None:
            row.deletes_carrier_copy = delete_carrier_copy
        session.add(row)
        names = ", ".join(sorted(redacting.categories(row))) or "nothing"
        carrier = "is deleted" if redacting.deletes_carrier_copy(row) else "is kept"
        typer.echo(f"{row.name}: takes out {names}. The carrier's copy {carrier} once ours is verified.")


@app.command()
def measure(
    files: Annotated[list[Path], typer.Argument(help="marked conversations; docs/redaction.md says how")],
    json_file: Annotated[Path | None, typer.Option("--json", help="write the figures to this file")] = None,
    show_faults: Annotated[bool, typer.Option("--faults", help="print what was missed and what wrongly taken")] = False,
) -> None:
    """Print precision and recall by category, with set sizes and 95 % intervals."""
    conversations = [marked for file in files for marked in scoring.parse(_read(file))]
    totals = dict.fromkeys(Category, Tally())
    for marked in conversations:
        for name, tally in scoring.tally(marked).items():
            totals[name] += tally
        if show_faults:
            for fault in scoring.faults(marked):
                typer.echo(fault)
    everything = sum(totals.values(), Tally())
    typer.echo(f"{len(conversations)} conversations")
    for label, tally in [*((str(name), tally) for name, tally in totals.items()), ("all", everything)]:
        typer.echo(
            f"{label:<16} precision {_share(tally.right, tally.made)}   recall {_share(tally.found, tally.wanted)}"
        )
    if json_file is not None:
        rows = {str(name): _row(tally) for name, tally in totals.items()} | {"all": _row(everything)}
        json_file.write_text(json.dumps({"conversations": len(conversations), "rows": rows}, indent=2) + "\n")


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error.strerror}.") from error


def _share(hits: int, total: int) -> str:
    if total == 0:
        return "none in the set          "
    found = wilson(hits, total)
    return f"{found.estimate:.3f} ({found.low:.2f} to {found.high:.2f}, n={total})"


def _row(tally: Tally) -> dict[str, float | int | None]:
    return {
        "wanted": tally.wanted,
        "found": tally.found,
        "made": tally.made,
        "right": tally.right,
        "precision": tally.right / tally.made if tally.made else None,
        "recall": tally.found / tally.wanted if tally.wanted else None,
    }
