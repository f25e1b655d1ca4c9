"""A recording becomes a transcript: each channel is heard apart, so that speakers are never guessed."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from voicebot.terms import Speaker
from voicebot.transcribe import audio, speech, utterances, windows
from voicebot.transcribe.audio import SAMPLE_RATE, Audio, Samples
from voicebot.transcribe.engine import Engine
from voicebot.transcribe.transcript import Transcript, Utterance, Word
from voicebot.transcribe.windows import Span, Window

# Called with the seconds of audio done and the seconds there are.
Progress = Callable[[float, float], None]

SPEAKERS = {1: (Speaker.UNKNOWN,), 2: (Speaker.CALLER, Speaker.AGENT)}
AUTO = "auto"
# ISO 639's code for a recording in which nobody speaks.
UNDETERMINED = "und"


def transcribe_file(
    source: Path | BinaryIO,
    engine: Engine,
    *,
    language: str = "en",
    hints: Sequence[str] | None = None,
    on_progress: Progress | None = None,
) -> Transcript:
    """Hear a recording. Channel 1 is the caller, channel 2 the agent; a mono recording's speakers are unknown.

    In: a path or a binary file that can seek; `language` an ISO 639-1 code, or `auto`; `hints`, names that may
    occur; `on_progress`, called after every piece heard. A silent recording gives no utterances. Raises AudioError
    when the recording cannot be read, ModelError when the engine cannot hear that language.
    """
    return transcribe(audio.read(source), engine, language=language, hints=hints, on_progress=on_progress)


def transcribe(
    recording: Audio,
    engine: Engine,
    *,
    language: str = "en",
    hints: Sequence[str] | None = None,
    on_progress: Progress | None = None,
) -> Transcript:
    """The same for a recording already read."""
    started = time.perf_counter()
    spoken = None if language == AUTO else language
    words: list[list[Word]] = [[] for _ in range(recording.channels)]
    for index, window in _windows(recording):
        samples = window.cut_from(recording.samples[index])
        spoken = spoken or engine.language_of(samples)
        words[index].extend(map(window.in_channel, engine.hear(samples, language=spoken, hints=hints)))
        if on_progress is not None:
            on_progress((index * recording.seconds + window.end / SAMPLE_RATE) / recording.channels, recording.seconds)
    if on_progress is not None:
        on_progress(recording.seconds, recording.seconds)
    return Transcript(
        engine=engine.name,
        model=engine.model,
        audio_seconds=round(recording.seconds, 3),
        taken_seconds=round(time.perf_counter() - started, 3),
        language=spoken or UNDETERMINED,
        utterances=_conversation(words),
    )


def _windows(recording: Audio) -> Iterator[tuple[int, Window]]:
    """The speech of each channel, found as it is asked for, as (index of the channel, window)."""
    for index, channel in enumerate(recording.samples):
        for section in windows.sections(channel):
            for window in windows.pack(_speech_in(channel, section)):
                yield index, window


def _speech_in(channel: Samples, section: Span) -> list[Span]:
    found = speech.find(channel[section.start : section.end])
    return [Span(span.start + section.start, span.end + section.start) for span in found]


def _conversation(words: Sequence[Sequence[Word]]) -> tuple[Utterance, ...]:
    speakers = SPEAKERS[len(words)]
    return utterances.interleave(*map(utterances.cut, words, speakers))
