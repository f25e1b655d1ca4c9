"""`voicebot bench webhook`: our webhooks beside the smallest FastAPI application, on SQLite and on PostgreSQL."""

import asyncio
import json
import os
import random
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from itertools import cycle
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlmodel import col, func, select

from voicebot.bench import load, mix, servers
from voicebot.bench.load import Measured
from voicebot.bench.mix import Shot, Target
from voicebot.commands import seed
from voicebot.db import Database, migrate
from voicebot.errors import VoicebotError
from voicebot.settings import DatabaseSettings
from voicebot.tables import CallEvent

PEER_FOLDER = Path(__file__).parents[2] / "benchmarks"
PEER, SQLITE, POSTGRESQL = "smallest FastAPI application", "voicebot on SQLite", "voicebot on PostgreSQL"
RATES = (20, 100)
ROUNDS = 3
CONNECTIONS = 16
# More than our server answers in a second: the calls are made before the clock runs.
MOST_PER_SECOND = 2500


class Contender:
    """A server under load. Ours never sees a call twice; the peer has no memory, so its calls come round again."""

    def __init__(self, name: str, target: Target, database: Database | None, count: int) -> None:
        self.name = name
        self.database = database
        self.saturated: list[Measured] = []
        self.arrived: dict[int, Measured] = {}
        self._port = target.port
        made = mix.calls(target, count, seed=len(name), is_ours=database is not None)
        self._calls: Iterator[list[Shot]] = iter(made) if database else cycle(made)

    def saturate(self, seconds: float) -> None:
        """One round at saturation."""
        found = asyncio.run(load.saturate(self._port, self._calls, connections=CONNECTIONS, seconds=seconds))
        self.saturated.append(found)

    def arrive(self, per_second: int, seconds: float) -> None:
        """Requests at random moments."""
        chance = random.Random(per_second)  # noqa: S311 - moments, not secrets
        self.arrived[per_second] = asyncio.run(
            load.arrive(self._port, self._calls, per_second=per_second, seconds=seconds, chance=chance)
        )

    def row(self) -> dict[str, Any]:
        """The contender's row: rates per second, latencies in milliseconds, errors of all its rounds."""
        every = [*self.saturated, *self.arrived.values()]
        answered = sum(len(one.latencies) for one in every)
        rates = [one.per_second for one in self.saturated]
        return {
            "server": self.name,
            "requests_per_second": round(load.median(rates), 1),
            "rounds": [round(rate, 1) for rate in rates],
            **{
                f"at_{rate}_per_second": {
                    "answers": len(found.latencies),
                    "p50_ms": round(found.percentile_ms(50), 2),
                    "p99_ms": round(found.percentile_ms(99), 2),
                }
                for rate, found in self.arrived.items()
            },
            "answers": answered,
            "errors": sum(one.errors for one in every),
            "stored": self._stored(),
        }

    def _stored(self) -> int | None:
        """How many webhooks are in the database without an error: as many as were answered, when all is well."""
        if self.database is None:
            return None
        with self.database.reading() as session:
            return session.exec(select(func.count()).where(col(CallEvent.error).is_(None))).one()


@dataclass(frozen=True, slots=True)
class Timing:
    """How long each round lasts, in seconds."""

    saturated: float
    arriving: float


def webhook(
    json_file: Annotated[Path | None, typer.Option("--json", help="write the rows to this file")] = None,
    workers: Annotated[int, typer.Option(help="web processes of each server", min=1)] = 1,
    seconds: Annotated[float, typer.Option(help="how long each round lasts", min=0.5)] = 4.0,
) -> None:
    """Requests per second at saturation, and latencies while requests arrive at random, of answering webhooks.

    Whole calls, each webhook signed. `ratio` is our rate on PostgreSQL over that of the smallest FastAPI application
    that parses and checks the same requests and answers a fixed document. PostgreSQL is started where it is installed.
    """
    if not (PEER_FOLDER / "smallest_app.py").is_file():
        raise VoicebotError("The application to compare with is in `benchmarks/` of the checkout: run it from there.")
    load_before = os.getloadavg()[0]
    with (
        servers.ended_in_order(),
        tempfile.TemporaryDirectory(prefix="voicebot-bench-") as name,
        ExitStack() as stack,
    ):
        timing = Timing(seconds, 3 * seconds)
        contenders = _start(stack, Path(name), workers, timing)
        rows = _measure(contenders, timing)
    report = _report(rows, workers, load_before)
    if json_file is not None:
        json_file.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    typer.echo(_table(report))


def _measure(contenders: list[Contender], timing: Timing) -> list[dict[str, Any]]:
    for contender in contenders:
        # Caches, statements and connections are made before the clock runs, as in a server that has been up a while.
        contender.saturate(timing.saturated / 2)
        contender.saturated.clear()
    for number in range(ROUNDS):
        for contender in contenders if number % 2 == 0 else reversed(contenders):
            contender.saturate(timing.saturated)
    for rate in RATES:
        for contender in contenders:
            contender.arrive(rate, timing.arriving)
    return [contender.row() for contender in contenders]


