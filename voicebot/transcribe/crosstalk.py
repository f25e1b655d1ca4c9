"""The other side bleeding into a channel: recognised by its sound, or by its words. Pure functions.

Bleeding is the other channel again, quieter and up to a quarter of a second later. Where both channels seem to speak
and the quieter one is a copy of the louder one, only the louder one is heard. A copy that a room has smeared no longer
resembles the original; what Whisper hears in it does, so the same words at nearly the same time are written once.
"""

import re
from collections.abc import Sequence

import numpy as np

from voicebot.transcribe.audio import SAMPLE_RATE, Samples
from voicebot.transcribe.speech import FRAME, GOES_ON, Probabilities
from voicebot.transcribe.transcript import Word

# Judged two seconds at a time, so that somebody who does speak in between is kept.
PIECE_FRAMES, FEWEST_FRAMES = 64, 6
# Echoes of telephone lines and speakerphones come within this.
LATEST_SECONDS, EARLIEST_SECONDS = 0.25, 0.02
# A copy resembles the original this much (correlation at the best delay), and has at most this share of its energy.
RESEMBLANCE, LOUDEST_SHARE = 0.5, 0.25
# A run of this many same words within this time is an echo; people do say "okay, bye bye" together.
FEWEST_WORDS, ECHO_SECONDS = 4, 0.6


def silence(samples: Samples, chances: Sequence[Probabilities]) -> tuple[Samples, list[Probabilities]]:
    """Both channels without what bled into them.

    In: (2, samples), and each channel's probability of speech per frame. Out: the samples with silence where a channel
    only repeats the other, and the probabilities with zeros there; the same objects where nothing bled.
    """
    both = (chances[0] >= GOES_ON) & (chances[1] >= GOES_ON)
    bled = [piece for piece in _pieces(both) if piece[1] - piece[0] >= FEWEST_FRAMES]
    quieted, judged = samples, list(chances)
    for first, last in bled:
        copy = _copy_in(samples[:, first * FRAME : last * FRAME])
        if copy is None:
            continue
        if quieted is samples:
            quieted, judged = samples.copy(), [channel.copy() for channel in chances]
        quieted[copy, first * FRAME : last * FRAME] = 0.0
        judged[copy][first:last] = 0.0
    return quieted, judged


def _pieces(both: np.ndarray) -> list[tuple[int, int]]:
    """Stretches in which both channels seem to speak, at most PIECE_FRAMES long."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], both, [False]]).astype(np.int8))).reshape(-1, 2)
    return [(at, min(at + PIECE_FRAMES, int(end))) for start, end in edges for at in range(start, end, PIECE_FRAMES)]


def _copy_in(pair: Samples) -> int | None:
    """Which of two channels repeats the other, if one does."""
    energies = np.square(pair, dtype=np.float64).sum(axis=1)
    quiet = int(energies.argmin())
    if energies[quiet] > LOUDEST_SHARE * energies[1 - quiet]:
        return None
    return quiet if resemblance(pair[1 - quiet], pair[quiet]) >= RESEMBLANCE else None


def resemblance(original: Samples, copy: Samples) -> float:
    """The correlation of two (samples,) at the delay at which they are most alike, from 0 to 1."""
    size = 1 << (2 * len(original) - 1).bit_length()
    spectrum = np.fft.rfft(copy, size) * np.conj(np.fft.rfft(original, size))
    products = np.abs(np.fft.irfft(spectrum, size))
    late, early = int(LATEST_SECONDS * SAMPLE_RATE), int(EARLIEST_SECONDS * SAMPLE_RATE)
    best = max(float(products[:late].max()), float(products[-early:].max()))
    scale = float(np.sqrt(np.square(original, dtype=np.float64).sum() * np.square(copy, dtype=np.float64).sum()))
    return best / scale if scale else 0.0


def without_echoes(channels: Sequence[Sequence[Word]]) -> list[list[Word]]:
    """The words of two channels, without those of one that repeat the other's at nearly the same time."""
    if len(channels) != 2:
        return [list(words) for words in channels]
    first, second = channels
    dropped: tuple[set[int], set[int]] = (set(), set())
    for i, j, count in _same_runs(first, second):
        lag = float(np.mean([second[j + n].start - first[i + n].start for n in range(count)]))
        # The echo comes later; when neither does, the one that Whisper is less sure of goes.
        surer = sum(first[i + n].probability - second[j + n].probability for n in range(count)) >= 0
        if lag > 0.05 or (abs(lag) <= 0.05 and surer):
            dropped[1].update(range(j, j + count))
        else:
            dropped[0].update(range(i, i + count))
    return [
        [word for at, word in enumerate(words) if at not in gone] for words, gone in zip(channels, dropped, strict=True)
    ]


def _same_runs(first: Sequence[Word], second: Sequence[Word]) -> list[tuple[int, int, int]]:
    """Runs of same words at nearly the same time, as (index in first, index in second, words)."""
    runs: list[tuple[int, int, int]] = []
    i = earliest = 0
    while i < len(first):
        while earliest < len(second) and second[earliest].start < first[i].start - ECHO_SECONDS:
            earliest += 1
        j, count = earliest, 0
        while j < len(second) and second[j].start <= first[i].start + ECHO_SECONDS:
            count = _length(first[i:], second[j:])
            if count >= FEWEST_WORDS:
                runs.append((i, j, count))
                break
            j, count = j + 1, 0
        i += max(1, count)
    return runs


def _length(first: Sequence[Word], second: Sequence[Word]) -> int:
    count = 0
    for one, other in zip(first, second, strict=False):
        if _plain(one.text) != _plain(other.text) or abs(one.start - other.start) > ECHO_SECONDS:
            break
        count += 1
    return count


def _plain(text: str) -> str:
    return re.sub(r"\W", "", text).lower()
