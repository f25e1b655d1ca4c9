"""Several sources of one caller in the order in which they were met, however they are told."""

import itertools
from pathlib import Path

import pytest

from voicebot.classify import roundabout, touches
from voicebot.classify.calls import load
from voicebot.classify.hearing import touch
from voicebot.classify.labels import Turn
from voicebot.classify.mentions import Candidate
from voicebot.classify.roundabout import Reading
from voicebot.classify.touches import EARLINESS, Comparing, Touch, Weights
from voicebot.terms import Speaker

WORDS = ["i", "googled", "you", ",", "because", "your", "truck", "was", "parked", "on", "my", "street"]
GOOGLE = Touch("google_unspecified", 0, WORDS, 1, 2)
TRUCK = Touch("vehicle_wrap", 0, WORDS, 5, 7)


def by_words(by_sign: dict[str, float]) -> Comparing:
    return Comparing(Weights(by_sign), Weights({}))


def test_without_a_sign_the_order_is_that_of_telling() -> None:
    assert by_words({}).order([TRUCK, GOOGLE]) == [1, 0]
    assert by_words({}).order([GOOGLE, TRUCK]) == [0, 1]


def test_words_of_the_own_clause_speak_for_a_touch_and_against_the_other() -> None:
    found = touches.signs(GOOGLE, TRUCK)
    assert found["clause:parked"] == -1.0
    assert found["clause:googled"] == 1.0
    assert found["between:because"] == 1.0
    assert found["rule"] == -1.0, "the rules turn the two around, too"
    assert found["told_first"] == 1.0
    assert by_words({"clause:parked": 1.0}).order([GOOGLE, TRUCK]) == [1, 0]


def test_what_both_share_says_nothing() -> None:
    other = Touch("google_ads", 1, WORDS, 1, 2)
    assert "clause:googled" not in touches.signs(GOOGLE, other)
    assert "between:because" not in touches.signs(GOOGLE, Touch("vehicle_wrap", 1, WORDS, 5, 7))


def test_three_touches_are_ordered_by_their_odds_against_all_others() -> None:
    said = [Touch(name, turn, ["on", "it"], 0, 2) for turn, name in enumerate(("website", "radio", "billboard"))]
    comparing = by_words({"source:website": -2.0, "source:billboard": 3.0})
    assert comparing.order(said) == [2, 1, 0]
    for mixed in itertools.permutations(range(3)):
        order = comparing.order([said[place] for place in mixed])
        assert [said[mixed[place]].source for place in order] == ["billboard", "radio", "website"]


def test_the_encoders_say_counts_where_it_has_seen_both() -> None:
    early, late = (Touch("radio", turn, ["on", "it"], 0, 2, value) for turn, value in ((0, -1.0), (1, 2.0)))
    assert touches.signs(early, late)[EARLINESS] == pytest.approx(-3.0 * touches.SMALL)
    comparing = Comparing(Weights({}), Weights({EARLINESS: 1.0}))
    assert comparing.order([early, late]) == [1, 0]
    unseen = Touch("radio", 2, ["on", "it"], 0, 2)
    assert comparing.order([early, late, unseen]) == [0, 1, 2]


def test_a_touch_in_an_answer_has_the_earliness_of_its_clause() -> None:
    text = "I googled you because your truck was on my street"
    answer = load().answer(text)
    bare = roundabout.read(load().ear.model, text)
    said = {c.source: c for c in answer.candidates}
    assert len(bare.clauses) == 2
    meant = Reading(bare.whole, bare.clauses, bare.each, bare.whole[:2] * 0 + [1.5, 2.5])
    assert touch(answer, meant, said["vehicle_wrap"]).earliness == 2.5
    assert touch(answer, meant, Candidate("google_unspecified", 1, 2, True)).earliness == 1.5
    assert touch(answer, None, said["vehicle_wrap"]).earliness is None


def test_weights_are_read_as_they_were_written(tmp_path: Path) -> None:
    comparing = Comparing(Weights({"told_first": 0.5}), Weights({"told_first": 0.25, EARLINESS: 1.0}))
    touches.save(comparing, tmp_path)
    assert touches.load(tmp_path) == comparing


def call(*said: str) -> list[Turn]:
    """What a caller said, each time asked on by the agent."""
    asked = itertools.repeat(Turn(Speaker.AGENT, "I see, please go on."))
    told = [Turn(Speaker.AGENT, "Lone Pine Roofing, how can I help?")]
    for text, question in zip(said, asked, strict=False):
        told += [Turn(Speaker.CALLER, text), question]
    return told


@pytest.mark.parametrize(
    ("said", "sources"),
    [
        (
            (
                "My roof leaks. I found you on Google just now.",
                "I knew the name, I've heard you on the radio for years.",
            ),
            ["radio", "google_unspecified"],
        ),
        (
            ("My roof leaks. I've heard you on the radio for years.", "So just now I googled you to get the number."),
            ["radio", "google_unspecified"],
        ),
    ],
)
def test_sources_of_a_call_stand_in_order_of_touch_with_their_own_words(
    said: tuple[str, ...], sources: list[str]
) -> None:
    turns = call(*said)
    found = load().classify(turns).stated
    assert [mention.source for mention in found] == sources
    for mention in found:
        assert turns[mention.turn].text[mention.start_char : mention.end_char] == mention.quote


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("I googled you, but I'd seen your billboard before that", ("billboard", "google_unspecified")),
        ("found you on yelp last night, my brother had told me about you", ("friend_family", "yelp")),
        ("first on the radio, and then I saw the billboard", ("radio", "billboard")),
        ("I heard you on the radio and then my neighbor told me about you", ("radio", "friend_family")),
    ],
)
def test_sources_of_an_answer_stand_in_order_of_touch(text: str, sources: tuple[str, ...]) -> None:
    assert load().hear_answer(text).sources == sources
