"""Security codes that nobody announced, behind a card's expiration date. Pure."""

from collections.abc import Iterator, Sequence

from voicebot.transcribe.redact.category import Category, Found
from voicebot.transcribe.redact.dates import is_expiry
from voicebot.transcribe.redact.slots import CODES
from voicebot.transcribe.redact.stream import Run, Token

# Words between an expiration date and the code.
BREATH_WORDS = 5


def codes_behind(numbers: Sequence[Run], expired: set[Token]) -> Iterator[Found]:
    """ "3 of 28, 149": three digits in one breath behind the expiration date are the security code."""
    for run in numbers:
        behind = any(run.speaker is t.speaker and 0 < run.first - t.order <= BREATH_WORDS for t in expired)
        if behind and run.bare and len(run.digits) == 3 and not run.quantity and expired.isdisjoint(run.tokens):
            yield Category.SECURITY_CODE, run.tokens


def expired_behind(numbers: Sequence[Run], found: Sequence[Found]) -> Iterator[Token]:
    """Month and year in one breath behind a card number, said to be nothing: "... 5688. Eleven twenty eight."."""
    ends = {tokens_[-1].order for category, tokens_ in found if category is Category.CARD_NUMBER}
    for run in numbers:
        if run.bare and is_expiry([part.digits for part in run.parts]) and ends & {*range(run.first - 3, run.first)}:
            yield from run.tokens


def codes_within(numbers: Sequence[Run], found: Sequence[Found]) -> Iterator[Found]:
    """The code behind an expiration date in the same run: "oh four twenty seven, two twelve"."""
    taken = {token for category, tokens_ in found if category is Category.CARD_NUMBER for token in tokens_}
    for run in numbers:
        rest = [part for part in run.parts if taken.isdisjoint(part.tokens)]
        spoiled = len(rest) == len(run.parts) or is_expiry([part.digits for part in rest])
        if not spoiled and sum(len(part.digits) for part in rest) == CODES[0]:
            yield Category.SECURITY_CODE, tuple(token for part in rest for token in part.tokens)
        for cut in range(1, len(rest)):
            code = "".join(part.digits for part in rest[cut:])
            if len(code) in CODES and is_expiry([part.digits for part in rest[:cut]]):
                yield Category.SECURITY_CODE, tuple(token for part in rest[cut:] for token in part.tokens)
                break
