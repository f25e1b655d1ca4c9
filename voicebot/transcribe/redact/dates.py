"""Dates of birth among words, in English and Spanish. Pure."""

import re
from collections.abc import Sequence

from voicebot.transcribe.redact.lists import words
from voicebot.transcribe.redact.numerals import numerals, plain

MONTHS = words("months")
ORDINALS = words("ordinals")
JOINERS = frozenset({"the", "of", "de", "del", "in", "and", "uh", "um", "comma", "a", "el", "y", "", "slash", "dash"})
_WRITTEN = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-](\d{2}|\d{4})")
_ORDINAL_DIGITS = re.compile(r"\d{1,2}(st|nd|rd|th)")
DAY = 31


def dates(words: Sequence[str]) -> list[tuple[int, int, bool]]:
    """Each date among the words: first and last word (both included), and whether it has a year."""
    low = [plain(word) for word in words]
    found = []
    at = 0
    while at < len(low):
        end = _ends_at(low, at)
        if end is None:
            at += 1
            continue
        last, has_year = end
        found.append((at, last, has_year))
        at = last + 1
    return found


def _ends_at(low: Sequence[str], at: int) -> tuple[int, bool] | None:
    if _WRITTEN.fullmatch(low[at]):
        return at, True
    day_first = _is_day(low, at) and any(word in MONTHS for word in low[at + 1 : at + 4])
    if low[at] in MONTHS or day_first:
        return _worded(low, at)
    return _spoken_numbers(low, at)


def _worded(low: Sequence[str], at: int) -> tuple[int, bool] | None:
    """ "March the third nineteen eighty five", "3 de marzo de 1985"."""
    digits, last, parts = "", at, 1
    i = at + 1
    while i < len(low) and i - last <= 3:
        if low[i] in MONTHS or low[i] in ORDINALS or _ORDINAL_DIGITS.fullmatch(low[i]):
            last, parts = i, parts + 1
        elif numeral := next((n for n in numerals(low[i : i + 2]) if n.first == 0), None):
            last, parts = i + numeral.last, parts + 1
            digits += numeral.digits
            i += numeral.last
        elif low[i] not in JOINERS:
            break
        i += 1
        if len(digits) >= 6:
            break
    return (last, _has_year(digits, parts)) if parts > 1 else None


def _has_year(digits: str, parts: int) -> bool:
    return parts >= 3 or bool(re.search(r"(19|20)\d\d$", digits))


def _spoken_numbers(low: Sequence[str], at: int) -> tuple[int, bool] | None:
    """ "oh three fourteen eighty five", "3 14 1985": a month, a day and a year as numbers."""
    held: list[str] = []
    last = at
    for numeral in numerals(low[at : at + 12]):
        if numeral.first + at > last + 2 or (not held and numeral.first):
            break
        if any(word not in JOINERS for word in low[last + 1 : at + numeral.first]) and held:
            break
        held.append(numeral.digits)
        last = at + numeral.last
    text = "".join(held)
    if len(text) not in (5, 6, 7, 8) or len(held) > len(text):
        return None
    return (last, True) if _is_numeric_date(text) else None


def _is_numeric_date(text: str) -> bool:
    year = 4 if len(text) > 6 else 2
    head, tail = text[:-year], text[-year:]
    if year == 4 and not 1900 <= int(tail) <= 2100:
        return False
    splits = ((head[:1], head[1:]), (head[:2], head[2:]))
    return any(a and b and 1 <= int(a) <= 12 and 1 <= int(b) <= DAY for a, b in splits)


def _is_day(low: Sequence[str], at: int) -> bool:
    return (
        low[at] in ORDINALS or bool(_ORDINAL_DIGITS.fullmatch(low[at])) or (low[at].isdigit() and int(low[at]) <= DAY)
    )
