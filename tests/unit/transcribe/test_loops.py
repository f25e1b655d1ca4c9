"""Telling Whisper's repetition loops from speech."""

from hypothesis import given
from hypothesis import strategies as st

from voicebot.transcribe.loops import repeats

SPEECH = (
    "Hi, I saw your billboard on the highway and I wanted to ask what it costs to have a water heater replaced."
    " It is about twelve years old, and since yesterday there is water on the floor of the garage."
)


def test_ordinary_speech_is_no_loop() -> None:
    assert not repeats(SPEECH)
    assert not repeats("")


def test_saying_a_number_twice_is_no_loop() -> None:
    number = "It's five five five, zero one two three."
    assert not repeats(f"You can call me back. {number} Once more: {number}")


def test_a_card_number_of_one_digit_is_no_loop_but_more_digits_than_a_card_has_are() -> None:
    assert not repeats(" It is four" + " one" * 7 + "." + " One" * 8)
    assert not repeats("4-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1")
    assert repeats(" one" * 40)


@given(st.sampled_from(["I'm going to", "Okay.", "Thank you for watching."]), st.integers(25, 60))
def test_the_same_phrase_over_and_over_is_a_loop(phrase: str, times: int) -> None:
    assert repeats(" ".join([phrase] * times))
