"""Calls seen by meaning, beside their words."""

import numpy as np
import pytest

from voicebot.classify import sight
from voicebot.classify.calls import CallClassifier, load
from voicebot.classify.disposition import LEAST
from voicebot.classify.labels import Turn
from voicebot.terms import Disposition, Speaker

AGENT, CALLER = Speaker.AGENT, Speaker.CALLER
NINE = [
    Turn(AGENT, "Olive and Thyme, good evening."),
    Turn(CALLER, "It's Whitlock. We've a table for six tomorrow, and we've become nine."),
    Turn(AGENT, "I can do nine at eight, Mr. Whitlock."),
]


def test_a_call_is_seen_with_probabilities_that_sum_to_one(seeing: CallClassifier) -> None:
    chances = seeing.chances(NINE)
    assert set(chances) == set(Disposition) and sum(chances.values()) == pytest.approx(1)
    assert chances != load().chances(NINE)


def test_a_customer_who_changes_a_booking_is_one_by_meaning(seeing: CallClassifier) -> None:
    assert seeing.most_likely(NINE) is Disposition.EXISTING_CUSTOMER


def test_a_message_alone_is_known_by_both_in_fixed_shares() -> None:
    said, meant = np.full(8, -1.0), np.full(8, -2.0)
    assert sight.of_message(sight.inputs(said, meant)) == pytest.approx(-1.0 - sight.SHARE)


def test_a_page_seen_before_is_not_seen_again(seeing: CallClassifier) -> None:
    assert seeing.sight is not None
    page = seeing.sight.tuned.page(NINE)
    assert seeing.chances(NINE, page) == pytest.approx(seeing.chances(NINE))


def test_least_chances_say_no_more_than_nothing() -> None:
    found = sight.inputs(np.zeros(8), np.full(8, -50.0))
    assert found.tolist() == [0.0] * 8 + [LEAST] * 8
