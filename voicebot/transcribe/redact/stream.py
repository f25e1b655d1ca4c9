"""A conversation as numbers with what announced them: runs of digits per speaker, and the cues around. Pure."""

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from voicebot.terms import Speaker
from voicebot.transcribe.redact.cues import BEHIND, Cue, cues
from voicebot.transcribe.redact.lists import words
from voicebot.transcribe.redact.numerals import Numeral, numerals, plain
from voicebot.transcribe.transcript import Utterance

# Said between the digits of one number without ending it.
FILLERS = words("fillers")
UNITS_BEHIND = words("units_behind")
COPULAS = words("copulas")
# How far a cue reaches, in words said by both and in seconds; as far again from each run of digits that follows it.
REACH_WORDS = 34
REACH_SECONDS = 25.0
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


@dataclass(frozen=True, slots=True)
class Run:
    """Digits of one speaker said in one go. `groups`: as they were grouped ("123", "45"); `quantity`: money, an age."""

    tokens: tuple[Token, ...]
    groups: tuple[str, ...]
    quantity: bool

    @property
    def digits(self) -> str:
        """All of them."""
        return "".join(self.groups)

    @property
    def first(self) -> int:
        """Order of the first word."""
        return self.tokens[0].order

    @property
    def last(self) -> int:
        """Order of the last word."""
        return self.tokens[-1].order


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


def signs(words: Sequence[Token]) -> list[Sign]:
    """Every cue, each found within one utterance, in order of time."""
    found: list[Sign] = []
    for line in _by_utterance(words):
        pieces, starts, length = [], [], 0
        for token in line:
            piece = plain(token.text)
            starts.append(length)
            pieces.append(piece)
            length += len(piece) + 1
        for heard in cues(" ".join(pieces)):
            inside = [i for i, at in enumerate(starts) if at < heard.end and at + len(pieces[i]) > heard.start]
            if inside:
                first, last = line[inside[0]], line[inside[-1]]
                text = " ".join(pieces[inside[0] : inside[-1] + 1])
                found.append(Sign(heard.cue, text, first.order, last.order, first.start, last.end, first.speaker))
    return sorted(found, key=lambda sign: (sign.last, sign.first))


def runs(words: Sequence[Token], signs_: Sequence[Sign] = ()) -> list[Run]:
    """Every run of digits, in order of time.

    A speaker's run goes on over the other's "mm-hm" and over fillers, and ends where anybody announces the next number.
    """
    found: list[Run] = []
    announced_at = sorted(sign.first for sign in signs_)
    for speaker in dict.fromkeys(token.speaker for token in words):
        own = [token for token in words if token.speaker is speaker]
        found += _runs_of(own, announced_at)
    return sorted(found, key=lambda run: run.first)


def announced(
    run: Run, words: Sequence[Token], signs_: Sequence[Sign], since: int | None, since_time: float | None
) -> Sign | None:
    """The cue that says what a run is: one right behind it, else the nearest before it.

    `since`, `since_time`: order and time of the end of the run before it under the same cue, from which a cue reaches
    on.
    """
    behind = next((s for s in signs_ if run.last < s.first <= run.last + 4 and _names_behind(s, run, words)), None)
    if behind is not None:
        return behind
    before = [s for s in signs_ if s.last < run.first]
    if not before:
        return None
    nearest = before[-1]
    reach = max(nearest.last, since if since is not None else nearest.last)
    moment = max(nearest.end, since_time if since_time is not None else nearest.end)
    near = run.first - reach <= REACH_WORDS and run.tokens[0].start - moment <= REACH_SECONDS
    return nearest if near else None


def _names_behind(sign: Sign, run: Run, words: Sequence[Token]) -> bool:
    """ "123 is the security code", "2150 dollars"; what begins the next sentence names the next number."""
    if sign.speaker is not run.tokens[0].speaker:
        return False
    between = [plain(words[order].text) for order in range(run.last + 1, sign.first)]
    return sign.cue in BEHIND if not between else between[0] in COPULAS


def _by_utterance(words: Sequence[Token]) -> Iterator[list[Token]]:
    lines: dict[int, list[Token]] = {}
    for token in words:
        lines.setdefault(token.utterance, []).append(token)
    for line in lines.values():
        yield sorted(line, key=lambda token: token.word)


def _runs_of(own: Sequence[Token], announced_at: Sequence[int]) -> list[Run]:
    low = [plain(token.text) for token in own]
    found: list[Run] = []
    held: list[Numeral] = []

    def close() -> None:
        if held:
            behind = low[held[-1].last + 1 : held[-1].last + 3]
            quantity = any(n.amount for n in held) or bool(set(behind[:1]) & UNITS_BEHIND)
            taken = tuple(own[i] for n in held for i in range(n.first, n.last + 1))
            found.append(Run(taken, tuple(n.digits for n in held), quantity))
            held.clear()

    for numeral in numerals([token.text for token in own]):
        if held and not _joined(own, low, announced_at, held[-1].last, numeral.first):
            close()
        held.append(numeral)
    close()
    return found


def _joined(own: Sequence[Token], low: Sequence[str], announced_at: Sequence[int], last: int, first: int) -> bool:
    between = low[last + 1 : first]
    if own[first].start - own[last].end > PAUSE_SECONDS or len(between) > MOST_FILLERS:
        return False
    if bisect(announced_at, own[last].order) != bisect(announced_at, own[first].order):
        return False
    return all(not word or word in FILLERS for word in between)
