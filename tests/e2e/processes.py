"""Start the product's own commands as processes, wait for them, read their logs, and leave none behind."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.services import die_with, free_port

PROGRAMS = Path(sys.executable).parent
POLL_SECONDS = 0.1


@dataclass
class Process:
    """A command that runs, in a process group of its own, with its output in `log`."""

    name: str
    popen: "subprocess.Popen[bytes]"
    log: Path

    @property
    def pid(self) -> int:
        return self.popen.pid

    def tail(self, lines: int = 30) -> str:
        """The end of its output, for the message of a failing test."""
        written = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return f"--- {self.name} ({self.popen.poll()}) ---\n" + "\n".join(written[-lines:])

    def kill(self) -> None:
        """SIGKILL to the whole group, as the kernel does when memory runs out."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.popen.wait(10)

    def stop(self, seconds: float = 20.0) -> int:
        """Ask it to end, and make it when it does not. Out: its exit status."""
        if self.popen.poll() is None:
            self.popen.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.popen.wait(seconds)
        self.kill()
        return self.popen.returncode


@dataclass
class Processes:
    """Everything that one test has started. `environment` is all that the processes see of this machine's."""

    folder: Path
    environment: dict[str, str]
    running: list[Process] = field(default_factory=list)

    def start(self, name: str, *command: str, **more: str) -> Process:
        """Start `command` (a program of the virtual environment, or any on PATH) with `more` environment."""
        log = self.folder / f"{name.replace(' ', '-')}.log"
        with log.open("ab") as output:
            popen = subprocess.Popen(
                command, cwd=self.folder, env=self._environment(more), stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=die_with(signal.SIGKILL),
            )  # fmt: skip
        process = Process(name, popen, log)
        self.running.append(process)
        return process

    def run(self, *command: str, seconds: float = 240.0, **more: str) -> str:
        """Run a command to its end. Out: what it printed. Fails the test with all logs when it fails."""
        try:
            done = subprocess.run(
                command, cwd=self.folder, env=self._environment(more), stdin=subprocess.DEVNULL,
                capture_output=True, text=True, timeout=seconds,
            )  # fmt: skip
        except subprocess.TimeoutExpired as late:
            raise AssertionError(f"{' '.join(command)} took over {seconds} s\n{self.logs()}") from late
        if done.returncode:
            said = f"{done.stdout}\n{done.stderr}"
            raise AssertionError(f"{' '.join(command)} ended with {done.returncode}\n{said}\n{self.logs()}")
        return done.stdout

    def succeeds(self, *command: str, seconds: float = 30.0, **more: str) -> bool:
        """Whether a command ends with exit status 0 within the time."""
        try:
            done = subprocess.run(
                command, cwd=self.folder, env=self._environment(more), capture_output=True, timeout=seconds
            )
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0

    def wait_for(self, what: str, is_so: Callable[[], Any], seconds: float = 90.0) -> Any:
        """The first true value of `is_so()`. Fails with all logs when the time is over or a process has died."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if value := is_so():
                return value
            time.sleep(POLL_SECONDS)
        raise AssertionError(f"Not within {seconds:.0f} s: {what}\n{self.logs()}")

    def logs(self) -> str:
        """The end of every process's output."""
        return "\n".join(process.tail() for process in self.running)

    def stop(self) -> None:
        """End everything, the last started first."""
        for process in reversed(self.running):
            process.stop()

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        # Coverage starts itself in children that inherit its variables.
        kept = {name: os.environ[name] for name in os.environ if name.startswith(("COVERAGE_", "LANG", "LC_"))}
        path = f"{PROGRAMS}{os.pathsep}{os.environ.get('PATH', '')}"
        return {**kept, "PATH": path, "HOME": str(self.folder), **self.environment, **more}


@contextmanager
def processes(folder: Path, environment: dict[str, str]) -> Iterator[Processes]:
    """`Processes` that are all gone when the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    started = Processes(folder, environment)
    try:
        yield started
    finally:
        started.stop()


def settings_for(folder: Path, weights: Path, **over: str) -> dict[str, str]:
    """Environment of a whole installation in `folder`, on free ports: SQLite, files as broker, a simulated carrier.

    `over` holds settings without their prefix: `DATABASE__URL="postgresql://..."`.
    """
    web, carrier = free_port(), free_port()
    values = {
        "DATA_DIR": str(folder / "data"),
        "TRANSCRIBE__MODEL_DIR": str(weights),
        "WEB__HOST": "127.0.0.1",
        "WEB__PORT": str(web),
        "WEB__PUBLIC_URL": f"http://127.0.0.1:{web}",
        "WEB__SECRET_KEY": secrets.token_hex(32),
        "CARRIER__ACCOUNT_SID": f"AC{secrets.token_hex(16)}",
        "CARRIER__AUTH_TOKEN": secrets.token_hex(16),
        "CARRIER__API_BASE_URL": f"http://127.0.0.1:{carrier}",
        **over,
    }
    return {f"VOICEBOT_{name}": value for name, value in values.items()}


def descendants(pid: int) -> Iterator[tuple[int, list[str]]]:
    """Every process below `pid`, with its command line (Linux)."""
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in children.read_text().split():
                arguments = Path(f"/proc/{child}/cmdline").read_text().split("\0")[:-1]
                yield int(child), arguments
                yield from descendants(int(child))


def is_ready(environment: Mapping[str, str]) -> bool:
    """Whether web, both workers and the scheduler of an installation show life: what `voicebot health` looks at.

    Asked here and not through the command, which takes seconds to start on a busy machine.
    """
    folder = Path(environment["VOICEBOT_DATA_DIR"]) / "health"
    if not all((folder / name).exists() for name in ("default", "speech", "beat")):
        return False
    try:
        return httpx.get(f"{environment['VOICEBOT_WEB__PUBLIC_URL']}/readyz", timeout=3).status_code == 200
    except httpx.HTTPError:
        return False
