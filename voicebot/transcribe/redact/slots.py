"""Which number answers which announcement. Pure.

An announcement opens a slot. A number goes into the newest slot that it fits and that is not full: nine digits are no
security code, and what was asked once is answered once. So a code asked three turns ago still gets its answer, and a
number of people after a finished social security number is nobody's secret.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from voicebot.terms import Speaker
from voicebot.transcribe.redact.cards import by_itself, luhn
from voicebot.transcribe.redact.cues import BEHIND, INNOCENT, Cue
from voicebot.transcribe.redact.dates import is_expiry, with_code
from voicebot.transcribe.redact.lists import words
from voicebot.transcribe.redact.numerals import plain
from voicebot.transcribe.redact.stream import CORRECTIONS, Run, Sign, Token

COPULAS = words("copulas")
# How far a cue reaches, in words said by both and in seconds; as far again from each run of digits that follows it.
REACH_WORDS = 45
REACH_SECONDS = 30.0
# Announcements so close together ask for several numbers at once: "expiration and code?".
TOGETHER_WORDS = 10
# A continued number is taken up again within so many words.
CONTINUES_WORDS = 14
# "The code" is the card's within so many words of it.
CARD_WORDS = 90
CARD_SOON = 14
# "The security code on the card".
ON_CARDS = frozenset({Cue.SECURITY_CODE, Cue.EXPIRY, Cue.LAST_FOUR, Cue.CODE})
OF = frozenset({"of", "on", "from", "off", "de", "en", "del"})
NINES = frozenset({Cue.SSN, Cue.ROUTING})
# An innocent number follows its announcement in the same sentence, or in the answer to it.
ASIDE_WORDS = 7
ANSWER_WORDS = 20
# The longest number that an announcement asks for, where all of them are equally long.
LENGTHS = {
    Cue.CARD: 19, Cue.SSN: 9, Cue.ROUTING: 9, Cue.BANK_ACCOUNT: 28, Cue.ACCOUNT: 28, Cue.PHONE: 11, Cue.PLACE: 9,
    Cue.REFERENCE: 40, Cue.MONEY: 6, Cue.DATE: 8, Cue.BIRTH: 0,
}  # fmt: skip
# Single words that name no number by themselves.
ASIDES = frozenset({Cue.REFERENCE, Cue.ACCOUNT, Cue.PLACE, Cue.CARD, Cue.MONEY, Cue.DATE})
# What these took is no piece of a card number.
OTHERS = frozenset({Cue.SSN, Cue.SSN_LAST_FOUR, Cue.ROUTING, Cue.SECURITY_CODE})
COMPLETE = {Cue.CARD: 12, Cue.SSN: 9, Cue.ROUTING: 9, Cue.BANK_ACCOUNT: 5, Cue.ACCOUNT: 5}
CODES = (3, 4)
SOCIAL = [3, 2, 4]


@dataclass(slots=True)
class Slot:
    """An announcement and what was said for it."""

    sign: Sign
    runs: list[Run] = field(default_factory=list)

    @property
    def cue(self) -> Cue:
        """What is asked for."""
        return self.sign.cue

    def said_by(self, speaker: Speaker) -> str:
        """The digits that one speaker said for it."""
        return "".join(run.digits for run in self.runs if run.speaker is speaker)

    def most(self) -> str:
        """The most digits that one speaker said."""
        return max((self.said_by(run.speaker) for run in self.runs), key=len, default="")

    def told(self) -> Iterator[Run]:
        """What was said for it; of numbers that are equally long always, without a word or two of a false start."""
        for speaker in dict.fromkeys(run.speaker for run in self.runs):
            own = [run for run in self.runs if run.speaker is speaker]
            said = self.said_by(speaker)
            if len(said) < 2 or (len(said) < CODES[0] and said not in self.most()):
                # "Next two?"
                continue
            false = self.cue in NINES and len(own[0].digits) < CODES[0] and _whole(own[1:])
            yield from own[1:] if false else own

    def reaches(self, run: Run) -> bool:
        """Whether the run is near enough to the announcement or to what was said for it last."""
        last, end = self.sign.last, self.sign.end
        if self.runs:
            last, end = max(last, self.runs[-1].last), max(end, self.runs[-1].tokens[-1].end)
        return run.first - last <= REACH_WORDS and run.tokens[0].start - end <= REACH_SECONDS


def _whole(runs: Sequence[Run]) -> bool:
    return sum(len(run.digits) for run in runs) == LENGTHS[Cue.SSN]


def resolved(signs: Sequence[Sign], numbers: Sequence[Run], tokens: Sequence[Token]) -> list[Sign]:
    """The announcements, each "code" being a security code near a card and a reference elsewhere.

    "On the back of the card" announces no card.
    """
    cards = [sign.last for sign in signs if sign.cue in (Cue.CARD, Cue.EXPIRY, Cue.SECURITY_CODE)]
    cards += [run.last for run in numbers if by_itself(run) or (len(run.digits) >= 13 and luhn(run.digits[:16]))]
    found: list[Sign] = []
    for sign in signs:
        if found and sign.cue is Cue.CARD and found[-1].cue in ON_CARDS and _is_of(sign, found[-1], tokens):
            continue
        if found and sign.cue is Cue.SSN and found[-1].cue is Cue.LAST_FOUR and _soon(sign, found[-1]):
            # "The last four? Of my social?"
            sign = replace(sign, cue=Cue.SSN_LAST_FOUR)
        if found and sign.cue is Cue.CODE and found[-1].cue is Cue.EXPIRY and _says_how(sign, found[-1], tokens):
            # "The expiration date as four digits".
            continue
        if sign.cue is Cue.CODE:
            on_card = any(-CARD_SOON <= sign.first - last <= CARD_WORDS for last in cards)
            sign = replace(sign, cue=Cue.SECURITY_CODE if on_card else Cue.REFERENCE)
        found.append(sign)
    return found


def _is_of(card: Sign, other: Sign, tokens: Sequence[Token]) -> bool:
    """Whether "the card" only says what the other announcement is of."""
    said = {plain(tokens[order].text) for order in (card.first - 1, card.first)}
    return card.speaker is other.speaker and _soon(card, other) and not OF.isdisjoint(said)


def _says_how(sign: Sign, other: Sign, tokens: Sequence[Token]) -> bool:
    return _soon(sign, other) and plain(tokens[sign.first - 1].text) in ("as", "in", "con", "en")


def _soon(sign: Sign, other: Sign) -> bool:
    return 0 < sign.first - other.last <= ASIDE_WORDS


def assign(numbers: Sequence[Run], signs: Sequence[Sign], tokens: Sequence[Token]) -> tuple[list[Slot], list[Run]]:
    """Every announcement with its numbers, and the numbers that nothing announced."""
    slots = [Slot(sign) for sign in signs]
    alone: list[Run] = []
    for run in numbers:
        slot = _behind(run, slots, tokens) or _before(run, slots)
        if slot is None:
            alone.append(run)
        else:
            slot.runs.append(run)
    return slots, alone


def _behind(run: Run, slots: Sequence[Slot], tokens: Sequence[Token]) -> Slot | None:
    """ "123 is the security code", "2150 dollars"; what begins the next sentence names the next number."""
    for slot in slots:
        sign = slot.sign
        if not run.last < sign.first <= run.last + 4 or sign.speaker is not run.speaker:
            continue
        if tokens[run.last].text[-1:] in ".?!;":
            continue
        between = [plain(tokens[order].text) for order in range(run.last + 1, sign.first)]
        while between and between[0] in CORRECTIONS - COPULAS:
            # "4111, no, that's my gate code."
            del between[0]
        on_card = sign.cue is Cue.SECURITY_CODE and bool({"back", "front"} & set(sign.text.split()))
        if (on_card or sign.cue in BEHIND) if not between else (between[0] in COPULAS):
            return slot
    return None


def _before(run: Run, slots: Sequence[Slot]) -> Slot | None:
    earlier = [slot for slot in slots if slot.sign.last < run.first and slot.reaches(run)]
    for place, slot in enumerate(reversed(earlier)):
        if (
            slot.sign.speaker is not run.speaker
            and _is_aside(slot, earlier)
            and _before(run, earlier[: len(earlier) - place - 1])
        ):
            return _before(run, earlier[: len(earlier) - place - 1])
        newer = earlier[len(earlier) - place :]
        if _is_done(slot) and not _is_telling(run) and (any(s.runs for s in newer) or _is_new(run, slot)):
            continue
        if _fits(run, slot, earlier) and (_is_next(slot, newer) or (slot.cue not in INNOCENT and _is_strong(run))):
            return slot
        if _blocks(slot, run):
            return None
    return None


def _is_aside(slot: Slot, slots: Sequence[Slot]) -> bool:
    """A word such as "account" right behind a secret that is asked for: "last four for the account holder"."""
    if " " in slot.sign.text or slot.cue not in ASIDES:
        return False
    asked = [s for s in slots if s.cue not in ASIDES and s.cue not in INNOCENT and not s.runs]
    behind = (slot.sign.first - s.sign.last for s in asked if s.sign.speaker is slot.sign.speaker)
    return any(0 < gap <= ASIDE_WORDS for gap in behind)


def _is_next(slot: Slot, newer: Sequence[Slot]) -> bool:
    """Whether nothing else was announced since, or it was in the same breath."""
    return not newer or newer[-1].sign.first - slot.sign.last <= TOGETHER_WORDS or all(s.runs for s in newer)


def _is_done(slot: Slot) -> bool:
    return len(slot.most()) >= COMPLETE.get(slot.cue, 99)


def _is_new(run: Run, slot: Slot) -> bool:
    """Whether somebody who does not repeat a finished number says another one."""
    repeats = run.digits in slot.most() or run.corrects or len(run.digits) >= COMPLETE[slot.cue]
    return not slot.said_by(run.speaker) and not repeats


def _is_strong(run: Run) -> bool:
    return run.bare and len(run.digits) >= CODES[0]


def _blocks(slot: Slot, run: Run) -> bool:
    """An innocent announcement that waits for its number keeps what stands in its own sentence."""
    own = slot.sign.speaker is run.speaker and slot.sign.last in range(run.first - 4, run.first)
    return slot.cue in INNOCENT and not slot.runs and own and len(run.digits) < LENGTHS[Cue.SSN]


def _fits(run: Run, slot: Slot, slots: Sequence[Slot]) -> bool:
    size, said, cue = len(run.digits), slot.said_by(run.speaker), slot.cue
    free = not slot.runs or _repeats(run, slot) or (run.corrects and bool(said))
    if cue is Cue.SECURITY_CODE:
        return free and not run.quantity and _is_code(run, slot, slots)
    if cue in (Cue.SSN_LAST_FOUR, Cue.LAST_FOUR):
        social = cue is Cue.SSN_LAST_FOUR and size == LENGTHS[Cue.SSN]
        answers = (free or not said) and (run.bare or run.first - slot.sign.last <= ASIDE_WORDS)
        return not run.quantity and ((size == 4 and answers) or social)
    if cue is Cue.EXPIRY:
        return free and is_expiry([part.digits for part in run.parts])
    if cue in INNOCENT:
        answers = not slot.runs and run.first - slot.sign.last <= _patience(run, slot)
        if _is_telling(run) and (cue is not Cue.REFERENCE or run.first - slot.sign.last > ASIDE_WORDS):
            return False
        if slot.runs and by_itself(run):
            return False
        if cue is Cue.DATE and _asks_code(slot, slots) and with_code([part.digits for part in run.parts]):
            return False
        goes_on = answers or _continues(run, slot) or _repeats(run, slot) or _corrects(run, slot)
        return size + len(said) <= LENGTHS[cue] and goes_on
    if cue is Cue.CARD and not said and _answers_code(run, slot, slots):
        return False
    said_round = cue is Cue.CARD and size == 4 and bool(said) and run.bare
    if (run.quantity and not said_round) or (size < CODES[0] and not run.bare):
        return False
    if cue in (Cue.BANK_ACCOUNT, Cue.ACCOUNT) and size < CODES[0] and len(said) >= COMPLETE[cue]:
        return False
    if cue in (Cue.BANK_ACCOUNT, Cue.ACCOUNT) and said and not _continues(run, slot):
        return _repeats(run, slot)
    if cue in NINES and run.bare and len(said) < LENGTHS[cue] and size + len(said) <= LENGTHS[cue] + CODES[0]:
        return True
    return size + len(said) <= LENGTHS[cue] or size == LENGTHS[cue] or run.corrects or cue is Cue.CARD


def _is_telling(run: Run) -> bool:
    """Whether the digits are a card number by themselves, or grouped as a social security number."""
    return run.chunks == SOCIAL or (by_itself(run) and luhn(run.digits))


def _patience(run: Run, slot: Slot) -> int:
    return ASIDE_WORDS if slot.sign.speaker is run.speaker else ANSWER_WORDS


def _is_code(run: Run, slot: Slot, slots: Sequence[Slot]) -> bool:
    if len(run.digits) not in CODES or (len(run.digits) == CODES[1] and _wants_three(slot)):
        return False
    together = [s for s in slots if s is not slot and 0 <= slot.sign.first - s.sign.last <= TOGETHER_WORDS]
    cards = [len(s.most()) for s in together if s.cue is Cue.CARD]
    return not cards or max(cards) >= COMPLETE[Cue.CARD]


def _answers_code(run: Run, card: Slot, slots: Sequence[Slot]) -> bool:
    """ "The security code of the card?": three digits are the code."""
    asked = [s for s in slots if s.cue is Cue.SECURITY_CODE and not s.runs and s.sign.last < card.sign.first]
    return len(run.digits) == CODES[0] and any(card.sign.first - s.sign.last <= TOGETHER_WORDS for s in asked)


def _wants_three(slot: Slot) -> bool:
    return bool({"three", "3", "tres"} & set(slot.sign.text.split()))


def _continues(run: Run, slot: Slot) -> bool:
    own = [r for r in slot.runs if r.speaker is run.speaker]
    return bool(own) and run.bare and run.first - slot.runs[-1].last <= CONTINUES_WORDS


def _corrects(run: Run, slot: Slot) -> bool:
    """ "Room 411? - No, 417."."""
    last = slot.runs[-1] if slot.runs else None
    near = last is not None and last.speaker is not run.speaker and 0 < run.first - last.last <= CONTINUES_WORDS
    return near and run.corrects and last is not None and len(run.digits) == len(last.digits)


def _asks_code(slot: Slot, slots: Sequence[Slot]) -> bool:
    """ "The date, and the CVV?"."""
    codes = [s for s in slots if s.cue is Cue.SECURITY_CODE and not s.runs]
    return any(0 < s.sign.first - slot.sign.last <= TOGETHER_WORDS for s in codes)


def _repeats(run: Run, slot: Slot) -> bool:
    return any(run.digits == slot.said_by(r.speaker) or run.digits == r.digits for r in slot.runs)


def unspoken(slots: Sequence[Slot], alone: Sequence[Run]) -> Iterator[Run]:
    """Runs that nothing but a card may have announced, in order of time."""
    free = [*alone, *(run for slot in slots if slot.cue not in INNOCENT | OTHERS for run in slot.runs)]
    yield from sorted(free, key=lambda run: run.first)
