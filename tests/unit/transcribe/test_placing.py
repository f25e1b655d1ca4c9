"""Laying words where somebody speaks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.transcribe.placing import bridged, on_speech
from voicebot.transcribe.transcript import Word

FRAME = 0.032


def active(*seconds: tuple[float, float], length: float = 10.0) -> np.ndarray:
    frames = np.zeros(int(length / FRAME), bool)
    for start, end in seconds:
        frames[round(start / FRAME) : round(end / FRAME)] = True
    return frames


def placed(start: float, end: float, *speech: tuple[float, float]) -> tuple[float, float]:
    word = on_speech(Word(" word", start, end, 0.5), active(*speech), FRAME)
    return word.start, word.end


def test_the_first_word_after_a_pause_is_not_given_the_pause() -> None:
    assert placed(1.0, 4.0, (0.0, 1.1), (3.5, 6.0)) == pytest.approx((3.5, 4.0), abs=FRAME)


def test_a_word_inside_speech_stays_where_whisper_put_it() -> None:
    assert placed(1.0, 1.4, (0.0, 5.0)) == (1.0, 1.4)


def test_a_word_where_nobody_seems_to_speak_is_left_alone() -> None:
    assert placed(1.0, 1.4, (3.0, 5.0)) == (1.0, 1.4)


def test_the_closure_of_a_consonant_does_not_part_a_word() -> None:
    assert bridged(active((1.0, 2.0), (2.1, 3.0)), FRAME)[int(2.05 / FRAME)]
    assert not bridged(active((1.0, 2.0), (2.5, 3.0)), FRAME)[int(2.25 / FRAME)]


@given(st.floats(0, 9), st.floats(0, 5), st.lists(st.booleans(), min_size=312, max_size=312))
def test_a_word_never_leaves_its_own_time(start: float, length: float, frames: list[bool]) -> None:
    word = on_speech(Word(" word", start, start + length, 0.5), np.array(frames), FRAME)
    assert start <= word.start <= word.end <= start + length
