"""What the encoder is tuned on: every text of every writer, laid out, with what is known of it."""

from collections.abc import Callable, Mapping, Sequence

import answering
from answering import Example
from bookings import NAMES
from tokenizers import Tokenizer
from tuning import NONE, Item, Marks, Span

from voicebot import taxonomy
from voicebot.classify import booking, revealing
from voicebot.classify.calls import pipeline
from voicebot.classify.corpus import LabelledCall
from voicebot.classify.disposition import LEARNED
from voicebot.classify.hearing import Answer
from voicebot.classify.labels import Turn
from voicebot.classify.meaning import is_spanish, spanish
from voicebot.classify.page import QUESTION, WINDOW, Layout, laid_out
from voicebot.classify.words import BREAK, norms
from voicebot.terms import Disposition, Speaker

# The places of the sentences of a turn.
Split = Callable[[str], list[tuple[int, int]]]
# Openings are many and short, and the product hears whole calls.
OPENING, OF_ANSWERS, SHARE = 0.5, 0.3, 0.1


def marks(tokenizer: Tokenizer) -> Marks:
    """The tokens that training must know."""
    signs = frozenset(tokenizer.token_to_id(sign) for sign in ".,?!;:-")
    return Marks(tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[PAD]"), signs)


def of_answers(tokenizer: Tokenizer, answers: Sequence[Example]) -> list[Item]:
    """Answers to the question; without the Spanish, which the encoder does not know."""
    found = []
    for one in answers:
        text = one.answer.text
        if not spanish(text):
            layout = laid_out(tokenizer, [QUESTION, Turn(Speaker.CALLER, text)])
            first, last = layout.inside(1, 0, len(text))
            names = not taxonomy.source(one.labels[0]).none
            spans = (Span(first, last, None, one.labels), Span(first, last, names, (), OF_ANSWERS))
            touched = tuple(Span(*layout.inside(1, *place), None) for place in answering.touches(one))
            found.append(Item(one.writer, layout, spans=spans, touches=touched))
    return found


def of_calls(tokenizer: Tokenizer, calls: Mapping[str, Sequence[LabelledCall]]) -> list[Item]:
    """Whole calls and openings by writer, without the Spanish."""
    split, found = _splitter(), []
    for writer, written in calls.items():
        # Calls written for other ends hardly name a source: they would teach that callers reveal none.
        whole = [call for call in written if len(call.turns) > 1]
        telling = sum(bool(call.sources) for call in whole) > SHARE * len(whole)
        for call in (one for one in written if not is_spanish(one.turns)):
            talk, layout = len(call.turns) > 1, laid_out(tokenizer, call.turns)
            found.append(
                Item(
                    writer,
                    layout,
                    LEARNED.index(Disposition(call.disposition)) if layout.caller.any() else NONE,
                    1.0 if talk else OPENING,
                    _spans(call, layout, split) if telling and talk else (),
                    _touches(call, layout),
                    booking.CLASSES.index(NAMES[call.booked]) if call.booked_known and talk else NONE,
                )
            )
    return found


def of_pieces(tokenizer: Tokenizer, pieces: Mapping[str, Sequence[LabelledCall]]) -> list[Item]:
    """Pieces of calls, of which only the sources are known."""
    split, found = _splitter(), []
    for writer, written in pieces.items():
        for piece in written:
            layout = laid_out(tokenizer, piece.turns)
            found.append(Item(writer, layout, spans=_spans(piece, layout, split), touches=_touches(piece, layout)))
    return found


def _splitter() -> Split:
    nlp = pipeline()

    def split(text: str) -> list[tuple[int, int]]:
        doc = nlp.make_doc(text.replace(BREAK, " "))
        said = revealing.sentences(Answer(text, norms(doc), doc._.offsets, ()))
        return [(doc._.offsets[at][0], doc._.offsets[at][0] + len(one.text)) for at, one in said]

    return split


def _touches(call: LabelledCall, layout: Layout) -> tuple[Span, ...]:
    """The words of each of several sources, the earliest touch first."""
    told = call.touches()
    if len(told) < 2:
        return ()
    places = [layout.inside(e.turn, e.start, e.end) for e in told]
    return tuple(Span(*place, None) for place in places) if max(last for _, last in places) < WINDOW - 1 else ()


def _spans(call: LabelledCall, layout: Layout, split: Split) -> tuple[Span, ...]:
    """The caller's sentences; the marked words once more by themselves."""
    found = []
    for index, turn in enumerate(call.turns):
        if turn.speaker is Speaker.CALLER:
            here = [e for e in call.evidence if e.turn == index]
            for start, end in split(turn.text):
                touched = tuple(dict.fromkeys(e.source for e in here if e.start < end and e.end > start))
                known = bool(touched) if call.evidence or not call.sources else None
                found.append(Span(*layout.inside(index, start, end), known, touched))
            found += [Span(*layout.inside(index, e.start, e.end), True, (e.source,), 0.5) for e in here]
    return tuple(span for span in found if span.last < WINDOW - 1)
