"""The word lists and cues of `words.toml`."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def document() -> dict[str, Any]:
    """The parsed file."""
    return tomllib.loads(files("voicebot.transcribe.redact").joinpath("words.toml").read_text(encoding="utf-8"))


def words(name: str) -> frozenset[str]:
    """One of the word lists."""
    return frozenset(document()[name])
