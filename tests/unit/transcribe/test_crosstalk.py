"""Recognising the other side's voice in a channel."""

import numpy as np
import pytest

from voicebot.transcribe.audio import SAMPLE_RATE
from voicebot.transcribe.crosstalk import resemblance, silence, without_echoes
from voicebot.transcribe.speech import FRAME
from voicebot.transcribe.transcript import Word

FRAMES = 90
VOICES = np.random.default_rng(0).normal(0, 0.1, (2, FRAMES * FRAME)).astype(np.float32)
SPEAKING = [np.ones(FRAMES, np.float32), np.ones(FRAMES, np.float32)]


def bleeding(decibels: float, delay: float = 0.03, own: float = 0.0) -> np.ndarray:
    """Channel 2's voice in channel 1 as well, with channel 1's own voice at a level."""
    samples = VOICES.copy()
    late = np.roll(VOICES[1], int(delay * SAMPLE_RATE)) * 10 ** (decibels / 20)
    samples[0] = VOICES[0] * own + late
    return samples


@pytest.mark.parametrize("delay", [0.0, 0.03, 0.2])
@pytest.mark.parametrize("decibels", [-12, -20, -35])
def test_a_quiet_copy_of_the_other_channel_is_silenced(decibels: float, delay: float) -> None:
    samples, chances = silence(bleeding(decibels, delay), SPEAKING)
    assert not samples[0].any()
    assert not chances[0].any()
    assert np.array_equal(samples[1], VOICES[1])
    assert chances[1].all()


def test_two_people_who_speak_at_once_are_both_kept() -> None:
    samples, chances = silence(VOICES, SPEAKING)
    assert samples is VOICES
    assert all(channel.all() for channel in chances)


def test_who_speaks_over_the_bleeding_is_kept() -> None:
    _, chances = silence(bleeding(-20, own=0.4), SPEAKING)
    assert chances[0].all()


def test_a_louder_copy_is_not_taken_for_the_original() -> None:
    loud = bleeding(-20)[::-1].copy()
    samples, _ = silence(loud, SPEAKING)
    assert samples[0].any()
    assert not samples[1].any()


def test_a_late_copy_resembles_its_original() -> None:
    assert resemblance(VOICES[1], bleeding(-20)[0]) > 0.95
    assert resemblance(VOICES[0], VOICES[1]) < 0.1
    assert resemblance(VOICES[0], np.zeros_like(VOICES[0])) == 0


def words_of(text: str, start: float, probability: float = 0.9) -> list[Word]:
    starts = [start + number * 0.3 for number in range(len(text.split()))]
    return [Word(f" {part}", at, at + 0.25, probability) for part, at in zip(text.split(), starts, strict=True)]


SAID = words_of("Thank you for calling, how can I help?", 1.0)


def test_the_same_words_a_moment_later_are_an_echo() -> None:
    caller, agent = without_echoes([words_of("thank you for calling how can i", 1.3, 0.95), SAID])
    assert (caller, agent) == ([], SAID)


def test_of_words_at_the_same_time_the_less_sure_ones_are_the_echo() -> None:
    caller, agent = without_echoes([words_of("for calling how can I", 1.6, 0.4), SAID])
    assert (caller, agent) == ([], SAID)


def test_reading_something_back_is_no_echo() -> None:
    back = words_of("thank you for calling how can i", 8.0)
    assert without_echoes([back, SAID]) == [back, SAID]


def test_saying_goodbye_together_is_no_echo() -> None:
    both = [words_of("okay bye bye", 1.0), words_of("okay bye bye", 1.1)]
    assert without_echoes(both) == both


def test_a_single_channel_has_no_echoes() -> None:
    assert without_echoes([SAID]) == [SAID]
