"""Whisper's known failure: a window in which it says the same thing over and over. Pure functions."""

import re
import zlib

# Whisper's own threshold (`compression_ratio_threshold` of openai-whisper): speech compresses less than this.
LOOP_RATIO = 2.4
# When a window is heard again because of a loop, no run of this many tokens may come twice.
LONGEST_REPEAT = 6
# The longest payment card number (ISO/IEC 7812-1). People do say one digit that often: "four one one one one one ...".
MOST_DIGITS = 19
DIGITS = re.compile(
    r"\d|\b(?:oh|zero|one|two|three|four|five|six|seven|eight|nine"
    r"|cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve)\b",
    re.IGNORECASE,
)


def repeats(text: str) -> bool:
    """Whether the text of one window compresses so well that it must be a loop rather than speech.

    A number of up to MOST_DIGITS digits, said one by one, is speech however often a digit comes.
    """
    digits = DIGITS.findall(text)
    written = (text if len(digits) > MOST_DIGITS else DIGITS.sub("", text)).split()
    said = " ".join(written).encode()
    return bool(said) and len(said) / len(zlib.compress(said)) > LOOP_RATIO
