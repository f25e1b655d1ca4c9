"""The manifest of weights (models/*.toml): which weights there are, where from, and the sha256 of every file."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from voicebot.errors import ModelError

FILES = ("whisper.toml", "encoder.toml", "voices.toml")


@dataclass(frozen=True, slots=True)
class File:
    """One file of the weights as it must be on disk: its size in bytes and its sha256."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Hub:
    """Weights in a repository of the Hugging Face hub, at one commit."""

    repository: str
    revision: str
    files: dict[str, File]

    @property
    def label(self) -> str:
        """What to call it in a message."""
        return f"the Hugging Face hub ({self.repository})"


@dataclass(frozen=True, slots=True)
class Wheel:
    """A package of the Python index that carries weights: its requirement and its wheel's sha256."""

    requirement: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Packages:
    """Weights inside packages of the Python index. `parts` names, per file, the wheel members joined into it."""

    wheels: tuple[Wheel, ...]
    parts: dict[str, tuple[str, ...]]
    files: dict[str, File]

    @property
    def label(self) -> str:
        """What to call it in a message."""
        return f"the Python package index ({', '.join(wheel.requirement for wheel in self.wheels)})"


Source = Hub | Packages


@dataclass(frozen=True, slots=True)
class Entry:
    """One set of weights: its name, its licence, and its sources in the order they are tried."""

    name: str
    licence: str
    sources: tuple[Source, ...]


@lru_cache(maxsize=1)
def entries() -> dict[str, Entry]:
    """Every entry of the packaged manifest by its name. Raises ModelError when the manifest cannot be read."""
    return {name: entry for file in FILES for name, entry in parse(_path(file).read_text(encoding="utf-8")).items()}


def parse(text: str) -> dict[str, Entry]:
    """The entries of a manifest's text. Raises ModelError when it is not a manifest."""
    try:
        return {name: _entry(name, table) for name, table in tomllib.loads(text).items()}
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise ModelError(f"The manifest of weights cannot be read: {error}.") from error


def _path(file: str) -> Path:
    """In an installed wheel the manifest lies beside this file, in a checkout in the folder `models`."""
    here = Path(__file__).resolve()
    for candidate in (here.with_name(file), here.parents[2] / "models" / file):
        if candidate.is_file():
            return candidate
    raise ModelError(f"The manifest of weights ({file}) is missing from this installation.")


def _entry(name: str, table: dict[str, Any]) -> Entry:
    return Entry(name, table["licence"], tuple(_source(source) for source in table["sources"]))


def _source(table: dict[str, Any]) -> Source:
    files = {name: File(**file) for name, file in table["files"].items()}
    if "repository" in table:
        return Hub(table["repository"], table["revision"], files)
    wheels = tuple(Wheel(**wheel) for wheel in table["wheels"])
    return Packages(wheels, {name: tuple(members) for name, members in table["parts"].items()}, files)
