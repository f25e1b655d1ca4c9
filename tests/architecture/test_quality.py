"""The tools that judge the code, run as tests: strict mypy, ruff's rules and its format."""

import tomllib

import pytest

from tests.architecture.tools import ROOT, run


@pytest.mark.parametrize("command", ["mypy", "ruff check .", "ruff format --check --diff ."])
def test_the_tools_have_nothing_to_say(command: str) -> None:
    said = run("-m", *command.split())
    assert said.returncode == 0, said.stdout[-6000:] + said.stderr[-2000:]


def test_mypy_is_strict_on_the_whole_package() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    assert settings["strict"] is True
    assert settings["packages"] == ["voicebot"]
    loosened = {name for one in settings["overrides"] for name in one if name != "module"}
    assert loosened == {"ignore_missing_imports"}
