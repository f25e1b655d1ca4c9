"""What the cost of asking means, in sentences."""

import pytest

from voicebot.reports.asking import CostOfAsking, Group, cost_of_asking
from voicebot.reports.asking_told import calls_wanted, meaning, told


def found(asked: int, gave_up: int, held_out: int, of_those: int) -> CostOfAsking:
    return cost_of_asking(
        Group(asked, gave_up, tuple(9.0 + one % 3 for one in range(asked - gave_up))),
        Group(held_out, of_those, tuple(4.0 + one % 3 for one in range(held_out - of_those))),
    )


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ((40, 4, 0, 0), "the cost is not known: set a holdout"),
        ((0, 0, 40, 4), "No caller was asked"),
        ((900, 180, 900, 45), "Asking loses callers: it adds 15.0 (12.0 to 18.0)"),
        ((900, 45, 900, 180), "Callers who are asked hang up less"),
        ((900, 60, 900, 54), "that may be none at all"),
        ((900, 60, 900, 54), "There are enough calls"),
        ((40, 6, 40, 2), "too few calls yet"),
        ((40, 6, 1, 0), "and there is 1."),
    ],
)
def test_the_figures_are_said_as_far_as_they_can_be_believed(figures: tuple[int, ...], said: str) -> None:
    assert any(said in sentence for sentence in meaning(found(*figures)))


def test_the_calls_that_are_asked_for_would_do() -> None:
    few = found(40, 4, 40, 4)
    assert few.added_hang_ups is not None
    wanted = calls_wanted(few, few.added_hang_ups)
    many = found(wanted, wanted // 10, wanted, wanted // 10)
    assert 40 < wanted < 1000 and any("enough" in sentence for sentence in meaning(many))


def test_both_groups_are_told_first() -> None:
    assert told(found(40, 6, 1, 0))[:2] == [
        "Asked: 40 calls, it rang after 10.0 s, 6 hung up before (7.1% to 29.1%).",
        "Held out: 1 call, it rang after 4.0 s, 0 hung up before (0.0% to 79.3%).",
    ]
