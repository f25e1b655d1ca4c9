"""Dates among words, in English and Spanish, in any order of day, month and year. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from voicebot.transcribe.redact.lists import words
from voicebot.transcribe.redact.numerals import Numeral, numerals, plain

MONTHS = words("months")
ORDINALS = words("ordinals")
JOINERS = frozenset(
    {
        "the",
        "of",
        "de",
        "del",
        "in",
        "and",
        "uh",
        "um",
        "comma",
        "a",
        "el",
        "y",
        "",
        "slash",
        "dash",
        "año",
        "day",
        "month",
    }
)
_WRITTEN = re.compile(r"\d{1,2}([/.-])\d{1,2}\1(\d{2}|\d{4})|(19|20)\d{2}([/.-])\d{1,2}\4\d{1,2}")
_ORDINAL_DIGITS = re.compile(r"\d{1,2}(st|nd|rd|th)")
_EXPIRY = re.compile(r"(0?[1-9]|1[0-2])[/-](20)?[2-4]\d")
YEARS = range(1900, 2040)
CARD_YEARS = range(20, 46)
DAYS, MONTHS_A_YEAR = range(1, 32), range(1, 13)
MOST_JOINERS = 3
ENDS = (".", "?", "!", ";")
ABBREVIATED = len("sept.")
_Reader = Callable[[Sequence[str], int], int | None]


@dataclass(frozen=True, slots=True)
class Dated:
    """Words `first` to `last` (both included) say a date. `spoken`: in numbers only, as "three fourteen eighty"."""

    first: int
    last: int
    has_year: bool
    spoken: bool = False


def dates(words: Sequence[str]) -> list[Dated]:
    """Each date among the words, in order."""
    low = [plain(word) for word in words]
    ends = [ends_sentence(word) for word in words]
    found = []
    at = 0
    while at < len(low):
        dated = _at(low, at, ends, words[at][-1:] == ",")
        if dated is not None:
            found.append(dated)
        at = dated.last + 1 if dated else at + 1
    return found


def ends_sentence(word: str) -> bool:
    """Whether a sentence ends behind a word; not so behind "Oct."."""
    return word[-1:] in ENDS and not (word[-1:] == "." and plain(word) in MONTHS and len(word) <= ABBREVIATED)


def years(words: Sequence[str]) -> list[tuple[int, int]]:
    """First and last word of each year that stands by itself; one of two digits only as a sentence of its own."""
    low = [plain(word) for word in words]
    found: list[tuple[int, int]] = []
    for at in range(len(low)):
        last = _full_year(low, at)
        if last is None and (short := _short_year(low, at)) is not None:
            begins = at == 0 or words[at - 1][-1:] in ENDS
            ends = short + 1 == len(low) or words[short][-1:] in ENDS or not low[short + 1]
            last = short if begins and ends else None
        if last is not None and not (found and at <= found[-1][1]):
            found.append((at, last))
    return found


def expiries(words: Sequence[str]) -> list[tuple[int, int]]:
    """First and last word of each month with a year of a card: "3 of 28", "04/29", "October of twenty seven"."""
    low = [plain(word) for word in words]
    found = [(at, at) for at, word in enumerate(low) if _EXPIRY.fullmatch(word)]
    for at in range(len(low)):
        month = _month(low, at)
        if month is None:
            continue
        year = _skip(low, month + 1)
        named = low[at] in MONTHS
        if (named or low[month + 1 : month + 2] in (["of"], ["del"], ["de"])) and year < len(low):
            last = _card_year(low, year)
            found += [(at, last)] if last is not None else []
    return found


def _at(low: Sequence[str], at: int, ends: Sequence[bool], pauses: bool) -> Dated | None:
    if _WRITTEN.fullmatch(low[at]):
        return Dated(at, at, has_year=True)
    return _worded(low, at, pauses) or _spoken(low, at, ends)


def _worded(low: Sequence[str], at: int, pauses: bool) -> Dated | None:
    """ "March the third nineteen eighty five", "3 de marzo de 1985", "1960, May the 2nd"; no "nineteen, September"."""
    goes_on = at > 0 and any(True for _ in numerals(low[at - 1 : at]))
    for order in _ORDERS:
        if goes_on and order[0] is not _named:
            continue
        if pauses and order[0] is _day and low[at] not in ORDINALS:
            continue
        last = _read(low, at, order)
        if last is not None:
            return Dated(at, last, has_year=len(order) == MOST_JOINERS, spoken=order[0] is _ordinal)
    return None


def _read(low: Sequence[str], at: int, order: Sequence[_Reader]) -> int | None:
    last = at - 1
    for place, reader in enumerate(order):
        begin = _skip(low, last + 1) if place else at
        end = reader(low, begin) if begin < len(low) else None
        if end is None:
            return None
        last = end
    return last


def _skip(low: Sequence[str], at: int) -> int:
    end = at
    while end < len(low) and end - at < MOST_JOINERS and low[end] in JOINERS:
        end += 1
    return end


def _numeral(low: Sequence[str], at: int) -> Numeral | None:
    found = next(numerals(low[at : at + 7]), None)
    return Numeral(at, at + found.last, found.digits) if found and found.first == 0 else None


def _named(low: Sequence[str], at: int) -> int | None:
    return at if low[at] in MONTHS else None


def _month(low: Sequence[str], at: int) -> int | None:
    numeral = _numeral(low, at)
    if numeral and len(numeral.digits) <= 2 and int(numeral.digits) in MONTHS_A_YEAR:
        return numeral.last
    return _named(low, at)


def _day(low: Sequence[str], at: int) -> int | None:
    if low[at] in ORDINALS or _ORDINAL_DIGITS.fullmatch(low[at]):
        return at
    numeral = _numeral(low, at)
    if numeral is None or len(numeral.digits) > 2 or int(numeral.digits) not in DAYS:
        return None
    tens = numeral.digits in ("20", "30") and low[numeral.last + 1 : numeral.last + 2]
    return numeral.last + 1 if tens and tens[0] in ORDINALS else numeral.last


def _full_year(low: Sequence[str], at: int) -> int | None:
    numeral = _numeral(low, at)
    if numeral is None:
        return None
    if len(numeral.digits) == 4 and int(numeral.digits) in YEARS:
        return numeral.last
    if numeral.digits not in ("19", "20"):
        return None
    return _short_year(low, numeral.last + 1)


def _short_year(low: Sequence[str], at: int) -> int | None:
    numeral = _numeral(low, at)
    if numeral is None or len(numeral.digits) > 2:
        return None
    if numeral.digits != "0":
        return numeral.last if len(numeral.digits) == 2 else None
    unit = _numeral(low, numeral.last + 1)
    return unit.last if unit and len(unit.digits) == 1 else None


def _year(low: Sequence[str], at: int) -> int | None:
    full = _full_year(low, at)
    return full if full is not None else _short_year(low, at)


def is_expiry(digits: Sequence[str]) -> bool:
    """Whether numerals say month and year of a card: "04", "27" or "0", "9", "2028"."""
    text = "".join(digits)
    if len(text) not in (3, 4, 5, 6):
        return False
    year = text[-2:]
    month = text[: -4 if len(text) > 4 else -2]
    return int(month) in MONTHS_A_YEAR and int(year) in CARD_YEARS and (len(text) < 5 or text[-4:-2] == "20")


def with_code(digits: Sequence[str]) -> bool:
    """Whether numbers say month and year of a card and the code behind them: "2", "29", "8", "1", "0"."""
    cuts = range(1, len(digits))
    return any(is_expiry(digits[:cut]) and len("".join(digits[cut:])) in (3, 4) for cut in cuts)


def _card_year(low: Sequence[str], at: int) -> int | None:
    last = _full_year(low, at)
    if last is not None:
        return last
    numeral = _numeral(low, at)
    short = numeral is not None and len(numeral.digits) == 2 and int(numeral.digits) in CARD_YEARS
    return numeral.last if numeral and short else None


def _ordinal(low: Sequence[str], at: int) -> int | None:
    """A day by its ordinal: "third", "3rd", "twenty second"."""
    end = _day(low, at)
    return end if end is not None and (low[end] in ORDINALS or _ORDINAL_DIGITS.fullmatch(low[end])) else None


_ORDERS: tuple[tuple[_Reader, ...], ...] = (
    (_named, _day, _year),
    (_day, _named, _year),
    (_full_year, _named, _day),
    (_ordinal, _ordinal, _year),
    (_ordinal, _month, _year),
    (_named, _full_year),
    (_named, _day),
    (_day, _named),
)


def _spoken(low: Sequence[str], at: int, ends: Sequence[bool]) -> Dated | None:
    """ "oh three fourteen eighty five", "3 14 1985", "22 del 11 del 90": three numbers and no more."""
    if at and not ends[at - 1] and any(True for _ in numerals(low[at - 1 : at])):
        return None
    held, last, count = "", at - 1, 0
    for numeral in numerals(low[at : at + 14]):
        between = low[last + 1 : at + numeral.first]
        if (numeral.first and not count) or len(between) > 2 or not JOINERS.issuperset(between):
            break
        if count and any(ends[last : at + numeral.first]):
            break
        held, last, count = held + numeral.digits, at + numeral.last, count + 1
    enough = count > (2 if len(held) == 4 else 1) or (count == 1 and len(held) == 8)
    return Dated(at, last, has_year=True, spoken=True) if enough and _is_numeric_date(held) else None


def _is_numeric_date(text: str) -> bool:
    if len(text) not in range(4, 9):
        return False
    if len(text) > 5 and int(text[:4]) in YEARS and _is_day_of_month(text[4:]):
        return True
    year = 4 if len(text) > 6 or (len(text) == 6 and int(text[2:]) in YEARS) else 2
    if len(text) > 6 and int(text[-4:]) not in YEARS:
        return False
    return _is_day_of_month(text[:-year])


def _is_day_of_month(head: str) -> bool:
    pairs = ((int(head[:cut]), int(head[cut:])) for cut in (1, 2) if head[cut:] and len(head[cut:]) <= 2)
    return any((a in MONTHS_A_YEAR and b in DAYS) or (a in DAYS and b in MONTHS_A_YEAR) for a, b in pairs)
