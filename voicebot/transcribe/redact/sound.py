"""A tone over what must not be heard, and keys that were pressed during the call. Both in constant memory."""

import wave
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from voicebot.transcribe.audio import Samples, frames
from voicebot.transcribe.transcript import Word

TONE_HZ = 1000.0
TONE_LEVEL = 0.2
# Word times are good to a fifth of a second; a syllable too much is better than a digit too few.
BEFORE_SECONDS, AFTER_SECONDS = 0.2, 0.25

# ITU-T Q.23: each key is a low and a high tone.
ROWS = (697.0, 770.0, 852.0, 941.0)
COLUMNS = (1209.0, 1336.0, 1477.0, 1633.0)
KEYS = ("123A", "456B", "789C", "*0#D")
FRAME_SECONDS, HOP_SECONDS = 0.032, 0.016
# Two pure tones hold nearly all of a frame's energy; speech spreads it.
PURITY = 0.8
TWIST = 8.0  # the weaker tone has at least an eighth of the stronger one's power (9 dB)
LOUD = 1e-5
MIN_FRAMES = 2
LOOK_SECONDS = 5.0

Spans = Sequence[tuple[float, float]]


def tone_over(source: Path | BinaryIO, target: BinaryIO, spans: Spans) -> None:
    """Write the recording as 16-bit WAV of the same rate, channels and length, with a tone over the spans.

    In: `spans` in seconds from the start; all channels are covered, since one side is heard on the other's line.
    Raises AudioError when the recording cannot be read.
    """
    covered = _merged((max(0.0, start - BEFORE_SECONDS), end + AFTER_SECONDS) for start, end in spans)
    done = 0
    with wave.open(target, "wb") as writer:
        writer.setparams((1, 2, 8000, 0, "NONE", "not compressed"))
        for block, rate in frames(source):
            if done == 0:
                writer.setnchannels(block.shape[0])
                writer.setframerate(rate)
            _cover(block, done, rate, covered)
            done += block.shape[1]
            writer.writeframes((np.clip(block.T, -1.0, 1.0) * 32767.0).astype("<i2").tobytes())


def keys_pressed(source: Path | BinaryIO) -> list[list[Word]]:
    """The telephone keys heard in each channel as words ("4"), with their times in seconds. Raises AudioError."""
    listeners: list[_Listener] = []
    for block, rate in frames(source):
        listeners = listeners or [_Listener(rate) for _ in block]
        for listener, samples in zip(listeners, block, strict=True):
            listener.hear(samples)
    return [listener.words() for listener in listeners]


class _Listener:
    """The keys of one channel, frame by frame, over any cutting of its samples into blocks."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.size, self.hop = int(FRAME_SECONDS * rate), int(HOP_SECONDS * rate)
        at = np.arange(self.size) / rate
        self.waves = np.exp(-2j * np.pi * np.outer(at, (*ROWS, *COLUMNS))).astype(np.complex64)
        self.keys: list[str | None] = []
        self.pieces: list[Samples] = []

    def hear(self, samples: Samples) -> None:
        """More of the channel; looked at whenever there are some seconds of it."""
        self.pieces.append(samples)
        if sum(map(len, self.pieces)) > LOOK_SECONDS * self.rate:
            self._look()

    def words(self) -> list[Word]:
        """Every key that was held long enough."""
        self._look()
        return [
            Word(key, first * self.hop / self.rate, (last * self.hop + self.size) / self.rate, 1.0)
            for key, first, last in _pressed(self.keys)
        ]

    def _look(self) -> None:
        samples = np.concatenate([*self.pieces, np.zeros(0, np.float32)])
        starts = range(0, max(0, len(samples) - self.size + 1), self.hop)
        if starts:
            self.keys += _keys_of(np.stack([samples[i : i + self.size] for i in starts]), self.waves)
        # The next frame begins where this look ended.
        self.pieces = [samples[len(starts) * self.hop :]]


def _merged(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _cover(block: Samples, done: int, rate: int, spans: Spans) -> None:
    for start, end in spans:
        first, last = max(0, int(start * rate) - done), min(block.shape[1], int(end * rate) - done)
        if first < last:
            at = (np.arange(first, last) + done) / rate
            block[:, first:last] = TONE_LEVEL * np.sin(2 * np.pi * TONE_HZ * at)


def _keys_of(block: Samples, waves: npt.NDArray[np.complex64]) -> Iterator[str | None]:
    """The key that each frame holds, None for none: power at the eight tones by correlation (Goertzel's bins)."""
    power = np.abs(block @ waves) ** 2 * 2 / block.shape[1]
    energy = (block.astype(np.float64) ** 2).sum(axis=1) + 1e-12
    rows, columns = power[:, : len(ROWS)], power[:, len(ROWS) :]
    row, column = rows.argmax(axis=1), columns.argmax(axis=1)
    low, high = rows.max(axis=1), columns.max(axis=1)
    loud = energy / block.shape[1] > LOUD
    even = np.maximum(low, high) <= TWIST * np.minimum(low, high)
    for index in range(len(block)):
        pure = (low[index] + high[index]) / energy[index] > PURITY
        yield KEYS[row[index]][column[index]] if loud[index] and even[index] and pure else None


def _pressed(keys: Iterable[str | None]) -> Iterator[tuple[str, int, int]]:
    """(key, first frame, last frame) for each key that was held long enough."""
    held: tuple[str, int, int] | None = None
    for index, key in enumerate(keys):
        if held is not None and key == held[0] and index == held[2] + 1:
            held = (held[0], held[1], index)
            continue
        if held is not None and held[2] - held[1] + 1 >= MIN_FRAMES:
            yield held
        held = (key, index, index) if key is not None else None
    if held is not None and held[2] - held[1] + 1 >= MIN_FRAMES:
        yield held
