"""Sessions and migrations. One commit at the edge; sessions are short and synchronous everywhere."""

import math
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock
from sqlalchemy import Connection, Engine, PoolProxiedConnection, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlmodel import Session

from voicebot.errors import SettingsError
from voicebot.prepared import Transaction
from voicebot.settings import DatabaseSettings, get_settings

# A webhook's pooled connection that has been idle for this long is tested before it is used, every other one always.
IDLE_SECONDS = 2.0
# The webhooks' own connections, so that pages that take all the others keep no caller waiting.
ANSWERING_CONNECTIONS = 8
# A webhook whose call somebody else holds gives up after this, while there is time left to answer it otherwise.
LOCK_TIMEOUT_MS = 1000


class Database:
    """A pool of connections to one database, PostgreSQL or SQLite.

    `reading()` gives a session whose work is rolled back, `writing()` one that is committed once at the end of the
    block and rolled back on any exception.
    """

    def __init__(self, settings: DatabaseSettings) -> None:
        self.url = settings.url
        self.is_sqlite = make_url(settings.url).get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(settings) if self.is_sqlite else _postgresql_engine(settings)
        self._answering = self.engine if self.is_sqlite else _answering_engine(settings)
        self._writer = self.engine.execution_options(begin="IMMEDIATE")
        # SQLite lets one write at a time and has others sleep and try again: here they stand in line instead.
        self._turn: AbstractContextManager[object] = threading.Lock() if self.is_sqlite else nullcontext()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for looking: nothing it does is kept."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session for changing: committed when the block ends, rolled back when it raises."""
        with self._turn, Session(self._writer, expire_on_commit=False) as session:
            yield session
            session.commit()

    @contextmanager
    def answering(self) -> Iterator[Transaction]:
        """As `writing`, for the webhooks: on the driver's own connection. Raises the errors that a session does.

        One whose `connection_invalidated` is set found its connection dead; then the next one is a new connection.
        """
        with self._turn, _pooled(self._answering) as connection:
            if self.is_sqlite:
                connection.cursor().execute("BEGIN IMMEDIATE")
            transaction = Transaction(self._answering.dialect, connection)
            yield transaction
            transaction.flush()
            connection.commit()

    def dispose(self) -> None:
        """Close every pooled connection; a forked child calls this before its first query."""
        self.engine.dispose()
        self._answering.dispose()


@contextmanager
def _pooled(engine: Engine) -> Iterator[PoolProxiedConnection]:
    """A connection of the driver's; given back, its work undone unless it was committed."""
    connection = engine.raw_connection()
    driver: Any = engine.dialect.dbapi
    try:
        yield connection
    except driver.Error as error:
        is_gone = engine.dialect.is_disconnect(error, cast(Any, connection.dbapi_connection), None)
        if is_gone:
            # Those that wait in the pool went with it, as when the server was started anew.
            connection.invalidate(error)
            engine.dispose()
        raise DBAPIError.instance(
            None, None, error, driver.Error, connection_invalidated=is_gone, dialect=engine.dialect
        ) from error
    finally:
        connection.close()


def _sqlite_engine(settings: DatabaseSettings) -> Engine:
    path = make_url(settings.url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        settings.url, connect_args={"check_same_thread": False, "timeout": 10}, pool_size=settings.pool_size
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # The driver's own BEGIN comes too late for IMMEDIATE: we send it ourselves.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A reader that turns writer in a deferred transaction fails at once when another wrote: writers start as such.
        connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('begin', 'DEFERRED')}")

    return engine


def _postgresql_engine(settings: DatabaseSettings, idle_seconds: float = 0.0, **options: Any) -> Engine:
    url = make_url(settings.url)
    if url.get_backend_name() != "postgresql":
        raise SettingsError(f"VOICEBOT_DATABASE__URL: {url.get_backend_name()} is neither postgresql nor sqlite.")
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        max_overflow=0,
        pool_timeout=settings.connect_timeout_seconds,
        connect_args={
            "connect_timeout": max(2, int(settings.connect_timeout_seconds)),
            # A server that vanished without a word must not hold a connection for a quarter of an hour.
            "tcp_user_timeout": 10_000,
            "application_name": "voicebot",
            **options,
        },
        pool_size=settings.pool_size,
    )
    _ping_what_was_idle(engine, idle_seconds)
    return engine


def _answering_engine(settings: DatabaseSettings) -> Engine:
    few = settings.model_copy(update={"pool_size": ANSWERING_CONNECTIONS})
    return _postgresql_engine(few, IDLE_SECONDS, options=f"-c lock_timeout={LOCK_TIMEOUT_MS}")


def _ping_what_was_idle(engine: Engine, idle_seconds: float) -> None:
    """Test a pooled connection that nobody has used for a while, and replace it when the server is gone.

    Doing so each time would cost a tenth of what a webhook costs, and a webhook is done again where it is needed.
    """

    @event.listens_for(engine, "checkin")
    def _note_use(_connection: Any, record: Any) -> None:
        record.info["used_at"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _ping(connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("used_at", math.inf) < idle_seconds:
            return
        try:
            connection.execute("SELECT 1")
            connection.rollback()
        except psycopg.OperationalError as error:
            # The pool throws this one away and gives another.
            raise DisconnectionError from error


@lru_cache(maxsize=8)
def _database(url: str, pool_size: int, connect_timeout_seconds: float) -> Database:
    return Database(DatabaseSettings(url=url, pool_size=pool_size, connect_timeout_seconds=connect_timeout_seconds))


def get_database() -> Database:
    """The process's database, by the settings."""
    settings = get_settings().database
    return _database(settings.url, settings.pool_size, settings.connect_timeout_seconds)


def _alembic(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", "voicebot:migrations")
    config.attributes["url"] = url
    return config


def migrate(database: Database) -> None:
    """Bring the schema to the newest version. Safe to run at every start and by several processes at once."""
    with _migrating_alone(database):
        command.upgrade(_with_engine(database), "head")


def _migrating_alone(database: Database) -> AbstractContextManager[object]:
    """SQLite commits each change of the schema by itself, so a lock beside the file keeps others out meanwhile.

    PostgreSQL has a lock of its own, taken in `migrations/env.py`.
    """
    path = make_url(database.url).database
    return FileLock(f"{path}.migrating") if database.is_sqlite and path else nullcontext()


def make_migration(database: Database, message: str) -> None:
    """Write a new migration file from the difference between the tables and the database (developers only)."""
    command.revision(_with_engine(database), message=message, autogenerate=True)


def schema_difference(database: Database) -> None:
    """Raise alembic's AutogenerateDiffsDetected where the tables and the migrated database differ."""
    command.check(_with_engine(database))


def is_migrated(database: Database) -> bool:
    """Whether the schema is at the version this code needs."""
    head = ScriptDirectory.from_config(_alembic(database.url)).get_current_head()
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head


def _with_engine(database: Database) -> Config:
    config = _alembic(database.url)
    config.attributes["engine"] = database.engine
    return config
