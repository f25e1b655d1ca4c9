"""Word error rate against human transcripts, with the interval that the number of calls allows."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from voicebot.errors import InvalidInput, ModelError
from voicebot.terms import Speaker

RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker said without being answered, in seconds from the call's start (0 where not noted); `is_sure`."""

    speaker: Speaker
    start: float
    end: float
    text: str
    is_sure: bool


@dataclass(frozen=True, slots=True)
class Reference:
    """A call with its human transcript: what each speaker said, turns that the transcriber was unsure of left out."""

    audio: Path
    seconds: float
    said: dict[Speaker, str]


@dataclass(frozen=True, slots=True)
class Errors:
    """Wrong, missing and added words against the `words` of the reference, in one channel of one call."""

    errors: int
    words: int


@dataclass(frozen=True, slots=True)
class Rate:
    """A word error rate with its 95 % bootstrap interval over calls, as fractions; `words` in the references."""

    rate: float
    low: float
    high: float
    words: int


def references(folder: Path) -> list[Reference]:
    """Every `*.wav` of the folder with the `*.json` beside it. Raises InvalidInput when there is none."""
    found = [_reference(path) for path in sorted(folder.glob("*.json")) if path.with_suffix(".wav").is_file()]
    if not found:
        raise InvalidInput(f"There are no calls with human transcripts (*.wav with *.json) in {folder}.")
    return found


def turns_of(path: Path) -> list[Turn]:
    """The turns of a human transcript, *.json."""
    return [_turn(turn) for turn in json.loads(path.read_text(encoding="utf-8"))["turns"]]


def _turn(turn: dict[str, Any]) -> Turn:
    sure = not turn.get("unsure", False)
    return Turn(
        Speaker(turn["speaker"]), float(turn.get("start", 0.0)), float(turn.get("end", 0.0)), turn["text"], sure
    )


def _reference(path: Path) -> Reference:
    turns = turns_of(path)
    said = {
        speaker: " ".join(turn.text for turn in turns if turn.speaker == speaker and turn.is_sure)
        for speaker in (Speaker.CALLER, Speaker.AGENT)
    }
    seconds = float(json.loads(path.read_text(encoding="utf-8"))["seconds"])
    return Reference(path.with_suffix(".wav"), seconds, said)


def compare(reference: str, heard: str) -> Errors:
    """Count word errors after both texts went through Whisper's English normaliser.

    Raises ModelError when the normaliser (extra `openai-whisper`) or jiwer (extra `test`) is not installed.
    """
    normalise, jiwer = _normaliser(), _import("jiwer", "test")
    wanted, got = normalise(reference), normalise(heard)
    if not wanted:
        return Errors(len(got.split()), 0)
    counts = jiwer.process_words(wanted, got)
    return Errors(counts.substitutions + counts.deletions + counts.insertions, len(wanted.split()))


def added(reference: str, heard: str) -> int:
    """The words written beyond those said, none of which were put in the place of another."""
    normalise, jiwer = _normaliser(), _import("jiwer", "test")
    wanted, got = normalise(reference), normalise(heard)
    return int(jiwer.process_words(wanted, got).insertions) if wanted and got else len(got.split())


@lru_cache(maxsize=1)
def _normaliser() -> Callable[[str], str]:
    normaliser: Callable[[str], str] = _import("whisper.normalizers", "openai-whisper").EnglishTextNormalizer()
    return normaliser


def _import(module: str, extra: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise ModelError(
            f"Measuring word errors needs {module.split('.')[0]}, which is not installed: it comes with the extra"
            f" {extra!r}."
        ) from error


def rate(calls: Sequence[Errors], seed: int = 0) -> Rate:
    """The rate over all calls together, and its interval by drawing calls with replacement.

    Efron's percentile bootstrap; the calls are the units because the words of one call rise and fall together.
    """
    counts = np.array([(call.errors, call.words) for call in calls], dtype=float).reshape(-1, 2)
    drawn = np.random.default_rng(seed).integers(0, len(counts), (RESAMPLES, len(counts)))
    totals = counts[drawn].sum(axis=1)
    rates = totals[:, 0] / np.maximum(totals[:, 1], 1)
    low, high = np.percentile(rates, [2.5, 97.5])
    errors, words = counts.sum(axis=0)
    return Rate(float(errors / max(words, 1)), float(low), float(high), int(words))
