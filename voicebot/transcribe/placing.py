"""Words laid where somebody speaks. Pure functions.

Whisper says in which order words come, and only roughly when: the first word after a pause is given the pause too.
The speech detector knows when speech starts, so a word is laid on the longest stretch of speech inside its time.
"""

import numpy as np
import numpy.typing as npt

from voicebot.transcribe.transcript import Word

# Closures of p, t and k are silent for less than this: they do not part a word.
BRIDGED_SECONDS = 0.2
# A stretch shorter than this is the end of the word before, or a click.
SHORTEST_SECONDS = 0.06

# The detector falls below its threshold before the last sound has died away.
DYING_SECONDS = 0.12

Active = npt.NDArray[np.bool_]


def bridged(active: Active, frame_seconds: float) -> Active:
    """Silences shorter than BRIDGED_SECONDS inside speech counted as speech."""
    filled = active.copy()
    for start, end in _runs(~active):
        if start > 0 and end < len(active) and (end - start) * frame_seconds < BRIDGED_SECONDS:
            filled[start:end] = True
    return filled


def on_speech(word: Word, active: Active, frame_seconds: float) -> Word:
    """The word from the first to the last moment of the longest stretch of speech inside it, if there is any.

    In: whether somebody speaks in each frame of the channel, short silences bridged.
    """
    first, last = int(word.start / frame_seconds), int(np.ceil(word.end / frame_seconds))
    runs = _runs(active[first:last])
    if not runs:
        return word
    begun, ended = max(runs, key=lambda run: run[1] - run[0])
    start = max(word.start, (first + begun) * frame_seconds)
    end = min(word.end, (first + ended) * frame_seconds + DYING_SECONDS)
    if end - start < SHORTEST_SECONDS:
        return word
    return Word(word.text, start, end, word.probability)


def _runs(active: Active) -> list[tuple[int, int]]:
    """Where frames are active, as (first, one past the last)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], active, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]
