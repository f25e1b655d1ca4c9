"""Logistic regression in the space of the examples: where features outnumber examples, every step is a small product.

The weights are a sum of the examples (the representer theorem), so that what is learned is one number an example and
class; steps are Nesterov's. Seeded by construction: no random number is drawn.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voicebot.classify.linear import BUCKETS

ROUNDS, POWER = 250, 30
# A feature of fewer examples is multiplied only where it is: most features are rare.
COMMON, BLOCK = 200, 1000


class Space:
    """Examples as rows, and how alike each two of them are."""

    def __init__(self, rows: Sequence[Mapping[int, float]], at_least: int = 2) -> None:
        """`at_least`: features of fewer examples are left out, since they only learn one example by heart."""
        counts = np.bincount([key for row in rows for key in row], minlength=BUCKETS)
        self.columns = np.flatnonzero(counts >= at_least)
        place = np.full(BUCKETS, -1)
        place[self.columns] = np.arange(len(self.columns))
        self.inputs = np.zeros((len(rows), len(self.columns)), dtype=np.float32)
        for number, row in enumerate(rows):
            for key, value in row.items():
                if place[key] >= 0:
                    self.inputs[number, place[key]] = value
        self.alike = self._alike(counts[self.columns] >= COMMON)

    def _alike(self, common: NDArray[np.bool_]) -> NDArray[np.float32]:
        """The products of all examples. `common`: of each column whether many examples have it."""
        dense = self.inputs[:, common]
        alike = dense @ dense.T
        rare = np.flatnonzero(~common)
        for block in np.array_split(rare, len(rare) // BLOCK + 1):
            for column in np.ascontiguousarray(self.inputs[:, block].T):
                here = np.flatnonzero(column)
                alike[np.ix_(here, here)] += np.outer(column[here], column[here])
        return alike

    def fit(self, truth: NDArray[Any], chosen: Sequence[int], decay: float) -> tuple[NDArray[Any], NDArray[Any]]:
        """Matrix (buckets, classes) and bias that make `truth` likeliest on the `chosen` examples.

        `truth`: shares of the classes, one row a chosen example; `decay`: the price of squared weights.
        """
        parts, bias = descend(self.alike[np.ix_(chosen, chosen)], truth, decay)
        matrix = np.zeros((BUCKETS, truth.shape[1]), dtype=np.float32)
        matrix[self.columns] = self.inputs[chosen].T @ parts
        return matrix, bias


def descend(alike: NDArray[Any], truth: NDArray[Any], decay: float) -> tuple[NDArray[Any], NDArray[Any]]:
    """How much of each example the weights are made of, (examples, classes), and the bias.

    In: `alike`, the products of the examples with each other; `truth` and `decay` as of `Space.fit`.
    """
    number = len(truth)
    step = 1 / (0.5 * _greatest(alike) / number + decay)
    parts = np.zeros_like(truth)
    ahead, bias, pace = parts.copy(), np.log(truth.mean(axis=0) + 1e-4), 1.0
    for _ in range(ROUNDS):
        scores = alike @ ahead + bias
        chances = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        error = (chances - truth) / number
        moved = ahead - step * (error + decay * ahead)
        bias = bias - 0.5 * error.sum(axis=0)
        faster = (1 + math.sqrt(1 + 4 * pace * pace)) / 2
        ahead, parts, pace = moved + (pace - 1) / faster * (moved - parts), moved, faster
    return parts, bias.astype(np.float32)


def _greatest(matrix: NDArray[Any]) -> float:
    """The greatest eigenvalue, by power iteration."""
    vector = np.ones(len(matrix), dtype=np.float32)
    for _ in range(POWER):
        vector = matrix @ vector
        vector /= np.linalg.norm(vector)
    return float(vector @ (matrix @ vector))
