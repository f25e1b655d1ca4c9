"""A call in two to four of its own sentences: what the caller wants, how they found the business, what was agreed."""

import re
from collections.abc import Sequence

from voicebot.classify.findings import Words
from voicebot.classify.labels import SourceMention, Turn
from voicebot.classify.places import around, sentences
from voicebot.terms import Speaker

NEED = re.compile(
    r"\b(need|want(ed|ing)?|looking (for|to|at)|like to|quote|estimate|price|cost|charge|how much|calling (about|because|to|for|on)|broke"
    r"|broken|leak\w*|problem|issue|won't|doesn't|isn't|quit|stopped|fix|repair|replace|install|schedule|appointment|can you|could you"
    r"|do you|wondering|interested|hoping|trying to|supposed to|never|bill|cancel|hiring|job|warranty|press|offer|we help)\b",
    re.I,
)
SMALL_TALK = re.compile(
    r"^\W*(hi|hello|hey|yes|yeah|no|okay|ok|thanks?|thank you|good (morning|afternoon|evening)|bye|sure|uh|um)\b", re.I
)
SHORT, LONG, MOST, FEWEST = 4, 8, 4, 2


def summary(turns: Sequence[Turn], mentions: Sequence[SourceMention], decided: int | None) -> tuple[Words, ...]:
    """Key sentences in order of the talk. `decided`: the turn in which an appointment was made or refused."""
    said = [words for words in sentences(turns) if len(words.quote.split()) >= SHORT]
    ranked = _ranked(turns, said)
    chosen: list[Words] = ranked[:1]
    stated = [mention for mention in mentions if not mention.denied and mention.quote]
    if stated:
        first = stated[0]
        chosen.append(around(turns, Words(first.turn, first.start_char, first.end_char, first.quote)))
    if decided is not None:
        chosen += _decision(said, decided)
    chosen += ranked[1 : 1 + max(0, FEWEST - len(set(chosen)))]
    return tuple(sorted(set(chosen), key=lambda words: (words.turn, words.start_char))[:MOST])


def need_of(turns: Sequence[Turn]) -> Words | None:
    """The sentence that best says what the caller wants."""
    ranked = _ranked(turns, [words for words in sentences(turns) if len(words.quote.split()) >= SHORT])
    return ranked[0] if ranked else None


def _ranked(turns: Sequence[Turn], said: Sequence[Words]) -> list[Words]:
    """The caller's sentences, the most telling first."""
    callers = [words for words in said if turns[words.turn].speaker is not Speaker.AGENT]
    return sorted(callers, key=lambda words: (-_weight(words, len(turns)), words.turn, words.start_char))


def _weight(words: Words, turns: int) -> float:
    """How much a sentence tells of the caller's need: its words, its length, and how early it comes."""
    count = len(words.quote.split())
    cues = len({match[0].lower() for match in NEED.finditer(words.quote)})
    early = 1 - words.turn / max(turns, 1)
    return (
        min(cues, 3) + min(count, 2 * LONG) / LONG + 2.5 * early - bool(SMALL_TALK.match(words.quote)) * (count < LONG)
    )


def _decision(said: Sequence[Words], decided: int) -> list[Words]:
    """The longest sentence where it was decided, and of the turn before it, since "that works" says little alone."""
    here = [words for words in said if words.turn == decided]
    before = [words for words in said if words.turn == decided - 1]
    return [max(group, key=lambda words: len(words.quote)) for group in (before, here) if group]
