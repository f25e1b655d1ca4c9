"""The tools that judge the code, run as tests: strict mypy, ruff's rules and its format."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("command", ["mypy", "ruff check .", "ruff format --check --diff ."])
def test_the_tools_have_nothing_to_say(command: str) -> None:
    run = subprocess.run([sys.executable, "-m", *command.split()], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]


def test_mypy_is_strict_on_the_whole_package() -> None:
    import tomllib

    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    assert settings["strict"] is True
    assert settings["packages"] == ["voicebot"]
    loosened = {name for one in settings["overrides"] for name in one if name != "module"}
    assert loosened == {"ignore_missing_imports"}
