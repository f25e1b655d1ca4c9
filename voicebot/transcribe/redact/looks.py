"""The two kinds of models of the tagger, as they are used: pure Python, since webhooks use them too. Pure."""

import math
import zlib
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from voicebot.transcribe.redact.category import Category

NOTHING = "nothing"
KINDS = (NOTHING, *map(str, Category))
# Weights are kept as whole numbers of this size.
STEP = 1 / 1024


@dataclass(frozen=True, slots=True)
class Linear:
    """Multinomial logistic regression on named features: a row of weights, one a kind, by the hash of the name."""

    rows: Mapping[int, Sequence[int]]
    bias: Sequence[float]

    def chances(self, names: Iterable[str]) -> dict[str, float]:
        """The probability of every kind by the features that a piece has; they sum to 1."""
        totals = [0] * len(KINDS)
        for name in names:
            row = self.rows.get(hashed(name))
            if row is not None:
                totals = [total + weight for total, weight in zip(totals, row, strict=True)]
        return _chances([total * STEP + bias for total, bias in zip(totals, self.bias, strict=True)])

    @classmethod
    def read(cls, data: bytes, bias: Sequence[float]) -> "Linear":
        """From little-endian bytes: the hashes of the features (uint32), then their rows of weights (int16)."""
        width = len(KINDS)
        size = len(data) // (4 + 2 * width)
        hashes, weights = array("I", data[: 4 * size]), array("h", data[4 * size :])
        return cls({key: tuple(weights[at * width : (at + 1) * width]) for at, key in enumerate(hashes)}, bias)


# A node: the place of its number, the limit, and the node for numbers up to it, the next one being for those above;
# a leaf's place is -1, and its limit what it adds.
Node = tuple[int, float, int]


@dataclass(frozen=True, slots=True)
class Trees:
    """Boosted trees on named numbers. `rounds`: in each, one tree a kind; `start`: the scores before any."""

    names: tuple[str, ...]
    start: Sequence[float]
    rounds: Sequence[Sequence[Sequence[Node]]]

    def chances(self, numbers: Mapping[str, float]) -> dict[str, float]:
        """The probability of every kind by the numbers of a piece; they sum to 1."""
        row = [numbers[name] for name in self.names]
        scores = list(self.start)
        for trees in self.rounds:
            for kind, tree in enumerate(trees):
                scores[kind] += _leaf(tree, row)
        return _chances(scores)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Trees":
        """From a parsed JSON document."""
        rounds = [[[tuple(node) for node in tree] for tree in trees] for trees in document["rounds"]]
        return cls(tuple(document["names"]), document["start"], rounds)


def _leaf(tree: Sequence[Node], row: Sequence[float]) -> float:
    place, limit, low = tree[0]
    while place >= 0:
        place, limit, low = tree[low if row[place] <= limit else low + 1]
    return limit


def _chances(scores: Sequence[float]) -> dict[str, float]:
    top = max(scores)
    powers = [math.exp(score - top) for score in scores]
    whole = sum(powers)
    return {kind: power / whole for kind, power in zip(KINDS, powers, strict=True)}


def hashed(name: str) -> int:
    """The number of a feature: the same in every process."""
    return zlib.crc32(name.encode())
