"""The words that may be a piece of a secret number, and the clusters in which they were said. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from voicebot.transcribe.redact.dates import MONTHS, ORDINALS
from voicebot.transcribe.redact.numerals import Numeral, numerals, plain
from voicebot.transcribe.redact.stream import FILLERS, PAUSE_SECONDS, Token, looked_up, stopped

# Small words that may stand between two pieces of one cluster.
MOST_BETWEEN = 2
# Words of both sides; more may be said between two keys that were pressed.
MOST_MEANWHILE = 15
# Words that a recogniser writes for digits; among fewer single digits than these they are words.
SOUNDS = {
    "for": "4", "fore": "4", "to": "2", "too": "2", "won": "1", "ate": "8", "tree": "3", "sex": "6", "fine": "5",
    "hate": "8", "nein": "9", "sicks": "6", "heaven": "7",
}  # fmt: skip
FEWEST_SINGLES = 4
_ORDINAL = re.compile(r"\d{1,2}(st|nd|rd|th)")
ENDS = (".", "?", "!", ";")


@dataclass(frozen=True, slots=True)
class Piece:
    """One numeral, month, ordinal, or word of letters and digits. `shape`: how it is written, as "9,999" or "words"."""

    tokens: tuple[Token, ...]
    digits: str
    shape: str
    amount: bool

    @property
    def first(self) -> int:
        """Order of its first word."""
        return self.tokens[0].order

    @property
    def last(self) -> int:
        """Order of its last word."""
        return self.tokens[-1].order


def pieces(words: Sequence[Token]) -> list[Piece]:
    """Every piece, in order of time."""
    found: list[Piece] = []
    for speaker in dict.fromkeys(token.speaker for token in words):
        own = [token for token in words if token.speaker is speaker]
        found += _of_one(own)
    return sorted(found, key=lambda piece: piece.first)


def clusters(found: Sequence[Piece], words: Sequence[Token]) -> list[int]:
    """For each piece the number of its cluster: pieces of one utterance with hardly a word between them."""
    numbers: list[int] = []
    for place, piece in enumerate(found):
        goes_on = place > 0 and _goes_on(found[place - 1], piece, words)
        numbers.append((numbers[-1] if numbers else 0) + (not goes_on))
    return numbers


def _goes_on(before: Piece, after: Piece, words: Sequence[Token]) -> bool:
    last, first = before.tokens[-1], after.tokens[0]
    if first.start - last.end > PAUSE_SECONDS or first.order - last.order > MOST_MEANWHILE:
        return False
    if last.utterance != first.utterance or last.text[-1:] in ENDS or first.word - last.word > MOST_BETWEEN + 1:
        return False
    return all(
        looked_up(token) in FILLERS or not looked_up(token)
        for token in words[last.order + 1 : first.order]
        if token.utterance == last.utterance
    )


def _of_one(own: Sequence[Token]) -> Iterator[Piece]:
    """The pieces that one speaker said."""
    low = [looked_up(token) for token in own]
    said = list(numerals([*stopped(own, low)]))
    said += _misheard(own, low, said)
    taken = {at for numeral in said for at in range(numeral.first, numeral.last + 1)}
    for numeral in said:
        yield _piece(own[numeral.first : numeral.last + 1], numeral)
    for at, token in enumerate(own):
        if at not in taken and (kind := _kind(low[at], token.text)):
            digits = "".join(filter(str.isdigit, token.text))
            yield Piece((token,), digits, kind, amount=False)


def _misheard(own: Sequence[Token], low: Sequence[str], said: Sequence[Numeral]) -> list[Numeral]:
    """Digits that were heard as words, among digits that were said one by one: "ate oh won too"."""
    singles = {numeral.first for numeral in said if numeral.first == numeral.last and len(numeral.digits) == 1}
    found: list[Numeral] = []
    held: list[int] = []
    for at in range(len(own) + 1):
        inside = at < len(own) and (at in singles or low[at] in SOUNDS)
        turn = held and at < len(own) and own[held[-1]].utterance != own[at].utterance
        if turn or not inside:
            words = [place for place in held if place not in singles]
            if len(held) >= FEWEST_SINGLES and len(words) < len(held):
                found += [Numeral(place, place, SOUNDS[low[place]]) for place in words]
            held = []
        held += [at] if inside else []
    return found


def _piece(held: Sequence[Token], numeral: Numeral) -> Piece:
    written = plain(held[0].text)
    shape = re.sub(r"\d", "9", written) if written[:1] in "#$0123456789" else "words"
    return Piece(tuple(held), numeral.digits, shape, numeral.amount)


def _kind(low: str, text: str) -> str:
    """What a word that is no numeral may be a piece of; empty where it is none."""
    if low in MONTHS:
        return "month"
    if low in ORDINALS or _ORDINAL.fullmatch(low):
        return "ordinal"
    return "mixed" if text[:1] != "[" and any(map(str.isdigit, text)) else ""
