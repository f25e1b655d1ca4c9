"""`voicebot reclassify`: what a new classifier or new error rates would change, and then the change."""

from collections import Counter
from typing import Annotated

import typer

from voicebot import db, reclassifying, taxonomy
from voicebot.commands.companies import company_id_named
from voicebot.errors import InvalidInput
from voicebot.reclassifying import Flip, Judged
from voicebot.settings import get_settings
from voicebot.stages import Tools
from voicebot.storage import get_storage


def reclassify(
    preview: Annotated[bool, typer.Option("--preview", help="show what would change; nothing is written")] = False,
    apply: Annotated[bool, typer.Option("--apply", help="append what changes to the ledger")] = False,
    company: Annotated[str, typer.Option(help="only this company's calls, by its name")] = "",
    classifier: Annotated[str, typer.Option(help="with --preview: as this retrained classifier reads them")] = "",
) -> None:
    """Judge past calls again with today's classifier and error rates. What a person decided stays as it is."""
    if preview == apply:
        raise InvalidInput("Say either --preview or --apply.")
    if classifier and not preview:
        raise InvalidInput("--classifier goes with --preview. `voicebot models use` chooses one for a company.")
    tools = Tools(db.get_database(), get_storage(), get_settings(), package=classifier or None)
    run = reclassifying.apply if apply else reclassifying.preview
    seen, shown = Counter[str](), 0
    for flip in run(tools, _company_id(company)):
        seen["calls"] += 1
        seen["flips"] += flip.flips
        seen["moves"] += flip.moves and not flip.flips
        if flip.flips:
            shown += 1
            typer.echo(_line(flip))
    verb = "changed" if apply else "would change"
    looked = "" if apply else f" of {seen['calls']} calls"
    typer.echo(f"{seen['flips']}{looked} {verb} in verdict, source or disposition; {seen['moves']} in probability.")


def _company_id(name: str) -> int | None:
    return company_id_named(name) if name else None


def _line(flip: Flip) -> str:
    kept = f"  (a person decided: {', '.join(flip.kept)})" if flip.kept else ""
    return f"{flip.call_sid}  {_short(flip.before)}  ->  {_short(flip.after)}{kept}"


def _short(judged: Judged) -> str:
    return f"{judged.disposition} {judged.kind} {taxonomy.label(judged.source)} {judged.probability:.2f}"
