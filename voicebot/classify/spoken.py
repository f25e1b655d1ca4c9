"""Numbers as people say them: "five five five, oh one double two" is 5550122, with the place of every digit."""

import re
from dataclasses import dataclass

UNITS = {
    "zero": 0, "oh": 0, "o": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9,
}  # fmt: skip
TEENS = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
REPEAT = {"double": 2, "triple": 3}
TOKEN = re.compile(r"[A-Za-z]+|\d+")
# What may stand between the digits of one number.
JOIN = re.compile(r"[\s,.\-()/]*")


@dataclass(frozen=True, slots=True)
class Number:
    """Digits said in a row, and where."""

    digits: str
    start: int
    end: int


def numbers(text: str) -> list[Number]:
    """Every run of digits and number words of a text, each read as a row of digits."""
    found: list[Number] = []
    run: list[re.Match[str]] = []
    for match in TOKEN.finditer(text):
        joined = not run or JOIN.fullmatch(text[run[-1].end() : match.start()])
        if run and not (joined and _counts(match[0])):
            found += _read(run)
            run = []
        if _counts(match[0]) and (run or match[0].lower() not in ("o", "oh", "hundred")):
            run.append(match)
    return found + _read(run)


def _counts(token: str) -> bool:
    word = token.lower()
    return word.isdigit() or word in UNITS or word in TEENS or word in TENS or word in REPEAT or word == "hundred"


def _read(run: list[re.Match[str]]) -> list[Number]:
    digits, times, ten = "", 1, False
    for match in run:
        word = match[0].lower()
        if word in REPEAT:
            times = REPEAT[word]
            continue
        if word == "hundred":
            piece = "00"
        elif ten and UNITS.get(word, 0) > 0:
            # "fifty five" is one number of two digits.
            digits, piece = digits[:-1], str(UNITS[word])
        else:
            piece = word if word.isdigit() else str({**UNITS, **TEENS, **TENS}[word])
        digits, times, ten = digits + piece * times, 1, word in TENS
    return [Number(digits, run[0].start(), run[-1].end())] if digits else []
