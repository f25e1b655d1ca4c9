"""Who may know whom: the contract of `.importlinter` holds, sees what it must see, and holds at run time too."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.architecture.tools import ROOT, run

LINT = (
    "import sys; from importlinter.cli import lint_imports_command as lint; sys.argv = ['lint']; lint(['--no-cache'])"
)

# What must never be loaded by the process that answers a ringing caller before the composition root asks for it.
ENGINES = {"torch", "whisper", "faster_whisper", "ctranslate2", "av", "spacy", "voicebot.simulator"}


def lint(folder: Path) -> "subprocess.CompletedProcess[str]":
    """Check the contract on the package `voicebot` in `folder`."""
    return run("-c", LINT, cwd=folder, PYTHONPATH=str(folder))


def test_the_contract_holds() -> None:
    checked = lint(ROOT)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "0 broken" in checked.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package and its contract, to break."""
    folder = tmp_path_factory.mktemp("broken")
    shutil.copytree(ROOT / "voicebot", folder / "voicebot", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", folder)
    return folder


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("web/pages.py", "import spacy"),
        ("ivr/webhooks.py", "import voicebot.transcribe.faster_whisper"),
        ("web/calls.py", "import voicebot.ivr.flow"),
        ("attribution/verdict.py", "import voicebot.tables"),
        ("classify/labels.py", "import celery"),
        ("simulator/call.py", "import voicebot.carrier.signature"),
        ("tables.py", "import voicebot.db"),
        ("reports/calls.py", "def late() -> None:\n    import voicebot.web.pages"),
        ("a_new_module.py", '"""A module without a place in the contract."""'),
    ],
)
def test_the_contract_sees_a_forbidden_import(copy: Path, module: str, line: str) -> None:
    path = copy / "voicebot" / module
    before = path.read_text(encoding="utf-8") if path.exists() else None
    path.write_text((before or "") + f"\n{line}\n", encoding="utf-8")
    try:
        checked = lint(copy)
    finally:
        path.write_text(before, encoding="utf-8") if before is not None else path.unlink()
    assert checked.returncode != 0, checked.stdout


@pytest.mark.parametrize("module", ["voicebot.ivr.webhooks", "voicebot.web.pages", "voicebot.api"])
def test_importing_a_web_part_loads_no_engine(module: str) -> None:
    code = f"import sys, {module}; print(*sys.modules, sep='\\n')"
    loaded = run("-c", code)
    assert loaded.returncode == 0, loaded.stderr
    assert ENGINES & set(loaded.stdout.split()) == set()
