"""What an answer says by its meaning: sources read by the tuned sentence encoder, beside what words and letters tell.

The words' model knows the phrases that it has read; the encoder brings "stuck behind one of your vans" near "saw your
truck" though no word is shared.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from voicebot.classify import roundabout
from voicebot.classify.labels import Turn
from voicebot.classify.page import QUESTION, Page, Place
from voicebot.classify.roundabout import Reading
from voicebot.classify.tuned import Tuned
from voicebot.classify.weighing import Weighing
from voicebot.terms import Speaker

_SPANISH = re.compile(
    r"\b(?:el|la|los|las|un|una|me|en|de|que|por|mi|y|lo|le|su|con|para|se|yo|ustedes|del|al|vi|no|es)\b(?!')"
)
_ENGLISH = re.compile(r"\b(?:the|a|an|i|you|my|in|of|that|it|on|and|was|your|from|for|we|they|to|is|by|me|no)\b")


@dataclass(frozen=True, slots=True)
class Sense:
    """What answers are heard with where the sentence encoder is at hand."""

    tuned: Tuned
    weighing: Weighing


def read(tuned: Tuned, text: str, by_words: Reading) -> Reading:
    """An answer to the question by its meaning."""
    return within(tuned, Place(tuned.page([QUESTION, Turn(Speaker.CALLER, text)]), 1, 0), text, by_words)


def within(tuned: Tuned, place: Place, text: str, by_words: Reading) -> Reading:
    """A text by what it means at its place in a call. The encoder knows no Spanish: there, words have the say."""
    if spanish(text):
        return by_words
    return tuned.reading(place.page, place.turn, place.start, place.start + len(text), by_words.clauses)


def spanish(text: str) -> bool:
    """Whether the small words of a text are Spanish rather than English."""
    plain = roundabout.plain(text)
    return len(_SPANISH.findall(plain)) > len(_ENGLISH.findall(plain))


def seen(tuned: Tuned, turns: Sequence[Turn]) -> Page | None:
    """A call as the tuned encoder sees it; None for Spanish, which it does not know."""
    return None if is_spanish(turns) else tuned.page(turns)


def is_spanish(turns: Sequence[Turn]) -> bool:
    """Whether a call is held in Spanish, by what the callers say: one word of it proves nothing."""
    said = " ".join(turn.text for turn in turns if turn.speaker is not Speaker.AGENT)
    return spanish(said) and len(_SPANISH.findall(roundabout.plain(said))) > 1
