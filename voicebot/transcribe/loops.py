"""Whisper's known failure: a window in which it says the same thing over and over. Pure functions."""

import zlib

# Whisper's own threshold (`compression_ratio_threshold` of openai-whisper): speech compresses less than this.
LOOP_RATIO = 2.4
# When a window is heard again because of a loop, no run of this many tokens may come twice.
LONGEST_REPEAT = 6


def repeats(text: str) -> bool:
    """Whether the text of one window compresses so well that it must be a loop rather than speech."""
    written = text.encode()
    return bool(written) and len(written) / len(zlib.compress(written)) > LOOP_RATIO
