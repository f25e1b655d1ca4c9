"""Does a probability mean what it says? Reliability diagram, Brier score, expected calibration error. Pure.

Brier, "Verification of Forecasts Expressed in Terms of Probability", Monthly Weather Review 78 (1950); the error as in
Guo et al., "On Calibration of Modern Neural Networks", ICML 2017: the mean distance between what was claimed and what
came true over bins of equal width, each weighed by its share of the claims.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from voicebot.attribution import rates as measuring
from voicebot.attribution.error_rates import STATED_PRIORS, ErrorRates
from voicebot.attribution.evidence import TrackedCampaign, Witness
from voicebot.attribution.simulation import Caller, World, callers
from voicebot.attribution.statistics import Interval, too_small, wilson
from voicebot.attribution.verdict import Verdict, judge
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
    """A part of the reliability diagram: what was claimed on average, and the share that came true, with its Wilson
    interval; `few`: so few claims that it is marked."""

    low: float
    high: float
    claimed: float
    right: Interval
    count: int
    few: bool


@dataclass(frozen=True, slots=True)
class Calibration:
    """`error`: the expected calibration error; `brier`: mean squared distance; lower is better for both. `chance`: the
    error that so many claims show on average when every one of them means what it says."""

    count: int
    error: float
    brier: float
    chance: float
    bins: tuple[Bin, ...]


def calibrate(claims: Iterable[Claim], bins: int = BINS) -> Calibration:
    """Compare claims with what came true. No claims give zeroes."""
    every = list(claims)
    total = sum(claim.weight for claim in every)
    parts: list[list[Claim]] = [[] for _ in range(bins)]
    for claim in every:
        parts[min(bins - 1, int(claim.probability * bins))].append(claim)
    error = brier = chance = 0.0
    for part in parts if total else []:
        error += abs(sum(claim.weight * (claim.probability - claim.right) for claim in part)) / total
        brier += sum(claim.weight * (claim.probability - claim.right) ** 2 for claim in part) / total
        # The mean distance of a normal variable from its mean, with the variance that these claims have.
        variance = sum(claim.weight**2 * claim.probability * (1.0 - claim.probability) for claim in part)
        chance += math.sqrt(2.0 / math.pi * variance) / total
    filled = tuple(_bin(place / bins, (place + 1) / bins, part) for place, part in enumerate(parts) if part)
    return Calibration(len(every), error, brier, chance, filled)


def _bin(low: float, high: float, claims: list[Claim]) -> Bin:
    weight = sum(claim.weight for claim in claims)
    claimed = sum(claim.weight * claim.probability for claim in claims) / weight
    # Claims that weigh more than others are worth fewer (L. Kish, "Survey Sampling", 1965): all alike, their number.
    worth = weight**2 / sum(claim.weight**2 for claim in claims)
    share = sum(claim.weight * claim.right for claim in claims) / weight
    return Bin(low, high, claimed, wilson(share * worth, worth), len(claims), too_small(len(claims)))


def claims(judged: Iterable[Caller], rates: ErrorRates) -> Iterator[Claim]:
    """The verdicts' claims on simulated callers, and whether they are true. Those with the same evidence are alike."""
    known: dict[tuple[object, ...], Verdict] = {}
    for caller in judged:
        evidence = caller.tracked, caller.witnesses
        verdict = known.get(evidence)
        if verdict is None:
            verdict = known[evidence] = judge(*evidence, Disposition.NEW_LEAD, rates)
        yield Claim(verdict.probability, verdict.source is not None and agrees(verdict.source, caller.truth))


def learned_from(
    reviewed: Sequence[measuring.Reviewed], unreviewed: Sequence[tuple[TrackedCampaign, tuple[Witness, ...]]] = ()
) -> ErrorRates:
    """The rates that a company with these calls judges by."""
    return measuring.measure(reviewed, supposed=measuring.suppose(reviewed, unreviewed)).rates


@dataclass(frozen=True, slots=True)
class Point:
    """Calibration in one world after `reviewed` randomly reviewed calls and `unreviewed` others."""

    world: str
    reviewed: int
    unreviewed: int
    calibration: Calibration


def scaled(factor: float) -> World:
    """A world in which numbers and callers are wrong so many times as often as stated."""
    names = ("tracked", "tracked_copied", "tracked_outside_dates", "asked", "heard", "prompted", "false_denial")
    wrong: dict[str, Any] = {name: min(0.9, factor * getattr(STATED_PRIORS, name)) for name in names}
    return World("as stated" if factor == 1.0 else f"wrong {factor:g} times as often", replace(STATED_PRIORS, **wrong))


# Worlds whose true rates are not the stated ones in other ways, and worlds that break the model's assumptions.
BROKEN = (
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
WORLDS = (*(scaled(factor) for factor in (0.5, 1.0, 1.5, 2.0)), *BROKEN)


def curve(
    worlds: Iterable[World] = WORLDS,
    reviewed: Sequence[int] = (0, 20, 50, 100, 200),
    unreviewed: Sequence[int] = (0, 500),
    *,
    count: int = 5000,
    seed: int = 1,
) -> Iterator[Point]:
    """Calibration by world and number of reviewed and unreviewed calls, on `count` fresh callers each."""
    for world in worlds:
        judged = list(callers(world, count, seed))
        labels = [caller.reviewed() for caller in callers(world, max(reviewed), seed + 1000)]
        others = [(caller.tracked, caller.witnesses) for caller in callers(world, max(unreviewed), seed + 2000)]
        for size, more in product(reviewed, unreviewed):
            learned = learned_from(labels[:size], others[:more])
            yield Point(world.name, size, more, calibrate(claims(judged, learned)))


def lines(points: Iterable[Point]) -> Iterator[str]:
    """The curve for people: expected calibration error and Brier score by world and reviewed calls."""
    yield "verdict calibration on simulated callers whose true source is known (bar 0.04, aim 0.02)"
    for point in points:
        found = point.calibration
        yield (
            f"{point.world:<50} {point.reviewed:>4} reviewed {point.unreviewed:>4} others  "
            f"error {found.error:.3f}  brier {found.brier:.3f}  n={found.count}"
        )
