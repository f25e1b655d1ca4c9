"""A conversation as the tagger sees it: pieces of numbers, what was said around them, what the rules hold. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from voicebot.transcribe.redact.category import Category
from voicebot.transcribe.redact.pieces import Piece, clusters, pieces
from voicebot.transcribe.redact.rules import Ruled, ruled
from voicebot.transcribe.redact.slots import Slot
from voicebot.transcribe.redact.stream import Run, Sign, Token, looked_up

SPANISH = frozenset({"el", "la", "de", "es", "y", "que", "su", "mi", "para", "por", "los", "sí", "cuál", "en", "un"})
ENGLISH = frozenset({"the", "is", "it", "it's", "my", "your", "to", "of", "you", "that", "for", "i", "and"})


@dataclass(slots=True)
class Scene:
    """One conversation. `low`: its words as they are looked up, a piece's as "#" with its count of digits.

    `spanish`: more of the small words are Spanish than English.
    """

    words: Sequence[Token]
    rules: Ruled
    pieces: list[Piece]
    cluster: list[int]
    low: list[str]
    members: dict[int, list[int]]
    spanish: bool
    runs: dict[Token, Run]
    slots: dict[Token, Slot]
    # Orders of the words of each utterance, and who said it.
    lines: dict[int, list[int]] = field(default_factory=dict)
    starts: list[int] = field(default_factory=list)

    def rule(self, piece: Piece) -> Category | None:
        """What the rules make of a piece."""
        return next((self.rules.marked[token] for token in piece.tokens if token in self.rules.marked), None)

    def mates(self, place: int) -> list[int]:
        """The pieces of the cluster in which one stands, itself included."""
        return self.members[self.cluster[place]]

    def signs_before(self, order: int) -> Sequence[Sign]:
        """The announcements before a word, in order."""
        return self.rules.signs[: bisect_left(self.starts, order)]

    def signs_behind(self, order: int) -> Sequence[Sign]:
        """The announcements behind a word, in order."""
        return self.rules.signs[bisect_right(self.starts, order) :]

    def turns_before(self, token: Token) -> tuple[list[int], list[int]]:
        """The orders of the words of the two utterances before that of a word, the nearer one first.

        By time, not by number: keys that were pressed are an utterance of their own throughout the call.
        """
        near = self._another(token.order, -1, {token.utterance})
        if near is None:
            return [], []
        earlier = self._another(near.order, -1, {token.utterance, near.utterance})
        return self.lines[near.utterance], [] if earlier is None else self.lines[earlier.utterance]

    def turn_behind(self, token: Token) -> list[int]:
        """The orders of the words of the utterance behind that of a word."""
        behind = self._another(token.order, 1, {token.utterance})
        return [] if behind is None else self.lines[behind.utterance]

    def _another(self, order: int, step: int, known: set[int]) -> Token | None:
        """The next word in one direction that is of another utterance."""
        at = order + step
        while 0 <= at < len(self.words) and self.words[at].utterance in known:
            at += step
        return self.words[at] if 0 <= at < len(self.words) else None


def scene(words: Sequence[Token]) -> Scene:
    """A conversation as the tagger sees it. In: the words of both speakers in order of time."""
    rules, found = ruled(words), pieces(words)
    numbers = clusters(found, words)
    members: dict[int, list[int]] = {}
    for place, number in enumerate(numbers):
        members.setdefault(number, []).append(place)
    low = [looked_up(token) or token.text for token in words]
    for piece in found:
        for token in piece.tokens:
            low[token.order] = "#" if token is not piece.tokens[0] else f"#{min(len(piece.digits), 9)}"
    made = Scene(
        words=words,
        rules=rules,
        pieces=found,
        cluster=numbers,
        low=low,
        members=members,
        spanish=_is_spanish(low),
        runs={token: run for run in rules.numbers for token in run.tokens},
        slots={token: slot for slot in rules.slots for run in slot.runs for token in run.tokens},
        starts=[sign.last for sign in rules.signs],
    )
    for token in words:
        made.lines.setdefault(token.utterance, []).append(token.order)
    return made


def _is_spanish(low: Sequence[str]) -> bool:
    return sum(word in SPANISH for word in low) > sum(word in ENGLISH for word in low)
