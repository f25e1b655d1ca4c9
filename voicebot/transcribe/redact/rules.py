"""Which words of a conversation must not be kept, by rule: by what announces a number, its length and its check digit.
Pure; over utterance borders, by both speakers, however the digits were said.

Checksums: Luhn for cards (ISO/IEC 7812-1, annex B), the routing number's for US banks (ABA: 3-7-1 weights).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from voicebot.transcribe.redact.births import births
from voicebot.transcribe.redact.cards import cards, corrected, luhn
from voicebot.transcribe.redact.category import Category, Found
from voicebot.transcribe.redact.codes import codes_behind, codes_within, expired_behind
from voicebot.transcribe.redact.cues import INNOCENT, Cue
from voicebot.transcribe.redact.dates import expiries
from voicebot.transcribe.redact.repeats import SSN_DIGITS, repeated
from voicebot.transcribe.redact.slots import ANSWER_WORDS, REACH_WORDS, SOCIAL, Slot, assign, resolved, unspoken
from voicebot.transcribe.redact.stream import Run, Sign, Token, runs, signs, stretches

__all__ = ["Ruled", "luhn", "routing", "ruled"]

ROUTING_DIGITS = 9
EMPLOYER = [2, 7]
NUMBERED = frozenset({Cue.ROUTING, Cue.ACCOUNT, Cue.BANK_ACCOUNT})
# A recogniser drops or doubles a digit now and then: what was announced as a card needs not all of them.
ANNOUNCED_CARD = range(12, 20)
BANK_SECONDS = 90.0
BEHIND_SECONDS = 15.0
# Words between pieces of one number.
BREATH_WORDS = 5
# How soon behind a card number its expiration is asked.
ASKED_WORDS = 12
# Who they speak with is said in the greeting.
GREETING = 2

# What a label in the text has answered.
ANSWERS = {
    Category.CARD_NUMBER: {Cue.CARD},
    Category.SECURITY_CODE: {Cue.SECURITY_CODE},
    Category.SSN: {Cue.SSN, Cue.SSN_LAST_FOUR},
    Category.BANK_ACCOUNT: {Cue.ROUTING, Cue.BANK_ACCOUNT, Cue.ACCOUNT},
    Category.DATE_OF_BIRTH: {Cue.BIRTH},
}


@dataclass(frozen=True, slots=True)
class Ruled:
    """What the rules make of a conversation: announcements, numbers, which answers which, and what must go."""

    signs: tuple[Sign, ...]
    numbers: tuple[Run, ...]
    slots: tuple[Slot, ...]
    marked: dict[Token, Category]


def routing(digits: str) -> bool:
    """Whether nine digits are a US routing number."""
    weights = (3, 7, 1) * 3
    right = len(digits) == ROUTING_DIGITS and sum(w * int(d) for w, d in zip(weights, digits, strict=True)) % 10 == 0
    return right and digits != "0" * ROUTING_DIGITS


def ruled(words: Sequence[Token]) -> Ruled:
    """What the rules say of each word. In: the words of both speakers in order of time."""
    told = signs(words)
    banking = any(sign.cue is Cue.BANK and sign.utterance < GREETING for sign in told)
    heard = [sign for sign in told if sign.cue is not Cue.BANK]
    signs_ = _open(resolved(heard, runs(words, heard), words), words)
    marked = dict.fromkeys(births(words, signs_), Category.DATE_OF_BIRTH)
    expired = _expired(words)
    named = {token for sign in signs_ for token in words[sign.first : sign.last + 1]}
    numbers = runs(words, signs_, {*marked, *expired, *named})
    slots, alone = assign(numbers, signs_, words)
    found = [*_cards(slots, alone, signs_), *_by_slot(slots, signs_, banking), *_by_shape(slots, alone)]
    if any(category is Category.CARD_NUMBER for category, _ in found):
        expired.update(token for slot in slots if slot.cue is Cue.EXPIRY for run in slot.runs for token in run.tokens)
        expired.update(expired_behind(numbers, found))
        free = [run for run in unspoken(slots, alone) if not run.quantity]
        found += [*codes_behind(free, expired), *codes_within(free, found)]
    for category, taken in (*found, *repeated(found, numbers, slots)):
        for token in taken:
            marked.setdefault(token, category)
    return Ruled(tuple(signs_), tuple(numbers), tuple(slots), marked)


def _open(signs_: Sequence[Sign], words: Sequence[Token]) -> list[Sign]:
    """The announcements that no label answers: in a text that was redacted once, nothing more is taken for them."""
    labels = [(token.order, category) for token in words for category in Category if category.label in token.text]
    return [
        sign
        for sign in signs_
        if not any(sign.cue in ANSWERS[label] and 0 < at - sign.last <= REACH_WORDS for at, label in labels)
    ]


def _expired(words: Sequence[Token]) -> set[Token]:
    """Words of the expiration dates of cards."""
    found: set[Token] = set()
    for own in stretches(words):
        for first, last in expiries([token.text for token in own]):
            found.update(own[first : last + 1])
    return found


def _cards(slots: Sequence[Slot], alone: Sequence[Run], signs_: Sequence[Sign]) -> Iterator[Found]:
    announced = frozenset(run.first for slot in slots if slot.cue is Cue.CARD for run in slot.runs)
    free = [run for run in unspoken(slots, alone) if not run.quantity or run.first in announced]
    announced |= frozenset(run.first for run in free if not run.quantity and _asks_on(run, signs_))
    borders = sorted(sign.first for sign in signs_ if sign.cue is not Cue.CARD)
    right: set[Token] = set()
    for speaker in dict.fromkeys(run.speaker for run in free):
        own = [run for run in free if run.speaker is speaker]
        for parts in list(cards(corrected(own), announced, borders)) or cards(own, announced, borders):
            taken = tuple(token for part in parts for token in part.tokens)
            right.update(taken)
            yield Category.CARD_NUMBER, taken
    for slot in slots:
        if slot.cue is Cue.CARD:
            yield from _misheard(slot, right)


def _asks_on(run: Run, signs_: Sequence[Sign]) -> bool:
    """Whether the next thing that is spoken of is a card's expiration or code: what came before was its number."""
    behind = next((sign for sign in signs_ if sign.first > run.last), None)
    asked = behind is not None and behind.cue in (Cue.EXPIRY, Cue.SECURITY_CODE)
    return asked and behind is not None and behind.first - run.last <= ASKED_WORDS and len(run.digits) > 13