def _start(stack: ExitStack, folder: Path, workers: int, timing: Timing) -> list[Contender]:
    broker = stack.enter_context(servers.redis(folder))
    database_url = stack.enter_context(servers.postgresql(folder))
    found = [_start_peer(stack, folder, workers)]
    urls = {SQLITE: f"sqlite:///{folder / 'voicebot.sqlite3'}", POSTGRESQL: database_url}
    for name, url in urls.items():
        if url is not None:
            found.append(_start_ours(stack, folder, name, url, broker, workers, timing))
    return found


def _target() -> Target:
    return Target("https://calls.example.com", servers.free_port(), f"AC{secrets.token_hex(16)}", secrets.token_hex(16))


def _start_peer(stack: ExitStack, folder: Path, workers: int) -> Contender:
    target = _target()
    arguments = ["-m", "uvicorn", "smallest_app:app", "--app-dir", str(PEER_FOLDER), "--port", str(target.port)]
    arguments += ["--workers", str(workers), "--no-access-log", "--no-proxy-headers", "--log-level", "warning"]
    environment = {"PEER_PUBLIC_URL": target.public_url, "PEER_AUTH_TOKEN": target.auth_token}
    stack.enter_context(servers.web(arguments, environment, target.port, folder))
    return Contender(PEER, target, None, 500)


def _start_ours(
    stack: ExitStack, folder: Path, name: str, url: str, broker: str | None, workers: int, timing: Timing
) -> Contender:
    target = _target()
    database = Database(DatabaseSettings(url=url, pool_size=2))
    migrate(database)
    stack.callback(database.dispose)
    with database.writing() as session:
        seed.sow(session, _company())
    settings = {
        "DATA_DIR": str(folder / name.replace(" ", "-")),
        "DATABASE__URL": url,
        "WEB__PORT": str(target.port),
        "WEB__PUBLIC_URL": target.public_url,
        "WEB__WORKERS": str(workers),
        "CARRIER__ACCOUNT_SID": target.account_sid,
        "CARRIER__AUTH_TOKEN": target.auth_token,
        "LOG_LEVEL": "WARNING",
    }
    if broker is not None:
        settings["QUEUE__BROKER_URL"] = broker
    environment = {f"VOICEBOT_{key}": value for key, value in settings.items()}
    stack.enter_context(servers.web(["-m", "voicebot", "web"], environment, target.port, folder))
    saturated = (ROUNDS + 1) * timing.saturated * MOST_PER_SECOND
    arriving = sum(RATES) * timing.arriving
    return Contender(name, target, database, int((saturated + arriving) / 8) + 2 * load.CALLS_AT_ONCE)


def _company() -> seed.Seed:
    """A company with the shipped call flow and as many numbers as the calls dial."""
    return seed.Seed(
        company=seed.CompanyEntry(name="Lakeside Roofing"),
        destinations=[seed.DestinationEntry(label="Front desk", number=mix.DESTINATION)],
        call_flows=[seed.FlowEntry(name="Main")],
        campaigns=[seed.CampaignEntry(name="I-35 billboard", source="billboard", starts_on=date(2026, 1, 1))],
        tracking_numbers=[
            seed.NumberEntry(number=number, campaign="I-35 billboard", destination="Front desk", call_flow="Main")
            for number in mix.NUMBERS
        ],
    )


def _report(rows: list[dict[str, Any]], workers: int, load_before: float) -> dict[str, Any]:
    by_name = {row["server"]: row["requests_per_second"] for row in rows}
    ours = by_name.get(POSTGRESQL)
    return {
        "benchmark": "webhook",
        "cpus": os.cpu_count(),
        "load_before": round(load_before, 2),
        "workers": workers,
        "connections": CONNECTIONS,
        "rows": rows,
        "ratio": None if ours is None else round(ours / by_name[PEER], 3),
        "ratio_sqlite": round(by_name[SQLITE] / by_name[PEER], 3),
    }


def _table(report: dict[str, Any]) -> str:
    lines = [
        f"{report['cpus']} cores, load {report['load_before']} before, {report['workers']} web processes each",
        f"{'':<30} {'per s':>8}"
        + "".join(f"{f'p50 at {r}':>11} {f'p99 at {r}':>10}" for r in RATES)
        + f"{'errors':>8}",
    ]
    for row in report["rows"]:
        at = [row[f"at_{rate}_per_second"] for rate in RATES]
        times = "".join(f"{one['p50_ms']:>8} ms {one['p99_ms']:>7} ms" for one in at)
        lines.append(f"{row['server']:<30} {row['requests_per_second']:>8}{times}{row['errors']:>8}")
    ratio = report["ratio"]
    closing = "PostgreSQL is not installed: no ratio." if ratio is None else f"ratio {ratio} on PostgreSQL"
    return "\n".join([*lines, f"{closing}, {report['ratio_sqlite']} on SQLite"])
