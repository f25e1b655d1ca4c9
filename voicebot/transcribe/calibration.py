"""A word's probability made to mean how often such words are right. A pure function.

Whisper's own number is the mean of the tokens' probabilities. It is mapped by a line on its log odds, whose two numbers
were chosen on the calls measured in docs/transcribe.md; `voicebot bench transcribe` prints the table that checks them.
"""

from math import exp, log

SLOPE, SHIFT = 0.75, 0.75
# Whisper's extremes are rounded: nothing is certain.
LEAST = 0.005


def calibrated(probability: float) -> float:
    """The probability that a word is right, from the engine's own; rises with it, from 0 to 1."""
    kept = min(max(probability, LEAST), 1.0 - LEAST)
    return 1.0 / (1.0 + exp(-(SLOPE * log(kept / (1.0 - kept)) + SHIFT)))