def _misheard(slot: Slot, right: set[Token]) -> Iterator[Found]:
    """Announced numbers as long as a card whose check digit is wrong, or of which a digit was lost."""
    for speaker in dict.fromkeys(run.speaker for run in slot.runs):
        own = [r for r in slot.runs if r.speaker is speaker and right.isdisjoint(r.tokens) and not r.quantity]
        held = [run for run in own if len(run.digits) > 1 or run.bare]
        if any(run.speaker is speaker and not right.isdisjoint(run.tokens) for run in slot.runs):
            # Apart from a number that is right, only another one counts, not what was said around it.
            held = [run for run in held if len(run.digits) in ANNOUNCED_CARD or run.corrects]
        taken: list[Run] = []
        for run in held:
            if run.corrects or _size(taken) + len(run.digits) <= ANNOUNCED_CARD[-1]:
                taken.append(run)
        if _size(taken) in ANNOUNCED_CARD:
            yield from ((Category.CARD_NUMBER, run.tokens) for run in taken)


def _size(taken: Sequence[Run]) -> int:
    """Digits without those that were said anew."""
    return sum(len(run.digits) for run in taken if not run.corrects)


def _by_slot(slots: Sequence[Slot], signs_: Sequence[Sign], banking: bool) -> Iterator[Found]:
    for slot in slots:
        category = _category(slot, signs_, banking) or _piecewise(slot, slots)
        if category is not None:
            yield from ((category, run.tokens) for run in slot.told())


def _category(slot: Slot, signs_: Sequence[Sign], banking: bool) -> Category | None:
    size, cue = len(slot.most()), slot.cue
    if cue is Cue.SECURITY_CODE and size:
        return Category.SECURITY_CODE
    if (cue is Cue.SSN and size >= SSN_DIGITS - 2 and not _is_employers(slot)) or (cue is Cue.SSN_LAST_FOUR and size):
        return Category.SSN
    if cue is Cue.SSN and size == 4 and _is_answer(slot, signs_):
        return Category.SSN
    if cue is Cue.LAST_FOUR and size and _is_of_social(slot, signs_):
        return Category.SSN
    if cue in (Cue.ROUTING, Cue.BANK_ACCOUNT) and size >= 5:
        return Category.BANK_ACCOUNT
    if cue is Cue.ACCOUNT and size >= 5 and (banking or _near(slot.sign, signs_, {Cue.ROUTING, Cue.BANK_ACCOUNT})):
        return Category.BANK_ACCOUNT
    return None


