"""The neural voices that speak test calls: their phonemes, and that Whisper hears their words."""

from pathlib import Path

import pytest

from tests.conftest import WEIGHTS
from voicebot.bench import spoken
from voicebot.bench.hearing import neural
from voicebot.errors import ModelError
from voicebot.settings import TranscribeSettings
from voicebot.transcribe.channels import transcribe_file
from voicebot.transcribe.engine import load_engine


def test_punctuation_stays_among_the_phonemes_and_nothing_else_does() -> None:
    assert neural.phonemes("Yes... saw it, ok?") == "jˈɛs. sˈɔː ɪt, ˌoʊkˈeɪ?"
    assert neural.phonemes(" ... ") == ""


@pytest.mark.parametrize("voice", [neural.PIPER, "jm_kumo"])
def test_what_a_voice_says_over_a_telephone_is_heard(voice: str, tmp_path: Path) -> None:
    file = spoken.recording("I saw your billboard by the highway and then I looked you up on Google.", voice, tmp_path)
    engine = load_engine(TranscribeSettings(model="base", model_dir=WEIGHTS))
    heard = " ".join(one.text for one in transcribe_file(file, engine, language="en").utterances).lower()
    # One word, since Piper's breath differs each time: in thirty takes "Google" was once heard as "dogo".
    assert "billboard" in heard


def test_without_espeak_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ModelError, match="espeak-ng"):
        neural.phonemes("words that were never said before")
