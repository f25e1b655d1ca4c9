"""What the default engine makes of speech, of silence and of everything a telephone line carries besides speech."""

import json
import threading
import wave
from pathlib import Path

import numpy as np
import pytest

from tests.integration.transcribe.conftest import EngineOf
from voicebot.errors import AudioError, ModelError
from voicebot.terms import Speaker
from voicebot.transcribe import audio, speech
from voicebot.transcribe.audio import SAMPLE_RATE, Audio
from voicebot.transcribe.channels import transcribe, transcribe_file
from voicebot.transcribe.engine import Engine
from voicebot.transcribe.transcript import Transcript


def said_by(transcript: Transcript, speaker: Speaker) -> str:
    return " ".join(one.text for one in transcript.utterances if one.speaker == speaker).lower()


def test_a_stereo_call_becomes_a_conversation_with_each_word_at_its_speaker(clip: Path, tiny: Engine) -> None:
    heard = transcribe_file(clip, tiny)
    assert [one.speaker for one in heard.utterances] == ["agent", "caller", "agent", "caller"]
    assert "how can i help you today" in said_by(heard, Speaker.AGENT)
    assert "kitchen sink is leaking" in said_by(heard, Speaker.CALLER)
    assert "robert johnson" in said_by(heard, Speaker.CALLER)
    assert "sink" not in said_by(heard, Speaker.AGENT)
    assert (heard.engine, heard.model, heard.language) == ("faster-whisper", "tiny.en", "en")


def test_words_stand_where_they_were_spoken(clip: Path, tiny: Engine) -> None:
    heard = transcribe_file(clip, tiny)
    starts = [one.start for one in heard.utterances]
    # The script of the clip starts the turns at these seconds; flite adds a short silence before its words.
    assert starts == pytest.approx([0.5, 4.0, 9.0, 11.8], abs=0.6)
    for one in heard.utterances:
        assert (one.start, one.end) == (one.words[0].start, one.words[-1].end)
        assert all(word.start <= word.end and 0 <= word.probability <= 1 for word in one.words)
        assert one.text.split() == [word.text for word in one.words]


def test_a_mono_recording_has_unknown_speakers(clip: Path, tiny: Engine) -> None:
    stereo = audio.read(clip)
    heard = transcribe(Audio(stereo.samples.mean(axis=0, keepdims=True)), tiny)
    assert {one.speaker for one in heard.utterances} == {Speaker.UNKNOWN}
    assert "hello, my kitchen sink is" in said_by(heard, Speaker.UNKNOWN)


def test_a_binary_file_is_heard_like_a_path(clip: Path, tiny: Engine) -> None:
    with clip.open("rb") as file:
        assert transcribe_file(file, tiny).utterances == transcribe_file(clip, tiny).utterances


def test_progress_rises_to_the_whole_length(clip: Path, tiny: Engine) -> None:
    seen: list[tuple[float, float]] = []
    heard = transcribe_file(clip, tiny, on_progress=lambda done, total: seen.append((done, total)))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1] == pytest.approx((heard.audio_seconds, heard.audio_seconds), abs=0.001)


def test_a_broken_file_is_an_error_for_a_person(tmp_path: Path, tiny: Engine) -> None:
    (tmp_path / "broken.wav").write_bytes(b"nothing to hear")
    with pytest.raises(AudioError, match=r"broken\.wav is not a recording"):
        transcribe_file(tmp_path / "broken.wav", tiny)


def test_a_language_that_the_weights_do_not_know_is_refused(clip: Path, tiny: Engine) -> None:
    with pytest.raises(ModelError, match=r"tiny\.en do not know the language 'es'"):
        transcribe_file(clip, tiny, language="es")


def test_the_language_can_be_told_by_the_engine(clip: Path, engine_of: EngineOf) -> None:
    assert transcribe_file(clip, engine_of(model="base"), language="auto").language == "en"


def test_a_spanish_call_is_found_to_be_spanish_and_written_down_as_such(clip: Path, engine_of: EngineOf) -> None:
    heard = transcribe_file(clip.with_name("spanish.wav"), engine_of(model="base"), language="en,es")
    assert heard.language == "es"
    assert "muchas" in said_by(heard, Speaker.AGENT) and "necesito un presupuesto" in said_by(heard, Speaker.CALLER)
    assert "google" in said_by(heard, Speaker.CALLER)


def test_an_engine_is_loaded_once_per_process(engine_of: EngineOf) -> None:
    assert engine_of(model="tiny.en") is engine_of(model="tiny.en")


def test_weights_that_are_not_weights_are_refused(tmp_path: Path, engine_of: EngineOf) -> None:
    (tmp_path / "model.bin").write_bytes(b"not a model")
    with pytest.raises(ModelError, match="cannot be loaded"):
        engine_of(model=str(tmp_path))


def times(seconds: float) -> np.ndarray:
    return np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE


def tones(*hertz: float, seconds: float) -> np.ndarray:
    return 0.3 * sum(np.sin(2 * np.pi * frequency * times(seconds)) for frequency in hertz)


def pause(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * SAMPLE_RATE))


def repeated(count: int, *parts: np.ndarray) -> np.ndarray:
    return np.tile(np.concatenate(parts), count)


def chords() -> np.ndarray:
    """Hold music: decaying chords, each with overtones."""
    generator = np.random.default_rng(3)
    roots = generator.choice([220, 262, 330, 392, 440], size=30)
    decay = np.exp(-3 * times(0.5))
    return np.concatenate([tones(*(r * h for h in (1, 1.25, 1.5, 2, 3)), seconds=0.5) * decay for r in roots])


