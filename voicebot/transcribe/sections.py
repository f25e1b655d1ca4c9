"""A recording as sections of some minutes, so that memory and the time to a sign of progress do not grow with it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from voicebot.transcribe.audio import SAMPLE_RATE, Samples

SECTION_SECONDS = 300.0
# A section is cut at the quietest moment of its last seconds.
SEARCH_SECONDS = 15.0
FRAME = SAMPLE_RATE // 10


@dataclass(frozen=True, slots=True)
class Section:
    """(channels, samples) of a recording, from `start` seconds on."""

    start: float
    samples: Samples

    @property
    def end(self) -> float:
        """Where the section ends in the recording, in seconds."""
        return self.start + float(self.samples.shape[1] / SAMPLE_RATE)


def cut(
    blocks: Iterable[Samples], seconds: float = SECTION_SECONDS, search_seconds: float = SEARCH_SECONDS
) -> Iterator[Section]:
    """Blocks of (channels, samples) as sections of at most `seconds`, without gap or overlap."""
    longest, search = int(seconds * SAMPLE_RATE), int(search_seconds * SAMPLE_RATE)
    held: list[Samples] = []
    start = length = 0
    for block in blocks:
        held.append(block)
        length += block.shape[1]
        while length > longest:
            joined = np.concatenate(held, axis=1)
            at = longest - search + quietest(joined[:, longest - search : longest])
            yield Section(start / SAMPLE_RATE, joined[:, :at])
            start, length = start + at, length - at
            held = [joined[:, at:]]
    rest = np.concatenate(held, axis=1) if held else np.zeros((1, 0), np.float32)
    if rest.shape[1]:
        yield Section(start / SAMPLE_RATE, rest)


def quietest(samples: Samples) -> int:
    """The middle of the tenth of a second in which (channels, samples) are quietest together, in samples."""
    frames = samples.shape[1] // FRAME
    loudness = np.square(samples[:, : frames * FRAME]).sum(axis=0).reshape(frames, FRAME).sum(axis=1)
    return int(loudness.argmin()) * FRAME + FRAME // 2
