"""Windows decoded together, and what the encoder made of them brought to one length. Pure functions."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

# The decoder reads its weights once for a whole batch, so that a step for four costs little more than for one. What it
# keeps of each window (some 28 MB with base) no longer fits the processor's cache: sixteen cost twice as much each, and
# six take a long talk over 1 GB for no time gained (`voicebot bench hearing --part lengths`).
MOST_WINDOWS = 4

Encoded = npt.NDArray[np.float32]


def group(lengths: Sequence[float], at_once: int, most: int = MOST_WINDOWS) -> list[list[int]]:
    """Indexes of windows in batches of like length, the longest first, one for each of `at_once` threads if it can be.

    In: the windows' lengths. Out: every index once; batches differ by at most one in size.
    """
    order = sorted(range(len(lengths)), key=lambda index: (-lengths[index], index))
    count = min(len(order), max(at_once, -(-len(order) // most)))
    return [part.tolist() for part in np.array_split(np.array(order, int), count)] if count else []


def stack(parts: Sequence[Encoded], silent_frames: int) -> Encoded:
    """(windows, frames, width) of encoded windows of (frames, width), each of which ends in `silent_frames` of silence.

    The decoder knows no mask: a window shorter than the longest is followed by more of its own silence, which is what
    Whisper expects after speech.
    """
    longest = max(len(part) for part in parts)
    return np.stack([_lengthened(part, longest, silent_frames) for part in parts])


def _lengthened(part: Encoded, frames: int, silent_frames: int) -> Encoded:
    missing = frames - len(part)
    if not missing:
        return part
    silence = part[-min(silent_frames, len(part)) :]
    return np.concatenate([part, np.tile(silence, (-(-missing // len(silence)), 1))[:missing]])
