"""The whole product on one machine: sample calls through real webhooks, real Whisper and the real classifier."""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from voicebot import db, heartbeat, logs
from voicebot.commands import numbers, seed, serve, simulate
from voicebot.errors import VoicebotError
from voicebot.settings import get_settings
from voicebot.simulator.network import CallResult, Network
from voicebot.simulator.scenario import Scenario, load

SPEED = 12.0
# Four processes start at once, on a machine that may be busy with other things.
READY_SECONDS = 180.0
console = Console(width=None if sys.stdout.isatty() else 160)


def demo(
    exit_when_done: Annotated[bool, typer.Option("--exit", help="stop when every call has its verdict")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="write the table to this file")] = None,
    wait: Annotated[float, typer.Option(help="seconds to wait for the verdicts")] = 300.0,
) -> None:
    """Start everything, place the sample calls, and show what the product makes of them.

    Its data are made anew in `demo` inside the data folder at each run; the weights are kept.
    """
    began = time.monotonic()
    _use_demo_settings()
    serve.prepare()
    with db.get_database().writing() as session:
        entries = seed.read(Path(str(files("voicebot.simulator") / "scenarios" / "demo.seed.yaml")))
        passwords = seed.sow(session, entries)
    with _product() as product, simulate.network(SPEED) as carrier:
        _wait_until_ready(product)
        for row in seed.number_addresses():
            carrier.own(row["number"])
        numbers.synchronise(apply=True, report=lambda _line: None)
        placed = [(scenario, _place(carrier, scenario)) for scenario in scenarios()]
        rows = _collect(placed, wait)
        wall = round(time.monotonic() - began, 1)
        console.print(_table(rows))
        _write(json_file, rows, wall)
        _say_where(passwords, wall)
        if not exit_when_done:
            _stay(product)
    if any(row["verdict"] is None for row in rows):
        raise typer.Exit(1)


def scenarios() -> list[Scenario]:
    """The sample calls, in the order of their file names."""
    folder = Path(str(files("voicebot.simulator") / "scenarios"))
    return [load(path) for path in sorted(folder.glob("*.yaml")) if not path.name.endswith(".seed.yaml")]


def _use_demo_settings() -> None:
    """Settings for this process and its children; whatever the user's own environment says stays untouched."""
    mine = get_settings()
    folder, weights = mine.data_dir / "demo", mine.transcribe.model_dir
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    web, rest = _free_port(mine.web.port), _free_port(0)
    for name in [name for name in os.environ if name.startswith("VOICEBOT_")]:
        if not name.startswith(("VOICEBOT_TRANSCRIBE__", "VOICEBOT_LOG_LEVEL")):
            del os.environ[name]
    os.environ |= {
        "VOICEBOT_DATA_DIR": str(folder),
        "VOICEBOT_DATABASE__URL": f"sqlite:///{folder / 'voicebot.sqlite3'}",
        "VOICEBOT_QUEUE__BROKER_URL": f"filesystem://{folder / 'queue'}",
        "VOICEBOT_STORAGE__URL": f"file://{folder / 'recordings'}",
        "VOICEBOT_TRANSCRIBE__MODEL_DIR": str(weights),
        "VOICEBOT_WEB__HOST": "127.0.0.1",
        "VOICEBOT_WEB__PORT": str(web),
        "VOICEBOT_WEB__PUBLIC_URL": f"http://127.0.0.1:{web}",
        "VOICEBOT_WEB__SECRET_KEY": secrets.token_urlsafe(32),
        "VOICEBOT_CARRIER__ACCOUNT_SID": f"AC{secrets.token_hex(16)}",
        "VOICEBOT_CARRIER__AUTH_TOKEN": secrets.token_hex(16),
        "VOICEBOT_CARRIER__API_BASE_URL": f"http://127.0.0.1:{rest}",
    }
    get_settings.cache_clear()
    logs.configure("WARNING")


def _free_port(wanted: int) -> int:
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise VoicebotError("There is no free port on 127.0.0.1.")


@contextmanager
def _product() -> Iterator[subprocess.Popen[bytes]]:
    """`voicebot up`, with its logs in the demo's folder."""
    log_file = get_settings().data_dir / "voicebot.log"
    console.print(f"Starting web, workers and scheduler; their logs are in {log_file}")
    with log_file.open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "voicebot", "up"], stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_until_ready(product: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        if product.poll() is not None:
            break
        if serve.is_web_ready() and heartbeat.is_alive("default") and heartbeat.is_alive("speech"):
            return
        time.sleep(0.2)
    log_file = get_settings().data_dir / "voicebot.log"
    tail = "\n".join(log_file.read_text(encoding="utf-8", errors="replace").splitlines()[-20:])
    raise VoicebotError(f"The product did not start. The end of {log_file}:\n{tail}")


def _place(carrier: Network, scenario: Scenario) -> CallResult:
    console.print(f"Calling: {scenario.title}")
    return carrier.place(scenario)


def _collect(placed: list[tuple[Scenario, CallResult]], wait: float) -> list[dict[str, Any]]:
    """Every call's row, as soon as each has its verdict or the wait is over."""
    until = time.monotonic() + wait
    rows = []
    for scenario, result in placed:
        found = simulate.wait_for_verdict(result, max(0.5, until - time.monotonic()))
        console.print(f"Verdict on {scenario.name}: {found['verdict'] if found else 'none yet'}")
        rows.append(simulate.row_of(scenario, result, found))
    return rows


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(title="What the calls were, and how the callers found the business")
    for heading in ("scenario", "campaign dialled", "answer given", "heard", "disposition", "verdict", "source"):
        table.add_column(heading, overflow="fold")
    table.add_column("prob.", justify="right")
    table.add_column("s to verdict", justify="right")
    for row in rows:
        as_expected = row["expected_verdict"] in (None, row["verdict"])
        table.add_row(
            row["scenario"],
            row["campaign"] or "-",
            row["asked"] or "-",
            row["heard"] or "-",
            row["disposition"] or "-",
            (row["verdict"] or "none") + ("" if as_expected else f" (expected {row['expected_verdict']})"),
            row["source"] or "-",
            "-" if row["probability"] is None else f"{row['probability']:.2f}",
            "-" if row["seconds_to_verdict"] is None else f"{row['seconds_to_verdict']:.1f}",
        )
    return table


def _write(json_file: Path | None, rows: list[dict[str, Any]], wall: float) -> None:
    if json_file is not None:
        document = {"calls": rows, "wall_seconds": wall}
        json_file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _say_where(passwords: dict[str, str], wall: float) -> None:
    console.print(f"{wall:.0f} seconds in all. Dashboard: {get_settings().web.public_url}")
    for email, password in passwords.items():
        console.print(f"Log in as {email} with the password {password}", highlight=False)


def _stay(product: subprocess.Popen[bytes]) -> None:
    console.print("Running until Ctrl-C.")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        product.wait()
    except KeyboardInterrupt:
        console.print("Stopping.")
