"""What asking costs, as figures: against worked examples of the literature, and by properties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.reports.asking import Group, cost_of_asking, difference_of_means, difference_of_shares


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        # Newcombe 1998, table II, method 10, rows a, b and c.
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
    ],
)
def test_the_difference_of_shares_has_the_published_interval(
    counts: tuple[int, int, int, int], low: float, high: float
) -> None:
    found = difference_of_shares(*counts)
    assert found is not None
    assert (found.low, found.high) == (pytest.approx(low, abs=5e-4), pytest.approx(high, abs=5e-4))


def test_the_difference_of_means_is_the_mean_wait_that_asking_adds() -> None:
    found = difference_of_means([10, 11, 12, 13], [4, 5, 6, 7])
    assert found is not None
    # Both variances are 5/3 over four calls each: 1.96 times the root of 2 * 5/12.
    assert (found.estimate, found.high - found.estimate) == (6, pytest.approx(1.7892, abs=1e-3))


def test_too_few_calls_give_no_figure_instead_of_a_guess() -> None:
    alone = cost_of_asking(Group(1, 0, (9.0,)), Group(0, 0, ()))
    assert (alone.added_seconds, alone.added_hang_ups) == (None, None)
    assert alone.as_json()["held_out"]["mean_wait_seconds"] is None


@given(
    first=st.integers(0, 400).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))),
    second=st.integers(0, 400).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))),
)
def test_an_interval_holds_its_estimate_and_turns_round_with_the_groups(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    found, turned = difference_of_shares(*first, *second), difference_of_shares(*second, *first)
    if found is None or turned is None:
        assert 0 in (first[1], second[1])
        return
    assert -1 <= found.low <= found.estimate + 1e-12 and found.estimate - 1e-12 <= found.high <= 1
    assert (turned.low, turned.high) == (pytest.approx(-found.high), pytest.approx(-found.low))
