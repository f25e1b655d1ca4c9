"""Whatever breaks on our side, callers reach the business and their calls are known afterwards: docs/faults.md.

Each fault is made while calls are placed through the simulated network; then it ends, and `voicebot backfill` runs.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import event
from sqlmodel import select

from tests import factories as make
from tests.conftest import SettingsEnvironment
from tests.services import free_port
from voicebot.backfilling import backfill
from voicebot.classify.labels import HeardAnswer
from voicebot.columns import utc_now
from voicebot.db import Database, get_database
from voicebot.ivr import addresses, static_fallback
from voicebot.ivr import flow as flows
from voicebot.ivr.keeping import Context
from voicebot.ivr.snapshot import Snapshot
from voicebot.ivr.webhooks import Webhooks
from voicebot.settings import Settings
from voicebot.simulator.network import CallResult, Network
from voicebot.simulator.scenario import GatherAnswer, Scenario
from voicebot.tables import Call
from voicebot.terms import CallOutcome, Stage

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
SID, TOKEN = "AC" + "8" * 32, "a-token-of-the-tests"
CALLS = 4
DEADLINE_SECONDS = 2.0
# What the machine's own business may add to the deadline.
SLACK_SECONDS = 1.0
NAMES = {
    "exception": "an exception in our code",
    "dead database": "PostgreSQL refuses every connection",
    "hung database": "PostgreSQL hangs on every connection",
    "dead broker": "Redis is not there",
    "full disk": "SQLite cannot grow its file, as on a full disk",
    "slow disk": "SQLite's disk takes longer for a write than a caller waits",
    "no snapshot file": "the snapshot file is removed, then the database dies",
    "restart without anything": "started anew with neither database nor snapshot file",
    "machine gone": "our whole machine is gone",
}
Understand = Callable[[str, str], HeardAnswer]


def hears(_text: str, _language: str) -> HeardAnswer:
    return HeardAnswer(("radio",), 0.9)


def breaks(_text: str, _language: str) -> HeardAnswer:
    raise RuntimeError("a fault of the test")


class Door:
    """A TCP proxy before PostgreSQL that can be shut (refuses, drops what is open) or stuck (passes nothing on)."""

    def __init__(self, port: int) -> None:
        self._to = port
        self.is_shut = threading.Event()
        self.is_stuck = threading.Event()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def shut(self) -> None:
        self.is_shut.set()
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self.is_shut.is_set():
                    client.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self._to))
                self._open += [client, server]
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=self._pass, args=pair, daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                while self.is_stuck.is_set():
                    time.sleep(0.05)
                target.sendall(data)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.is_stuck.clear()
        self._listener.close()


class Installation:
    """The product's webhooks on a real port, the carrier that calls them, and one tracking number."""

    def __init__(self, settings: Settings, network: Network, folder: Path) -> None:
        self.settings, self.network, self.folder = settings, network, folder
        self.database = get_database()
        self._server: uvicorn.Server | None = None
        with self.database.writing() as session:
            number = make.tracking_number(session, document=flows.shipped("Lakeside Roofing"))
            self.number: str = number.number
            make.destination(session, label="for the tests")
        self.owned = network.own(self.number, *self._addresses())

    def _addresses(self) -> tuple[str, str, str]:
        wanted = addresses.addresses(self.settings.web.public_url)
        return wanted.voice_url, wanted.voice_fallback_url, wanted.status_callback

    def start(self, understand: Understand = hears, *, refreshed: bool = True) -> None:
        """Start the web process's part that answers the carrier."""
        snapshot = Snapshot(self.database, self.folder / "numbers.json", self.settings.carrier)
        snapshot.load()
        if refreshed:
            snapshot.refresh()
        context = Context(self.settings.web.public_url, understand, self.settings.queue)
        app = FastAPI()
        Webhooks(self.database, snapshot, context, DEADLINE_SECONDS).install(app)
        config = uvicorn.Config(app, port=self.settings.web.port, log_config=None, access_log=False)
        self._server = uvicorn.Server(config)
        threading.Thread(target=self._server.run, daemon=True).start()
        until = time.monotonic() + 15
        while not self._server.started and time.monotonic() < until:
            time.sleep(0.01)

    def stop(self) -> None:
        if self._server is not None:
            self._server.should_exit = True

    def place_calls(self) -> list[CallResult]:
        with ThreadPoolExecutor(CALLS) as pool:
            return list(pool.map(self._place, range(CALLS)))

    def _place(self, number: int) -> CallResult:
        return self.network.place(
            Scenario(
                name=f"caller-{number}", title="Somebody calls", to=self.number,
                answers=(GatherAnswer(say="on the radio"), GatherAnswer(say="on the radio")),
                **{"from": f"+1737555{number:04d}"},
            )
        )  # fmt: skip

    def complete_records(self) -> int:
        """How many of the calls are known whole once the fault is over and the backfill has run."""
        backfill(self.database, self.settings.queue, utc_now().replace(hour=0, minute=0, second=0))
        with self.database.reading() as session:
            calls = session.exec(select(Call)).all()
        return sum(
            call.outcome is CallOutcome.ANSWERED
            and call.status == "completed"
            and None not in (call.campaign_id, call.ended_at, call.duration_seconds, call.talk_seconds)
            and (call.stage is not Stage.RINGING or call.next_attempt_at is not None)
            for call in calls
        )


Install = Callable[..., Installation]


@pytest.fixture
def network() -> Iterator[Network]:
    with Network(account_sid=SID, auth_token=TOKEN, speed=0) as made:
        yield made


