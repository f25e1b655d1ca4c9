"""Speech cut out of a channel and packed into windows for Whisper, and the way back from window time to call time.

Pure functions. Silence sent to Whisper costs as much as speech and invites invented words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from voicebot.transcribe.audio import SAMPLE_RATE, Samples
from voicebot.transcribe.transcript import Word

# Longer windows give Whisper more to go by; the encoder's cost for a second doubles between 10 s and 30 s.
WINDOW_SECONDS = 22.0


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

        A word that Whisper stretched over the border of two spans reaches over the pause between them.
        """
        start = self._moved(word.start * SAMPLE_RATE, after=True)
        end = max(start, self._moved(word.end * SAMPLE_RATE, after=False))
        return Word(word.text, start / SAMPLE_RATE, end / SAMPLE_RATE, word.probability)

    def _moved(self, at: float, *, after: bool) -> float:
        """A sample of the window as a sample of the channel; the border of two spans belongs to the one `after` it."""
        for span in self.spans[:-1]:
            if at < span.length or (at == span.length and not after):
                return span.start + at
            at -= span.length
        last = self.spans[-1]
        return min(last.start + at, last.end)


def pack(spans: Sequence[Span], seconds: float = WINDOW_SECONDS) -> Iterator[Window]:
    """Fill windows with spans in order, none longer than `seconds` unless one span alone is.

    As few windows as can be, and filled alike: a short rest alone gives Whisper too little to go by.
    """
    total = sum(span.length for span in spans)
    longest = seconds * SAMPLE_RATE
    enough = total / max(1, ceil(total / longest))
    held: list[Span] = []
    length = 0
    for span in spans:
        full = length + span.length > longest or length + span.length / 2 > enough
        if held and full:
            yield Window(tuple(held))
            held, length = [], 0
        held.append(span)
        length += span.length
    if held:
        yield Window(tuple(held))
