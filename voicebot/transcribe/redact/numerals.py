"""Spoken and written numerals as digits, in English and Spanish. Pure.

A recogniser writes one and the same card number as "4111 1111", "4-1-1-1", "four one one one", "forty one eleven" or
"double one": all become the digits that were meant, with the words that said them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

UNITS = {
    "zero": "0", "oh": "0", "o": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9",
    "cero": "0", "uno": "1", "un": "1", "una": "1", "dos": "2", "tres": "3", "cuatro": "4", "cinco": "5", "seis": "6",
    "siete": "7", "ocho": "8", "nueve": "9",
}  # fmt: skip
TEENS = {
    "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15", "sixteen": "16",
    "seventeen": "17", "eighteen": "18", "nineteen": "19",
    "diez": "10", "once": "11", "doce": "12", "trece": "13", "catorce": "14", "quince": "15", "dieciséis": "16",
    "dieciseis": "16", "diecisiete": "17", "dieciocho": "18", "diecinueve": "19", "veintiuno": "21", "veintidós": "22",
    "veintitrés": "23", "veinticuatro": "24", "veinticinco": "25", "veintiséis": "26", "veintisiete": "27",
    "veintiocho": "28", "veintinueve": "29",
}  # fmt: skip
TENS = {
    "twenty": "2", "thirty": "3", "forty": "4", "fourty": "4", "fifty": "5", "sixty": "6", "seventy": "7",
    "eighty": "8", "ninety": "9",
    "veinte": "2", "treinta": "3", "cuarenta": "4", "cincuenta": "5", "sesenta": "6", "setenta": "7", "ochenta": "8",
    "noventa": "9",
}  # fmt: skip
TIMES = {"double": 2, "triple": 3, "doble": 2}
SCALES = {"hundred": "00", "thousand": "000", "mil": "000"}

_EDGES = re.compile(r"^[^\w$#]+|[^\w%]+$")
_NUMERIC = re.compile(r"#?\d[\d\-–.,/()]*")


@dataclass(frozen=True, slots=True)
class Numeral:
    """Words `first` to `last` (both included) that say `digits`. `amount`: written as money or a percentage."""

    first: int
    last: int
    digits: str
    amount: bool = False


def plain(word: str) -> str:
    """A word as it is looked up: lower case, without the punctuation around it."""
    return _EDGES.sub("", word.lower().replace("’", "'"))


def numerals(words: Sequence[str]) -> Iterator[Numeral]:
    """Every numeral among the words, in order. "forty one" is one numeral, "four one" are two."""
    low = [plain(word) for word in words]
    at = 0
    while at < len(low):
        found = _at(low, at)
        if found is None:
            at += 1
            continue
        yield found
        at = found.last + 1


def _at(low: Sequence[str], at: int) -> Numeral | None:
    word = low[at]
    if word[:1] == "$" or word[-1:] == "%":
        digits = re.sub(r"\D", "", word)
        return Numeral(at, at, digits, amount=True) if digits else None
    if _NUMERIC.fullmatch(word):
        return Numeral(at, at, re.sub(r"\D", "", word))
    if word in TIMES:
        unit = _single(low[at + 1]) if at + 1 < len(low) else None
        return Numeral(at, at + 1, unit * TIMES[word]) if unit else None
    said = _spoken(low, at)
    if said is None:
        return None
    digits, last = said
    if last + 1 < len(low) and low[last + 1] in SCALES:
        return Numeral(at, last + 1, digits + SCALES[low[last + 1]])
    return Numeral(at, last, digits)


def _spoken(low: Sequence[str], at: int) -> tuple[str, int] | None:
    """Digits said in words from `at` on, and the last word of them."""
    parts = [part for part in low[at].split("-") if part]
    if len(parts) > 1:
        inner = [_at(parts, i) for i in range(len(parts))]
        if all(inner):
            return "".join(n.digits for n in numerals(parts)), at
        return None
    if low[at] in UNITS:
        return UNITS[low[at]], at
    if low[at] in TEENS:
        return TEENS[low[at]], at
    if low[at] in TENS:
        following = at + 2 if low[at + 1 : at + 2] == ["y"] else at + 1
        unit = _unit_word(low[following]) if following < len(low) else None
        return (TENS[low[at]] + unit, following) if unit and unit != "0" else (TENS[low[at]] + "0", at)
    return None


def _unit_word(word: str) -> str | None:
    return UNITS.get(word)


def _single(word: str) -> str | None:
    if word in UNITS:
        return UNITS[word]
    return word if len(word) == 1 and word.isdigit() else None
