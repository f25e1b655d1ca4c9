"""Sources named in a whole conversation: who speaks, what was asked, what was prompted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from spacy.tokens import Doc

from voicebot import taxonomy
from voicebot.classify import asking, context, meaning, revealing, roundabout
from voicebot.classify.answers import Understood, rename
from voicebot.classify.hearing import Answer
from voicebot.classify.labels import SourceMention, Turn
from voicebot.classify.mentions import Candidate
from voicebot.classify.page import Page, Place
from voicebot.classify.phrases import says
from voicebot.classify.revealing import Chances, Listener
from voicebot.classify.touches import Touch
from voicebot.classify.words import BREAK, TurnSpan, norms
from voicebot.terms import Disposition, Speaker

SPECIAL = ("unknown", "declined")
# "I found you on Facebook": said in so many words, and taken for 0.6 where the trained part, whose writers avoided such
# sentences, is not fairly sure of the contrary: a customer's "the letter you sent me" is one too.
PLAIN, DOUBTED = 0.6, 0.2
# From here on the call is a known customer's.
KNOWN = 0.5
# A candidate, its probability, and whether it was denied.
Heard = tuple[Candidate, float, bool]


@dataclass(frozen=True, slots=True)
class CallerTurn:
    """A caller's turn: its words with the candidates in them, and what the agent said before it."""

    index: int
    answer: Answer
    page: Page | None
    asked: bool
    offered: tuple[str, ...]
    before: int  # the caller's turns before this one
    behind: int

    def place(self, word: int) -> Place | None:
        """Where the words from this one on are said, for what hears by meaning."""
        if self.page is None:
            return None
        return Place(self.page, self.index, self.answer.offsets[word][0] if word else 0)

    def letters(self, candidate: Candidate) -> tuple[int, int]:
        """The letters of a candidate in the turn's text, from the first to behind the last."""
        last = max(candidate.start, candidate.end - 1)
        return self.answer.offsets[candidate.start][0], self.answer.offsets[last][1]

    @property
    def words(self) -> Sequence[str]:
        """The normal forms."""
        return self.answer.words

    @property
    def candidates(self) -> Sequence[Candidate]:
        """The candidates, counted from the turn's first word."""
        return self.answer.candidates


@dataclass(frozen=True, slots=True)
class Revealed:
    """A sentence that nobody asked for: its turn, its first word there, and how likely it reveals which source."""

    turn: CallerTurn
    start: int
    chance: float
    understood: Understood


def mentions(
    doc: Doc, turns: Sequence[Turn], listener: Listener, call: Chances, page: Page | None = None
) -> tuple[SourceMention, ...]:
    """Every source the caller named, in order of first touch, and behind them those ruled out.

    In: `call`, what the call is likely to be, which says how likely a caller is to tell; `page`, the call by meaning,
    for a listener with a sense.
    """
    listener = listener.seeing(page)
    spans: Sequence[TurnSpan] = doc._.turns
    has_agent = any(turn.speaker is Speaker.AGENT for turn in turns)
    heard: list[tuple[CallerTurn, Heard]] = []
    revealed: list[Revealed] = []
    for index, span in enumerate(spans):
        if span.speaker is Speaker.AGENT or (span.speaker is Speaker.UNKNOWN and has_agent):
            continue
        turn = turn_of(doc, turns, index, page)
        answer = _asked(turn, listener)
        heard += [(turn, one) for one in (_answered(turn, answer) if answer else _denied(turn))]
        # A dodged question may be no question: "Where did you see that?" is asked of mice too.
        if answer is None or answer.special == "not_stated":
            revealed += _revealed(turn, listener, call)
    answered = any(not denied and not taxonomy.source(c.source).none for _, (c, _, denied) in heard)
    told = [(one.turn, found) for one in _told(revealed, answered) for found in _named(one)]
    if call[Disposition.EXISTING_CUSTOMER] < KNOWN and any(c.source in context.KIN_SOURCES for _, (c, _, _) in told):
        # "My neighbour told me about you. You did her roof": that is the neighbour's business with you.
        told = [(turn, found) for turn, found in told if found[0].source != "repeat_customer"]
    # In order of telling, of which each source's first is kept; then in order of touch.
    heard = _first_of_each(sorted([*heard, *told], key=lambda found: (found[0].index, found[1][0].start)))
    stated, denied = ([found for found in heard if found[1][2] is out] for out in (False, True))
    order = listener.ear.comparing.order(_touches(stated, listener))
    return tuple(_mention(turns, turn, *one) for turn, one in [*(stated[place] for place in order), *denied])


def _touches(stated: Sequence[tuple[CallerTurn, Heard]], listener: Listener) -> list[Touch]:
    """The touches that were stated in a call, with what the encoder says of each where it is at hand."""
    found, sense = [], listener.ear.sense
    for turn, (candidate, _, _) in stated:
        earliness = None
        if sense and turn.page and not meaning.spanish(turn.answer.text):
            beside = [turn.letters(c) for t, (c, _, _) in stated if t.index == turn.index]
            here = roundabout.apart(turn.answer.text, beside)[beside.index(turn.letters(candidate))]
            earliness = sense.tuned.earliness(turn.page, turn.index, *here)
        found.append(Touch.of(candidate, turn.index, turn.words, earliness))
    return found


