"""Real PostgreSQL and real Redis for the tests: started on free ports in folders of their own, stopped at the end.

Nothing here is skipped when a server is missing: the tests fail and say which make target installs it.
"""

import ctypes
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path

import psycopg
import redis

INSTALL = "Run `make test` (or scripts/install_debian_packages.sh) once: it installs {package}."
# Debian keeps the server programs off PATH, by version; 15 is the one we support first.
POSTGRES_FOLDERS = tuple(str(folder) for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin")))
START_SECONDS = 60.0
PR_SET_PDEATHSIG = 1


class ServiceMissingError(RuntimeError):
    """A server that the tests need is not installed."""


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nothing listens on now.

    Below those that the system hands out by itself: between asking and using it, no connection and no other server of
    the tests, which run in several processes, is given it.
    """
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def find_program(name: str, package: str, folders: tuple[str, ...] = ()) -> Path:
    """The program's path, by `folders` first and PATH then. Raises ServiceMissingError naming the make target."""
    for folder in (*folders, *os.environ.get("PATH", "").split(os.pathsep)):
        if (Path(folder) / name).is_file():
            return Path(folder) / name
    raise ServiceMissingError(f"{name} is not installed. {INSTALL.format(package=package)}")


def die_with(stop_signal: signal.Signals) -> Callable[[], None]:
    """A hook for the child process: it gets `stop_signal` when this process dies, however that happens."""

    def prepare() -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, stop_signal)

    return prepare


def _wait_until(is_ready: Callable[[], bool], process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        if is_ready():
            return
        time.sleep(0.05)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    raise RuntimeError(f"{process.args!r} did not start:\n{tail}")


class PostgresServer:
    """A PostgreSQL cluster with every safety off that costs time, in a temporary folder.

    It refuses to run as root, so as root it runs as the system user `postgres`, or `nobody` where there is none.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="voicebot-postgres-"))
        self._identity = _unprivileged_user()
        if self._identity:
            os.chown(self.folder, self._identity["user"], self._identity["group"])
        self._names = (f"test_{number}" for number in count(1))
        self._log = self.folder / "server.log"
        try:
            self._make_cluster()
            self._process = self._start()
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def _program(self, name: str) -> str:
        return str(find_program(name, "postgresql-15", POSTGRES_FOLDERS))

    def _make_cluster(self) -> None:
        arguments = ["-D", str(self.folder / "data"), "-U", "voicebot", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        command = [self._program("initdb"), "--no-sync", "--no-instructions", *arguments]
        made = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, **self._identity)
        if made.returncode:
            raise RuntimeError(f"initdb failed:\n{made.stdout}{made.stderr}")

    def _start(self) -> "subprocess.Popen[bytes]":
        options = {
            "listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": self.folder,
            "max_connections": 300, "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
        }  # fmt: skip
        command = [self._program("postgres"), "-D", str(self.folder / "data")]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with self._log.open("wb") as log:
            # SIGINT is PostgreSQL's fast shutdown: sessions are rolled back, nothing is waited for.
            process = subprocess.Popen(
                command, cwd=self.folder, stdout=log, stderr=log, preexec_fn=die_with(signal.SIGINT), **self._identity
            )
        _wait_until(self._answers, process, self._log)
        return process

    def _answers(self) -> bool:
        try:
            self._execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self._conninfo(), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    def _conninfo(self) -> str:
        return f"host=127.0.0.1 port={self.port} user=voicebot dbname=postgres connect_timeout=5"

    def url(self, name: str) -> str:
        """The address of one database, as `VOICEBOT_DATABASE__URL` takes it."""
        return f"postgresql://voicebot@127.0.0.1:{self.port}/{name}"

    def create(self, name: str | None = None, template: str = "template1") -> str:
        """Make a database as a copy of `template`, which must have no open connection. Out: its address."""
        name = name or next(self._names)
        # Copying files needs a checkpoint but no write-ahead log; without fsync that is the faster of the two ways.
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY = FILE_COPY')
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is connected."""
        self._execute(f'DROP DATABASE IF EXISTS "{url.rsplit("/", 1)[1]}" WITH (FORCE)')

    def stop(self) -> None:
        """End the server and remove its folder."""
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def _unprivileged_user() -> dict[str, int]:
    """Who runs the server when we are root; nothing otherwise."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = known.get("postgres") or known["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid}


class RedisServer:
    """A Redis that keeps nothing on disk."""

    def __init__(self, port: int | None = None) -> None:
        self.port = port or free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="voicebot-redis-"))
        self.url = f"redis://127.0.0.1:{self.port}/0"
        program = str(find_program("redis-server", "redis-server"))
        log_file = self.folder / "server.log"
        command = [program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        with log_file.open("wb") as log:
            self._process = subprocess.Popen(
                command, cwd=self.folder, stdout=log, stderr=log, preexec_fn=die_with(signal.SIGTERM)
            )
        _wait_until(self._answers, self._process, log_file)

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_connect_timeout=1) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False

    def flush(self) -> None:
        """Forget every message."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def stop(self) -> None:
        """End the server and remove its folder."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
