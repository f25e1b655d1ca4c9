"""A conversation as numbers with what announced them: runs of digits per speaker, and the cues around. Pure."""

from bisect import bisect
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from voicebot.terms import Speaker
from voicebot.transcribe.redact.cues import Cue, cues
from voicebot.transcribe.redact.lists import words
from voicebot.transcribe.redact.numerals import Numeral, numerals, plain
from voicebot.transcribe.transcript import Utterance

# Said between the digits of one number without ending it.
FILLERS = words("fillers")
UNITS_BEHIND = words("units_behind")
CORRECTIONS = words("corrections")
HOMOPHONES = words("homophones")
MONTHS = words("months")
PAUSE_SECONDS = 12.0
MOST_FILLERS = 4


@dataclass(frozen=True, slots=True)
class Token:
    """One word in its place: utterance and word index, and its order among all words by time."""

    utterance: int
    word: int
    order: int
    speaker: Speaker
    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Sign:
    """A cue at a time, from the order of its first word to that of its last."""

    cue: Cue
    text: str
    first: int
    last: int
    start: float
    end: float
    speaker: Speaker
    utterance: int


@dataclass(frozen=True, slots=True)
class Part:
    """One numeral of a run: its digits and the words that say them."""

    digits: str
    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """Digits of one speaker said in one go.

    `quantity`: money, an age, thousands. `bare`: hardly anything else was said in the same breath. `corrects`: after
    "no", "sorry", "I mean".
    """

    parts: tuple[Part, ...]
    quantity: bool
    bare: bool
    corrects: bool

    @property
    def tokens(self) -> tuple[Token, ...]:
        """All words that say digits."""
        return tuple(token for part in self.parts for token in part.tokens)

    @property
    def speaker(self) -> Speaker:
        """Who said it."""
        return self.parts[0].tokens[0].speaker

    @property
    def digits(self) -> str:
        """All of them."""
        return "".join(part.digits for part in self.parts)

    @property
    def chunks(self) -> list[int]:
        """How many digits between pauses: commas, dashes, turns. Where there is none, as the numerals were written."""
        sizes = [0]
        for before, part in zip((None, *self.parts), self.parts, strict=False):
            if before is not None and _pauses(before.tokens[-1], part.tokens[0]):
                sizes.append(0)
            sizes[-1] += len(part.digits)
        return sizes if len(sizes) > 1 else [len(part.digits) for part in self.parts]

    @property
    def first(self) -> int:
        """Order of the first word."""
        return self.parts[0].tokens[0].order

    @property
    def last(self) -> int:
        """Order of the last word."""
        return self.parts[-1].tokens[-1].order


def _pauses(before: Token, after: Token) -> bool:
    apart = before.utterance != after.utterance or after.word - before.word > 1
    return apart or before.text[-1:] in ",.;-–"


def tokens(utterances: Sequence[Utterance]) -> list[Token]:
    """Every word of the conversation in order of time."""
    placed = [
        (word.start, index, position, utterance.speaker, word)
        for index, utterance in enumerate(utterances)
        for position, word in enumerate(utterance.words)
    ]
    placed.sort(key=lambda item: item[:3])
    return [
        Token(index, position, order, speaker, word.text, word.start, word.end)
        for order, (_, index, position, speaker, word) in enumerate(placed)
    ]


def looked_up(token: Token) -> str:
    """A word in lower case without punctuation. A label announces nothing, and no number goes on over it."""
    return "_" if token.text[:1] == "[" else plain(token.text)


def signs(words: Sequence[Token]) -> list[Sign]:
    """Every cue, each found within one utterance, in order of time."""
    found: list[Sign] = []
    for line in _by_utterance(words):
        pieces, starts, length = [], [], 0
        for token in line:
            piece = looked_up(token)
            starts.append(length)
            pieces.append(piece)
            length += len(piece) + 1
        for heard in cues(" ".join(pieces)):
            inside = [i for i, at in enumerate(starts) if at < heard.end and at + len(pieces[i]) > heard.start]
            if inside:
                first, last = line[inside[0]], line[inside[-1]]
                text = " ".join(pieces[inside[0] : inside[-1] + 1])
                times = (first.order, last.order, first.start, last.end)
                found.append(Sign(heard.cue, text, *times, first.speaker, first.utterance))
    return sorted(found, key=lambda sign: (sign.last, sign.first))


def runs(words: Sequence[Token], signs_: Sequence[Sign] = (), claimed: Collection[Token] = ()) -> list[Run]:
    """Every run of digits, in order of time, none over words that are `claimed` already.

    A speaker's run goes on over the other's "mm-hm" and over fillers, and ends where anybody announces the next number.
    """
    found: list[Run] = []
    for speaker in dict.fromkeys(token.speaker for token in words):
        own = [token for token in words if token.speaker is speaker]
        borders = sorted({*(sign.first for sign in signs_), *_interruptions(words, speaker)})
        low = ["_" if token in claimed else looked_up(token) for token in own]
        found += _runs_of(own, low, borders)
    return sorted(found, key=lambda run: run.first)


def stretches(words: Sequence[Token]) -> Iterator[list[Token]]:
    """What one speaker said in one sentence, over the other's "mm-hm"."""
    for speaker in dict.fromkeys(token.speaker for token in words):
        own = [token for token in words if token.speaker is speaker]
        borders = _interruptions(words, speaker)
        held: list[Token] = []
        for place, token in enumerate(own):
            turn = bool(held) and bisect(borders, held[-1].order) != bisect(borders, token.order)
            sentence = (
                bool(held)
                and held[-1].utterance == token.utterance
                and _ends(own, place - 1, ".?!;")
                and not _is_month(own[place - 1])
            )
            if turn or sentence:
                yield held
                held = []
            held.append(token)
        yield held


