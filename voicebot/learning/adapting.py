"""A trained linear model fitted to a company's own examples, held to what it knew: the likeliest change of its weights.

The shipped weights are the mean of a Gaussian prior and the examples the evidence (maximum a posteriori adaptation:
Chelba and Acero, "Adaptation of Maximum Entropy Capitalizer: Little Data Can Help a Lot", EMNLP
2004). Fifty examples move little, thousands move
what they speak of; words that none of them has stay as they were. The change is a sum of the examples (the representer
theorem), so that it is found in their space, and takes seconds.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from voicebot.classify.linear import BUCKETS, Linear

ROUNDS, POWER, BLOCK = 200, 20, 4096
# How strongly the prior holds, from "hardly" to "nearly nothing moves": one is chosen on examples kept apart.
HOLDS = (1.0, 4.0, 16.0, 64.0)
# The classes' own frequencies are learned as if by a word that every example has, said this loud.
FREQUENCY = 1.0

Features = Mapping[int, float]
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Examples:
    """Examples beside each other: features, the index of each true class, what `model` says of each, and how alike."""

    rows: Sequence[Features]
    truth: NDArray[np.int64]
    said: Matrix
    alike: Matrix


def examples(model: Linear, rows: Sequence[Features], labels: Sequence[int]) -> Examples:
    """Prepare examples once for all fits."""
    said = np.array([model.scores(row) / model.temperature for row in rows]).reshape(len(rows), len(model.classes))
    return Examples(rows, np.array(labels, dtype=np.int64), said, _alike(rows) + FREQUENCY**2)


def _columns(rows: Sequence[Features]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Row, bucket and value of every feature, by bucket."""
    row = np.repeat(np.arange(len(rows)), [len(one) for one in rows])
    bucket = np.array([key for one in rows for key in one], dtype=np.int64)
    value = np.array([value for one in rows for value in one.values()], dtype=np.float64)
    order = np.argsort(bucket, kind="stable")
    return row[order], bucket[order], value[order]


def _alike(rows: Sequence[Features]) -> Matrix:
    """The products of every two examples, a block of columns at a time: all at once would not fit the memory."""
    total = np.zeros((len(rows), len(rows)))
    row, bucket, value = _columns(rows)
    kinds, place = np.unique(bucket, return_inverse=True)
    for start in range(0, len(kinds), BLOCK):
        inside = slice(*np.searchsorted(place, [start, start + BLOCK]))
        block = np.zeros((len(rows), BLOCK), dtype=np.float32)
        block[row[inside], place[inside] - start] = value[inside]
        total += block @ block.T
    return total


def fit(found: Examples, chosen: Sequence[int], hold: float) -> Matrix:
    """How much each of the `chosen` examples speaks for each class: the change of the weights is their sum.

    In: `hold`, the prior's strength. Nesterov's steps; no random number is drawn.
    """
    alike = found.alike[np.ix_(chosen, chosen)]
    said, truth = found.said[list(chosen)], np.eye(found.said.shape[1])[found.truth[list(chosen)]]
    step = 1 / (0.5 * _greatest(alike) + hold)
    parts, ahead, pace = np.zeros_like(said), np.zeros_like(said), 1.0
    for _ in range(ROUNDS):
        moved = ahead - step * (_chances(said + alike @ ahead) - truth + hold * ahead)
        faster = (1 + math.sqrt(1 + 4 * pace * pace)) / 2
        ahead, parts, pace = moved + (pace - 1) / faster * (moved - parts), moved, faster
    return parts


def chances(found: Examples, chosen: Sequence[int], parts: Matrix, asked: Sequence[int]) -> Matrix:
    """The probability of every class for the examples `asked`, after a fit on the `chosen`."""
    return _chances(found.said[list(asked)] + found.alike[np.ix_(asked, chosen)] @ parts)


def best_hold(found: Examples, chosen: Sequence[int], apart: Sequence[int]) -> float:
    """The strength under which the `chosen` examples say most of those kept `apart`."""

    def loss(hold: float) -> float:
        likely = chances(found, chosen, fit(found, chosen, hold), apart)
        return -float(np.log(likely[np.arange(len(apart)), found.truth[list(apart)]] + 1e-12).mean())

    return min(HOLDS, key=loss)


def adapted(model: Linear, found: Examples, hold: float, version: str) -> Linear:
    """The model with the change that all examples ask for."""
    parts = fit(found, range(len(found.rows)), hold)
    row, bucket, value = _columns(found.rows)
    change = np.zeros((BUCKETS, len(model.classes)), dtype=np.float32)
    np.add.at(change, bucket, (value[:, None] * parts[row]).astype(np.float32))
    bias = FREQUENCY**2 * parts.sum(axis=0)
    return replace(
        model,
        matrix=model.matrix + np.float32(model.temperature) * change,
        bias=(model.bias + model.temperature * bias).astype(np.float32),
        version=version,
    )


def _chances(scores: Matrix) -> Matrix:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    likely: Matrix = raised / raised.sum(axis=1, keepdims=True)
    return likely


def _greatest(matrix: Matrix) -> float:
    """The greatest eigenvalue, by power iteration."""
    vector = np.ones(len(matrix))
    for _ in range(POWER):
        vector = matrix @ vector
        vector /= np.linalg.norm(vector)
    return float(vector @ (matrix @ vector))
