"""Speech cut out of a channel and packed into windows for Whisper, and the way back from window time to call time.

Pure functions. Whisper always hears 30 s; silence sent to it costs as much as speech and invites invented words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from voicebot.transcribe.audio import SAMPLE_RATE, Samples
from voicebot.transcribe.transcript import Word

WINDOW_SECONDS = 28.0


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of speech in one channel: `start` and `end` in samples at SAMPLE_RATE."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """Samples from start to end."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Window:
    """Spans of one channel, in order, that the engine hears as one piece."""

    spans: tuple[Span, ...]

    @property
    def end(self) -> int:
        """Where the last span ends in the channel, in samples."""
        return self.spans[-1].end

    def cut_from(self, channel: Samples) -> Samples:
        """The window's audio: the spans one after another, (samples,) at SAMPLE_RATE."""
        return np.concatenate([channel[span.start : span.end] for span in self.spans])

    def in_channel(self, word: Word) -> Word:
        """A word timed in seconds from the window's start, timed in seconds from the channel's start instead.

        A word belongs to the span that holds its middle, and never reaches over that span's borders into silence.
        """
        middle = (word.start + word.end) / 2 * SAMPLE_RATE
        offset = 0
        for span in self.spans[:-1]:
            if middle < offset + span.length:
                break
            offset += span.length
        else:
            span = self.spans[-1]
        first, last = span.start / SAMPLE_RATE, span.end / SAMPLE_RATE
        shift = (span.start - offset) / SAMPLE_RATE
        start = min(max(word.start + shift, first), last)
        end = min(max(word.end + shift, start), last)
        return Word(word.text, round(start, 3), round(end, 3), word.probability)


def pack(spans: Sequence[Span], seconds: float = WINDOW_SECONDS) -> Iterator[Window]:
    """Fill windows with spans in order, none longer than `seconds` unless one span alone is."""
    held: list[Span] = []
    for span in spans:
        if held and sum(kept.length for kept in held) + span.length > seconds * SAMPLE_RATE:
            yield Window(tuple(held))
            held = []
        held.append(span)
    if held:
        yield Window(tuple(held))


def sections(channel: Samples, seconds: float = 300.0, search_seconds: float = 10.0) -> Iterator[Span]:
    """Cut a long channel into stretches of at most `seconds`, each cut at the quietest moment of its last seconds.

    Memory and the time between two signs of progress then stay the same however long the call is.
    """
    longest, search, frame = (int(part * SAMPLE_RATE) for part in (seconds, search_seconds, 0.1))
    start = 0
    while len(channel) - start > longest:
        tail = channel[start + longest - search : start + longest]
        loudness = np.square(tail[: len(tail) // frame * frame].reshape(-1, frame)).mean(axis=1)
        cut = start + longest - search + int(loudness.argmin()) * frame + frame // 2
        yield Span(start, cut)
        start = cut
    if start < len(channel):
        yield Span(start, len(channel))
