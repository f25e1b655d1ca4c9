"""Where somebody speaks: Silero's voice activity detector, as bundled with faster-whisper.

The detector is recurrent and falls asleep: after ten seconds of silence it overhears the first word, after a minute the
first sentence. A caller who listens to an agent is silent that long all the time. So it is started afresh every few
seconds, with a second of what came before to settle on. What is no louder than the line itself is not shown to it.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from voicebot.transcribe.audio import SAMPLE_RATE, Samples
from voicebot.transcribe.windows import Span

# The detector judges 32 ms at a time, each with the 4 ms before it.
FRAME, CONTEXT = 512, 64
# 4 s at a stretch after 1 s to settle.
BLOCK_FRAMES, SETTLING_FRAMES = 125, 31
STATE_SHAPE = (1, 1, 128)

# Silero's own thresholds: speech begins above the one and goes on until it falls below the other.
BEGINS, GOES_ON = 0.5, 0.35
# "Yes" lasts a fifth of a second; clicks and the onset of a tone are shorter.
SHORTEST_SPEECH = int(0.1 * SAMPLE_RATE)
# Stretches nearer to each other are one, and this much is kept around speech: consonants begin before a voice does.
SHORTEST_SILENCE = int(2.0 * SAMPLE_RATE)
PADDING = int(0.4 * SAMPLE_RATE)
# A stretch must fit into a window; a longer one is cut where speech is least likely in its later part.
LONGEST_SPEECH = int(20.0 * SAMPLE_RATE)
# Digital silence, and the noise floor of a line on which nobody is, are not worth a detector's time: a frame must be
# louder than this (root mean square, -60 dB of full scale), and twice as loud as the quietest tenth of its section.
# A line as loud as LOUDEST_FLOOR is listened to all the time, since speech may hardly stand out from it.
QUIETEST, ABOVE_FLOOR, LOUDEST_FLOOR = 1e-3, 2.0, 5e-3
# The detector judges by what is around: with half a second of it shown, five words of 474 more were wrong.
AROUND_FRAMES = 47

Probabilities = npt.NDArray[np.float32]
Active = npt.NDArray[np.bool_]


def find(samples: Samples) -> list[Span]:
    """The stretches of speech in (samples,) at SAMPLE_RATE, in order, padded so that no word is clipped."""
    return spans(probabilities(samples), len(samples))


def probabilities(samples: Samples) -> Probabilities:
    """The probability of speech in every FRAME samples, (frames,); the last frame may be partly beyond the end."""
    from faster_whisper.vad import get_vad_model

    session = get_vad_model().session
    frames = np.pad(samples, (0, -len(samples) % FRAME)).reshape(-1, FRAME)
    before = np.vstack([np.zeros((1, CONTEXT), np.float32), frames[:-1, -CONTEXT:]])[: len(frames)]
    inputs = np.hstack([before, frames])
    judged = np.zeros(len(frames), np.float32)
    for begun, ended in _runs(audible(frames)):
        for start in range(begun, ended, BLOCK_FRAMES):
            end = min(start + BLOCK_FRAMES, ended)
            judged[start:end] = _judge(session, inputs, start, end)
    return judged


def audible(frames: Samples) -> Active:
    """Which of (frames, FRAME) may hold speech by their loudness alone, a margin around them included, (frames,)."""
    if not len(frames):
        return np.zeros(0, np.bool_)
    loudness = np.sqrt(np.square(frames).mean(axis=1))
    floor = float(np.percentile(loudness, 10))
    threshold = max(QUIETEST, ABOVE_FLOOR * floor) if floor < LOUDEST_FLOOR else QUIETEST
    around = np.ones(2 * AROUND_FRAMES + 1)
    near: Active = np.convolve(loudness > threshold, around)[AROUND_FRAMES : AROUND_FRAMES + len(frames)] > 0.5
    return near


def _runs(active: Active) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], active, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _judge(session: Any, inputs: Samples, start: int, end: int) -> Probabilities:
    first = max(0, start - SETTLING_FRAMES)
    state = np.zeros(STATE_SHAPE, np.float32)
    judged, _, _ = session.run(None, {"input": inputs[first:end], "h": state, "c": state})
    return np.asarray(judged, np.float32).reshape(-1)[start - first :]


def spans(chances: Probabilities, length: int) -> list[Span]:
    """Stretches of speech from the probability of each frame, in a channel of `length` samples. Pure.

    Stretches are in order, do not overlap and are at most LONGEST_SPEECH long.
    """
    voiced = [span for span in _stretches(chances) if span.length >= SHORTEST_SPEECH]
    joined: list[Span] = []
    for span in voiced:
        padded = Span(max(0, span.start - PADDING), min(length, span.end + PADDING))
        if joined and padded.start - joined[-1].end < SHORTEST_SILENCE - 2 * PADDING:
            padded = Span(joined.pop().start, padded.end)
        joined.append(padded)
    return [part for span in joined for part in _short(span, chances)]


def _stretches(chances: Probabilities) -> Iterator[Span]:
    begun: int | None = None
    for frame, chance in enumerate(chances):
        if begun is None and chance >= BEGINS:
            begun = frame
        elif begun is not None and chance < GOES_ON:
            yield Span(begun * FRAME, frame * FRAME)
            begun = None
    if begun is not None:
        yield Span(begun * FRAME, len(chances) * FRAME)


def _short(span: Span, chances: Probabilities) -> Iterator[Span]:
    while span.length > LONGEST_SPEECH:
        first, last = (span.start + LONGEST_SPEECH // 2) // FRAME + 1, (span.start + LONGEST_SPEECH) // FRAME
        cut = (first + int(chances[first:last].argmin())) * FRAME
        yield Span(span.start, cut)
        span = Span(cut, span.end)
    yield span
