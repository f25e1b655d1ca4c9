"""Logistic regression on sparse features, by L-BFGS. Seeded by construction: no random number is drawn."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voicebot.classify.linear import BUCKETS

ROUNDS, MEMORY = 120, 8
# A point to its loss and slope.
Loss = Callable[[NDArray[Any]], tuple[float, NDArray[Any]]]


class Sparse:
    """A sparse matrix of examples by features, kept row by row and column by column for products both ways."""

    def __init__(self, rows: Sequence[Mapping[int, float]], at_least: int = 2) -> None:
        """`at_least`: features of fewer examples are left out, since they only learn one example by heart."""
        counts = np.bincount([key for row in rows for key in row], minlength=BUCKETS)
        self.columns = np.flatnonzero(counts >= at_least)
        place = np.full(BUCKETS, -1)
        place[self.columns] = np.arange(len(self.columns))
        kept = [[(place[key], value) for key, value in row.items() if place[key] >= 0] for row in rows]
        self.row = np.repeat(np.arange(len(rows)), [len(row) for row in kept])
        self.column = np.array([key for row in kept for key, _ in row], dtype=np.int64)
        self.value = np.array([value for row in kept for _, value in row], dtype=np.float32)
        self.order = np.argsort(self.column, kind="stable")
        self.size = len(rows)

    def times(self, matrix: NDArray[Any]) -> NDArray[Any]:
        """The product with (features, classes)."""
        return _sums(self.value[:, None] * matrix[self.column], self.row, self.size)

    def transposed_times(self, matrix: NDArray[Any]) -> NDArray[Any]:
        """The product of the transpose with (examples, classes)."""
        parts = self.value[self.order, None] * matrix[self.row[self.order]]
        return _sums(parts, self.column[self.order], len(self.columns))


class Dense:
    """A matrix of examples by features of which most are not zero, as the same products."""

    def __init__(self, inputs: NDArray[Any]) -> None:
        self.inputs = inputs.astype(np.float32)
        self.columns = np.arange(inputs.shape[1])
        self.size = len(inputs)

    def times(self, matrix: NDArray[Any]) -> NDArray[Any]:
        """The product with (features, classes)."""
        return np.asarray(self.inputs @ matrix)

    def transposed_times(self, matrix: NDArray[Any]) -> NDArray[Any]:
        """The product of the transpose with (examples, classes)."""
        return np.asarray(self.inputs.T @ matrix)


def _sums(parts: NDArray[Any], group: NDArray[Any], groups: int) -> NDArray[Any]:
    """Sums of the rows of each group; `group` is sorted."""
    total = np.zeros((groups, parts.shape[1]), dtype=np.float32)
    starts = np.flatnonzero(np.r_[len(group) > 0, group[1:] != group[:-1]])
    if len(starts):
        total[group[starts]] = np.add.reduceat(parts, starts, axis=0)
    return total


def fit(
    rows: Sequence[Mapping[int, float]] | NDArray[Any],
    labels: Sequence[int],
    weights: Sequence[float],
    classes: int,
    decay: float,
    rounds: int = ROUNDS,
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Matrix (buckets, classes) and bias that make the labels likeliest, `decay` times the squared weights aside.

    `rows`: hashed features by bucket, or a matrix of examples by features; `rounds`: of L-BFGS, at most.
    """
    inputs = Dense(rows) if isinstance(rows, np.ndarray) else Sparse(rows)
    truth = np.eye(classes, dtype=np.float32)[list(labels)]
    each = np.array(weights, dtype=np.float32)[:, None]
    each /= each.sum()
    features = len(inputs.columns)

    def loss(flat: NDArray[Any]) -> tuple[float, NDArray[Any]]:
        matrix, bias = flat[: features * classes].reshape(features, classes), flat[features * classes :]
        scores = inputs.times(matrix) + bias
        scores -= scores.max(axis=1, keepdims=True)
        logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        error = (np.exp(logs) - truth) * each
        slope = inputs.transposed_times(error) + decay * matrix
        value = -float((truth * logs * each).sum()) + decay / 2 * float((matrix * matrix).sum())
        return value, np.r_[slope.ravel(), error.sum(axis=0)]

    best = minimise(loss, np.zeros(features * classes + classes, dtype=np.float32), rounds)
    whole = np.zeros((BUCKETS, classes), dtype=np.float32)
    whole[inputs.columns] = best[: features * classes].reshape(features, classes)
    return whole, best[features * classes :].astype(np.float32)


def minimise(loss: Loss, point: NDArray[Any], rounds: int = ROUNDS) -> NDArray[Any]:
    """L-BFGS with backtracking (Nocedal and Wright, "Numerical Optimization", algorithm 7.5)."""
    steps: deque[tuple[NDArray[Any], NDArray[Any], float]] = deque(maxlen=MEMORY)
    value, slope = loss(point)
    for _ in range(rounds):
        direction = -_approximate_newton(slope, steps)
        length, descent = 1.0 if steps else 1.0 / max(float(np.abs(slope).sum()), 1e-9), float(direction @ slope)
        for _ in range(20):
            new_value, new_slope = loss(point + length * direction)
            if new_value <= value + 1e-4 * length * descent:
                break
            length /= 2
        else:
            return point
        move, change = length * direction, new_slope - slope
        if float(move @ change) > 1e-12:
            steps.append((move, change, 1.0 / float(move @ change)))
        point, slope, gain, value = point + move, new_slope, value - new_value, new_value
        if gain < 1e-6 * max(abs(value), 1.0):
            return point
    return point


def _approximate_newton(slope: NDArray[Any], steps: deque[tuple[NDArray[Any], NDArray[Any], float]]) -> NDArray[Any]:
    rest, parts = slope.copy(), []
    for move, change, scale in reversed(steps):
        part = scale * float(move @ rest)
        parts.append(part)
        rest -= part * change
    if steps:
        move, change, _ = steps[-1]
        rest *= float(move @ change) / float(change @ change)
    for (move, change, scale), part in zip(steps, reversed(parts), strict=True):
        rest += move * (part - scale * float(change @ rest))
    return rest