@pytest.fixture
def install(network: Network, settings_env: SettingsEnvironment, tmp_path: Path) -> Iterator[Install]:
    made: list[Installation] = []

    def installed(**over: object) -> Installation:
        port = free_port()
        settings = settings_env.set(
            CARRIER__ACCOUNT_SID=SID, CARRIER__AUTH_TOKEN=TOKEN, CARRIER__API_BASE_URL=network.base_url,
            WEB__PORT=port, WEB__PUBLIC_URL=f"http://127.0.0.1:{port}", **over,
        )  # fmt: skip
        made.append(Installation(settings, network, tmp_path))
        return made[-1]

    yield installed
    for one in made:
        one.stop()


@pytest.fixture
def door(postgres_url: str) -> Iterator[Door]:
    opened = Door(int(postgres_url.rsplit(":", 1)[1].split("/")[0]))
    yield opened
    opened.close()


def through(door: Door, url: str) -> str:
    head, _, name = url.rpartition("/")
    return f"{head.rpartition(':')[0]}:{door.port}/{name}"


def check(fault: str, results: list[CallResult], installation: Installation) -> None:
    """All reached the business in time, all are known afterwards, and the page says so."""
    reached = sum(result.outcome == "forwarded" for result in results)
    slowest = max(sent.took_seconds for result in results for sent in result.requests)
    assert slowest < DEADLINE_SECONDS + SLACK_SECONDS, slowest
    complete = installation.complete_records()
    row = f"| {NAMES[fault]} | {len(results)} | {reached} | {complete} |"
    assert (reached, complete) == (CALLS, CALLS), row
    assert row in PAGE.read_text(encoding="utf-8"), f"docs/faults.md lacks: {row}"


def test_an_exception(sqlite_database: Database, install: Install) -> None:
    installation = install()
    installation.start(breaks)
    check("exception", installation.place_calls(), installation)


def test_a_dead_database(install: Install, door: Door, postgres_url: str) -> None:
    installation = install(DATABASE__URL=through(door, postgres_url))
    installation.start()
    door.shut()
    results = installation.place_calls()
    door.is_shut.clear()
    check("dead database", results, installation)


def test_a_hung_database(install: Install, door: Door, postgres_url: str) -> None:
    installation = install(DATABASE__URL=through(door, postgres_url))
    installation.start()
    door.is_stuck.set()
    results = installation.place_calls()
    door.is_stuck.clear()
    check("hung database", results, installation)


def test_a_dead_broker(sqlite_database: Database, install: Install) -> None:
    installation = install(QUEUE__BROKER_URL=f"redis://127.0.0.1:{free_port()}/0")
    installation.start()
    check("dead broker", installation.place_calls(), installation)


def test_a_full_disk(sqlite_database: Database, install: Install, tmp_path: Path) -> None:
    installation = install()
    installation.start()
    with fault_of_each_connection(installation.database, "PRAGMA max_page_count=1"):
        results = installation.place_calls()
    check("full disk", results, installation)


@contextmanager
def fault_of_each_connection(database: Database, pragma: str) -> Iterator[None]:
    """SQLite may not grow its file: what a full disk does, said by SQLite itself."""

    def limit(connection: Any, _record: object) -> None:
        connection.execute(pragma)

    database.dispose()
    event.listen(database.engine, "connect", limit)
    yield
    event.remove(database.engine, "connect", limit)
    database.dispose()


def test_a_slow_disk(sqlite_database: Database, install: Install) -> None:
    installation = install()
    installation.start()
    # A write that does not end: every other write waits behind it.
    with installation.database.engine.connect() as holder:
        holder.connection.cursor().execute("BEGIN EXCLUSIVE")
        results = installation.place_calls()
        holder.connection.cursor().execute("ROLLBACK")
    check("slow disk", results, installation)


def test_a_removed_snapshot_file(install: Install, door: Door, postgres_url: str, tmp_path: Path) -> None:
    installation = install(DATABASE__URL=through(door, postgres_url))
    installation.start()
    (tmp_path / "numbers.json").unlink()
    door.shut()
    results = installation.place_calls()
    door.is_shut.clear()
    check("no snapshot file", results, installation)


@pytest.fixture
def documents(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder served by a plain web server that is none of ours."""
    folder = tmp_path / "documents"
    folder.mkdir()
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def fall_back_to(installation: Installation, documents: tuple[Path, str]) -> None:
    """What `voicebot fallback export` and `numbers sync` do."""
    folder, base = documents
    with installation.database.reading() as session:
        static_fallback.export(session, folder)
    wanted = addresses.of_number(installation.number)
    assert wanted.voice_fallback_url.startswith(base)
    installation.owned.voice_fallback_url = wanted.voice_fallback_url
    installation.owned.voice_fallback_method = wanted.voice_fallback_method


def test_a_restart_without_database_and_snapshot(
    install: Install, door: Door, postgres_url: str, documents: tuple[Path, str]
) -> None:
    installation = install(DATABASE__URL=through(door, postgres_url), WEB__FALLBACK_BASE_URL=documents[1])
    fall_back_to(installation, documents)
    door.shut()
    installation.start(refreshed=False)
    results = installation.place_calls()
    door.is_shut.clear()
    check("restart without anything", results, installation)


def test_our_whole_machine_gone(sqlite_database: Database, install: Install, documents: tuple[Path, str]) -> None:
    installation = install(WEB__FALLBACK_BASE_URL=documents[1])
    fall_back_to(installation, documents)
    # Nothing listens on the port of the webhooks.
    check("machine gone", installation.place_calls(), installation)
