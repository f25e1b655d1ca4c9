"""Conversations seen by meaning: what is looked at, and that the words' model speaks alone where nothing is seen."""

from pathlib import Path

import numpy as np
import pytest

from voicebot.classify import sight, vectors
from voicebot.classify.calls import CallClassifier, load
from voicebot.classify.labels import Turn
from voicebot.terms import Disposition, Speaker

AGENT, CALLER = Speaker.AGENT, Speaker.CALLER
NINE = [
    Turn(AGENT, "Olive and Thyme, good evening."),
    Turn(CALLER, "It's Whitlock. We've a table for six tomorrow, and we've become nine."),
    Turn(AGENT, "I can do nine at eight, Mr. Whitlock."),
]


@pytest.fixture(scope="module")
def seeing(weights_dir: Path) -> CallClassifier:
    return load(None, weights_dir / vectors.NAME)


def test_a_call_is_seen_with_probabilities_that_sum_to_one(seeing: CallClassifier) -> None:
    chances = seeing.chances(NINE)
    assert set(chances) == set(Disposition) and sum(chances.values()) == pytest.approx(1)
    assert chances != load().chances(NINE)


def test_a_customer_who_changes_a_booking_is_one_by_meaning(seeing: CallClassifier) -> None:
    assert seeing.most_likely(NINE) is Disposition.EXISTING_CUSTOMER


def test_a_message_alone_is_known_by_its_words(seeing: CallClassifier) -> None:
    message = [Turn(CALLER, "Hi, I'd like a quote for my roof.")]
    assert seeing.chances(message) == pytest.approx(load().chances(message))


def test_the_greeting_is_not_looked_at_and_later_turns_neither() -> None:
    turns = [Turn(AGENT, "Hello."), *(Turn(who, f"{who} {n}") for n in range(6) for who in (CALLER, AGENT))]
    caller, agent = sight.looked_at(turns)
    assert caller == [f"{CALLER} {n}" for n in range(sight.CALLER_TURNS)]
    assert agent == [f"{AGENT} {n}" for n in range(sight.AGENT_TURNS)]


def test_silence_has_no_meaning() -> None:
    found = sight.inputs([Turn(AGENT, "Hello?")], np.zeros(8), lambda _: np.ones((0, 3), dtype=np.float32))
    assert found.tolist() == [0.0] * 8
