"""A number's assignment history under any sequence of edits: it never overlaps, and no call changes its campaign."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from voicebot.errors import Conflict, InvalidInput
from voicebot.numbers import history
from voicebot.numbers.history import Edit, Period, assign, campaign_at, unassign

START = datetime(2026, 1, 1, tzinfo=UTC)
BILLBOARD, RADIO = 1, 2


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def period(campaign_id: int, first: int, last: int | None = None) -> Period:
    return Period(campaign_id, f"Campaign {campaign_id}", day(first), None if last is None else day(last))


days = st.integers(0, 40)
campaigns = st.integers(1, 4)


class Numbers(RuleBasedStateMachine):
    """Somebody assigns, plans and takes back while callers ring; time only goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.periods: list[Period] = []
        self.calls: list[tuple[datetime, int | None]] = []
        self.now = 0

    def edit(self, make: Edit) -> None:
        after = make.applied(self.periods)
        if not history.moved(self.periods, after, self.calls):
            self.periods = after

    @rule(campaign=campaigns, first=days, length=st.none() | st.integers(1, 15))
    def assigns(self, campaign: int, first: int, length: int | None) -> None:
        new = period(campaign, first, None if length is None else first + length)
        try:
            self.edit(assign(self.periods, new))
        except Conflict:
            return
        # What was granted holds for all of its time, unless a call stood in the way.
        if new in self.periods:
            assert campaign_at(self.periods, new.starts_at) == campaign

    @precondition(lambda self: self.periods)
    @rule(first=days)
    def takes_back(self, first: int) -> None:
        try:
            edit = unassign(self.periods, day(first))
        except Conflict:
            assert all(one.ends_at is not None and one.ends_at <= day(first) for one in self.periods)
            return
        assert all(campaign_at(edit.applied(self.periods), day(later)) is None for later in range(first, 60))
        self.edit(edit)

    @rule(later=st.integers(0, 3))
    def somebody_calls(self, later: int) -> None:
        self.now = min(40, self.now + later)
        self.calls.append((day(self.now), campaign_at(self.periods, day(self.now))))

    @invariant()
    def periods_are_in_order_and_never_overlap(self) -> None:
        for one, following in zip(self.periods, self.periods[1:], strict=False):
            assert one.ends_at is not None and one.starts_at < one.ends_at <= following.starts_at

    @invariant()
    def every_call_belongs_to_the_campaign_the_number_had_when_it_rang(self) -> None:
        assert all(campaign_at(self.periods, rang) == campaign for rang, campaign in self.calls)


def test_no_sequence_of_edits_overlaps_or_moves_a_call_that_rang() -> None:
    run_state_machine_as_test(Numbers, settings=settings(max_examples=50, stateful_step_count=20))


def test_a_new_campaign_ends_the_present_one_and_keeps_it_in_the_history() -> None:
    edit = assign([period(BILLBOARD, 0)], period(RADIO, 10))
    assert edit.applied([period(BILLBOARD, 0)]) == [period(BILLBOARD, 0, 10), period(RADIO, 10)]


def test_an_assignment_over_a_planned_one_is_refused_and_names_it() -> None:
    planned = [period(BILLBOARD, 0, 20), period(RADIO, 20)]
    with pytest.raises(Conflict, match="Campaign 2 from 2026-01-21 on"):
        assign(planned, period(3, 10))
    assert assign(planned, period(3, 10, 20)).applied(planned)[1] == period(3, 10, 20)


def test_what_changes_nothing_or_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(Conflict, match="already"):
        assign([period(BILLBOARD, 0)], period(BILLBOARD, 5))
    with pytest.raises(InvalidInput, match="is not after"):
        assign([], period(BILLBOARD, 5, 5))
    with pytest.raises(Conflict, match="no campaign"):
        unassign([period(BILLBOARD, 0, 3)], day(3))


def test_a_correction_from_the_same_moment_on_takes_the_place_of_what_was_wrong() -> None:
    assert assign([period(BILLBOARD, 5)], period(RADIO, 5)).applied([period(BILLBOARD, 5)]) == [period(RADIO, 5)]


@given(days, days)
def test_taking_back_an_assignment_leaves_what_was_before(first: int, at: int) -> None:
    held = [period(BILLBOARD, 0, first)] if first else []
    after = assign(held, period(RADIO, max(first, at))).applied(held)
    assert unassign(after, day(max(first, at))).applied(after) == held