def _is_month(token: Token) -> bool:
    """ "Oct." ends no sentence."""
    return token.text[-1:] == "." and len(token.text) <= len("sept.") and plain(token.text) in MONTHS


def _interruptions(words: Sequence[Token], speaker: Speaker) -> list[int]:
    """Where somebody else said more than "mm-hm"."""
    others = (token for token in words if token.speaker is not speaker)
    return [t.order for t in others if not _is_small(looked_up(t)) or any(True for _ in numerals([t.text]))]


def _ends(own: Sequence[Token], place: int, marks: str) -> bool:
    """Whether a sentence or a part of one ends behind a word; the mark may stand by itself."""
    return own[place].text[-1:] in tuple(marks) or (place + 1 < len(own) and own[place + 1].text in tuple(marks))


def _by_utterance(words: Sequence[Token]) -> Iterator[list[Token]]:
    lines: dict[int, list[Token]] = {}
    for token in words:
        lines.setdefault(token.utterance, []).append(token)
    for line in lines.values():
        yield sorted(line, key=lambda token: token.word)


def _runs_of(own: Sequence[Token], low: Sequence[str], borders: Sequence[int]) -> Iterator[Run]:
    held: list[Numeral] = []
    for numeral in _as_groups([*numerals([*stopped(own, low)])]):
        if _is_exclamation(own, low, numeral):
            continue
        if held and not _joined(own, low, borders, held[-1], numeral):
            yield _run(own, low, held)
            held = []
        held.append(numeral)
    if held:
        yield _run(own, low, held)


def _as_groups(found: Sequence[Numeral]) -> Iterator[Numeral]:
    """Numerals; of four digits each, and a card's four in a row, none is an amount: "$4,861, 6154, 1663, 4599"."""
    fours: set[int] = set()
    for at in range(len(found) - 3):
        group = found[at : at + 4]
        follow = all(a.last + 1 == b.first for a, b in pairwise(group))
        if follow and all(len(n.digits) == 4 for n in group) and not all(n.amount for n in group[1:]):
            fours.update(range(at, at + 4))
    for at, numeral in enumerate(found):
        yield replace(numeral, amount=False) if at in fours else numeral


def _is_exclamation(own: Sequence[Token], low: Sequence[str], numeral: Numeral) -> bool:
    """ "Oh, sorry": no zero."""
    at = numeral.first
    if low[at] not in ("oh", "o"):
        return False
    before = at > 0 and own[at - 1].utterance == own[at].utterance and any(True for _ in numerals([low[at - 1]]))
    following = next(numerals(low[at + 1 : at + 3]), None)
    behind = following is not None and following.first == 0 and own[at].text[-1:] != ","
    return not before and not behind


def stopped(own: Sequence[Token], low: Sequence[str]) -> Iterator[str]:
    """The words, each with the comma or the end of the turn behind it."""
    for place, (token, word) in enumerate(zip(own, low, strict=True)):
        ends = place + 1 == len(own) or own[place + 1].utterance != token.utterance
        yield word + ("." if ends or _ends(own, place, ",.?!;:") else "")


def _run(own: Sequence[Token], low: Sequence[str], held: Sequence[Numeral]) -> Run:
    first, last = held[0].first, held[-1].last
    before = [i for i in range(max(0, first - 4), first) if own[i].utterance == own[first].utterance]
    behind = [i for i in range(last + 1, min(len(own), last + 4)) if own[i].utterance == own[last].utterance]
    ended = _ends(own, last, ",.;?!")
    parts = tuple(Part(n.digits, tuple(own[n.first : n.last + 1])) for n in held)
    quantity = any(n.amount for n in held) or bool(behind and low[behind[0]] in UNITS_BEHIND)
    bare = all(_is_small(low[i]) for i in before) and (ended or all(_is_small(low[i]) for i in behind))
    return Run(parts, quantity, bare, any(low[i] in CORRECTIONS for i in before))


def _is_small(word: str) -> bool:
    return not word or word == "_" or word in FILLERS or word in CORRECTIONS or any(True for _ in numerals([word]))


def _is_round(low: Sequence[str], numeral: Numeral) -> bool:
    """An amount, or hundreds: no piece of a longer number."""
    return numeral.amount or "hundred" in low[numeral.first : numeral.last + 1]


def _joined(own: Sequence[Token], low: Sequence[str], borders: Sequence[int], before: Numeral, after: Numeral) -> bool:
    last, first = before.last, after.first
    if low[after.last + 1 : after.last + 2] and low[after.last + 1] in UNITS_BEHIND and _ends(own, last, ","):
        return False
    between = low[last + 1 : first]
    if _is_round(low, before) or _is_round(low, after) or "_" in between or not CORRECTIONS.isdisjoint(between):
        return False
    if own[first].start - own[last].end > PAUSE_SECONDS or len(between) > MOST_FILLERS:
        return False
    if bisect(borders, own[last].order) != bisect(borders, own[first].order):
        return False
    if _ends(own, last, ".?!") and own[last].utterance == own[first].utterance:
        return False
    if len(between) == 1 and between[0] in HOMOPHONES:
        # "nine for five": a digit that was heard as a word.
        return len(before.digits) == 1 and len(after.digits) == 1
    return all(not word or word in FILLERS for word in between)