def _is_answer(slot: Slot, signs_: Sequence[Sign]) -> bool:
    """Whether four digits by themselves are all that was said for it, before anything else was announced."""
    first = slot.runs[0].first
    alone = all(run.bare and len(run.digits) == 4 for run in slot.runs) and first - slot.sign.last <= ANSWER_WORDS
    return alone and not any(slot.sign.last < s.first and s.last < first for s in signs_)


def _piecewise(slot: Slot, slots: Sequence[Slot]) -> Category | None:
    """ "The first three? - 268. - Next two? - 53. - And last four? - 3490."."""
    if slot.cue not in (Cue.SSN, Cue.LAST_FOUR):
        return None
    social = [s for s in slots if s.cue is Cue.SSN and len(s.most()) == sum(SOCIAL[:2])]
    ends = [s for s in slots if s.cue in (Cue.LAST_FOUR, Cue.SSN_LAST_FOUR) and len(s.most()) == SOCIAL[2]]
    pairs = ((s, e) for s in social for e in ends if 0 < e.sign.first - s.runs[-1].last <= BREATH_WORDS)
    return Category.SSN if any(slot in pair for pair in pairs) else None


def _is_employers(slot: Slot) -> bool:
    """ "84-2219931": the number of a business."""
    return all(run.chunks == EMPLOYER or _shape(run.tokens[0].text) == EMPLOYER for run in slot.runs)


def _near(sign: Sign, signs_: Sequence[Sign], wanted: set[Cue]) -> bool:
    """Whether a cue of the wanted kinds came shortly before or right behind."""
    if any(s.last < sign.first and s.cue in wanted and sign.start - s.end <= BANK_SECONDS for s in signs_):
        return True
    behind = next((s for s in signs_ if s.first > sign.last and s.cue in wanted), None)
    paying = (s.first for s in signs_ if s.cue in (Cue.CARD, Cue.MONEY))
    if behind is None or any(sign.last < first < behind.first for first in paying):
        # How to pay was asked only then: it was the account of a customer.
        return False
    return behind.cue is Cue.ROUTING and behind.start - sign.end <= BEHIND_SECONDS


def _is_of_social(slot: Slot, signs_: Sequence[Sign]) -> bool:
    """ "Your social? Just the last four", "last four 8812 of my social", "the last four? Of my social? 8812"."""
    sign, last = slot.sign, slot.runs[0].tokens[-1]
    here = [s for s in signs_ if s.cue is Cue.SSN and s.utterance == last.utterance]
    if any(0 < s.first - last.order <= BREATH_WORDS - 1 for s in here):
        return True
    between = [s.cue for s in signs_ if sign.last < s.first and s.last < slot.runs[0].first]
    if between:
        return between[-1] in (Cue.SSN, Cue.SSN_LAST_FOUR)
    earlier = [s for s in signs_ if s.last < sign.first]
    social = bool(earlier) and earlier[-1].cue in (Cue.SSN, Cue.SSN_LAST_FOUR)
    return social and sign.start - earlier[-1].end <= BEHIND_SECONDS and "card" not in sign.text


def _by_shape(slots: Sequence[Slot], alone: Sequence[Run]) -> Iterator[Found]:
    """Social security numbers by their 3-2-4, whatever was announced."""
    innocent = {run.first for slot in slots if slot.cue in INNOCENT | NUMBERED for run in slot.runs}
    for run in (*alone, *(run for slot in slots for run in slot.runs)):
        written = len(run.parts) == 1 and _shape(run.tokens[0].text) == SOCIAL
        if run.first not in innocent and not run.quantity and (run.chunks == SOCIAL or written):
            yield Category.SSN, run.tokens


def _shape(text: str) -> list[int]:
    """How many digits stand between the dashes."""
    return [len("".join(filter(str.isdigit, part))) for part in text.split("-")]
