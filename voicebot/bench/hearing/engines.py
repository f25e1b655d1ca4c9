"""Ours and the peers that a user would otherwise take, each a function from a recording to what both speakers said."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from voicebot.settings import TranscribeSettings
from voicebot.terms import Speaker
from voicebot.transcribe import weights
from voicebot.transcribe.channels import transcribe_file
from voicebot.transcribe.engine import load_engine, threads_for

CHANNELS = (Speaker.CALLER, Speaker.AGENT)
OURS, PEER = "voicebot, with word times", "faster-whisper's README"
PEER_TIMED, BATCHED, REFERENCE = f"{PEER}, word times", "faster-whisper batched", "openai-whisper's README"

Texts = dict[Speaker, str]
Hear = Callable[[Path], Texts]


def _ours(settings: TranscribeSettings) -> Hear:
    engine = load_engine(settings)

    def hear(path: Path) -> Texts:
        said = transcribe_file(path, engine, language=settings.language).utterances
        return {speaker: " ".join(u.text for u in said if u.speaker == speaker) for speaker in CHANNELS}

    return hear


def _faster_whisper(settings: TranscribeSettings) -> Any:
    import faster_whisper

    assert settings.model_dir is not None, "the settings fill the folder in"
    return faster_whisper.WhisperModel(
        str(weights.ensure(settings.model, settings.model_dir)),
        device=settings.device,
        compute_type=settings.compute_type,
        cpu_threads=threads_for(settings),
        local_files_only=True,
    )


def _by_channel(hear_one: Callable[[Any], str]) -> Hear:
    import faster_whisper

    def hear(path: Path) -> Texts:
        sides = faster_whisper.decode_audio(str(path), split_stereo=True)
        return {speaker: hear_one(side) for speaker, side in zip(CHANNELS, sides, strict=True)}

    return hear


def _peer(settings: TranscribeSettings, *, word_times: bool = False) -> Hear:
    """faster-whisper's README: decode, then `transcribe(audio, beam_size=5)`; the language is given to it too."""
    whisper = _faster_whisper(settings)

    def hear_one(side: Any) -> str:
        found, _ = whisper.transcribe(side, beam_size=5, language=settings.language, word_timestamps=word_times)
        return " ".join(segment.text for segment in found)

    return _by_channel(hear_one)


def _batched(settings: TranscribeSettings) -> Hear:
    """faster-whisper's README on batches: `BatchedInferencePipeline` with eight windows at a time."""
    import faster_whisper

    pipeline = faster_whisper.BatchedInferencePipeline(model=_faster_whisper(settings))

    def hear_one(side: Any) -> str:
        found, _ = pipeline.transcribe(side, batch_size=8, language=settings.language)
        return " ".join(segment.text for segment in found)

    return _by_channel(hear_one)


def _reference(settings: TranscribeSettings) -> Hear:
    """openai-whisper's README: `transcribe` with its defaults, on the same weights converted."""
    engine: Any = load_engine(settings.model_copy(update={"engine": "openai-whisper"}))

    def hear_one(side: Any) -> str:
        return str(engine.whisper.transcribe(side, language=settings.language, fp16=False)["text"])

    return _by_channel(hear_one)


BUILDERS: dict[str, Callable[[TranscribeSettings], Hear]] = {
    OURS: _ours,
    PEER: _peer,
    PEER_TIMED: partial(_peer, word_times=True),
    BATCHED: _batched,
    REFERENCE: _reference,
}
