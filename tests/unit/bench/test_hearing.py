"""The measures of hearing: how words are matched with what was said, and what a made line does to sound."""

import numpy as np
import pytest

from voicebot.bench.hearing import hints, line, noises, words
from voicebot.bench.hearing.line import Line
from voicebot.terms import Speaker
from voicebot.transcribe.scoring import Turn
from voicebot.transcribe.transcript import Word

TURNS = [
    Turn(Speaker.CALLER, 1.0, 2.0, "hello my sink leaks", is_sure=True),
    Turn(Speaker.CALLER, 4.0, 4.5, "yes", is_sure=True),
    Turn(Speaker.CALLER, 6.0, 7.0, "[nobody knows]", is_sure=False),
]


def test_words_are_right_where_the_transcript_has_them_and_borders_count_only_then() -> None:
    wrote = [Word("Hello,", 1.1, 1.3, 0.9), Word("my", 1.3, 1.5, 0.9), Word("think", 1.5, 1.7, 0.4)]
    wrote += [Word("leaks.", 1.7, 2.2, 0.8), Word("Yes.", 4.0, 4.4, 0.9), Word("something", 6.2, 6.5, 0.3)]
    matched = words.match(TURNS, wrote)
    assert [right for _, right in matched.words] == [True, True, False, True, True]
    assert matched.starts == pytest.approx([0.1, 0.0])
    assert matched.ends == pytest.approx([0.2, -0.1])


def test_a_line_keeps_the_length_and_brings_the_other_side_in_quietly() -> None:
    tone = np.stack([noises.tones(1000, seconds=1), noises.pause(1)])
    heard = line.carry(tone, Line(noise_below=90, crosstalk_below=30), np.random.default_rng(0))
    assert heard.shape == tone.shape
    caller, agent = np.sqrt(np.square(heard).mean(axis=1))
    assert 20 * np.log10(agent / caller) == pytest.approx(-30, abs=1)


@pytest.mark.parametrize("kind", noises.KINDS)
def test_every_noise_has_its_length_and_is_the_same_each_time(kind: str) -> None:
    first, again = (noises.KINDS[kind](np.random.default_rng(1)) for _ in range(2))
    assert len(first) == 240_000
    assert np.array_equal(first, again)
    assert np.abs(first).max() <= 1.0


def test_calls_with_names_say_each_of_their_names_and_none_of_those_alike() -> None:
    for call in hints.read():
        said = " ".join(turn.text for turn in call.turns)
        assert all(name in said for name in call.said)
        assert not any(name in said for name in call.alike)
