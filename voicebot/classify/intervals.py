"""Figures with intervals: shares with Wilson's, anything else by the bootstrap. Seeded: the same at every run."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TypeVar

import numpy as np

T = TypeVar("T")
RESAMPLES, SEED = 1000, 5


@dataclass(frozen=True, slots=True)
class Score:
    """One figure: its name, the value (0 to 1), the size of the set, and a 95 % interval."""

    name: str
    value: float
    size: int
    low: float
    high: float


def share(name: str, hits: Sequence[bool]) -> Score:
    """A share of hits with its Wilson score interval (Wilson 1927)."""
    total, right = len(hits), sum(hits)
    if not total:
        return Score(name, 0.0, 0, 0.0, 1.0)
    z, p = NormalDist().inv_cdf(0.975), right / total
    middle = (p + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(p * (1 - p) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return Score(name, p, total, max(0.0, middle - half), min(1.0, middle + half))


def bootstrap(name: str, figure: Callable[[Sequence[T]], float], cases: Sequence[T], size: int | None = None) -> Score:
    """`figure` of the cases with the percentile interval of resampled cases (Efron 1979). `size`: the set's."""
    total = len(cases)
    if not total:
        return Score(name, 0.0, 0, 0.0, 1.0)
    draws = np.random.default_rng(SEED).integers(0, total, (RESAMPLES, total))
    values = [figure([cases[place] for place in draw]) for draw in draws]
    low, high = np.percentile(values, [2.5, 97.5])
    return Score(name, figure(cases), size or total, float(low), float(high))


def macro_f1(pairs: Sequence[tuple[str, str]]) -> float:
    """Of (truth, guess) pairs: the mean over the true classes of 2 x hits / (true + guessed)."""
    true: dict[str, int] = {}
    guessed: dict[str, int] = {}
    hits: dict[str, int] = {}
    for truth, guess in pairs:
        true[truth] = true.get(truth, 0) + 1
        guessed[guess] = guessed.get(guess, 0) + 1
        hits[truth] = hits.get(truth, 0) + (truth == guess)
    return sum(2 * hits[name] / (true[name] + guessed.get(name, 0)) for name in true) / len(true) if true else 0.0


def calibration_error(cases: Sequence[tuple[float, bool]], bins: int = 10) -> float:
    """Expected calibration error of (stated probability, was right): the mean gap between the two over equal bins."""
    groups: dict[int, list[tuple[float, bool]]] = {}
    for sure, right in cases:
        groups.setdefault(min(int(sure * bins), bins - 1), []).append((sure, right))
    gaps = (abs(sum(sure for sure, _ in group) - sum(right for _, right in group)) for group in groups.values())
    return sum(gaps) / len(cases) if cases else 0.0
