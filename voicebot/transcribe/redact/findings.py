"""Which words of a conversation must not be kept: card numbers, security codes, social security numbers, bank
accounts and dates of birth. Pure; over utterance borders, by both speakers, however the digits were said.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from voicebot.transcribe.redact.category import Category
from voicebot.transcribe.redact.pieces import pieces
from voicebot.transcribe.redact.scene import scene
from voicebot.transcribe.redact.stream import Token, tokens
from voicebot.transcribe.redact.tagger import load
from voicebot.transcribe.transcript import Utterance

# Small words between two pieces go with them.
BETWEEN_WORDS = 5
# So many turns are no whole conversation.
FEW_TURNS = 4
LABELS = frozenset(category.label for category in Category)


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
    marked = _marked(tokens(utterances), whole=len(utterances) > FEW_TURNS)
    return sorted(spans({t: c for t, c in marked.items() if c in wanted}), key=lambda found: found.start)


def _marked(words: Sequence[Token], whole: bool) -> dict[Token, Category]:
    """What must go; nothing of an utterance that was redacted before, as its labels show.

    The tagger has learned from whole conversations: of a question and its answer it takes what the rules take too.
    """
    if not pieces(words):
        return {}
    clean = {token.utterance for token in words if token.text in LABELS}
    view = scene(words)
    found = load().marked(view)
    if not whole:
        found = view.rules.marked | found
    return {token: category for token, category in found.items() if token.utterance not in clean}


def spans(marked: dict[Token, Category]) -> Iterator[Finding]:
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
    return same and after.word - before.word <= BETWEEN_WORDS


def _span(held: Sequence[Token], marked: dict[Token, Category]) -> Finding:
    first, last = held[0], held[-1]
    return Finding(
        marked[first], first.utterance, first.word, last.word, min(t.start for t in held), max(t.end for t in held)
    )
