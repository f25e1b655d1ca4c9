"""Places in a conversation: words by their characters, and sentences; long talk without stops is cut."""

import re
from collections.abc import Iterator, Sequence

from voicebot.classify.findings import Words
from voicebot.classify.labels import Turn

SENTENCE = re.compile(r"[^.!?]+(?:[.!?](?=\S)[^.!?]*)*[.!?]*")
WORD = re.compile(r"\S+")
LONGEST = 32


def words_at(turns: Sequence[Turn], turn: int, start: int, end: int) -> Words:
    """The words of a turn from `start` to `end`, blanks around them left out."""
    text = turns[turn].text[start:end]
    start += len(text) - len(text.lstrip())
    return Words(turn, start, start + len(text.strip()), text.strip())


def sentences(turns: Sequence[Turn]) -> Iterator[Words]:
    """Every sentence, in order."""
    for place, turn in enumerate(turns):
        for match in SENTENCE.finditer(turn.text):
            if match[0].strip():
                yield from _pieces(turns, place, match.start(), match.end())


def _pieces(turns: Sequence[Turn], place: int, start: int, end: int) -> Iterator[Words]:
    words = list(WORD.finditer(turns[place].text, start, end))
    for first in range(0, len(words), LONGEST):
        piece = words[first : first + LONGEST]
        yield words_at(turns, place, piece[0].start(), piece[-1].end())


def around(turns: Sequence[Turn], place: Words) -> Words:
    """The sentence that holds a place, or the place itself where sentences break within it."""
    for sentence in sentences(turns):
        if sentence.turn == place.turn and sentence.start_char <= place.start_char < sentence.end_char:
            return sentence
    return place
