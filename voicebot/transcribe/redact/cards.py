"""Card numbers among runs of digits: by issuer, length and check digit, in whatever pieces they were said. Pure.

Luhn: ISO/IEC 7812-1, annex B.
"""

import re
from collections.abc import Iterator, Sequence

from voicebot.transcribe.redact.stream import Part, Run

# Lengths by the first digits: American Express, Diners, and everybody else's.
_ISSUERS = (
    (re.compile(r"3[47]"), (15,)),
    (re.compile(r"3(0[0-5]|[689])"), (14, 16)),
    (re.compile(r"35"), (16,)),
    (re.compile(r"5[1-5]|2[2-7]|4|6"), (16, 19)),
    (re.compile(r"4"), (13,)),
)
# Pieces of one number follow each other within so many words and seconds.
GAP_WORDS = 16
GAP_SECONDS = 20.0


def luhn(digits: str) -> bool:
    """Whether the check digit of a card number is right."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0 and len(set(digits)) > 1


def lengths(digits: str) -> tuple[int, ...]:
    """How long a card number may be that begins so; empty where none does."""
    return next((sizes for begins, sizes in _ISSUERS if begins.match(digits)), ())


def cards(pieces: Sequence[Run], announced: frozenset[int]) -> Iterator[list[Part]]:
    """Every card number in one speaker's runs. `announced`: `first` of each run that stands under the word card.

    A number that nothing announced begins where a run begins.
    """
    taken_to = -1
    for place, run in enumerate(pieces):
        for index, part in enumerate(run.parts):
            if part.tokens[0].order <= taken_to or (index and run.first not in announced):
                continue
            following = [*run.parts[index:], *_following(pieces, place)]
            found = _complete(following, whole=run.first not in announced)
            if found:
                taken_to = found[-1].tokens[-1].order
                yield found


def _following(pieces: Sequence[Run], place: int) -> Iterator[Part]:
    for before, run in zip(pieces[place:], pieces[place + 1 :], strict=False):
        near = run.tokens[0].start - before.tokens[-1].end <= GAP_SECONDS
        if run.first - before.last > GAP_WORDS or not near or (len(run.digits) < 3 and not run.bare):
            return
        yield from run.parts


def _complete(parts: Sequence[Part], whole: bool) -> list[Part]:
    """The first parts that make a right number. `whole`: nothing said it is a card, so bits of one digit count less."""
    digits = ""
    for count, part in enumerate(parts, 1):
        digits += part.digits
        if len(digits) > 19:
            break
        if len(digits) in lengths(digits) and luhn(digits):
            return list(parts[:count])
    unusual = "".join(part.digits for part in parts[:1])
    return list(parts[:1]) if whole and len(unusual) in range(13, 20) and luhn(unusual) else []
