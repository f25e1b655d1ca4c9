"""What is believed of Whisper's text, and what is heard again or dropped."""

import pytest

from voicebot.transcribe.guards import Written


def written(text: str = "Thank you.", likely: float = -0.2, no_speech: float = 0.01) -> Written:
    return Written([1, 2, 3], text, likely, no_speech)


def test_likely_text_is_believed() -> None:
    assert not written().is_doubtful
    assert not written().is_invented
    assert not written(no_speech=0.9).is_invented


@pytest.mark.parametrize("text", [written(likely=-0.8), written(text="I'm going to " * 30)])
def test_unlikely_text_and_loops_are_heard_again(text: Written) -> None:
    assert text.is_doubtful


@pytest.mark.parametrize(
    "text", [written(likely=-1.1, no_speech=0.7), written(likely=-2.0), written(text="Okay. " * 40)]
)
def test_text_without_speech_behind_it_is_dropped(text: Written) -> None:
    assert text.is_invented
