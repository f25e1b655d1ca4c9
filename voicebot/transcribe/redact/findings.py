"""Which words of a conversation must not be kept: card numbers, security codes, social security numbers, bank
accounts and dates of birth. Pure; over utterance borders, by both speakers, however the digits were said.

Checksums: Luhn for cards (ISO/IEC 7812-1, annex B), the routing number's for US banks (ABA: 3-7-1 weights).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from voicebot.transcribe.redact.cues import Cue
from voicebot.transcribe.redact.dates import dates
from voicebot.transcribe.redact.stream import REACH_SECONDS, Run, Sign, Token, announced, runs, signs, tokens
from voicebot.transcribe.transcript import Utterance

CARD_DIGITS = range(13, 20)
SSN_DIGITS = 9
ROUTING_DIGITS = 9
# A recogniser drops or doubles a digit now and then: what was announced as a card needs not all of them.
ANNOUNCED_CARD = 12
BANK_SECONDS = 90.0
BIRTH_WORDS = 25


class Category(StrEnum):
    """What may be redacted, each by itself. The value names the label that stays: `[CARD_NUMBER]`."""

    CARD_NUMBER = "card_number"
    SECURITY_CODE = "security_code"
    SSN = "ssn"
    BANK_ACCOUNT = "bank_account"
    DATE_OF_BIRTH = "date_of_birth"

    @property
    def label(self) -> str:
        """What stands in the text instead."""
        return f"[{self.value.upper()}]"


@dataclass(frozen=True, slots=True)
class Finding:
    """Words to redact: `first` to `last` (both included) of one utterance, `start` to `end` in seconds."""

    category: Category
    utterance: int
    first: int
    last: int
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class _Announced:
    run: Run
    sign: Sign | None


def find(utterances: Sequence[Utterance], categories: Iterable[Category] = Category) -> list[Finding]:
    """Everything to redact, in order of time. In: utterances with their words; the categories wanted."""
    wanted = frozenset(categories)
    words = tokens(utterances)
    signs_ = signs(words)
    numbers = _announce([run for run in runs(words, signs_) if not run.quantity], words, signs_)
    marked: dict[Token, Category] = {}
    for category, taken in (*_numbers(numbers, signs_), *_births(words, signs_)):
        for token in taken:
            marked.setdefault(token, category)
    return sorted(_findings({t: c for t, c in marked.items() if c in wanted}), key=lambda found: found.start)


def luhn(digits: str) -> bool:
    """Whether the check digit of a card number is right."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0 and len(set(digits)) > 1


def routing(digits: str) -> bool:
    """Whether nine digits are a US routing number."""
    weights = (3, 7, 1) * 3
    right = len(digits) == ROUTING_DIGITS and sum(w * int(d) for w, d in zip(weights, digits, strict=True)) % 10 == 0
    return right and digits != "0" * ROUTING_DIGITS


def _announce(found: Sequence[Run], words: Sequence[Token], signs_: Sequence[Sign]) -> list[_Announced]:
    """Each run with its cue; a run close behind another one under the same cue is under it too."""
    result: list[_Announced] = []
    held: dict[Sign, Run] = {}
    for run in found:
        before = [s for s in signs_ if s.last < run.first]
        earlier = held.get(before[-1]) if before else None
        since = (earlier.last, earlier.tokens[-1].end) if earlier else (None, None)
        sign = announced(run, words, signs_, *since)
        if sign is not None:
            held[sign] = run
        result.append(_Announced(run, sign))
    return result


def _numbers(numbers: Sequence[_Announced], signs_: Sequence[Sign]) -> Iterator[tuple[Category, Iterable[Token]]]:
    for cue, group in _groups(numbers):
        category = _group_category(cue, group, signs_)
        if category is not None:
            yield category, [token for one in group for token in one.run.tokens]
            continue
        for one in group:
            alone = _alone(one.run, cue)
            if alone is not None:
                yield alone, one.run.tokens


def _groups(numbers: Sequence[_Announced]) -> Iterator[tuple[Cue | None, list[_Announced]]]:
    """Runs under the same announcement together: a number in pieces, or read back by the other."""
    key: Callable[[_Announced], tuple[Cue | None, int]] = lambda one: (  # noqa: E731
        one.sign.cue if one.sign else None,
        -1 if one.sign is None else one.sign.last,
    )
    for (cue, _), group in groupby(numbers, key):
        held = list(group)
        if cue is None:
            yield from ((None, [one]) for one in held)
        else:
            yield cue, held


def _most_by_one(group: Sequence[_Announced]) -> str:
    """The most digits that one speaker said."""
    said: dict[object, str] = {}
    for one in group:
        speaker = one.run.tokens[0].speaker
        said[speaker] = said.get(speaker, "") + one.run.digits
    return max(said.values(), key=len)


