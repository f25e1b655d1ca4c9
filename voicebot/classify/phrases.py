"""Phrases as regular expressions over a sentence's normal forms joined by spaces. The data is `phrases.toml`."""

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from voicebot.errors import ModelError


@cache
def _document() -> dict[str, list[str]]:
    groups: dict[str, list[str]] = tomllib.loads(
        files("voicebot.classify").joinpath("phrases.toml").read_text(encoding="utf-8")
    )["phrases"]
    return groups


@cache
def compiled(group: str) -> re.Pattern[str]:
    """One expression for the phrases of `group`. Raises ModelError for a group that the data lacks."""
    lines = _document().get(group)
    if lines is None:
        raise ModelError(f"phrases.toml has no group {group!r}.")
    names = {
        "YOU": r"(?:you|your|yours|y'all|yall|ya|u|youse|you guys|you folks)",
        "GAP": r"(?:[^\s.,?!;]+ ){0,4}",
        "OWN": r"(?:(?!(?:i|we|and|so|but|cause|because|then)\s)[^\s.,?!;]+ ){0,4}",
    }
    body = "|".join(line.format(**names) for line in lines)
    return re.compile(rf"(?<!\S)(?:{body})(?!\S)")


def says(group: str, words: Sequence[str]) -> bool:
    """Whether any phrase of `group` occurs in `words`."""
    return compiled(group).search(" ".join(words)) is not None


def places(group: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Token ranges of the phrases of `group` in `words`."""
    text = " ".join(words)
    return [
        (text.count(" ", 0, match.start()), text.count(" ", 0, match.end()) + 1)
        for match in compiled(group).finditer(text)
    ]
