"""Answers that are nothing but a source's name, and wishes that are no answer."""

import pytest

from tests.unit.ivr.callers import DIAL, NOTICE, QUESTION, VOICEMAIL, flow_of
from voicebot.classify.labels import HeardAnswer
from voicebot.ivr.dialogue import Caller, Heard, answer, begin
from voicebot.ivr.dialogue.naming import named
from voicebot.ivr.flow import SourceQuestion

STEP = SourceQuestion.model_validate(
    {
        "type": "source_question",
        "choices": [{"key": "2", "source": "repeat_customer", "spoken": "called before"}],
        "names": {"billboard": {"en": "the billboard on I-35", "es": "el letrero de la I-35"}},
    }
)


@pytest.mark.parametrize(
    ("text", "language", "source"),
    [
        ("a friend", "en-US", "friend_family"),
        ("Friend.", "en-US", "friend_family"),
        ("It was from a friend", "en-US", "friend_family"),
        ("I heard about you on the radio", "en-US", "radio"),
        ("google", "en-US", "google_unspecified"),
        ("un amigo", "es-US", "friend_family"),
        ("por la radio", "es-US", "radio"),
        ("the billboard on I-35", "en-US", "billboard"),
        ("el letrero de la i 35", "es-US", "billboard"),
        ("called before", "en-US", "repeat_customer"),
        # In Spanish five sources are called so: the classifier decides.
        ("google", "es-US", None),
        ("not the radio", "en-US", None),
        ("a friend of the radio host", "en-US", None),
        ("the", "en-US", None),
        ("", "en-US", None),
    ],
)
def test_a_name_alone_is_that_source_and_anything_more_is_not(text: str, language: str, source: str | None) -> None:
    assert named(STEP, text, language) == source


def unsure(text: str, language: str) -> HeardAnswer:
    """An ear that guesses."""
    return HeardAnswer(("ad_unspecified",), 0.4, quotes=(text,))


@pytest.mark.parametrize(
    ("said", "source"),
    [
        ("a friend", "friend_family"),
        ("there is water everywhere, the pipe burst", "not_stated"),
        ("let me talk to a person", "not_stated"),
        ("some advertisement, I think", "ad_unspecified"),
    ],
)
def test_a_guess_beside_a_wish_counts_for_nothing_and_a_name_needs_no_ear(said: str, source: str) -> None:
    flow = flow_of(NOTICE, QUESTION, DIAL, VOICEMAIL)
    state, _ = begin(flow, Caller())
    _, reply = answer(flow, state, Heard(said), unsure, ("radio", "billboard"))
    understood = reply.notes[0].understood
    assert understood is not None and understood.sources == (source,)
