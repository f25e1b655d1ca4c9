"""Digits in what a caller said, in figures or in words: "seven eight seven oh four" is 78704. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from voicebot.ivr.dialogue.words import word_list

TOKEN = re.compile(r"[0-9]+|[^\W\d_]+")
# What may stand between two digits of one number.
GAP = re.compile(r"[\s,.()\-–/]{0,4}")


@dataclass(frozen=True, slots=True)
class Run:
    """Digits that belong together, and where their words begin and end in the text."""

    digits: str
    start: int
    end: int


def runs(text: str, tongue: str) -> Iterator[Run]:
    """Every run of digits in the text, in order."""
    words = _digit_words(tongue)
    digits, start, end, tens = "", 0, 0, False
    for token in TOKEN.finditer(text):
        word = token.group().lower()
        heard = word if word[0] in "0123456789" else words.get(word, "")
        if digits and not (heard and GAP.fullmatch(text[end : token.start()])):
            yield Run(digits, start, end)
            digits = ""
        if not heard:
            continue
        start = start if digits else token.start()
        # "seventy eight" is 78 and not 70 8.
        digits = digits[:-1] + heard if digits and tens and len(heard) == 1 else digits + heard
        end, tens = token.end(), word != heard and len(heard) == 2 and heard[1] == "0"
    if digits:
        yield Run(digits, start, end)


@cache
def _digit_words(tongue: str) -> dict[str, str]:
    words = {word: str(digit) for digit, names in enumerate(word_list("units", tongue)) for word in names.split()}
    words |= {word: f"{position}0" for position, word in enumerate(word_list("tens", tongue), start=1)}
    return words | {word: f"1{position}" for position, word in enumerate(word_list("teens", tongue), start=1)}
