"""Call flows on the command line: list, check, export and import them, and what asking costs."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from sqlmodel import Session, col, select

from voicebot import db, storage
from voicebot.columns import utc_now
from voicebot.commands.companies import the_company
from voicebot.errors import InvalidInput
from voicebot.ivr import flow as flows
from voicebot.ivr import versions
from voicebot.ivr.flow import Flow
from voicebot.ivr.sounds import NAME, key_of
from voicebot.reports import asking
from voicebot.reports.asking_told import told
from voicebot.tables import CallFlow, CallFlowVersion, Company

app = typer.Typer(help="Call flows: what callers meet.", no_args_is_help=True)

Of = Annotated[str | None, typer.Option("--company", help="the company's name; needed where there are several")]


@app.command("list")
def list_flows(company: Of = None) -> None:
    """Show the call flows with their newest version and how long they keep a caller before it rings."""
    with db.get_database().reading() as session:
        rows = _newest(session, company)
    for owner, name, version in rows:
        seconds = flows.worst_case_seconds(flows.parse(version.document), _language(version))
        typer.echo(f"{owner}  {name}  version {version.version}  at most {seconds:.1f} s before it rings")
    if not rows:
        typer.echo("There is no call flow: see docs/seed.md, or import one.")


@app.command()
def check(file: Annotated[Path, typer.Argument(help="a YAML or JSON file")]) -> None:
    """Validate a call flow without storing it: its faults, its warnings, and how long it keeps a caller."""
    _report(flows.parse(_read(file)))


@app.command("import")
def import_flow(
    file: Annotated[Path, typer.Argument(help="a YAML or JSON file")],
    name: Annotated[str, typer.Option(help="the call flow's name")],
    company: Of = None,
) -> None:
    """Store a call flow as a new version. Nothing is stored when the newest version says the same."""
    flow = flows.parse(_read(file))
    with db.get_database().writing() as session:
        stored = versions.store(session, the_company(session, company), name, flow)
    _report(flow)
    said = "is now" if stored.is_new else "is unchanged, it still is"
    typer.echo(f"{name} {said} version {stored.version.version}.")


@app.command()
def export(
    name: Annotated[str, typer.Argument(help="the call flow's name")],
    out: Annotated[Path | None, typer.Option(help="write to this file: .yaml or .json")] = None,
    version: Annotated[int | None, typer.Option(help="an older version")] = None,
    company: Of = None,
) -> None:
    """Write a call flow's document, as `voicebot flows import` reads it."""
    with db.get_database().reading() as session:
        found = versions.find(session, the_company(session, company), name, version)
    document = flows.as_document(flows.parse(found.document))
    as_json = out is not None and out.suffix == ".json"
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n" if as_json else _as_yaml(document)
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")


@app.command()
def sound(file: Annotated[Path, typer.Argument(help="a WAV or MP3 file")]) -> None:
    """Store a recorded text under its file name, for `sound` in a call flow."""
    if not NAME.fullmatch(file.name):
        raise InvalidInput(f"{file.name}: a sound is a .wav or .mp3 file, named with letters, digits, - and _.")
    with file.open("rb") as source:
        storage.get_storage().put(key_of(file.name), source)
    typer.echo(f"Stored. In a call flow: sound: {file.name}")


@app.command()
def cost(
    days: Annotated[int, typer.Option(help="calls of so many days back", min=1)] = 90,
    json_file: Annotated[Path | None, typer.Option("--json", help="write the figures to this file")] = None,
    company: Of = None,
) -> None:
    """Show what the source question costs: added seconds, and more callers who hang up before it rings.

    Against the callers that a flow holds out unasked (`holdout`).
    """
    with db.get_database().reading() as session:
        found = asking.cost(session, the_company(session, company), utc_now() - timedelta(days=days))
    if json_file is not None:
        json_file.write_text(json.dumps(found.as_json(), indent=2) + "\n", encoding="utf-8")
    for line in told(found):
        typer.echo(line)


def _report(flow: Flow) -> None:
    for language in (flow.language, *(offer.language for offer in flow.languages)):
        seconds = flows.worst_case_seconds(flow, language)
        typer.echo(f"In {language} a caller waits at most {seconds:.1f} s before it rings.")
    for warning in flow.warnings:
        typer.echo(f"Warning: {warning}")


def _read(file: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidInput(f"{file} cannot be read: {error}") from error
    if not isinstance(document, dict):
        raise InvalidInput(f"{file} is not a call flow: it must be a mapping. See docs/call-flows.md.")
    return document


def _as_yaml(document: dict[str, Any]) -> str:
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)


def _newest(session: Session, company: str | None) -> list[tuple[str, str, CallFlowVersion]]:
    query = (
        select(Company.name, CallFlow.name, CallFlowVersion)
        .join(CallFlow, col(CallFlow.company_id) == col(Company.id))
        .join(CallFlowVersion, col(CallFlowVersion.call_flow_id) == col(CallFlow.id))
        .order_by(col(Company.name), col(CallFlow.name), col(CallFlowVersion.version))
    )
    if company is not None:
        query = query.where(col(Company.name) == company)
    newest = {(owner, name): version for owner, name, version in session.exec(query)}
    return [(owner, name, version) for (owner, name), version in newest.items()]


def _language(version: CallFlowVersion) -> str:
    return str(version.document.get("language", "en-US"))
