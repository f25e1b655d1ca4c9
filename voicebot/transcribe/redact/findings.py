"""Which words of a conversation must not be kept: card numbers, security codes, social security numbers, bank
accounts and dates of birth. Pure; over utterance borders, by both speakers, however the digits were said.

Checksums: Luhn for cards (ISO/IEC 7812-1, annex B), the routing number's for US banks (ABA: 3-7-1 weights).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from voicebot.transcribe.redact.births import births
from voicebot.transcribe.redact.cards import cards, luhn
from voicebot.transcribe.redact.cues import INNOCENT, Cue
from voicebot.transcribe.redact.dates import expiries, is_expiry
from voicebot.transcribe.redact.slots import CODES, SOCIAL, Slot, assign, resolved, unspoken
from voicebot.transcribe.redact.stream import Part, Run, Sign, Token, runs, signs, stretches, tokens
from voicebot.transcribe.transcript import Utterance

__all__ = ["Category", "Finding", "find", "luhn", "routing"]

SSN_DIGITS = 9
ROUTING_DIGITS = 9
# A recogniser drops or doubles a digit now and then: what was announced as a card needs not all of them.
ANNOUNCED_CARD = range(12, 20)
BANK_SECONDS = 90.0
BEHIND_SECONDS = 15.0
# Words between an expiration date and the code that nobody announced; between a number and its repetition.
BREATH_WORDS = 5
REPEAT_WORDS = 60


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


def chosen(redacts: bool, names: Iterable[str] | None) -> frozenset[Category]:
    """What a company takes out: nothing unless it `redacts`, and all categories where it names none (None)."""
    if not redacts:
        return frozenset()
    return frozenset(Category) if names is None else frozenset(Category(name) for name in names)


@dataclass(frozen=True, slots=True)
class Finding:
    """Words to redact: `first` to `last` (both included) of one utterance, `start` to `end` in seconds."""

    category: Category
    utterance: int
    first: int
    last: int
    start: float
    end: float


def find(utterances: Sequence[Utterance], categories: Iterable[Category] = Category) -> list[Finding]:
    """Everything to redact, in order of time. In: utterances with their words; the categories wanted."""
    wanted = frozenset(categories)
    marked = _marked(tokens(utterances))
    return sorted(_findings({t: c for t, c in marked.items() if c in wanted}), key=lambda found: found.start)


def routing(digits: str) -> bool:
    """Whether nine digits are a US routing number."""
    weights = (3, 7, 1) * 3
    right = len(digits) == ROUTING_DIGITS and sum(w * int(d) for w, d in zip(weights, digits, strict=True)) % 10 == 0
    return right and digits != "0" * ROUTING_DIGITS


def _marked(words: Sequence[Token]) -> dict[Token, Category]:
    heard = signs(words)
    signs_ = resolved(heard, runs(words, heard))
    marked = dict.fromkeys(births(words, signs_), Category.DATE_OF_BIRTH)
    expired = _expired(words)
    named = {token for sign in signs_ for token in words[sign.first : sign.last + 1]}
    numbers = runs(words, signs_, {*marked, *expired, *named})
    slots, alone = assign(numbers, signs_, words)
    found = [*_cards(slots, alone), *_by_slot(slots, signs_), *_by_shape(slots, alone)]
    if any(category is Category.CARD_NUMBER for category, _ in found):
        found += [*_codes_behind(numbers, expired), *_codes_within(numbers, found)]
    for category, taken in (*found, *_repeated(found, numbers, slots)):
        for token in taken:
            marked.setdefault(token, category)
    return marked


_Found = tuple[Category, tuple[Token, ...]]


def _expired(words: Sequence[Token]) -> set[Token]:
    """Words of the expiration dates of cards."""
    found: set[Token] = set()
    for own in stretches(words):
        for first, last in expiries([token.text for token in own]):
            found.update(own[first : last + 1])
    return found


def _cards(slots: Sequence[Slot], alone: Sequence[Run]) -> Iterator[_Found]:
    announced = frozenset(run.first for slot in slots if slot.cue is Cue.CARD for run in slot.runs)
    free = [run for run in unspoken(slots, alone) if not run.quantity or run.first in announced]
    right: set[Token] = set()
    for speaker in dict.fromkeys(run.speaker for run in free):
        for parts in cards([run for run in free if run.speaker is speaker], announced):
            taken = tuple(token for part in parts for token in part.tokens)
            right.update(taken)
            yield Category.CARD_NUMBER, taken
    for slot in slots:
        if slot.cue is Cue.CARD:
            yield from _misheard(slot, right)


def _misheard(slot: Slot, right: set[Token]) -> Iterator[_Found]:
    """Announced numbers as long as a card whose check digit is wrong, or of which a digit was lost."""
    for speaker in dict.fromkeys(run.speaker for run in slot.runs):
        own = [r for r in slot.runs if r.speaker is speaker and right.isdisjoint(r.tokens) and not r.quantity]
        held = [run for run in own if len(run.digits) > 1 or run.bare]
        taken: list[Run] = []
        for run in held:
            if run.corrects or _size(taken) + len(run.digits) <= ANNOUNCED_CARD[-1]:
                taken.append(run)
        if _size(taken) in ANNOUNCED_CARD:
            yield from ((Category.CARD_NUMBER, run.tokens) for run in taken)


def _size(taken: Sequence[Run]) -> int:
    """Digits without those that were said anew."""
    return sum(len(run.digits) for run in taken if not run.corrects)


def _by_slot(slots: Sequence[Slot], signs_: Sequence[Sign]) -> Iterator[_Found]:
    for slot in slots:
        category = _category(slot, signs_)
        if category is not None:
            yield from ((category, run.tokens) for run in slot.runs)


def _category(slot: Slot, signs_: Sequence[Sign]) -> Category | None:
    size, cue = len(slot.most()), slot.cue
    if cue is Cue.SECURITY_CODE and size:
        return Category.SECURITY_CODE
    if (cue is Cue.SSN and size >= SSN_DIGITS - 2) or (cue is Cue.SSN_LAST_FOUR and size):
        return Category.SSN
    if cue is Cue.LAST_FOUR and size and _is_of_social(slot, signs_):
        return Category.SSN
    if cue in (Cue.ROUTING, Cue.BANK_ACCOUNT) and size >= 5:
        return Category.BANK_ACCOUNT
    banking = {Cue.ROUTING, Cue.BANK_ACCOUNT}
    if cue is Cue.ACCOUNT and size >= 5 and _near(slot.sign, signs_, banking):
        return Category.BANK_ACCOUNT
    return None


def _near(sign: Sign, signs_: Sequence[Sign], wanted: set[Cue]) -> bool:
    """Whether a cue of the wanted kinds came shortly before or right behind."""
    if any(s.last < sign.first and s.cue in wanted and sign.start - s.end <= BANK_SECONDS for s in signs_):
        return True
    behind = next((s for s in signs_ if s.first > sign.last and s.cue in wanted), None)
    return behind is not None and behind.cue is Cue.ROUTING and behind.start - sign.end <= BEHIND_SECONDS


def _is_of_social(slot: Slot, signs_: Sequence[Sign]) -> bool:
    """ "Your social? Just the last four", "last four 8812 of my social": nothing else was spoken of in between."""
    sign, end = slot.sign, slot.runs[0].last
    if any(s.cue is Cue.SSN and s.speaker is sign.speaker and 0 < s.first - end <= BREATH_WORDS - 1 for s in signs_):
        return True
    earlier = [s for s in signs_ if s.last < sign.first]
    behind = any(s.cue in (Cue.CARD, Cue.LAST_FOUR) and 0 < s.first - sign.last <= BREATH_WORDS for s in signs_)
    social = bool(earlier) and earlier[-1].cue in (Cue.SSN, Cue.SSN_LAST_FOUR)
    return social and not behind and sign.start - earlier[-1].end <= BEHIND_SECONDS and "card" not in sign.text


def _by_shape(slots: Sequence[Slot], alone: Sequence[Run]) -> Iterator[_Found]:
    """Social security numbers by their 3-2-4, whatever was announced."""
    innocent = {run.first for slot in slots if slot.cue in INNOCENT or slot.cue is Cue.ROUTING for run in slot.runs}
    for run in (*alone, *(run for slot in slots for run in slot.runs)):
        written = len(run.parts) == 1 and _is_social(run.tokens[0].text)
        if run.first not in innocent and not run.quantity and (run.chunks == SOCIAL or written):
            yield Category.SSN, run.tokens


def _is_social(text: str) -> bool:
    return [len("".join(filter(str.isdigit, part))) for part in text.split("-")] == SOCIAL


def _codes_behind(numbers: Sequence[Run], expired: set[Token]) -> Iterator[_Found]:
    """ "3 of 28, 149": three digits in one breath behind the expiration date are the security code."""
    for run in numbers:
        behind = any(run.speaker is t.speaker and 0 < run.first - t.order <= BREATH_WORDS for t in expired)
        if behind and run.bare and len(run.digits) == 3 and not run.quantity:
            yield Category.SECURITY_CODE, run.tokens


def _codes_within(numbers: Sequence[Run], found: Sequence[_Found]) -> Iterator[_Found]:
    """The code behind an expiration date in the same run: "oh four twenty seven, two twelve"."""
    taken = {token for category, tokens_ in found if category is Category.CARD_NUMBER for token in tokens_}
    for run in numbers:
        rest = [part for part in run.parts if taken.isdisjoint(part.tokens)]
        spoiled = len(rest) == len(run.parts) or is_expiry([part.digits for part in rest])
        if not spoiled and sum(len(part.digits) for part in rest) == CODES[0]:
            yield Category.SECURITY_CODE, tuple(token for part in rest for token in part.tokens)
        for cut in range(2, len(rest)):
            code = "".join(part.digits for part in rest[cut:])
            if len(code) in CODES and is_expiry([part.digits for part in rest[:cut]]):
                yield Category.SECURITY_CODE, tuple(token for part in rest[cut:] for token in part.tokens)
                break


def _repeated(found: Sequence[_Found], numbers: Sequence[Run], slots: Sequence[Slot]) -> Iterator[_Found]:
    """What was taken once is taken again where it is read back or corrected."""
    kept = {run.first for slot in slots if slot.cue in INNOCENT for run in slot.runs}
    for category, taken in found:
        whole = "".join(part.digits for run in numbers for part in run.parts if set(part.tokens) <= set(taken))
        for run in numbers:
            near = abs(run.first - taken[-1].order) <= REPEAT_WORDS
            if run.first in kept or not near or run.quantity:
                continue
            if _is_again(run, whole):
                yield category, run.tokens
            elif len(whole) >= 5:
                yield category, _part_of(run.parts, whole)


def _part_of(parts: Sequence[Part], whole: str) -> tuple[Token, ...]:
    """The words of a run that say a number whole, among others; empty where none do."""
    for first in range(len(parts)):
        for last in range(first + 1, len(parts) + 1):
            if "".join(part.digits for part in parts[first:last]) == whole:
                return tuple(token for part in parts[first:last] for token in part.tokens)
    return ()


def _is_again(run: Run, whole: str) -> bool:
    digits = run.digits
    if digits == whole:
        return len(whole) > 3
    if len(digits) < 4 or len(whole) < SSN_DIGITS:
        return False
    return whole.endswith(digits) or whole.startswith(digits) or (run.corrects and sorted(digits) == sorted(whole[-4:]))


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
