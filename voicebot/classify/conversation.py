"""Sources named in a whole conversation: who speaks, what was asked, what was prompted. Pure rules over a Doc."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from spacy.tokens import Doc

from voicebot import taxonomy
from voicebot.classify import context
from voicebot.classify.answers import Understood, rename, understand
from voicebot.classify.labels import SourceMention, Turn
from voicebot.classify.mentions import Candidate
from voicebot.classify.order import in_order, merged
from voicebot.classify.phrases import says
from voicebot.classify.words import TurnSpan, norms
from voicebot.terms import Speaker

ASKING = re.compile(
    r"\b(how (did|'d|do) (you|ya|y'all) (\w+ )?(hear|find|learn|come across|get our|know)"
    r"|where (did|'d) (you|ya) (\w+ )?(hear|find|get our|see)|who (referred|sent|recommended|told)"
    r"|how (were|was) you referred|what (brought|made) you|hear about us|find us|found us|heard (about|of) us)\b",
    re.IGNORECASE,
)
SPECIAL = ("unknown", "declined")


@dataclass(frozen=True, slots=True)
class _Turn:
    """A caller's turn: its words, the candidates in it, and what the agent said before it."""

    index: int
    words: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    asked: bool
    offered: tuple[str, ...]


def mentions(doc: Doc, turns: Sequence[Turn], *, only_asked: bool = False) -> tuple[SourceMention, ...]:
    """Every source the caller named or ruled out, in order of first touch; denied ones are kept as denied.

    `only_asked`: take nothing but answers to the agent's question, and "you did my roof last year": a customer who
    calls about a letter or an e-mail of the business has not found it by that.
    """
    spans: Sequence[TurnSpan] = doc._.turns
    has_agent = any(turn.speaker is Speaker.AGENT for turn in turns)
    found: list[SourceMention] = []
    for index, span in enumerate(spans):
        if span.speaker is Speaker.AGENT or (span.speaker is Speaker.UNKNOWN and has_agent):
            continue
        turn = _turn(doc, turns, index)
        heard = _heard(turn)
        if only_asked and not turn.asked:
            heard = [one for one in heard if one[0].source == "repeat_customer"]
        found += [_mention(doc, turns, turn, *one) for one in heard]
    return _first_of_each(found)


def _turn(doc: Doc, turns: Sequence[Turn], index: int) -> _Turn:
    spans: Sequence[TurnSpan] = doc._.turns
    earlier = next((i for i in range(index - 1, max(-1, index - 3), -1) if turns[i].speaker is Speaker.AGENT), None)
    return _Turn(
        index=index,
        words=norms(doc, spans[index].start, spans[index].end),
        candidates=_candidates(doc, spans[index]),
        asked=earlier is not None and bool(ASKING.search(turns[earlier].text)),
        offered=() if earlier is None else tuple(dict.fromkeys(c.source for c in _candidates(doc, spans[earlier]))),
    )


def _candidates(doc: Doc, span: TurnSpan) -> tuple[Candidate, ...]:
    """The candidates of one turn, counted from the turn's first word."""
    return tuple(
        replace(c, start=c.start - span.start, end=c.end - span.start)
        for c in doc._.candidates
        if span.start <= c.start < span.end
    )


def _heard(turn: _Turn) -> list[tuple[Candidate, float, bool]]:
    """(candidate, probability, denied) for all that counts in a turn."""
    if turn.asked or _is_yes_or_no(turn):
        return _answered(turn, understand(turn.words, turn.candidates, turn.offered))
    candidates = [rename(turn.words, c) for c in turn.candidates]
    counted = [c for c in candidates if _is_told(turn.words, c)]
    denied = [
        c
        for i, c in enumerate(counted)
        if context.denied(turn.words, c, _next_start(counted, i), context.floor_of(turn.words, counted, i))
    ]
    stated = [c for c in counted if c not in denied and not context.uncertain(turn.words, c)]
    people = [c for c in stated if not context.proxy(turn.words, c, stated)]
    kept = merged(turn.words, in_order(turn.words, people))
    return [*((c, 0.85, False) for c in kept), *((c, 0.85, True) for c in denied)]


def _answered(turn: _Turn, understood: Understood) -> list[tuple[Candidate, float, bool]]:
    heard = [(c, understood.probability, False) for c in understood.stated]
    if understood.special in SPECIAL and turn.asked:
        heard.append((Candidate(understood.special, *understood.place, True), understood.probability, False))
    return heard + [(c, 0.85, True) for c in understood.ruled_out]


def _is_yes_or_no(turn: _Turn) -> bool:
    """ "Did you see our billboard?" "Yes." """
    opening = turn.words[:3]
    return len(turn.offered) == 1 and not turn.candidates and (says("yes", opening) or says("no", opening))


def _next_start(candidates: Sequence[Candidate], index: int) -> int | None:
    return candidates[index + 1].start if index + 1 < len(candidates) else None


def _is_told(words: Sequence[str], candidate: Candidate) -> bool:
    """In the middle of a call a bare noun is no source: the sentence must speak of meeting the business."""
    start, end = context.sentence(words, candidate)
    finding = says("finding", words[start:end])
    # "I found you on Facebook and need a quote": who says so plainly has not named it in passing.
    plainly = finding and candidate.source not in context.KIN_SOURCES
    return (candidate.told or finding) and (plainly or not context.passing(words, candidate))


def _mention(
    doc: Doc, turns: Sequence[Turn], turn: _Turn, candidate: Candidate, probability: float, denied: bool
) -> SourceMention:
    span: TurnSpan = doc._.turns[turn.index]
    offsets: Sequence[tuple[int, int]] = doc._.offsets
    last = max(candidate.start, candidate.end - 1)
    begin = offsets[span.start + candidate.start][0] - span.offset
    end = offsets[span.start + last][1] - span.offset
    return SourceMention(
        source=candidate.source,
        probability=round(probability, 3),
        quote=turns[turn.index].text[begin:end],
        turn=turn.index,
        start_char=begin,
        end_char=end,
        denied=denied,
        prompted=any(taxonomy.agrees(candidate.source, other) for other in turn.offered),
    )


def _first_of_each(found: Sequence[SourceMention]) -> tuple[SourceMention, ...]:
    """Each source once, as first told; a vague one gives way to a precise one; "don't know" to any source."""
    kept: dict[tuple[str, bool], SourceMention] = {}
    for mention in found:
        kept.setdefault((mention.source, mention.denied), mention)
    named = {source for source, denied in kept if not denied and not taxonomy.source(source).none}
    return tuple(
        mention
        for (source, denied), mention in kept.items()
        if denied or not (taxonomy.source(source).covers & named or (taxonomy.source(source).none and named))
    )
