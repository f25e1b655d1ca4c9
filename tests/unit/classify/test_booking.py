"""What becomes of an appointment: the acts of turns, who took what, and the turn that decided."""

from itertools import chain, repeat

import numpy as np
import pytest

from voicebot.classify import booking, booking_sight, linear
from voicebot.classify.booking import BOOKED, CLASSES, FAILED, NONE
from voicebot.classify.booking_acts import acts, acts_of
from voicebot.classify.corpus import turn
from voicebot.classify.disposition import LEAST
from voicebot.classify.labels import Turn
from voicebot.classify.linear import Linear

# A model that takes one word of the end for an appointment.
SURE = np.zeros((linear.BUCKETS, len(CLASSES)), dtype=np.float32)
SURE[linear.bucket("end-c:coffee")] = [30.0, 0.0, 0.0]
COFFEE = Linear(CLASSES, SURE, np.array([0.0, 0.0, 1.0], dtype=np.float32), 1.0, "")


def call(*lines: str) -> list[Turn]:
    return [turn(line) for line in lines]


@pytest.mark.parametrize(
    ("line", "act"),
    [
        ("C: Perfect, see you then.", "comes"),
        ("C: Okay, put us down.", "comes"),
        ("C: i'm on my way", "comes"),
        ("C: That's too rich for me.", "costly"),
        ("C: Let me ask my wife.", "later"),
        ("C: I'll call you back.", "later"),
        ("A: Want to come by and try one?", "offer"),
        ("A: We're two weeks out.", "fail"),
        ("A: And the last name?", "details"),
    ],
)
def test_people_agree_and_put_off_without_a_word_of_booking(line: str, act: str) -> None:
    assert act in acts(turn(line))


@pytest.mark.parametrize(
    "line", ["A: It's about two hundred.", "A: It'll take after three months.", "A: the bath and the hearth"]
)
def test_a_price_a_span_and_a_bath_are_no_time(line: str) -> None:
    assert "time" not in acts(turn(line))


def test_an_hour_that_is_said_again_is_an_echo() -> None:
    found = acts_of(call("A: I could do ten or eleven.", "C: Eleven.", "A: And your name?"))
    assert ["echo" in done for done in found] == [False, True, False]


@pytest.mark.parametrize(
    ("lines", "outcome", "place"),
    [
        (("C: Do you fix chairs?", "A: Saturday at eleven?", "C: Eleven. I'll put on coffee."), BOOKED, 2),
        (("C: Any table for six tonight?", "A: I can do nine.", "C: That's too late, thanks anyway."), FAILED, 2),
        (("C: I'd like an appointment tomorrow.", "A: We're full tomorrow, sorry.", "C: Oh."), FAILED, 1),
        (("C: What do you charge?", "A: Ninety.", "C: Thank you."), NONE, None),
    ],
)
def test_the_state_follows_who_took_what(lines: tuple[str, ...], outcome: str, place: int | None) -> None:
    state = booking.follow(call(*lines))
    assert (state.outcome, state.turn) == (outcome, place)


def test_a_long_dialogue_is_read_by_its_end() -> None:
    talk = list(chain.from_iterable(repeat(call("C: And a lamp?", "A: In stock."), 12)))
    end = call("C: I need a table.", "A: Shall I book it for Friday at six?", "C: Yes.", "A: It is booked.")
    assert booking.follow([*talk, *end]).turn == len(talk) + 3


def test_the_turn_that_speaks_most_for_an_outcome_is_named_where_no_act_is() -> None:
    lines = call("A: Mills.", "C: I'd bring coffee.", "A: Fine by me.")
    found = booking.understand(COFFEE, lines)
    assert (found.agreed, found.turn) == (True, 1)
    assert booking.deciding(COFFEE, lines, NONE) is None


def test_of_a_long_call_the_last_turns_are_asked_which_of_them_decided() -> None:
    lines = [*call("C: I'd bring coffee."), *call(*["A: Mills."] * booking.DECIDING), *call("C: I'd bring coffee.")]
    assert booking.deciding(COFFEE, lines, booking.BOOKED) == len(lines) - 1


def test_the_meaning_may_overrule_the_words() -> None:
    lines = call("A: Mills.", "C: I'd bring coffee.")
    found = booking.understand(COFFEE, lines, lambda _turns, _scores: np.log([0.1, 0.8, 0.1]))
    assert found.agreed is False and found.probability == pytest.approx(0.8)


def test_what_is_weighed_are_log_chances_cut_below() -> None:
    said, meant = np.log([0.2, 0.3, 0.5]), np.array([-50.0, 0.0, -1.0])
    row = booking_sight.inputs(call("C: Ten, please."), said, meant)
    share = booking_sight.SHARE
    assert row.tolist() == pytest.approx([*((1 - share) * said), share * LEAST, 0.0, -share])


def test_the_meaning_counts_less_where_it_is_said_to_be_made() -> None:
    lines = call("C: I need a table for Friday.", "A: It is booked.")
    row = booking_sight.inputs(lines, np.zeros(3), np.array([-1.0, -1.0, -1.0]))
    assert row.tolist() == pytest.approx([0.0] * 3 + [-booking_sight.SHARE_MADE] * 3)
