"""The reference engine on converted weights is the same model as the default engine on the weights themselves.

Needs the extra `openai-whisper`, which the test set-up installs.
"""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
import whisper

from tests.integration.transcribe.conftest import EngineOf
from voicebot.errors import ModelError
from voicebot.transcribe import audio, convert
from voicebot.transcribe.audio import Audio
from voicebot.transcribe.channels import transcribe, transcribe_file
from voicebot.transcribe.engine import Engine
from voicebot.transcribe.faster_whisper import FasterWhisper, _view
from voicebot.transcribe.openai_whisper import OpenAIWhisper
from voicebot.transcribe.transcript import Word


@pytest.fixture(scope="module")
def folder(tiny: Engine, model_dir: Path) -> Path:
    return model_dir / tiny.model


@pytest.fixture(scope="module")
def reference(folder: Path) -> OpenAIWhisper:
    return OpenAIWhisper(folder, "tiny.en", device="cpu", threads=2)


@pytest.fixture(scope="module")
def exact(folder: Path) -> FasterWhisper:
    """The default engine without int8 rounding."""
    return FasterWhisper(folder, "tiny.en", device="cpu", compute_type="float32", threads=2)


def words_of(heard: list[Word]) -> list[str]:
    return [re.sub(r"\W", "", word.text).lower() for word in heard]


def test_both_encoders_give_the_same_numbers(clip: Path, reference: OpenAIWhisper, exact: FasterWhisper) -> None:
    samples = whisper.pad_or_trim(audio.read(clip).samples[0])
    mel = whisper.log_mel_spectrogram(samples, 80)[None]
    with torch.no_grad():
        theirs = reference.whisper.encoder(mel).numpy()[0]
    ours = exact.encode(samples)
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() < 0.02 * np.abs(theirs).max()
    assert np.abs(ours - theirs).mean() < 1e-3 * np.abs(theirs).mean()


def test_both_hear_the_same_words_at_the_same_times(clip: Path, reference: OpenAIWhisper, exact: FasterWhisper) -> None:
    caller = Audio(audio.read(clip).samples[:1])
    theirs, ours = ([w for one in transcribe(caller, e).utterances for w in one.words] for e in (reference, exact))
    assert words_of(ours) == words_of(theirs)
    assert [word.start for word in ours] == pytest.approx([word.start for word in theirs], abs=0.25)


def test_both_believe_a_text_alike_when_they_hear_the_same_sound(
    clip: Path, reference: OpenAIWhisper, exact: FasterWhisper
) -> None:
    samples = whisper.pad_or_trim(audio.read(clip).samples[0])
    spelling = exact._tokenizer("en")
    text = spelling.encode(" Hello, my kitchen sink is leaking and I need a plumber tomorrow morning.")
    asked = [*spelling.sot_sequence, spelling.no_timestamps]
    mel = whisper.log_mel_spectrogram(samples, 80)[None]
    with torch.no_grad():
        logits = reference.whisper.decoder(torch.tensor([[*asked, *text]]), reference.whisper.encoder(mel))[0]
    chances = logits.softmax(dim=-1)[len(asked) - 1 : -1]
    theirs = chances[range(len(text)), text].numpy()
    (ours,) = exact.whisper.align(_view(exact.encode(samples)[None]), spelling.sot_sequence, [text], [3000])
    assert np.abs(np.array(ours.text_token_probs)[: len(text)] - theirs).max() < 0.02


def test_a_call_goes_the_same_way_through_either_engine(clip: Path, reference: OpenAIWhisper, tiny: Engine) -> None:
    theirs, ours = transcribe_file(clip, reference), transcribe_file(clip, tiny)
    assert (theirs.engine, ours.engine) == ("openai-whisper", "faster-whisper")
    assert [one.speaker for one in theirs.utterances] == [one.speaker for one in ours.utterances]
    both = [[words_of(list(one.words)) for one in transcript.utterances] for transcript in (theirs, ours)]
    same = sum(left == right for left, right in zip(*both, strict=True))
    assert same >= len(ours.utterances) - 1  # int8 rounding may turn one word


def test_the_settings_choose_the_engine(clip: Path, engine_of: EngineOf) -> None:
    engine = engine_of(engine="openai-whisper", model="tiny.en")
    assert engine.name == "openai-whisper"
    assert engine.hear([audio.read(clip).samples[0]], language="auto").language == "en"
    with pytest.raises(ModelError, match="do not know the language 'es'"):
        engine.hear([audio.read(clip).samples[0]], language="es")


def test_many_languages_are_told_apart_by_the_reference_engine_too(clip: Path, engine_of: EngineOf) -> None:
    engine = engine_of(engine="openai-whisper", model="base")
    assert engine.hear([audio.read(clip).samples[0]], language="es,en").language == "en"


def test_int8_weights_convert_to_nearly_the_same_tensors(folder: Path) -> None:
    generator = np.random.default_rng(0)
    weight = generator.normal(size=(6, 4)).astype(np.float32)
    scale = 127 / np.abs(weight).max(axis=1)
    stored = {
        "encoder/layer_0/ffn/linear_0/weight": np.round(weight * scale[:, None]).astype(np.int8),
        "encoder/layer_0/ffn/linear_0/weight_scale": scale.astype(np.float32),
    }
    (restored,) = convert._floats(stored).values()
    assert np.abs(restored - weight).max() <= 0.5 / scale.min()


def test_something_else_than_whisper_weights_is_not_converted(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.bin").write_bytes(b"\x06\x00\x00\x00\x05\x00Bert\x00" + bytes(20))
    with pytest.raises(ModelError, match="version 6 of Bert"):
        convert.convert(tmp_path)