def _asked(turn: CallerTurn, listener: Listener) -> Understood | None:
    """What is answered by a turn that somebody asked for."""
    if not (turn.asked or _is_yes_or_no(turn)):
        return None
    return listener.ear.hear(turn.answer, turn.offered, place=turn.place(0))


def _told(revealed: Sequence[Revealed], answered: bool) -> list[Revealed]:
    """The sentences that count: the one that reveals most, and others that leave little doubt."""
    most = max(revealed, key=lambda one: one.chance, default=None)
    return [
        one
        for one in revealed
        if one.chance > revealing.FURTHER or (one is most and not answered and one.chance > revealing.THRESHOLD)
    ]


def turn_of(doc: Doc, turns: Sequence[Turn], index: int, page: Page | None = None) -> CallerTurn:
    """The caller's turn with this index, and what it answers; `page`: the call by meaning."""
    spans: Sequence[TurnSpan] = doc._.turns
    earlier = next((i for i in range(index - 1, max(-1, index - 3), -1) if turns[i].speaker is Speaker.AGENT), None)
    span, offsets = spans[index], doc._.offsets
    answer = Answer(
        turns[index].text.replace(BREAK, " "),
        norms(doc, span.start, span.end),
        [(start - span.offset, end - span.offset) for start, end in offsets[span.start : span.end]],
        _within(doc._.candidates, span),
        _within(doc._.hints, span),
    )
    return CallerTurn(
        index=index,
        answer=answer,
        page=page,
        before=sum(turn.speaker is not Speaker.AGENT for turn in turns[:index]),
        behind=sum(turn.speaker is not Speaker.AGENT for turn in turns[index + 1 :]),
        asked=earlier is not None and asking.asks(turns[earlier].text),
        offered=()
        if earlier is None
        else tuple(dict.fromkeys(c.source for c in _within(doc._.candidates, spans[earlier]))),
    )


def _within(found: Sequence[Candidate], span: TurnSpan) -> tuple[Candidate, ...]:
    """What was found in one turn, counted from the turn's first word."""
    return tuple(
        replace(c, start=c.start - span.start, end=min(c.end, span.end) - span.start)
        for c in found
        if span.start <= c.start < span.end
    )


def _revealed(turn: CallerTurn, listener: Listener, call: Chances) -> list[Revealed]:
    """The sentences of a turn that nobody asked for, and how likely each reveals a source."""
    said = revealing.sentences(turn.answer)
    count = turn.before + len(said) + turn.behind
    found = []
    for place, (start, sentence) in enumerate(said):
        chance, understood = listener.listen(sentence, (turn.before + place, count), call, turn.place(start))
        plain = (turn.page is None or chance > DOUBTED) and _plain(sentence)
        found.append(Revealed(turn, start, max(chance, PLAIN) if plain else chance, understood))
    return found


def _named(one: Revealed) -> list[Heard]:
    """What a revealing sentence names."""
    moved = (replace(c, start=c.start + one.start, end=c.end + one.start) for c in one.understood.stated)
    return [(candidate, one.chance, False) for candidate in moved]


def _plain(sentence: Answer) -> bool:
    words = sentence.words
    media = [
        c for c in sentence.candidates if c.source not in context.KIN_SOURCES and not taxonomy.source(c.source).none
    ]
    return says("finding", words) and any(not context.denied(words, c) and not context.passing(words, c) for c in media)


def _denied(turn: CallerTurn) -> list[Heard]:
    candidates = [rename(turn.words, c) for c in turn.candidates]
    counted = [c for c in candidates if _is_told(turn.words, c)]
    return [
        (c, 0.85, True)
        for i, c in enumerate(counted)
        if context.denied(turn.words, c, _next_start(counted, i), context.floor_of(turn.words, counted, i))
    ]


def _answered(turn: CallerTurn, understood: Understood) -> list[Heard]:
    heard = [(c, understood.probability, False) for c in understood.stated]
    if understood.special in SPECIAL and turn.asked:
        heard.append((Candidate(understood.special, *understood.place, True), understood.probability, False))
    return heard + [(c, 0.85, True) for c in understood.ruled_out]


def _is_yes_or_no(turn: CallerTurn) -> bool:
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
    turns: Sequence[Turn], turn: CallerTurn, candidate: Candidate, probability: float, denied: bool
) -> SourceMention:
    begin, end = turn.letters(candidate)
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


def _first_of_each(found: Sequence[tuple[CallerTurn, Heard]]) -> list[tuple[CallerTurn, Heard]]:
    """Each source once, as first told; a vague one gives way to a precise one; "don't know" to any source."""
    kept: dict[tuple[str, bool], tuple[CallerTurn, Heard]] = {}
    for turn, one in found:
        kept.setdefault((one[0].source, one[2]), (turn, one))
    named = {source for source, denied in kept if not denied and not taxonomy.source(source).none}
    return [
        one
        for (source, denied), one in kept.items()
        if denied or not (taxonomy.source(source).covers & named or (taxonomy.source(source).none and named))
    ]
