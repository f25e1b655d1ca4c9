"""A recording becomes a transcript: each channel is heard apart, so that speakers are never guessed."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from voicebot.errors import AudioError
from voicebot.terms import Speaker
from voicebot.transcribe import audio, calibration, crosstalk, placing, sections, speech, utterances, windows
from voicebot.transcribe.audio import SAMPLE_RATE, Audio, Samples
from voicebot.transcribe.engine import Engine
from voicebot.transcribe.languages import UNDETERMINED
from voicebot.transcribe.sections import Section
from voicebot.transcribe.transcript import Transcript, Utterance, Word

# Called with the seconds of audio done and the seconds there are, as far as they are known.
Progress = Callable[[float, float], None]

FRAME_SECONDS = speech.FRAME / SAMPLE_RATE
SPEAKERS = {1: (Speaker.UNKNOWN,), 2: (Speaker.CALLER, Speaker.AGENT)}


def transcribe_file(
    source: Path | BinaryIO,
    engine: Engine,
    *,
    language: str = "en",
    hints: Sequence[str] | None = None,
    on_progress: Progress | None = None,
) -> Transcript:
    """Hear a recording. Channel 1 is the caller, channel 2 the agent; a mono recording's speakers are unknown.

    In: a path or a binary file that can seek; `language` as Engine.hear takes it; `hints`, names that may occur;
    `on_progress`, called after every section. A silent recording gives no utterances. Raises AudioError when the
    recording cannot be read, ModelError when the engine cannot hear that language.
    """
    known = audio.length_of(source)
    return _transcribe(audio.read_blocks(source), known, engine, language, hints, on_progress)


def transcribe(
    recording: Audio,
    engine: Engine,
    *,
    language: str = "en",
    hints: Sequence[str] | None = None,
    on_progress: Progress | None = None,
) -> Transcript:
    """The same for a recording already read."""
    return _transcribe([recording.samples], recording.seconds, engine, language, hints, on_progress)


@dataclass
class _Heard:
    """What was heard so far: the words of each channel, where the audio ends, and the language once it is known."""

    language: str
    words: list[list[Word]] = field(default_factory=list)
    seconds: float = 0.0
    spoken: str | None = None


def _transcribe(
    blocks: Iterable[Samples],
    known_seconds: float,
    engine: Engine,
    language: str,
    hints: Sequence[str] | None,
    on_progress: Progress | None,
) -> Transcript:
    started = time.perf_counter()
    heard = _Heard(language)
    for section in sections.cut(blocks):
        _hear(section, engine, heard, hints)
        if on_progress is not None:
            on_progress(heard.seconds, max(known_seconds, heard.seconds))
    if not heard.words:
        raise AudioError("The recording holds no audio.")
    return Transcript(
        engine=engine.name,
        model=engine.model,
        audio_seconds=round(heard.seconds, 3),
        taken_seconds=round(time.perf_counter() - started, 3),
        language=heard.spoken or UNDETERMINED,
        utterances=_conversation(crosstalk.without_echoes(heard.words)),
    )


def _hear(section: Section, engine: Engine, heard: _Heard, hints: Sequence[str] | None) -> None:
    """Add a section's words to what was heard."""
    samples, channels = section.samples, section.samples.shape[0]
    heard.words = heard.words or [[] for _ in range(channels)]
    heard.seconds = section.end
    with ThreadPoolExecutor(channels) as pool:
        chances = list(pool.map(speech.probabilities, samples))
    if channels == 2:
        samples, chances = crosstalk.silence(samples, chances)
    found = [speech.spans(judged, samples.shape[1]) for judged in chances]
    packed = [(index, window) for index, spans in enumerate(found) for window in windows.pack(spans)]
    if not packed:
        return
    cut = [window.cut_from(samples[index]) for index, window in packed]
    result = engine.hear(cut, language=heard.spoken or heard.language, hints=hints)
    heard.spoken = result.language
    active = [placing.bridged(judged >= speech.GOES_ON, FRAME_SECONDS) for judged in chances]
    for (index, window), words in zip(packed, result.words, strict=True):
        for word in words:
            placed = placing.on_speech(window.in_channel(word), active[index], FRAME_SECONDS)
            heard.words[index].append(_in_call(placed, section.start))


def _in_call(word: Word, section_start: float) -> Word:
    start, end = round(word.start + section_start, 3), round(word.end + section_start, 3)
    return Word(word.text, start, end, round(calibration.calibrated(word.probability), 4))


def _conversation(words: Sequence[Sequence[Word]]) -> tuple[Utterance, ...]:
    speakers = SPEAKERS[len(words)]
    return utterances.interleave(*map(utterances.cut, words, speakers))
