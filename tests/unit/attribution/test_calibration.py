"""Probabilities mean what they say, on callers whose true source is known."""

from dataclasses import replace

import pytest

from voicebot.attribution import rates
from voicebot.attribution.calibration import BROKEN, Claim, calibrate, claims, learned_from, scaled
from voicebot.attribution.error_rates import STATED_PRIORS
from voicebot.attribution.simulation import World, callers

CALLERS, REVIEWED = 2000, 500


def test_the_measures_are_those_of_the_definition() -> None:
    found = calibrate([Claim(0.8, True), Claim(0.8, True), Claim(0.8, False), Claim(0.2, False)])
    assert found.error == pytest.approx(0.75 * abs(0.8 - 2 / 3) + 0.25 * 0.2)
    assert found.brier == pytest.approx((2 * 0.04 + 0.64 + 0.04) / 4)
    assert [entry.count for entry in found.bins] == [1, 3]


def test_a_claim_with_twice_the_weight_counts_as_two() -> None:
    weighed = calibrate([Claim(0.9, True, 2.0), Claim(0.4, False)])
    plain = calibrate([Claim(0.9, True), Claim(0.9, True), Claim(0.4, False)])
    assert (weighed.error, weighed.brier) == pytest.approx((plain.error, plain.brier))


def test_no_claims_are_no_error() -> None:
    assert calibrate([]).error == 0.0


@pytest.mark.parametrize("world", [scaled(1.0), *BROKEN], ids=lambda world: world.name)
def test_verdicts_are_calibrated_after_some_hundred_reviewed_calls(world: World) -> None:
    labels = [caller.reviewed() for caller in callers(world, REVIEWED, seed=77)]
    found = calibrate(claims(callers(world, CALLERS, seed=78), learned_from(labels)))
    assert found.error < 0.04


def test_reviewed_calls_mend_priors_that_are_wrong() -> None:
    world = World(rates=replace(STATED_PRIORS, tracked=0.3, asked=0.5, heard=0.4))
    judged = list(callers(world, CALLERS, seed=3))
    learned = rates.measure(caller.reviewed() for caller in callers(world, REVIEWED, seed=4)).rates
    before = calibrate(claims(judged, STATED_PRIORS)).error
    after = calibrate(claims(judged, learned)).error
    assert after < 0.5 * before


@pytest.mark.parametrize("factor", [0.5, 1.0, 1.5, 2.0])
def test_calls_that_nobody_reviewed_keep_verdicts_calibrated_and_as_telling(factor: float) -> None:
    world = scaled(factor)
    judged = list(callers(world, CALLERS, seed=5))
    others = [(caller.tracked, caller.witnesses) for caller in callers(world, 500, seed=6)]
    stated, learned = calibrate(claims(judged, STATED_PRIORS)), calibrate(claims(judged, learned_from([], others)))
    assert learned.error < (0.03 if factor <= 1.0 else 0.05)
    assert learned.brier < stated.brier + 0.001
    assert learned.error < 0.75 * stated.error or factor in (1.0, 1.5)
