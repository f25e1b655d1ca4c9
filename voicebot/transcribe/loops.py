"""Whisper's known failure: a window in which it says the same thing over and over. Pure functions."""

import zlib
from collections.abc import Sequence

from voicebot.transcribe.transcript import Word

# Whisper's own threshold (`compression_ratio_threshold` of openai-whisper): speech compresses less than this.
LOOP_RATIO = 2.4
# When a window is heard again because of a loop, no run of this many tokens may come twice.
LONGEST_REPEAT = 6


def repeats(words: Sequence[Word]) -> bool:
    """Whether the words of one window compress so well that they must be a loop rather than speech."""
    text = "".join(word.text for word in words).encode()
    return bool(text) and len(text) / len(zlib.compress(text)) > LOOP_RATIO
