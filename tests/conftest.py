"""Fixtures for every test: settings of the test's own, databases of both kinds, Redis, and a fixed cast of people.

`database` runs a test twice, on SQLite and on PostgreSQL. Each test gets a copy of a migrated template, so the code
under test commits as it does in production and leaves nothing behind.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as properties
from sqlmodel import Session

from tests import factories
from tests.services import PostgresServer, RedisServer
from voicebot import db, queue, storage
from voicebot.db import Database, get_database, migrate
from voicebot.settings import DatabaseSettings, Settings, get_settings
from voicebot.terms import Role

PREFIX = "VOICEBOT_"
ROOT = Path(__file__).parent.parent
# How long an example takes says how busy the machine is, not whether the property holds.
properties.register_profile("voicebot", deadline=None, suppress_health_check=[HealthCheck.too_slow])
properties.load_profile("voicebot")
# `make test` fetches the weights here; a developer may keep them elsewhere.
WEIGHTS = Path(os.environ.get("VOICEBOT_TRANSCRIBE__MODEL_DIR") or ROOT / "data" / "weights").resolve()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """In the processes of `-n` pytest-cov counts lines; told by their environment too, they would count them twice."""
    os.environ.pop("COVERAGE_PROCESS_CONFIG", None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Which process runs which test, where there are several (`-n`): a module's all in one, for their shared fixtures.

    The end-to-end tests, which start whole installations and hold them to times, follow each other in one process.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Scheduler(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "tests/e2e" if nodeid.startswith("tests/e2e/") else nodeid.partition("::")[0]

    config.option.loadscopereorder = False
    return Scheduler(config, log)


def forget_settings() -> None:
    """Make the next `get_settings()` and all that hangs on it read the environment again."""
    if get_settings.cache_info().currsize:
        get_database().dispose()
    for cached in (get_settings, db._database, storage._storage, queue.celery_app):
        cached.cache_clear()
    if tasks := sys.modules.get("voicebot.tasks"):
        tasks._tools.cache_clear()


@pytest.fixture(scope="session", autouse=True)
def _nothing_of_this_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads the developer's `.env` or environment, or writes into the checkout's data folder."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(PREFIX)]:
            patch.delenv(name)
        patch.setitem(Settings.model_config, "env_file", None)
        patch.setenv("VOICEBOT_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        patch.setenv("VOICEBOT_TRANSCRIBE__MODEL_DIR", str(WEIGHTS))
        forget_settings()
        yield
        forget_settings()


@pytest.fixture
def uncounted() -> Iterator[None]:
    """No lines are counted for coverage meanwhile: a simulation whose lines other tests run too is three times as
    fast without. (The marker `no_cover` of pytest-cov has no effect in the processes of `-n`.)"""
    tracer = sys.gettrace()
    sys.settrace(None)
    yield
    sys.settrace(tracer)


@pytest.fixture(scope="session")
def weights_dir() -> Path:
    """The folder of Whisper weights that `make test` has filled."""
    return WEIGHTS


@dataclass(frozen=True)
class SettingsEnvironment:
    """The settings of one test: `folder` is its data folder."""

    folder: Path
    patch: pytest.MonkeyPatch

    def set(self, **values: object) -> Settings:
        """Change settings: `set(WEB__PUBLIC_URL="http://...")`. Out: the settings as they are now."""
        for name, value in values.items():
            self.patch.setenv(PREFIX + name, str(value))
        forget_settings()
        return get_settings()


@pytest.fixture
def settings_env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SettingsEnvironment]:
    """Data folder, database, recordings and broker of this test alone; defaults for the rest."""
    environment = SettingsEnvironment(tmp_path / "data", monkeypatch)
    environment.folder.mkdir()
    environment.set(
        DATA_DIR=environment.folder, TRANSCRIBE__MODEL_DIR=WEIGHTS, WEB__SECRET_KEY="signs-nothing-outside-this-test"
    )
    yield environment
    get_database().dispose()
    monkeypatch.undo()
    forget_settings()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A running PostgreSQL."""
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def _postgres_template(postgres_server: PostgresServer) -> str:
    database = Database(DatabaseSettings(url=postgres_server.create("migrated"), pool_size=2))
    migrate(database)
    database.dispose()
    return "migrated"


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "migrated.sqlite3"
    database = Database(DatabaseSettings(url=f"sqlite:///{path}"))
    migrate(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return path


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, _postgres_template: str) -> Iterator[str]:
    """The address of a migrated, empty PostgreSQL database of this test alone."""
    url = postgres_server.create(template=_postgres_template)
    yield url
    postgres_server.drop(url)


@pytest.fixture
def empty_postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of a PostgreSQL database without any table."""
    url = postgres_server.create()
    yield url
    postgres_server.drop(url)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A running Redis."""
    server = RedisServer()
    yield server
    server.stop()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The address of an empty Redis."""
    redis_server.flush()
    return redis_server.url


@pytest.fixture
def postgres_database(settings_env: SettingsEnvironment, postgres_url: str) -> Database:
    """A migrated PostgreSQL database, which is also what `get_database()` gives."""
    settings_env.set(DATABASE__URL=postgres_url)
    return get_database()


@pytest.fixture
def sqlite_database(settings_env: SettingsEnvironment, _sqlite_template: Path) -> Database:
    """A migrated SQLite database, which is also what `get_database()` gives."""
    shutil.copy(_sqlite_template, settings_env.folder / "voicebot.sqlite3")
    return get_database()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """A migrated database of each kind in turn, which is also what `get_database()` gives."""
    name = "sqlite_database" if request.param == "sqlite" else "postgres_database"
    found: Database = request.getfixturevalue(name)
    return found


class _UndoError(Exception):
    pass


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A writing session for code that is given one; its work is undone. Code that opens its own needs `database`."""
    with suppress(_UndoError), database.writing() as opened:
        yield opened
        raise _UndoError


@dataclass(frozen=True)
class Cast:
    """Who is who, by id: `owner` (admin) and `team_mate` (analyst) belong to `company`, `outsider` to the other."""

    company: int
    other_company: int
    owner: int
    team_mate: int
    outsider: int
    password: str = factories.PASSWORD


@pytest.fixture
def cast(database: Database) -> Cast:
    """Two companies and three people, committed."""
    with database.writing() as opened:
        ours, theirs = factories.company(opened), factories.company(opened)
        people = {name: factories.user(opened, email=f"{name}@example.com") for name in ("owner", "mate", "outsider")}
        factories.membership(opened, people["owner"], ours, role=Role.ADMIN)
        factories.membership(opened, people["mate"], ours, role=Role.ANALYST)
        factories.membership(opened, people["outsider"], theirs, role=Role.ADMIN)
        ids = [row.id or 0 for row in (ours, theirs, people["owner"], people["mate"], people["outsider"])]
        return Cast(*ids)
