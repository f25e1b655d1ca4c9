"""What must not be left in a committed file: unfinished work, silenced tests, addresses of one machine."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = {".py", ".md", ".toml", ".yml", ".yaml", ".sh", ".html", ".js", ".css", ".txt", ".in", ".lock", ".mako", ""}

UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError|NotImplemented)\b")
SILENCED = re.compile(r"pytest\.(mark\.)?(skip|skipif|xfail|importorskip)\b|unittest\.(skip|mock)|pytest\.skip")
# A lock or a document that names an index or a folder of the machine it was made on works nowhere else.
MACHINE = re.compile(r"/work/|/root/|/home/\w|/opt/(wheels|pypi)|(--(extra-)?index-url|--find-links|--trusted-host)\b")
INDEX = re.compile(r"pypi\.org|files\.pythonhosted\.org|file:///\S*simple")
TEMPORARY = re.compile(r"(?<![\w.])/tmp/")
# The tools of a container's own file system and of a paragraph about it.
MAY_NAME_TEMPORARY = {"Dockerfile", "docker-compose.yml"}


def committed() -> list[Path]:
    """Every text file under version control, those not yet added included."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    paths = [ROOT / line for line in listed.stdout.splitlines()]
    return [path for path in paths if path.suffix in TEXT and path.is_file() and path != Path(__file__)]


def lines_with(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]


@pytest.fixture(scope="module")
def files() -> list[Path]:
    found = committed()
    assert len(found) > 100
    return found


def test_nothing_is_left_unfinished(files: list[Path]) -> None:
    code = [path for path in files if path.suffix in {".py", ".sh", ".js", ".html", ".css", ".toml"}]
    assert lines_with(UNFINISHED, code) == []


def test_no_test_is_silenced_or_mocked(files: list[Path]) -> None:
    tests = [path for path in files if path.is_relative_to(ROOT / "tests") and path.suffix == ".py"]
    assert lines_with(SILENCED, tests) == []


def test_no_file_names_a_machine_or_a_package_index(files: list[Path]) -> None:
    assert lines_with(MACHINE, files) == []
    assert lines_with(INDEX, files) == []
    assert lines_with(TEMPORARY, [path for path in files if path.name not in MAY_NAME_TEMPORARY]) == []


def test_every_locked_package_has_hashes() -> None:
    for path in sorted((ROOT / "requirements").glob("*.lock")):
        text = path.read_text(encoding="utf-8")
        packages = re.findall(r"^[\w.-]+==\S+", text, re.MULTILINE)
        entries = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
        assert packages
        assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_no_test_lies_where_pytest_does_not_look(files: list[Path]) -> None:
    folders = {path.parent for path in files if path.is_relative_to(ROOT / "tests") and path.name.startswith("test_")}
    assert [str(folder.relative_to(ROOT)) for folder in folders if not (folder / "__init__.py").exists()] == []
