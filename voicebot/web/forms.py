"""What people type, made into values. Every function raises InvalidInput with a sentence for that person. PURE."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeVar

from voicebot.errors import InvalidInput
from voicebot.reports.days import Days

E = TypeVar("E", bound=StrEnum)

# Whole ten-thousandths in a BIGINT hold far more; beyond this it is a slip of the finger.
MOST = Decimal("100000000")
AMOUNT = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?|\d+(\.\d+)?|\.\d+")


def one_of(text: str, terms: type[E], what: str) -> E | None:
    """A member of an enumeration, None for nothing chosen."""
    if not text.strip():
        return None
    try:
        return terms(text.strip().lower())
    except ValueError:
        raise InvalidInput(f"{text!r} is not {what}. Use one of: {', '.join(terms)}.") from None


def amount(text: str) -> Decimal | None:
    """Money as people write it ("1,250.00", "$90"), None for an empty field; at least 0, at most two decimals."""
    plain = text.strip().removeprefix("$").strip()
    if not plain:
        return None
    if not AMOUNT.fullmatch(plain):
        raise InvalidInput(f"{text.strip()!r} is not an amount. Write it like 1250 or 1,250.00.")
    try:
        value = Decimal(plain.replace(",", ""))
    except InvalidOperation as error:
        raise InvalidInput(f"{text.strip()!r} is not an amount.") from error
    if value > MOST:
        raise InvalidInput(f"{text.strip()} is more than we can believe. The most is {MOST:,}.")
    if value != value.quantize(Decimal("0.01")):
        raise InvalidInput(f"{text.strip()} has more than two decimals.")
    return value


def currency(text: str, default: str) -> str:
    """An ISO 4217 code in capitals; `default` for an empty field."""
    code = text.strip().upper() or default
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise InvalidInput(f"{text.strip()!r} is not a currency. Use its three letters, like USD.")
    return code


def day(text: str, what: str = "date") -> date | None:
    """A day written like 2026-11-23, None for an empty field."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInput(f"The {what} {text.strip()!r} is no date. Write it like 2026-11-23.") from None


def days(first: str, last: str, *, default: Days | None = None) -> Days | None:
    """A span of days from two fields; one alone is open towards the other side; `default` when both are empty."""
    start, end = day(first, "first day"), day(last, "last day")
    if start is None and end is None:
        return default
    return Days(start or (default.first if default else date(2000, 1, 1)), end or date(2100, 1, 1))


def number(text: str, what: str) -> int | None:
    """A whole number of at least 1, None for an empty field."""
    if not text.strip():
        return None
    if not re.fullmatch(r"\d{1,9}", text.strip()) or int(text) < 1:
        raise InvalidInput(f"{text.strip()!r} is not {what}.")
    return int(text)


def share(text: str, what: str) -> float:
    """A percentage as people write it ("5", "2.5 %"), as a share from 0 to 1."""
    plain = text.strip().removesuffix("%").strip()
    if not re.fullmatch(r"\d{1,3}([.,]\d{1,4})?", plain) or float(plain.replace(",", ".")) > 100:
        raise InvalidInput(f"{what}: {text.strip()!r} is not a percentage from 0 to 100.")
    return round(float(plain.replace(",", ".")) / 100, 6)
