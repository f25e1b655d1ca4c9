"""Single words against human transcripts: how far their times are off, and how often they are right.

A written word is right where the human transcript has the same word at the same place of the speaker's words.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from voicebot.bench.hearing.engines import CHANNELS
from voicebot.transcribe.channels import transcribe_file
from voicebot.transcribe.engine import Engine
from voicebot.transcribe.scoring import Turn, turns_of
from voicebot.transcribe.transcript import Word

EDGES = (0.0, 0.3, 0.5, 0.7, 0.9, 0.97, 1.0001)


@dataclass(frozen=True, slots=True)
class Matched:
    """The written words of one speaker with whether each is right, and each turn's error at its start and end, s."""

    words: list[tuple[Word, bool]]
    starts: list[float]
    ends: list[float]


def measure(engine: Engine, calls: Sequence[Path]) -> dict[str, Any]:
    """Time errors in seconds at turns' borders, and how often words are right by their probability."""
    found = [matched for call in calls for matched in _of_call(engine, call)]
    judged = [(word.probability, right) for one in found for word, right in one.words]
    return {
        "calls": len(calls),
        "start": _errors([error for one in found for error in one.starts]),
        "end": _errors([error for one in found for error in one.ends]),
        "probabilities": [row for row in _bins(judged) if row["words"]],
        "calibration_error": _calibration_error(judged),
        "words": len(judged),
    }


def _of_call(engine: Engine, call: Path) -> Iterator[Matched]:
    heard = transcribe_file(call, engine).utterances
    turns = turns_of(call.with_suffix(".json"))
    for speaker in CHANNELS:
        words = [word for said in heard if said.speaker == speaker for word in said.words]
        yield match([turn for turn in turns if turn.speaker == speaker], words)


def match(turns: Sequence[Turn], words: Sequence[Word]) -> Matched:
    """One speaker's turns and written words, in order of time. Words with digits, spelt out by people, do not count.

    A turn's border counts where its first (or last) word was written, so that no other word is taken for it.
    """
    said = [(plain, turn, place) for turn in turns for plain, place in _places(turn)]
    wrote = [_plain(word.text) for word in words]
    blocks = SequenceMatcher(None, [plain for plain, _, _ in said], wrote, autojunk=False).get_matching_blocks()
    pairs = {block.b + n: block.a + n for block in blocks for n in range(block.size)}
    starts = [words[b].start - said[a][1].start for b, a in pairs.items() if said[a][2] in ("first", "only")]
    ends = [words[b].end - said[a][1].end for b, a in pairs.items() if said[a][2] in ("last", "only")]
    judged = [
        (word, index in pairs)
        for index, word in enumerate(words)
        if not any(letter.isdigit() for letter in word.text) and not _in_unsure(word, turns)
    ]
    return Matched(judged, starts, ends)


def _in_unsure(word: Word, turns: Sequence[Turn]) -> bool:
    """What people could not make out cannot judge."""
    return any(not turn.is_sure and turn.start - 0.5 < word.end and word.start < turn.end + 0.5 for turn in turns)


def _places(turn: Turn) -> Iterator[tuple[str, str]]:
    plain = [_plain(word) for word in turn.text.split()] if turn.is_sure else []
    plain = [word for word in plain if word]
    for index, word in enumerate(plain):
        first, last = index == 0, index == len(plain) - 1
        yield word, "only" if first and last else "first" if first else "last" if last else "inner"


def _plain(text: str) -> str:
    return re.sub(r"[^\w]", "", text.lower())


def _errors(errors: Sequence[float]) -> dict[str, float]:
    if not errors:
        return {"turns": 0}
    sizes = np.abs(errors)
    return {
        "turns": len(errors),
        "median": round(float(np.median(sizes)), 3),
        "p90": round(float(np.percentile(sizes, 90)), 3),
        "bias": round(float(np.median(errors)), 3),
    }


def _bins(judged: Sequence[tuple[float, bool]]) -> list[dict[str, float]]:
    rows = []
    for low, high in pairwise(EDGES):
        inside = [(chance, right) for chance, right in judged if low <= chance < high]
        mean, share = (float(np.mean(values)) if values else 0.0 for values in _columns(inside))
        rows.append({"from": low, "to": min(high, 1.0), "words": len(inside), "mean": mean, "right": share})
    return rows


def _columns(pairs: Sequence[tuple[float, bool]]) -> tuple[list[float], list[float]]:
    return [chance for chance, _ in pairs], [float(right) for _, right in pairs]


def _calibration_error(judged: Sequence[tuple[float, bool]]) -> float:
    """The mean over words of how far their bin's mean probability is from its share of right words."""
    gaps = [row["words"] * abs(row["mean"] - row["right"]) for row in _bins(judged)]
    return round(float(sum(gaps) / max(1, len(judged))), 4)


def table(report: dict[str, Any]) -> list[str]:
    """The report for a person."""
    lines = [f"{report['calls']} calls, {report['words']} words"]
    for border in ("start", "end"):
        found = report[border]
        if found["turns"]:
            lines.append(
                f"{border} of a turn: median error {found['median']:.2f} s, 90th percentile {found['p90']:.2f} s,"
                f" bias {found['bias']:+.2f} s ({found['turns']} turns)"
            )
    lines += [
        f"probability {row['from']:.2f} to {row['to']:.2f}: {row['words']:>5} words, mean {row['mean']:.2f}, right"
        f" {row['right']:.2f}"
        for row in report["probabilities"]
    ]
    return [*lines, f"mean gap {report['calibration_error']:.3f}"]
