"""Intervals, money and credit."""

import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.attribution.credit import shares
from voicebot.attribution.statistics import cost_per_lead, roi, too_small, wilson
from voicebot.terms import CreditModel


def test_wilson_gives_the_published_values() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263.
    interval = wilson(81, 263)
    assert (round(interval.low, 4), round(interval.high, 4)) == (0.2553, 0.3662)


@given(total=st.integers(0, 500), share=st.floats(0, 1))
def test_an_interval_holds_its_estimate_and_stays_between_nought_and_one(total: int, share: float) -> None:
    interval = wilson(round(total * share), total)
    assert 0 <= interval.low <= interval.estimate <= interval.high <= 1


def test_ninety_five_percent_intervals_cover_about_that_often() -> None:
    source = random.Random(7)
    covered = 0
    for _ in range(2000):
        # Sizes vary: at one size the coverage hangs on which counts are possible.
        total = source.randint(30, 120)
        successes = sum(source.random() < 0.3 for _ in range(total))
        interval = wilson(successes, total)
        covered += interval.low <= 0.3 <= interval.high
    assert 0.93 <= covered / 2000 <= 0.97


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="impossible"):
        wilson(3, 2)


def test_cost_per_lead_is_to_the_cent_and_undefined_without_leads() -> None:
    assert cost_per_lead(Decimal(100), 3) == Decimal("33.33")
    assert cost_per_lead(Decimal(100), 0) is None
    assert cost_per_lead(Decimal(100), 0.5) == Decimal("200.00")


def test_roi_is_won_minus_cost_over_cost_and_undefined_without_values_or_cost() -> None:
    assert roi(Decimal(300), Decimal(100)) == Decimal(2)
    assert roi(Decimal(0), Decimal(100)) == Decimal(-1)
    assert roi(None, Decimal(100)) is None
    assert roi(Decimal(300), Decimal(0)) is None


def test_a_small_sample_is_marked() -> None:
    assert too_small(29) and not too_small(30)


@given(
    touches=st.lists(st.sampled_from(["radio", "billboard", "google_ads"]), max_size=4),
    model=st.sampled_from(list(CreditModel)),
)
def test_shares_of_credit_sum_to_one(touches: list[str], model: CreditModel) -> None:
    assert sum(shares(touches, "billboard", model).values()) == pytest.approx(1.0)