def _group_category(cue: Cue | None, group: Sequence[_Announced], signs_: Sequence[Sign]) -> Category | None:
    digits = _most_by_one(group)
    sign = group[0].sign
    if cue is Cue.CARD and len(digits) >= ANNOUNCED_CARD:
        return Category.CARD_NUMBER
    if cue is Cue.SECURITY_CODE and len(digits) in (3, 4):
        return Category.SECURITY_CODE
    if cue is Cue.SSN and 7 <= len(digits) <= 20:
        return Category.SSN
    if cue is Cue.SSN_LAST_FOUR and len(digits) >= 4:
        return Category.SSN
    if cue is Cue.LAST_FOUR and sign is not None and _follows(sign, signs_, {Cue.SSN, Cue.SSN_LAST_FOUR}, 15.0):
        return Category.SSN
    if cue in (Cue.ROUTING, Cue.BANK_ACCOUNT) and len(digits) >= 5:
        return Category.BANK_ACCOUNT
    if cue is Cue.ACCOUNT and sign is not None and len(digits) >= 5:
        banking = {Cue.ROUTING, Cue.BANK_ACCOUNT}
        return Category.BANK_ACCOUNT if _follows(sign, signs_, banking, BANK_SECONDS) else None
    return None


def _follows(sign: Sign, signs_: Sequence[Sign], wanted: set[Cue], seconds: float) -> bool:
    """Whether a cue of the wanted kinds came shortly before, and no card between."""
    earlier = [s for s in signs_ if s.last < sign.first and sign.start - s.end <= seconds]
    for other in reversed(earlier):
        if other.cue in wanted:
            return True
        if other.cue in (Cue.CARD, Cue.REFERENCE) and Cue.SSN in wanted:
            return False
    return False


def _alone(run: Run, cue: Cue | None) -> Category | None:
    """What a run is by its own shape and check digit, whatever was announced."""
    digits = run.digits
    if len(digits) in CARD_DIGITS and luhn(digits) and cue is not Cue.REFERENCE:
        return Category.CARD_NUMBER
    if cue is Cue.SECURITY_CODE and len(digits) in (3, 4):
        return Category.SECURITY_CODE
    shape = [len(group) for group in run.groups]
    written = any(token.text.count("-") == 2 for token in run.tokens)
    social = shape == [3, 2, 4] or (len(digits) == SSN_DIGITS and written and _is_social(run.tokens[0].text))
    if social and cue not in (Cue.REFERENCE, Cue.PHONE, Cue.PLACE, Cue.ROUTING, Cue.MONEY):
        return Category.SSN
    return None


def _is_social(text: str) -> bool:
    return [len("".join(filter(str.isdigit, part))) for part in text.split("-")] == [3, 2, 4]


def _births(words: Sequence[Token], signs_: Sequence[Sign]) -> Iterator[tuple[Category, Iterable[Token]]]:
    """Dates soon after, or in the same breath before, a word of birth."""
    for speaker in dict.fromkeys(token.speaker for token in words):
        own = [token for token in words if token.speaker is speaker]
        for first, last, has_year in dates([token.text for token in own]):
            begin, end = own[first], own[last]
            asked = [s for s in signs_ if s.last < begin.order]
            near = bool(asked) and asked[-1].cue is Cue.BIRTH and _is_near(asked[-1], begin)
            behind = any(
                s.cue is Cue.BIRTH and s.speaker is speaker and end.order < s.first <= end.order + 4 for s in signs_
            )
            formal = near and any(word in asked[-1].text for word in ("date of birth", "dob", "d o b", "nacimiento"))
            if (has_year and (near or behind)) or formal:
                yield Category.DATE_OF_BIRTH, own[first : last + 1]


def _is_near(sign: Sign, token: Token) -> bool:
    return token.order - sign.last <= BIRTH_WORDS and token.start - sign.end <= REACH_SECONDS


def _findings(marked: dict[Token, Category]) -> Iterator[Finding]:
    """Marked words as spans of their utterances; small words between two of them go with them."""
    ordered = sorted(marked, key=lambda token: (token.utterance, token.word))
    held: list[Token] = []
    for token in ordered:
        if held and not _continues(held[-1], token, marked):
            yield _span(held, marked)
            held = []
        held.append(token)
    if held:
        yield _span(held, marked)


def _continues(before: Token, after: Token, marked: dict[Token, Category]) -> bool:
    same = before.utterance == after.utterance and marked[before] is marked[after]
    return same and after.word - before.word <= 5


def _span(held: Sequence[Token], marked: dict[Token, Category]) -> Finding:
    first, last = held[0], held[-1]
    return Finding(
        marked[first], first.utterance, first.word, last.word, min(t.start for t in held), max(t.end for t in held)
    )
