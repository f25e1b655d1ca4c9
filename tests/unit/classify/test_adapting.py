"""A trained model adapted to a company's own calls."""

import random
from collections.abc import Mapping

import numpy as np

from voicebot.classify import calls as classifier
from voicebot.classify.disposition import log_chances
from voicebot.classify.labels import Turn
from voicebot.classify.linear import BUCKETS, Linear, bucket
from voicebot.learning import adapting, reviews
from voicebot.learning.reviews import FEWEST, ReviewedCall
from voicebot.terms import Disposition, Speaker


def shipped_for_two() -> Linear:
    matrix = np.zeros((BUCKETS, 2), dtype=np.float32)
    matrix[bucket("known")] = (2.0, -2.0)
    return Linear(("one", "other"), matrix, np.zeros(2, dtype=np.float32), 1.0, "shipped")


def chances(model: Linear, features: Mapping[int, float]) -> dict[str, float]:
    logs = log_chances(model.scores(features) / model.temperature)
    return dict(zip(model.classes, np.exp(logs).tolist(), strict=True))


def test_what_no_example_speaks_of_stays_as_it_was_and_few_examples_move_little() -> None:
    rows, shipped = [{bucket("new"): 1.0}, {bucket("plain"): 1.0}] * 30, shipped_for_two()
    few = adapting.adapted(shipped, adapting.examples(shipped, rows[:4], [1, 0] * 2), 4.0, "few")
    many = adapting.adapted(shipped, adapting.examples(shipped, rows, [1, 0] * 30), 4.0, "many")
    asked = {bucket("new"): 1.0}
    assert 0.5 < chances(few, asked)["other"] < chances(many, asked)["other"]
    assert chances(many, {bucket("known"): 1.0})["one"] > 0.97 and many.version == "many"


def test_a_fit_in_the_space_of_the_examples_is_the_fit_of_the_weights() -> None:
    draw, shipped = random.Random(3), shipped_for_two()
    rows = [{bucket(f"w{draw.randrange(9)}"): draw.random(), bucket("known"): draw.random()} for _ in range(40)]
    found = adapting.examples(shipped, rows, [draw.randrange(2) for _ in rows])
    everything = list(range(40))
    by_examples = adapting.chances(found, everything, adapting.fit(found, everything, 4.0), everything)
    adapted = adapting.adapted(shipped, found, 4.0, "")
    by_weights = [list(chances(adapted, row).values()) for row in rows]
    assert np.allclose(by_examples, by_weights, atol=1e-4)


def talk(text: str) -> tuple[Turn, ...]:
    return (Turn(Speaker.AGENT, "Oak Street Dental, good morning."), Turn(Speaker.CALLER, text))


def reviewed(number: int) -> ReviewedCall:
    """A company whose laboratory calls about cases, and whose callers know a billboard by its moose."""
    if number % 2:
        text = f"Hey it's the lab, case {number} is ready for pickup, the crown came back nice."
        return ReviewedCall(talk(text), Disposition.VENDOR, None, ())
    text = f"Uh, it was the moose again, number {number}."
    return ReviewedCall(talk(f"I need a cleaning. {text}"), Disposition.NEW_LEAD, "billboard", (text,))


def test_a_companys_own_words_are_learned_and_shown_on_calls_held_out() -> None:
    shipped = classifier.load()
    lesson = reviews.learn(shipped, [reviewed(number) for number in range(2 * FEWEST)], "3-abc+12345678")
    assert lesson.disposition is not None and lesson.sources is not None
    accuracy, _, source = lesson.compared
    assert accuracy.after > 0.95 and accuracy.after >= accuracy.before and accuracy.gain.size == 2 * FEWEST
    assert source.after > 0.9 > source.before and source.shown
    assert lesson.disposition.version == "3-abc+12345678"


def test_too_few_reviewed_calls_change_nothing() -> None:
    lesson = reviews.learn(classifier.load(), [reviewed(number) for number in range(FEWEST - 2)], "v")
    assert lesson.disposition is None and lesson.sources is None and lesson.compared == ()
    assert lesson.judged == FEWEST - 2


def test_every_call_is_held_out_once_and_never_fitted_on_meanwhile() -> None:
    parts = reviews.folds(53)
    assert sorted(place for _, test in parts for place in test) == list(range(53))
    assert all(not set(train) & set(test) for train, test in parts)
