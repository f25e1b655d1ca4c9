"""Place calls through the simulated telephone network on this machine."""

import json
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from sqlmodel import col, select

from voicebot import db
from voicebot.commands.calls import describe
from voicebot.commands.seed import number_addresses
from voicebot.errors import InvalidInput, VoicebotError
from voicebot.settings import get_settings
from voicebot.simulator.network import CallResult, Network
from voicebot.simulator.scenario import Scenario, load
from voicebot.tables import Call
from voicebot.terms import Stage


def simulate(
    file: Annotated[Path | None, typer.Argument(help="a scenario file; see docs/scenarios.md")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="write the call to this file")] = None,
    speed: Annotated[float, typer.Option(help="how much faster than a real call")] = 20.0,
    wait: Annotated[float, typer.Option(help="seconds to wait for the verdict")] = 180.0,
    serve: Annotated[
        bool, typer.Option("--serve", help="stand in for the carrier until Ctrl-C, without a file")
    ] = False,
) -> None:
    """Run one scenario against the running product and wait for its verdict; or `--serve` whoever asks for a call.

    With `--serve`, a call flow's page can call its number.

    The product must run with VOICEBOT_CARRIER__API_BASE_URL set to a loopback address with a port: the simulated
    carrier listens there while the command runs.
    """
    if serve == (file is not None):
        raise InvalidInput("Give a scenario file, or --serve without one.")
    if file is None:
        _serve(speed)
        return
    scenario = load(file)
    with network(speed) as carrier:
        _own_numbers(carrier)
        result = carrier.place(scenario)
        document = row_of(scenario, result, wait_for_verdict(result, wait))
    for who, text in result.transcript:
        typer.echo(f"  {who}: {text}")
    for trouble in (*result.errors, *result.warnings):
        typer.echo(f"  (the carrier notes {trouble})")
    typer.echo(f"{scenario.name}: {document['verdict'] or 'no verdict'} {document['source'] or ''}")
    if json_file is not None:
        json_file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    if document["verdict"] is None:
        raise typer.Exit(1)


def _serve(speed: float) -> None:
    """Until Ctrl-C, or SIGTERM."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with network(speed) as carrier:
        _own_numbers(carrier)
        typer.echo(f"The simulated carrier answers at {carrier.base_url}. A call flow's page can call its number now.")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            typer.echo("Stopping.")


def _own_numbers(carrier: Network) -> None:
    for row in number_addresses():
        carrier.own(row["number"], row["voice_url"], row["voice_fallback_url"], row["status_callback"])


@contextmanager
def network(speed: float) -> Iterator[Network]:
    """The simulated carrier, listening where the settings say that the carrier's REST interface is."""
    carrier = get_settings().carrier
    address = urlsplit(carrier.api_base_url)
    if address.hostname not in ("127.0.0.1", "localhost") or address.port is None:
        raise VoicebotError(
            "The simulator stands in for the carrier on this machine only: set VOICEBOT_CARRIER__API_BASE_URL "
            "to an address such as http://127.0.0.1:9009, here and for the running product."
        )
    with Network(
        account_sid=carrier.account_sid,
        auth_token=carrier.auth_token.get_secret_value(),
        host=address.hostname,
        port=address.port,
        speed=speed,
    ) as started:
        yield started


def wait_for_verdict(result: CallResult, seconds: float) -> dict[str, Any] | None:
    """The call as `voicebot calls` describes it, once its pipeline is through; None when it takes longer."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = finished_call(result.call_sid)
        if found is not None:
            return found
        time.sleep(0.25)
    return None


def finished_call(call_sid: str) -> dict[str, Any] | None:
    """The call described, if it has its verdict and nothing more is due."""
    with db.get_database().reading() as session:
        call = session.exec(
            select(Call).where(col(Call.call_sid) == call_sid, col(Call.stage) == Stage.ATTRIBUTED)
        ).first()
        return None if call is None else describe(session, call)


def row_of(scenario: Scenario, result: CallResult, found: dict[str, Any] | None) -> dict[str, Any]:
    """One row of the demo's table: what was expected, what the product says, and how long it took."""
    witnesses = found["witnesses"] if found else []
    seconds = None
    if found and found["decided_at"]:
        seconds = round((datetime.fromisoformat(found["decided_at"]) - result.hung_up_at).total_seconds(), 2)
    return {
        "scenario": scenario.name,
        "call_sid": result.call_sid,
        "campaign": found["campaign"] if found else None,
        "tracked": _sources(witnesses, "tracked"),
        "asked": _quotes(witnesses, "asked"),
        "asked_sources": _sources(witnesses, "asked"),
        "heard": _quotes(witnesses, "heard"),
        "heard_sources": _sources(witnesses, "heard"),
        "disposition": found["disposition"] if found else None,
        "expected_disposition": scenario.expect.disposition if scenario.expect else None,
        "verdict": found["verdict"] if found else None,
        "expected_verdict": scenario.expect.verdict if scenario.expect else None,
        "source": found["source"] if found else None,
        "expected_source": scenario.expect.source if scenario.expect else None,
        "probability": round(found["probability"], 4) if found and found["probability"] is not None else None,
        "seconds_to_verdict": seconds,
    }


def _sources(witnesses: list[dict[str, Any]], kind: str) -> str | None:
    named = [f"not {one['source']}" if one["denied"] else one["source"] for one in witnesses if one["kind"] == kind]
    return ", ".join(named) or None


def _quotes(witnesses: list[dict[str, Any]], kind: str) -> str | None:
    quotes = dict.fromkeys(one["quote"] for one in witnesses if one["kind"] == kind and one["quote"])
    return " / ".join(quotes) or None
