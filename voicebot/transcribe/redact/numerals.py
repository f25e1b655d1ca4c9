"""Spoken and written numerals as digits, in English and Spanish. Pure.

A recogniser writes one and the same card number as "4111 1111", "4-1-1-1", "four one one one", "forty one eleven" or
"double one": all become the digits that were meant, with the words that said them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

UNITS = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "naught": "0", "one": "1", "two": "2", "three": "3", "four": "4",
    "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "cero": "0", "uno": "1", "un": "1", "una": "1", "dos": "2", "tres": "3", "cuatro": "4", "cinco": "5", "seis": "6",
    "siete": "7", "ocho": "8", "nueve": "9",
}  # fmt: skip
TEENS = {
    "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15", "sixteen": "16",
    "seventeen": "17", "eighteen": "18", "nineteen": "19",
    "diez": "10", "once": "11", "doce": "12", "trece": "13", "catorce": "14", "quince": "15", "dieciséis": "16",
    "dieciseis": "16", "diecisiete": "17", "dieciocho": "18", "diecinueve": "19", "veintiuno": "21", "veintidós": "22",
    "veintitrés": "23", "veinticuatro": "24", "veinticinco": "25", "veintiséis": "26", "veintisiete": "27",
    "veintiocho": "28", "veintinueve": "29", "veintitres": "23", "veintidos": "22", "veintiseis": "26",
}  # fmt: skip
TENS = {
    "twenty": "2", "thirty": "3", "forty": "4", "fourty": "4", "fifty": "5", "sixty": "6", "seventy": "7",
    "eighty": "8", "ninety": "9",
    "veinte": "2", "treinta": "3", "cuarenta": "4", "cincuenta": "5", "sesenta": "6", "setenta": "7", "ochenta": "8",
    "noventa": "9",
}  # fmt: skip
TIMES = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4, "doble": 2}
# "Triple nothing", "four zeros".
NOUGHTS = frozenset({"nothing", "zeros", "zeroes", "noughts", "ohs", "oh's", "o's", "ceros"})
SCALES = {"hundred": 100, "thousand": 1000, "mil": 1000}
HUNDREDS = {
    "cien": 100, "ciento": 100, "doscientos": 200, "trescientos": 300, "cuatrocientos": 400, "quinientos": 500,
    "seiscientos": 600, "setecientos": 700, "ochocientos": 800, "novecientos": 900,
}  # fmt: skip

# Over these no two words are one numeral: "forty, one" is no 41.
_STOPS = (",", ".", "?", "!", ";", ":")
_EDGES = re.compile(r"^[^\w$#]+|[^\w%]+$")
_NUMERIC = re.compile(r"#?\d[\d\-–.,/()]*")
# "1,482", "212.50", "1,482.16": written as an amount, though nothing says of what.
_AMOUNT = re.compile(r"\d{1,3}(,\d{3})+(\.\d\d?)?|\d+\.\d\d?")


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
    begin = 0
    for at, word in enumerate(words):
        if at + 1 == len(words) or word[-1:] in _STOPS:
            for found in _within([plain(word) for word in words[begin : at + 1]]):
                yield Numeral(begin + found.first, begin + found.last, found.digits, found.amount)
            begin = at + 1


def _within(low: Sequence[str]) -> Iterator[Numeral]:
    at = 0
    while at < len(low):
        found = _at(low, at)
        if found is not None:
            yield found
        at = found.last + 1 if found else at + 1


def _at(low: Sequence[str], at: int) -> Numeral | None:
    word = low[at]
    if word[:1] == "$" or word[-1:] == "%":
        digits = re.sub(r"\D", "", word)
        return Numeral(at, at, digits, amount=True) if digits else None
    if _NUMERIC.fullmatch(word):
        return Numeral(at, at, re.sub(r"\D", "", word), amount=bool(_AMOUNT.fullmatch(word)))
    if word in TIMES:
        unit = _single(low[at + 1]) or _nought(low[at + 1]) if at + 1 < len(low) else None
        return Numeral(at, at + 1, unit * TIMES[word]) if unit else None
    if at + 1 < len(low) and _nought(low[at + 1]) and (count := _single(word)) and count > "1":
        return Numeral(at, at + 1, "0" * int(count))
    scaled = _scaled(low, at)
    if scaled is not None:
        return Numeral(at, scaled[1], str(scaled[0]), amount=scaled[0] >= 1000)
    said = _spoken(low, at)
    return Numeral(at, said[1], said[0]) if said else None


def _scaled(low: Sequence[str], at: int) -> tuple[int, int] | None:
    """ "two thousand four hundred", "mil novecientos ochenta y cinco": a value, and the last word of it."""
    value, last, scale = 0, at - 1, 1_000_000
    while last + 1 < len(low):
        step = _step(low, last + 1 + (low[last + 1] == "and" and last >= at), scale)
        if step is None:
            break
        added, last, scale = step
        value += added
    return (value, last) if scale < 1_000_000 and value >= 100 else None


def _step(low: Sequence[str], at: int, below: int) -> tuple[int, int, int] | None:
    """The next part of a value, its last word and its scale, which must be smaller than the one before."""
    if at >= len(low):
        return None
    if low[at] in HUNDREDS and below > 100:
        return HUNDREDS[low[at]], at, 100
    if low[at] == "mil" and below > 1000:
        return 1000, at, 1000
    said = _spoken(low, at)
    if said is None or len(said[0]) > 2:
        return None
    value, last = int(said[0]), said[1]
    scale = SCALES.get(low[last + 1]) if last + 1 < len(low) else None
    if scale and scale < below:
        return value * scale, last + 1, scale
    return (value, last, 1) if 1 < below < 1_000_000 and low[at] not in ("oh", "o", "zero") else None


def _spoken(low: Sequence[str], at: int) -> tuple[str, int] | None:
    """Digits said in words from `at` on, and the last word of them."""
    parts = [part for part in low[at].split("-") if part]
    if len(parts) > 1:
        inner = [_at(parts, i) for i in range(len(parts))]
        if all(inner):
            return "".join(n.digits for n in _within(parts)), at
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


def _nought(word: str) -> str | None:
    return "0" if word in NOUGHTS else None


def _single(word: str) -> str | None:
    if word in UNITS:
        return UNITS[word]
    return word if len(word) == 1 and word.isdigit() else None