NOISE = np.random.default_rng(7)
# Ringback, busy and touch tones as ITU-T E.180 and Q.23 describe them for North America; British ringing beside it.
NO_SPEECH = {
    "digital silence": pause(20),
    "a constant offset": np.full(20 * SAMPLE_RATE, 0.2),
    "line noise": NOISE.normal(0, 0.003, 30 * SAMPLE_RATE),
    "loud noise": NOISE.normal(0, 0.1, 20 * SAMPLE_RATE),
    "mains hum": tones(60, 180, seconds=20),
    "ringback": repeated(4, tones(440, 480, seconds=2), pause(4)),
    "british ringback": repeated(6, tones(400, 450, seconds=0.4), pause(0.2), tones(400, 450, seconds=0.4), pause(2)),
    "busy": repeated(20, tones(480, 620, seconds=0.5), pause(0.5)),
    "touch tones": repeated(15, tones(697, 1209, seconds=0.15), pause(0.1), tones(852, 1477, seconds=0.15), pause(0.1)),
    "a voicemail beep": np.concatenate([pause(3), tones(1000, seconds=0.5), pause(5)]),
    "a fax calling": repeated(6, tones(1100, seconds=0.5), pause(3)),
    "hold music": chords(),
    "clicks": (NOISE.random(20 * SAMPLE_RATE) < 1e-4).astype(float),
}


@pytest.mark.parametrize("kind", NO_SPEECH)
def test_no_word_is_invented_where_nobody_speaks(kind: str, tiny: Engine) -> None:
    samples = np.clip(NO_SPEECH[kind], -1, 1).astype(np.float32)
    assert transcribe(Audio(np.stack([samples, samples])), tiny).utterances == ()


def test_speech_is_still_found_between_ringing_and_silence(clip: Path, tiny: Engine) -> None:
    agent = audio.read(clip).samples[1]
    ringing = NO_SPEECH["ringback"].astype(np.float32)
    heard = transcribe(Audio(np.concatenate([ringing, agent, ringing])[None]), tiny)
    rings = len(ringing) / SAMPLE_RATE
    assert "how can i help you today" in said_by(heard, Speaker.UNKNOWN)
    assert all(rings <= one.start and one.end <= rings + len(agent) / SAMPLE_RATE for one in heard.utterances)


def test_the_speech_detector_keeps_the_whole_of_what_was_said(clip: Path) -> None:
    caller = audio.read(clip).samples[0]
    spans = speech.find(caller)
    loud = np.flatnonzero(np.abs(caller) > 0.1)
    covered = np.concatenate([np.arange(span.start, span.end) for span in spans])
    assert np.isin(loud, covered).mean() > 0.99
    assert sum(span.length for span in spans) < 0.85 * len(caller)


def test_one_engine_may_be_used_by_several_threads(clip: Path, tiny: Engine) -> None:
    alone = transcribe_file(clip, tiny).utterances
    heard: list[object] = []
    threads = [threading.Thread(target=lambda: heard.append(transcribe_file(clip, tiny).utterances)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == [alone, alone]


def test_the_first_words_after_minutes_of_silence_are_heard(clip: Path, tiny: Engine) -> None:
    caller = audio.read(clip).samples[0]
    minutes = np.zeros(6 * 60 * SAMPLE_RATE, np.float32)
    heard = transcribe(Audio(np.concatenate([minutes, caller])[None]), tiny)
    assert said_by(heard, Speaker.UNKNOWN).startswith("hello")
    assert heard.utterances[0].start == pytest.approx(364.0, abs=0.6)


@pytest.mark.parametrize("seconds", [0, 5, 10, 60, 120])
def test_the_detector_does_not_fall_asleep_in_a_long_silence(clip: Path, seconds: int) -> None:
    caller = audio.read(clip).samples[0]
    late = np.concatenate([np.zeros(seconds * SAMPLE_RATE, np.float32), caller])
    starts = [span.start / SAMPLE_RATE - seconds for span in speech.find(late)]
    assert starts == pytest.approx([3.8, 11.6], abs=0.1)


def test_what_is_really_said_twice_is_written_twice(clip: Path, tiny: Engine) -> None:
    caller = audio.read(clip).samples[0][int(3.8 * SAMPLE_RATE) : int(9.0 * SAMPLE_RATE)]
    heard = transcribe(Audio(np.concatenate([caller, caller])[None]), tiny)
    assert said_by(heard, Speaker.UNKNOWN).count("kitchen sink is leaking") == 2


def test_the_json_of_a_transcript_is_the_contract(clip: Path, tiny: Engine, tmp_path: Path) -> None:
    document = json.loads(json.dumps(transcribe_file(clip, tiny).as_json()))
    assert {"engine", "model", "audio_seconds", "taken_seconds", "utterances"} <= set(document)
    assert {"speaker", "start", "end", "text", "words"} == set(document["utterances"][0])
    assert {"text", "start", "end", "probability"} == set(document["utterances"][0]["words"][0])
    with wave.open(str(tmp_path / "quiet.wav"), "wb") as quiet:
        quiet.setparams((1, 2, 8000, 0, "NONE", ""))
        quiet.writeframes(bytes(16000))
    assert transcribe_file(tmp_path / "quiet.wav", tiny).as_json()["utterances"] == []
