"""Tokens and the frames they were heard in, as words with times and probabilities. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from voicebot.transcribe.transcript import Word

# Whisper's decoder places its tokens on frames of 20 ms.
SECONDS_PER_FRAME = 0.02
# Marks that belong to the word after them, and to the word before them.
OPENING, CLOSING = "\"'“¿([{-", "\"'.。,，!！?？:：”)]}、"


@dataclass(frozen=True, slots=True)
class Spelling:
    """One word as the tokenizer spells it: its text, with the space before it, and how many tokens it takes."""

    text: str
    tokens: int


def words(
    spelt: Sequence[Spelling], path: Sequence[tuple[int, int]], probabilities: Sequence[float], seconds: float
) -> list[Word]:
    """Words timed in seconds from the start of a window of `seconds`.

    In: the words of the window; the path of the alignment as (token, frame) pairs, which has one more token than the
    words for the end of text; each token's probability.
    """
    starts = _starts(path)
    timed: list[Word] = []
    at = 0
    for word in spelt:
        until = at + word.tokens
        start, end = (min(float(starts[min(i, len(starts) - 1)]) * SECONDS_PER_FRAME, seconds) for i in (at, until))
        timed.append(Word(word.text, start, max(start, end), float(np.mean(probabilities[at:until]))))
        at = until
    return _punctuated(timed)


def _starts(path: Sequence[tuple[int, int]]) -> list[int]:
    """The frame in which each token begins."""
    starts: list[int] = []
    for token, frame in path:
        while len(starts) <= token:
            starts.append(frame)
    return starts


def _punctuated(timed: Sequence[Word]) -> list[Word]:
    """Marks standing alone joined to the word that they belong to, whose times and probability stay its own."""
    joined: list[Word] = []
    opening = ""
    for word in timed:
        mark = word.text.strip()
        if mark and all(letter in CLOSING for letter in mark) and joined and not word.text.startswith(" "):
            joined[-1] = replace(joined[-1], text=joined[-1].text + word.text)
        elif mark and all(letter in OPENING for letter in mark):
            opening += word.text
        else:
            joined.append(replace(word, text=_with(opening, word.text)))
            opening = ""
    return joined


def _with(opening: str, text: str) -> str:
    return opening + text.lstrip() if opening else text
