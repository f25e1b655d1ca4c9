"""The servers of a benchmark, in folders and on ports of their own, gone when it ends: web processes and PostgreSQL."""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from voicebot.errors import VoicebotError

START_SECONDS = 60.0
STOP_SECONDS = 10.0
PR_SET_PDEATHSIG = 1


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def ended_in_order() -> Iterator[None]:
    """While the block runs, SIGTERM ends this process as SystemExit: servers are stopped, folders removed."""

    def leave(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _die_with_us(stop: signal.Signals) -> Callable[[], None]:
    """A hook for a server: on Linux it gets `stop` when this process dies, however that happens."""

    def prepare() -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, stop)

    return prepare


@contextmanager
def web(arguments: Sequence[str], environment: Mapping[str, str], port: int, folder: Path) -> Iterator[None]:
    """A Python program that serves HTTP on `port` while the block runs. Raises VoicebotError when it does not start."""
    # The settings of this shell are not the benchmark's.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("VOICEBOT_")}
    with _running([sys.executable, *arguments], folder, lambda: _answers(port), env={**inherited, **environment}):
        yield


def _answers(port: int) -> bool:
    with suppress(httpx.HTTPError):
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2).status_code in (200, 404, 405)
    return False


@contextmanager
def postgresql(folder: Path) -> Iterator[str | None]:
    """The address of an empty PostgreSQL with its default settings, or None where it is not installed.

    Debian's packages keep the programs off PATH, by version. It refuses to run as root, so as root it runs as the
    system user `postgres`, or `nobody` where there is none.
    """
    programs = next((path for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)
    if programs is None:
        yield None
        return
    identity = _unprivileged_user()
    home = Path(tempfile.mkdtemp(prefix="voicebot-bench-"))
    try:
        if identity:
            os.chown(home, identity["user"], identity["group"])
        data, port = str(home / "data"), free_port()
        made = subprocess.run(
            [str(programs / "initdb"), "-D", data, "-U", "voicebot", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"],
            cwd=home, capture_output=True, text=True, **identity,
        )  # fmt: skip
        if made.returncode:
            raise VoicebotError(f"PostgreSQL's initdb failed: {made.stderr.strip()}")
        command = [str(programs / "postgres"), "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", str(home)]
        with _running(command, folder, lambda: _listens(port), stop=signal.SIGINT, cwd=home, **identity):
            yield f"postgresql://voicebot@127.0.0.1:{port}/postgres"
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _listens(port: int) -> bool:
    import psycopg

    with suppress(psycopg.OperationalError):
        psycopg.connect(f"host=127.0.0.1 port={port} user=voicebot dbname=postgres connect_timeout=2").close()
        return True
    return False


def _unprivileged_user() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = known.get("postgres") or known["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid}


@contextmanager
def redis(folder: Path) -> Iterator[str | None]:
    """The address of an empty Redis that keeps nothing on disk, or None where it is not installed."""
    program = shutil.which("redis-server")
    if program is None:
        yield None
        return
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with _running([program, *options], folder, lambda: _accepts(port)):
        yield f"redis://127.0.0.1:{port}/0"


def _accepts(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@contextmanager
def _running(
    command: Sequence[str],
    folder: Path,
    is_ready: Callable[[], bool],
    stop: signal.Signals = signal.SIGTERM,
    **options: object,
) -> Iterator[None]:
    log = folder / f"{Path(command[0]).name}-{time.monotonic_ns()}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            preexec_fn=_die_with_us(stop),
            **{"cwd": folder, "stdin": subprocess.DEVNULL, "stdout": output, "stderr": output, **options},
        )  # type: ignore[call-overload]
    try:
        _wait_until(is_ready, process, log)
        yield
    finally:
        process.send_signal(stop)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait_until(is_ready: Callable[[], bool], process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        if is_ready():
            return
        time.sleep(0.1)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    raise VoicebotError(f"{' '.join(map(str, process.args))} did not start:\n{tail}")  # type: ignore[arg-type]
