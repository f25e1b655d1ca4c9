"""Card numbers among runs of digits: by issuer, length and check digit, in whatever pieces they were said. Pure.

Luhn: ISO/IEC 7812-1, annex B.
"""

import re
from bisect import bisect
from collections.abc import Container, Iterator, Sequence
from dataclasses import replace

from voicebot.transcribe.redact.dates import is_expiry, with_code
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
# How the digits are grouped on cards.
GROUPED = ([4, 4, 4, 4], [4, 6, 5])


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


def cards(pieces: Sequence[Run], announced: frozenset[int], borders: Sequence[int]) -> Iterator[list[Part]]:
    """Every card number in one speaker's runs. `announced`: `first` of each run that stands under the word card.

    A number that nothing announced begins where a run begins, and ends at the latest where another kind of number is
    announced: at the `borders`, in order.
    """
    taken_to = -1
    whole = {run.first: run for run in pieces if _is_whole(run, announced)}
    for place, run in enumerate(pieces):
        if run.first in whole:
            taken_to = run.last
            yield list(run.parts)
            continue
        if before := _before_expiry(run):
            taken_to = before[-1].tokens[-1].order
            yield before
            continue
        for index, part in enumerate(run.parts):
            if part.tokens[0].order <= taken_to or (index and run.first not in announced):
                continue
            told = run.first in announced
            follow = [*_following(pieces, place, () if told else borders, whole)]
            following = [*run.parts[index:], *(part for other in follow for part in other.parts)]
            found = ([] if index else _grouped([run, *follow])) or _complete(following, whole=not told)
            if found:
                taken_to = found[-1].tokens[-1].order
                yield found


def by_itself(run: Run) -> bool:
    """Whether a run is a card number whatever was announced: by its check digit, or grouped as on a card."""
    return len(run.digits) in lengths(run.digits) and (luhn(run.digits) or _is_grouped(run))


def _is_whole(run: Run, announced: Container[int]) -> bool:
    """Whether a run is a card number by itself: by check digit, or as long as one and announced or grouped so."""
    return by_itself(run) or (run.first in announced and len(run.digits) in lengths(run.digits))


def _is_grouped(run: Run) -> bool:
    """Whether a run was said or written in a card's groups: between pauses, by word, or between dashes in one."""
    written = [len(group) for group in re.split(r"\D+", run.tokens[0].text) if group]
    by_word = [len(part.digits) for part in run.parts]
    return run.chunks in GROUPED or by_word in GROUPED or (len(run.parts) == 1 and written in GROUPED)


def _before_expiry(run: Run) -> list[Part]:
    """The card number of a run that goes on with the expiration date and perhaps the code; empty where none does."""
    for count in range(1, len(run.parts)):
        digits = "".join(part.digits for part in run.parts[:count])
        rest = [part.digits for part in run.parts[count:]]
        if len(digits) in lengths(digits) and (is_expiry(rest) or with_code(rest)):
            return list(run.parts[:count])
    return []


def _grouped(pieces: Sequence[Run]) -> list[Part]:
    """Pieces said one by one in the groups that stand on a card, though the check digit may be wrong."""
    sizes: list[int] = []
    for count, run in enumerate(pieces, 1):
        sizes += run.chunks if min(run.chunks) > 2 else [len(run.digits)]
        parts = [part for piece in pieces[:count] for part in piece.parts]
        if sizes in GROUPED and len(digits := "".join(part.digits for part in parts)) in lengths(digits):
            return parts
    return []


def corrected(pieces: Sequence[Run]) -> list[Run]:
    """The runs, each number that was said anew counting for as many digits before it: "5994, no wait, 5993"."""
    found: list[Run] = []
    for run in pieces:
        if run.corrects and found and run.first - found[-1].last <= GAP_WORDS:
            found[-1] = replace(found[-1], parts=_without_end(found[-1].parts, len(run.digits)))
        found.append(run)
    return found


def _without_end(parts: Sequence[Part], size: int) -> tuple[Part, ...]:
    """The parts, the last ones saying nothing: those of `size` digits together; all as they are where none fit."""
    for at in range(len(parts) - 1, -1, -1):
        held = sum(len(part.digits) for part in parts[at:])
        if held == size:
            return (*parts[:at], *(replace(part, digits="") for part in parts[at:]))
        if held > size:
            kept = parts[at].digits[: held - size]
            return (
                *parts[:at],
                replace(parts[at], digits=kept),
                *(replace(part, digits="") for part in parts[at + 1 :]),
            )
    return tuple(parts)


def _following(pieces: Sequence[Run], place: int, borders: Sequence[int], whole: Container[int]) -> Iterator[Run]:
    for before, run in zip(pieces[place:], pieces[place + 1 :], strict=False):
        if bisect(borders, before.last) != bisect(borders, run.first) or run.first in whole:
            return
        near = run.tokens[0].start - before.tokens[-1].end <= GAP_SECONDS
        if run.first - before.last > GAP_WORDS or not near or (len(run.digits) < 3 and not run.bare):
            return
        yield run


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
