"""What an answer says in a roundabout way: a trained model over words and letters, on the whole and on each clause.

"It's stuck in my neighbour's grass" names no yard sign; which words speak of which medium is learned from answers that
the project's writers wrote (models/call_classifier).
"""

import itertools
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voicebot import taxonomy
from voicebot.classify import linear
from voicebot.classify.linear import Linear

# Raise it when features or rules change: weights of another version are refused.
FORM = "2"
NAME = "sources"
LETTERS = (3, 4, 5)
MARKS = 1.0  # how much the lexicon's finds weigh beside the words themselves
_WORD = re.compile(r"[a-z0-9']+")
_DIGIT = re.compile(r"\d")
_MARK = re.compile(
    r"[.?!;,:—]+|\b(?:and then|then|but|and i|and we|and my|and she|and he|so i|so we|after|because|cause|before"
    r"|pero|luego|despues|después|porque|y luego|y me|y ya)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mark:
    """Something of the lexicon that was said: its name, and where it begins in the text."""

    name: str
    start: int


@dataclass(frozen=True, slots=True)
class Reading:
    """Log chances of every source: of the whole answer, and of each clause with its place in the text.

    `earliness`: of each clause, for a reading by meaning: of two touches the earlier one has the higher.
    """

    whole: NDArray[np.float64]
    clauses: tuple[tuple[int, int], ...]
    each: NDArray[np.float64]
    earliness: NDArray[np.float64] | None = None

    def best_clause(self, leaf: int) -> tuple[int, int]:
        """The clause that speaks most of the source with this index."""
        return self.clauses[int(self.each[:, leaf].argmax())]


def leaves() -> tuple[str, ...]:
    """The classes: every source of the taxonomy."""
    return tuple(taxonomy.sources())


def plain(text: str) -> str:
    """Lower case without accents; same length, so that places still hold."""
    return "".join(unicodedata.normalize("NFKD", letter)[0] for letter in text.lower().replace("’", "'"))


def features(text: str, marks: Sequence[Mark] = ()) -> dict[int, float]:
    """Hashed features: words, pairs of words (neighbours, and over one), the letters inside words, and `marks`."""
    words = [_DIGIT.sub("0", word) for word in _WORD.findall(plain(text))]
    found: dict[int, float] = {}
    pairs = [f"{a}_{b}" for a, b in itertools.pairwise(words)]
    loose = [f"{a}*{b}" for a, b in zip(words, words[2:], strict=False)]
    linear.block((f"s:{name}" for name in (*words, *pairs, *loose)), 1.0, found)
    linear.block((f"l:{part}" for word in words for part in _letters(word)), 1.0, found)
    linear.block((f"m:{mark.name}" for mark in marks), MARKS, found)
    return found


def _letters(word: str) -> Iterator[str]:
    marked = f"<{word}>"
    for size in LETTERS:
        yield from (marked[i : i + size] for i in range(len(marked) - size + 1))


def clauses(text: str) -> tuple[tuple[int, int], ...]:
    """Places of the clauses of two words or more; the whole where there is none."""
    cuts = [0, *(m.start() if m.group()[0].isalpha() else m.end() for m in _MARK.finditer(text)), len(text)]
    parts = [(a, b) for a, b in itertools.pairwise(cuts) if len(_WORD.findall(plain(text[a:b]))) > 1]
    return tuple(parts) or ((0, len(text)),)


def apart(text: str, places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of each of several places in a text its clause; the place itself where two share a clause."""
    parts = clauses(text)
    around = [next((part for part in parts if part[0] <= start < part[1]), (start, end)) for start, end in places]
    return [place if around.count(clause) > 1 else clause for place, clause in zip(places, around, strict=True)]


def read(model: Linear, text: str, marks: Sequence[Mark] = ()) -> Reading:
    """The answer as the trained model hears it."""
    parts = clauses(text)
    whole = _log_chances(model, features(text, marks))
    each = [
        whole
        if (start, end) == (0, len(text))
        else _log_chances(model, features(text[start:end], [m for m in marks if start <= m.start < end]))
        for start, end in parts
    ]
    return Reading(whole, parts, np.array(each))


def _log_chances(model: Linear, found: Mapping[int, float]) -> NDArray[np.float64]:
    return log_chances(model.scores(found) / model.temperature)


def log_chances(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scores of the sources, in the last axis, as the logarithms of their chances."""
    moved = scores - scores.max(axis=-1, keepdims=True)
    logs: NDArray[np.float64] = moved - np.log(np.exp(moved).sum(axis=-1, keepdims=True))
    return np.maximum(logs, -12.0)


def load(folder: Path) -> Linear:
    """The packaged model. Raises ModelError where it is missing, damaged or of another version."""
    return linear.load(folder, NAME, FORM, leaves())


def index(sources: Sequence[str]) -> list[int]:
    """Indices of sources among the classes."""
    names = leaves()
    return [names.index(name) for name in sources]
