"""`voicebot import calls`: audit before you migrate, with the calls of another tracker."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from sqlmodel import Session

from voicebot import db, queue
from voicebot.commands.companies import company_id_named
from voicebot.errors import InvalidInput, VoicebotError
from voicebot.past_calls import reading, storing
from voicebot.past_calls.reading import Fault, Map, PastCall
from voicebot.reports.days import zone_of
from voicebot.storage import get_storage
from voicebot.tables import Company

app = typer.Typer(no_args_is_help=True, help="Bring past calls of another call tracker in, to audit it.")


@app.callback()
def _group() -> None:
    """Bring past calls of another call tracker in, to audit it."""


@app.command()
def calls(
    file: Annotated[Path, typer.Argument(help="a CSV export; CallRail's columns are known")],
    company: Annotated[str, typer.Option(help="the company's name")],
    recordings: Annotated[Path | None, typer.Option(help="a folder of recordings, named after the calls' ids")] = None,
    map_file: Annotated[Path | None, typer.Option("--map", help="columns and sources of another tracker")] = None,
) -> None:
    """Send past calls through the pipeline, with their old source as what was tracked. Twice changes nothing."""
    company_id = company_id_named(company)
    with db.get_database().reading() as session:
        zone = zone_of(session.get_one(Company, company_id).time_zone)
    seen = Counter[str]()
    for entry in reading.read(_text(file), _map(map_file), zone):
        if isinstance(entry, Fault):
            seen["faults"] += 1
            typer.echo(f"line {entry.line}: {entry.reason}", err=True)
            continue
        seen[_take(entry, company_id, recordings)] += 1
    typer.echo(
        f"{seen['imported'] + seen['silent']} imported, {seen['silent']} of them without a recording; "
        f"{seen['known']} were here before; {seen['faults']} lines could not be taken."
    )
    if seen["faults"]:
        raise typer.Exit(1)


def _take(past: PastCall, company_id: int, folder: Path | None) -> str:
    """One call in a transaction of its own: what was taken stays, whatever comes after."""
    found = storing.find_recording(folder, past)
    try:
        with db.get_database().writing() as session:
            stored = _store(session, company_id, past, found)
    except VoicebotError as error:
        typer.echo(f"line {past.line}: {error}", err=True)
        return "faults"
    if stored is None:
        return "known"
    queue.ring(*stored)
    return "imported" if found else "silent"


def _store(session: Session, company_id: int, past: PastCall, file: Path | None) -> Any:
    call = storing.store(session, get_storage(), session.get_one(Company, company_id), past, file)
    return None if call is None else (call.id, call.stage)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file} cannot be read: {error}") from error


def _map(file: Path | None) -> Map:
    if file is None:
        return Map()
    try:
        return Map.of(yaml.safe_load(file.read_text(encoding="utf-8")) or {})
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file} cannot be read as a map: {error}") from error
