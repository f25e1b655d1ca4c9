"""What the words around a number say it is: a card, a phone number, a price. Pure; English and Spanish.

A number alone says little: nine digits are a social security number, a routing number, or an order. The nearest cue
before it, or right behind it, decides.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from voicebot.transcribe.redact.lists import document


class Cue(StrEnum):
    """What a number was announced as."""

    CARD = "card"
    SECURITY_CODE = "security_code"
    EXPIRY = "expiry"
    SSN = "ssn"
    SSN_LAST_FOUR = "ssn_last_four"
    ROUTING = "routing"
    BANK_ACCOUNT = "bank_account"
    ACCOUNT = "account"
    BIRTH = "birth"
    LAST_FOUR = "last_four"
    PHONE = "phone"
    PLACE = "place"
    REFERENCE = "reference"
    MONEY = "money"
    DATE = "date"
    # "The code": a security code where a card was spoken of, else a reference.
    CODE = "code"
    # No announcement: they speak with a bank, so that an account is one there.
    BANK = "bank"


# These stand behind the number they speak of: "twenty one fifty dollars".
BEHIND = frozenset({Cue.MONEY})
# Numbers announced so stay.
INNOCENT = frozenset(
    {Cue.EXPIRY, Cue.LAST_FOUR, Cue.PHONE, Cue.PLACE, Cue.REFERENCE, Cue.MONEY, Cue.DATE, Cue.BIRTH, Cue.CODE}
)
# "Order number is", "policy": what a list of announcing words becomes.
_ANNOUNCES = r"(?:{}) ?(?:number|#|no|code|id)?(?: is|,|:)?"


@cache
def _compiled() -> tuple[tuple[Cue, re.Pattern[str]], ...]:
    found = []
    for entry in document()["cue"]:
        pattern = "|".join(entry.get("patterns", ())) or _ANNOUNCES.format("|".join(entry["announces"]))
        found.append((Cue(entry["name"]), re.compile(rf"(?<!\w)(?:{pattern})(?!\w)")))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Heard:
    """A cue and its place, in characters of the text that was searched."""

    cue: Cue
    start: int
    end: int


def cues(text: str) -> Iterator[Heard]:
    """Every cue in lower-case text, in order; of two that overlap the earlier listed one (the more telling) stands."""
    taken: list[Heard] = []
    for cue, pattern in _compiled():
        for match in pattern.finditer(text):
            if all(match.end() <= other.start or match.start() >= other.end for other in taken):
                taken.append(Heard(cue, match.start(), match.end()))
    yield from sorted(taken, key=lambda heard: heard.start)
