"""Where somebody speaks: Silero's voice activity detector, as bundled with faster-whisper.

The detector is recurrent and falls asleep: after ten seconds of silence it overhears the first word, after a minute the
first sentence. A caller who listens to an agent is silent that long all the time. So it is started afresh every few
seconds, with a second of what came before to settle on.
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
# Digital silence, and the noise floor of a line on which nobody is, are not worth a detector's time.
QUIETEST_PEAK = 1e-3

Probabilities = npt.NDArray[np.float32]


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
    judged = [_judge(session, inputs, start) for start in range(0, len(frames), BLOCK_FRAMES)]
    return np.concatenate(judged) if judged else np.zeros(0, np.float32)


def _judge(session: Any, inputs: Samples, start: int) -> Probabilities:
    first = max(0, start - SETTLING_FRAMES)
    block = inputs[start : start + BLOCK_FRAMES]
    if float(np.abs(block).max()) < QUIETEST_PEAK:
        return np.zeros(len(block), np.float32)
    state = np.zeros(STATE_SHAPE, np.float32)
    judged, _, _ = session.run(None, {"input": inputs[first : start + BLOCK_FRAMES], "h": state, "c": state})
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
