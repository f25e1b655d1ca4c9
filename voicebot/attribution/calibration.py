"""Does a probability mean what it says? Reliability diagram, Brier score, expected calibration error. Pure.

Brier, "Verification of Forecasts Expressed in Terms of Probability", Monthly Weather Review 78 (1950); the error as in
Guo et al., "On Calibration of Modern Neural Networks", ICML 2017: the mean distance between what was claimed and what
came true over bins of equal width, each weighed by its share of the claims.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from voicebot.attribution import rates as measuring
from voicebot.attribution.error_rates import STATED_PRIORS, ErrorRates
from voicebot.attribution.simulation import Caller, World, callers
from voicebot.attribution.statistics import Interval, wilson
from voicebot.attribution.verdict import judge
from voicebot.taxonomy import agrees
from voicebot.terms import Disposition

BINS = 10


@dataclass(frozen=True, slots=True)
class Claim:
    """One probability that was claimed, and whether it came true."""

    probability: float
    right: bool
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Bin:
    """A part of the reliability diagram: what was claimed on average, and the share that came true."""

    low: float
    high: float
    claimed: float
    right: Interval
    count: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """`error`: the expected calibration error; `brier`: mean squared distance; lower is better for both."""

    count: int
    error: float
    brier: float
    bins: tuple[Bin, ...]


def calibrate(claims: Iterable[Claim], bins: int = BINS) -> Calibration:
    """Compare claims with what came true. No claims give zeroes."""
    every = list(claims)
    total = sum(claim.weight for claim in every)
    parts: list[list[Claim]] = [[] for _ in range(bins)]
    for claim in every:
        parts[min(bins - 1, int(claim.probability * bins))].append(claim)
    error = brier = 0.0
    for part in parts:
        gap = sum(claim.weight * (claim.probability - claim.right) for claim in part)
        error += abs(gap) / total if total else 0.0
    if total:
        brier = sum(claim.weight * (claim.probability - claim.right) ** 2 for claim in every) / total
    filled = tuple(_bin(place / bins, (place + 1) / bins, part) for place, part in enumerate(parts) if part)
    return Calibration(len(every), error, brier, filled)


def _bin(low: float, high: float, claims: list[Claim]) -> Bin:
    weight = sum(claim.weight for claim in claims)
    claimed = sum(claim.weight * claim.probability for claim in claims) / weight
    return Bin(low, high, claimed, wilson(sum(claim.right for claim in claims), len(claims)), len(claims))


def claim_of(caller: Caller, rates: ErrorRates) -> Claim:
    """The verdict's claim on one simulated caller, and whether it is true."""
    verdict = judge(caller.tracked, caller.witnesses, Disposition.NEW_LEAD, rates)
    right = verdict.source is not None and agrees(verdict.source, caller.truth)
    return Claim(verdict.probability, right)


@dataclass(frozen=True, slots=True)
class Point:
    """Calibration in one world after `reviewed` randomly reviewed calls."""

    world: str
    reviewed: int
    calibration: Calibration


# Worlds whose true rates are not the stated ones, and worlds that break the model's assumptions.
WORLDS = (
    World(),
    World(
        "callers and numbers twice as wrong",
        replace(STATED_PRIORS, tracked=0.25, asked=0.5, heard=0.4, prompted=0.5),
    ),
    World(
        "callers nearly always right",
        replace(STATED_PRIORS, tracked=0.04, asked=0.1, heard=0.08, prompted=0.1, false_denial=0.01),
    ),
    World("two tellings are one", replace(STATED_PRIORS, one_memory=0.95)),
    World("two tellings are independent", replace(STATED_PRIORS, one_memory=0.0)),
    World("wrong answers stay in the group (not in the model)", STATED_PRIORS, neighbours=True),
)


def curve(
    worlds: Iterable[World] = WORLDS,
    reviewed: Sequence[int] = (0, 50, 200, 1000),
    *,
    count: int = 5000,
    seed: int = 1,
) -> Iterator[Point]:
    """Calibration by world and number of reviewed calls, on `count` fresh callers each."""
    for world in worlds:
        judged = list(callers(world, count, seed))
        labels = [caller.reviewed() for caller in callers(world, max(reviewed), seed + 1000)]
        for size in reviewed:
            learned = measuring.measure(labels[:size]).rates
            yield Point(world.name, size, calibrate(claim_of(caller, learned) for caller in judged))


def lines(points: Iterable[Point]) -> Iterator[str]:
    """The curve for people: expected calibration error and Brier score by world and reviewed calls."""
    yield "verdict calibration on simulated callers whose true source is known (bar 0.04, aim 0.02)"
    for point in points:
        found = point.calibration
        yield (
            f"{point.world:<50} {point.reviewed:>5} reviewed  error {found.error:.3f}  "
            f"brier {found.brier:.3f}  n={found.count}"
        )
