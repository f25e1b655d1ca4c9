"""Gradient boosted trees for several classes, on histograms. numpy only; seeded: the same at every run.

Friedman, "Greedy Function Approximation: A Gradient Boosting Machine" (2001), with second-order leaves (Chen and
Guestrin, "XGBoost", KDD 2016) and trees grown at their best leaf first (Ke et al., "LightGBM", NIPS 2017).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 32


@dataclass(frozen=True, slots=True)
class Growth:
    """How trees are grown. `shares`: of the features and of the examples that each tree sees."""

    rounds: int = 120
    rate: float = 0.07
    leaves: int = 15
    at_least: int = 15
    decay: float = 2.0
    feature_share: float = 0.3
    example_share: float = 0.8


@dataclass(frozen=True, slots=True)
class Tree:
    """Nodes in order: where `feature` < 0 a leaf of `value`, else to `left` where the number is at most `limit`."""

    feature: list[int]
    limit: list[float]
    left: list[int]
    right: list[int]
    value: list[float]


class Binned:
    """A matrix of examples by features in at most `BINS` steps a feature; `limits` are the upper ends of the steps."""

    def __init__(self, inputs: NDArray[Any]) -> None:
        self.limits = [_limits(column) for column in inputs.T]
        places = [np.searchsorted(limits, column) for limits, column in zip(self.limits, inputs.T, strict=True)]
        self.places = np.stack(places, axis=1).astype(np.uint8)


def _limits(column: NDArray[Any]) -> NDArray[Any]:
    values = np.unique(column)
    if len(values) > BINS:
        values = np.unique(np.quantile(column, np.linspace(0, 1, BINS + 1)[1:], method="lower"))
    return np.asarray((values[:-1] + values[1:]) / 2)


def fit(
    inputs: NDArray[Any], labels: Sequence[int], classes: int, growth: Growth, seed: int = 0
) -> tuple[NDArray[Any], list[list[Tree]]]:
    """The classes' scores before any tree, and in each round one tree a class that adds to its score."""
    binned, random = Binned(inputs.astype(np.float64)), np.random.default_rng(seed)
    truth = np.eye(classes)[list(labels)]
    start = np.log(np.clip(truth.mean(axis=0), 1e-6, 1))
    scores = np.tile(start, (len(truth), 1))
    rounds: list[list[Tree]] = []
    for _ in range(growth.rounds):
        chances = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        rows = np.sort(random.choice(len(truth), int(growth.example_share * len(truth)), replace=False))
        trees = []
        for kind in range(classes):
            features = np.sort(random.choice(inputs.shape[1], _some(growth, inputs.shape[1]), replace=False))
            slope, bend = chances[:, kind] - truth[:, kind], chances[:, kind] * (1 - chances[:, kind])
            tree = _Grower(binned, features, slope, bend * classes / (classes - 1), growth).tree(rows)
            scores[:, kind] += _apply(tree, inputs)
            trees.append(tree)
        rounds.append(trees)
    return start, rounds


def _some(growth: Growth, count: int) -> int:
    return max(1, int(growth.feature_share * count))


def scores(start: NDArray[Any], rounds: Sequence[Sequence[Tree]], inputs: NDArray[Any]) -> NDArray[Any]:
    """The classes' scores of each example."""
    total = np.tile(start, (len(inputs), 1))
    for trees in rounds:
        for kind, tree in enumerate(trees):
            total[:, kind] += _apply(tree, inputs)
    return total


def _apply(tree: Tree, inputs: NDArray[Any]) -> NDArray[Any]:
    feature, limit = np.array(tree.feature), np.array(tree.limit)
    left, right, value = np.array(tree.left), np.array(tree.right), np.array(tree.value)
    node = np.zeros(len(inputs), dtype=np.int64)
    rows = np.arange(len(inputs))
    while (inner := feature[node] >= 0).any():
        at = node[inner]
        low = inputs[rows[inner], feature[at]] <= limit[at]
        node[inner] = np.where(low, left[at], right[at])
    return value[node]


class _Grower:
    """One tree while it grows."""

    def __init__(
        self, binned: Binned, features: NDArray[Any], slope: NDArray[Any], bend: NDArray[Any], growth: Growth
    ) -> None:
        self.binned, self.features, self.growth = binned, features, growth
        self.slope, self.bend = slope, bend
        self.codes = binned.places[:, features].astype(np.int32) + np.arange(len(features), dtype=np.int32) * BINS
        self.nodes: list[tuple[int, float, int, int, float]] = []

    def tree(self, rows: NDArray[Any]) -> Tree:
        """The tree that fits the examples `rows`."""
        open_ = [self._leaf(rows, self._histogram(rows))]
        while len(open_) < self.growth.leaves:
            best = max(range(len(open_)), key=lambda at: open_[at][0])
            if open_[best][0] <= 0:
                break
            open_ += self._split(*open_.pop(best)[1:])
        return Tree(*([node[part] for node in self.nodes] for part in range(5)))  # type: ignore[arg-type]

    def _leaf(self, rows: NDArray[Any], histogram: NDArray[Any]) -> tuple[Any, ...]:
        """A new leaf: what splitting it gains, and how."""
        slope, bend = self.slope[rows].sum(), self.bend[rows].sum()
        value = -self.growth.rate * float(slope / (bend + self.growth.decay))
        self.nodes.append((-1, 0.0, 0, 0, value))
        gain, column, place = self._best(histogram)
        return gain, len(self.nodes) - 1, rows, histogram, column, place

    def _histogram(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Sums of slope, bend and count of each step of each feature: (3, features, steps)."""
        width = len(self.features)
        codes = self.codes[rows].ravel()
        sums = [
            np.bincount(codes, np.repeat(part[rows], width) if part is not None else None, width * BINS)
            for part in (self.slope, self.bend, None)
        ]
        return np.stack(sums).reshape(3, width, BINS)

    def _best(self, histogram: NDArray[Any]) -> tuple[float, int, int]:
        low = histogram.cumsum(axis=2)
        high = low[:, :, -1:] - low
        decay = self.growth.decay
        gain = low[0] ** 2 / (low[1] + decay) + high[0] ** 2 / (high[1] + decay)
        whole = low[:, :, -1]
        gain -= (whole[0] ** 2 / (whole[1] + decay))[:, None]
        gain[(low[2] < self.growth.at_least) | (high[2] < self.growth.at_least)] = 0.0
        at = int(gain.argmax())
        return float(gain.ravel()[at]) - 1e-9, at // BINS, at % BINS

    def _split(
        self, node: int, rows: NDArray[Any], histogram: NDArray[Any], column: int, place: int
    ) -> Iterator[tuple[Any, ...]]:
        feature = int(self.features[column])
        is_low = self.binned.places[rows, feature] <= place
        low, high = rows[is_low], rows[~is_low]
        small = self._histogram(low if len(low) < len(high) else high)
        both = (small, histogram - small) if len(low) < len(high) else (histogram - small, small)
        left = len(self.nodes)
        leaves = [self._leaf(part, sums) for part, sums in zip((low, high), both, strict=True)]
        self.nodes[node] = (feature, float(self.binned.limits[feature][place]), left, left + 1, 0.0)
        return iter(leaves)
