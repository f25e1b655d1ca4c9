"""A speech worker that is killed in the middle of a transcription costs time, never a call."""

import json
import os
import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlmodel import Session, col, select

from tests.e2e.processes import Process, Processes, descendants, is_ready, processes, settings_for
from voicebot.columns import utc_now
from voicebot.db import Database, migrate
from voicebot.settings import DatabaseSettings
from voicebot.simulator.network import Network
from voicebot.simulator.scenario import load
from voicebot.tables import Call, PipelineStep, Transcript, VerdictRow
from voicebot.terms import Stage

SCENARIOS = Path(str(files("voicebot.simulator") / "scenarios"))
CALLS = ("01-confirms-billboard.yaml", "03-heard-later.yaml")
SPEECH = ("voicebot", "worker", "--queue", "speech")


class Installation(ABC):
    """The product as processes of its own, with its database and a simulated carrier to call it through."""

    def __init__(self, started: Processes, database: Database) -> None:
        self.started, self.database = started, database

    @abstractmethod
    def start(self) -> None:
        """Start every process."""

    @abstractmethod
    def kill_speech_worker(self) -> None:
        """SIGKILL to the process that transcribes."""

    @abstractmethod
    def restart_speech_worker(self) -> None:
        """See to it that there is a new one."""

    def wait_until_ready(self) -> None:
        self.started.wait_for("web, workers and scheduler are well", lambda: is_ready(self.started.environment))

    def under_way(self) -> PipelineStep | None:
        """A transcription that has begun and not ended."""
        with self.database.reading() as session:
            return session.exec(
                select(PipelineStep)
                .where(col(PipelineStep.stage) == Stage.TRANSCRIBED, col(PipelineStep.finished_at).is_(None))
                .order_by(col(PipelineStep.id))
            ).first()

    def unfinished(self) -> list[str]:
        with self.database.reading() as session:
            return list(session.exec(select(Call.call_sid).where(col(Call.stage) != Stage.ATTRIBUTED)).all())


class Embedded(Installation):
    """`voicebot up` on SQLite: its supervisor starts again what dies."""

    process: Process

    def start(self) -> None:
        self.process = self.started.start("up", "voicebot", "up")

    def kill_speech_worker(self) -> None:
        found = [pid for pid, arguments in descendants(self.process.pid) if arguments[-1] == "speech"]
        assert len(found) == 1, found
        os.kill(found[0], signal.SIGKILL)

    def restart_speech_worker(self) -> None:
        self.started.wait_for(
            "the supervisor's new speech worker",
            lambda: [pid for pid, arguments in descendants(self.process.pid) if arguments[-1:] == ["speech"]],
            seconds=30,
        )


class Production(Installation):
    """Separate processes on PostgreSQL and Redis, as in containers: whoever runs them starts the worker again."""

    speech: Process

    def start(self) -> None:
        migrate(self.database)
        self.started.start("web", "voicebot", "web")
        self.started.start("worker", "voicebot", "worker", "--queue", "default")
        self.speech = self.started.start("speech", *SPEECH)
        self.started.start("beat", "voicebot", "beat")

    def kill_speech_worker(self) -> None:
        self.speech.kill()

    def restart_speech_worker(self) -> None:
        self.speech = self.started.start("speech again", *SPEECH)


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(request: pytest.FixtureRequest, tmp_path: Path, weights_dir: Path) -> Iterator[Installation]:
    """The product, running and ready, with the numbers of the sample calls."""
    if request.param == "sqlite":
        kind, over = Embedded, {"DATABASE__URL": f"sqlite:///{tmp_path / 'voicebot.sqlite3'}"}
    else:
        broker, url = request.getfixturevalue("redis_url"), request.getfixturevalue("empty_postgres_url")
        kind, over = Production, {"DATABASE__URL": url, "QUEUE__BROKER_URL": broker}
    database = Database(DatabaseSettings(url=over["DATABASE__URL"], pool_size=2))
    with processes(tmp_path / "product", settings_for(tmp_path, weights_dir, **over)) as started:
        found = kind(started, database)
        found.start()
        found.wait_until_ready()
        started.run("voicebot", "seed", str(SCENARIOS / "demo.seed.yaml"))
        yield found
    database.dispose()


@dataclass(frozen=True)
class Carrier:
    """The simulated telephone network, configured with the product's addresses."""

    network: Network

    def place(self, name: str) -> str:
        return self.network.place(load(SCENARIOS / name)).call_sid


@pytest.fixture
def carrier(installation: Installation) -> Iterator[Carrier]:
    environment = installation.started.environment
    out = installation.started.folder / "webhooks.json"
    installation.started.run("voicebot", "webhooks", "--json", str(out))
    address = urlsplit(environment["VOICEBOT_CARRIER__API_BASE_URL"])
    assert address.hostname and address.port
    with Network(
        account_sid=environment["VOICEBOT_CARRIER__ACCOUNT_SID"],
        auth_token=environment["VOICEBOT_CARRIER__AUTH_TOKEN"],
        host=address.hostname, port=address.port, speed=20.0,
    ) as network:  # fmt: skip
        for row in json.loads(out.read_text(encoding="utf-8")):
            network.own(row["number"], row["voice_url"], row["voice_fallback_url"], row["status_callback"])
        yield Carrier(network)


def first_sign_of_work(session: Session, since: datetime) -> PipelineStep | None:
    return session.exec(
        select(PipelineStep).where(col(PipelineStep.stage) == Stage.TRANSCRIBED, col(PipelineStep.started_at) > since)
    ).first()


@pytest.mark.timeout(420)
def test_calls_survive_a_worker_killed_in_the_middle_of_a_transcription(
    installation: Installation, carrier: Carrier
) -> None:
    started = installation.started
    with ThreadPoolExecutor(len(CALLS)) as callers:
        placed = [callers.submit(carrier.place, name) for name in CALLS]
        step = started.wait_for("a transcription begins", installation.under_way, seconds=120)
        time.sleep(0.2)
        installation.kill_speech_worker()
        killed_at = utc_now()
        sids = {call.result(120) for call in placed}
    abandoned = installation.under_way()
    assert abandoned is not None, "the worker had finished before it was killed: nothing was tested"
    assert abandoned.id == step.id

    installation.restart_speech_worker()
    restarted_at = datetime.now(UTC)

    def work_goes_on() -> PipelineStep | None:
        with installation.database.reading() as session:
            return first_sign_of_work(session, killed_at)

    started.wait_for("work goes on", work_goes_on, seconds=60)
    assert (datetime.now(UTC) - restarted_at).total_seconds() < 60
    started.wait_for("every call has its verdict", lambda: not installation.unfinished(), seconds=180)

    with installation.database.reading() as session:
        calls = {call.id: call for call in session.exec(select(Call)).all()}
        verdicts = session.exec(select(VerdictRow)).all()
        transcripts = session.exec(select(Transcript.recording_id)).all()
        steps = session.exec(select(PipelineStep).where(PipelineStep.call_id == step.call_id)).all()
    assert {call.call_sid for call in calls.values()} == sids
    assert len(sids) == len(CALLS)
    assert sorted(verdict.call_id for verdict in verdicts) == sorted(one for one in calls if one is not None)
    assert len(transcripts) == len(set(transcripts)) == len(CALLS)
    # Both attempts are on record: the one that was killed has no end, the other has no error.
    attempts = [one for one in steps if one.stage is Stage.TRANSCRIBED]
    assert [one.finished_at is None for one in attempts] == [True, False]
    assert attempts[1].error is None
