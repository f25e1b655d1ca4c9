"""Error rates learned from reviewed calls: what Bayes makes of them, and that known truth is found again."""

from dataclasses import replace
from datetime import date

import pytest

from voicebot.attribution import rates
from voicebot.attribution.beta import Beta
from voicebot.attribution.error_rates import STATED_PRIORS
from voicebot.attribution.evidence import TrackedCampaign, Witness
from voicebot.attribution.rates import Reviewed, measure
from voicebot.attribution.simulation import World, callers
from voicebot.terms import WitnessKind

ASKED, HEARD = WitnessKind.ASKED, WitnessKind.HEARD
BILLBOARD = TrackedCampaign(1, "Billboard", "billboard", date(2026, 1, 1), None, date(2026, 6, 1))
CERTAIN = Witness(ASKED, "billboard", 1.0)


@pytest.mark.parametrize(
    ("belief", "rate", "share"),
    [(Beta(1, 1), 0.3, 0.3), (Beta(2, 2), 0.5, 0.5), (Beta(1, 3), 0.5, 0.875), (Beta(5, 1), 0.9, 0.9**5)],
)
def test_the_incomplete_beta_function_meets_closed_forms(belief: Beta, rate: float, share: float) -> None:
    assert belief.below(rate) == pytest.approx(share, abs=1e-12)
    assert belief.quantile(share) == pytest.approx(rate, abs=1e-9)


def test_without_reviewed_calls_the_rates_are_the_stated_priors() -> None:
    measured = measure([])
    assert measured.calls == 0
    for entry in measured.table:
        assert entry.mean == pytest.approx(getattr(STATED_PRIORS, entry.name), abs=0.005)


def test_a_rate_is_the_prior_updated_by_counted_errors() -> None:
    right = [Reviewed(BILLBOARD, (CERTAIN,), "billboard")] * 70
    wrong = [Reviewed(BILLBOARD, (replace(CERTAIN, source="radio"),), "yard_sign")] * 30
    measured = {entry.name: entry for entry in measure([*right, *wrong]).table}
    strength = rates.STRENGTH
    assert (measured["asked"].errors, measured["asked"].trials) == (30, 100)
    assert measured["asked"].mean == pytest.approx((0.3 * strength + 30) / (strength + 100))
    assert measured["tracked"].mean == pytest.approx((0.1 * strength + 30) / (strength + 100))
    assert measured["asked"].low < 0.3 < measured["asked"].high


def test_calls_on_which_nothing_was_said_teach_nothing() -> None:
    silent = [Reviewed(BILLBOARD, (), None), Reviewed(BILLBOARD, (), "not_stated")]
    assert measure(silent * 50).calls == 0


def test_a_channel_that_never_ran_and_is_agreed_to_raises_the_rate_of_false_acceptance() -> None:
    assert measure([], false_recall=(60, 100)).rates.prompted > 0.5
    assert measure([], false_recall=(2, 100)).rates.prompted < 0.15


def test_a_source_group_gets_its_own_rate_only_from_enough_reviewed_calls() -> None:
    wrong = Reviewed(BILLBOARD, (replace(CERTAIN, source="radio"),), "billboard")
    assert not measure([wrong] * 10).rates.by_group
    by_group = measure([wrong] * 60).rates.by_group
    assert by_group[ASKED, "outdoor"] > 0.6


def test_a_call_with_twice_the_weight_counts_as_two() -> None:
    one = Reviewed(BILLBOARD, (replace(CERTAIN, source="radio"),), "billboard")
    assert measure([replace(one, weight=2.0)]).rates.asked == pytest.approx(measure([one, one]).rates.asked)


TRUE = replace(
    STATED_PRIORS, tracked=0.2, asked=0.45, heard=0.1, prompted=0.6, denies=0.4, false_denial=0.03, one_memory=0.2
)


def test_rates_that_are_not_the_stated_ones_are_found_again() -> None:
    reviewed = [caller.reviewed() for caller in callers(World(rates=TRUE), 2000, seed=5)]
    found = {entry.name: entry for entry in measure(reviewed).table}
    for name in ("tracked", "asked", "heard", "prompted", "denies", "false_denial", "one_memory"):
        assert found[name].mean == pytest.approx(getattr(TRUE, name), abs=0.07), found[name]


def test_credible_intervals_hold_the_true_rates_as_often_as_they_say() -> None:
    """Truth drawn from the stated prior itself: then 95 % of the intervals must hold it, whatever the sample."""
    import numpy as np

    chance = np.random.default_rng(11)
    inside = total = 0
    for _ in range(1500):
        prior = Beta.stated(float(chance.choice([0.05, 0.1, 0.25, 0.3])), rates.STRENGTH)
        truth = chance.beta(prior.a, prior.b)
        trials = int(chance.integers(0, 300))
        belief = prior.after(int(chance.binomial(trials, truth)), trials)
        inside, total = inside + (0.025 <= belief.below(truth) <= 0.975), total + 1
    assert 0.93 <= inside / total <= 0.97
