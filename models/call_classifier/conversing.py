"""The part that notices, unasked, how a caller found the business: its data, cross-validation over writers, the fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from folding import Fold

from voicebot.classify import conversation, meaning, revealing, scoring
from voicebot.classify.calls import NAMES_NOTHING, doc_of, pipeline
from voicebot.classify.corpus import LabelledCall
from voicebot.classify.hearing import Ear
from voicebot.classify.revealing import MEANT, SURE, Chances, Listener, Weights
from voicebot.learning.newton import newton
from voicebot.terms import Speaker

RIDGE, SHARE = 1e-3, 0.1


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a caller: who wrote it, its signs, and whether it reveals a source."""

    writer: str
    signs: Mapping[str, float]
    reveals: bool


def telling(
    calls: Mapping[str, Sequence[LabelledCall]], chances: Mapping[str, Sequence[Chances]]
) -> list[tuple[str, LabelledCall, Chances]]:
    """Whole calls by writers who say how callers found the business, and what each is likely to be.

    Calls written for other ends hardly name a source: they would teach that callers reveal none.
    """
    found = []
    for writer, written in calls.items():
        spoken = [call for call in written if any(turn.speaker is not Speaker.AGENT for turn in call.turns)]
        whole = [(writer, c, of) for c, of in zip(spoken, chances[writer], strict=True) if len(c.turns) > 1]
        if sum(bool(call.sources) for _, call, _ in whole) > SHARE * len(whole):
            found += whole
    return found


def examples(told: Sequence[tuple[str, LabelledCall, Chances]], ears: Mapping[str, Ear]) -> list[Sentence]:
    """The unasked sentences of whole calls. `ears`: by writer, an ear that has not heard the writer."""
    nlp = pipeline()
    found = []
    for writer, call, likely in told:
        ear = ears[writer]
        page = meaning.seen(ear.sense.tuned, call.turns) if ear.sense else None
        ear = ear.for_page(page)
        doc = doc_of(nlp, call.turns)
        for index, turn in enumerate(call.turns):
            if turn.speaker is not Speaker.CALLER:
                continue
            heard = conversation.turn_of(doc, call.turns, index, page)
            if heard.asked:
                continue
            parts = revealing.sentences(heard.answer)
            for order, (start, one) in enumerate(parts):
                place = heard.place(start)
                first = heard.answer.offsets[start][0]
                reveals = bool(call.revealed(index, first, first + len(one.text)))
                within = (heard.before + order, heard.before + len(parts) + heard.behind)
                meant = revealing.meaning(one, ear, place)
                signs = revealing.signs(one, ear.attend(one, place), within, likely, meant)
                found.append(Sentence(writer, signs, reveals))
    return found


def with_meaning(found: Sequence[Sentence]) -> list[Sentence]:
    """The sentences that the encoder has seen: those in English."""
    return [s for s in found if MEANT in s.signs]


def without_meaning(found: Sequence[Sentence]) -> list[Sentence]:
    """All sentences as they are seen where there is no encoder."""
    return [Sentence(s.writer, {k: v for k, v in s.signs.items() if k not in (MEANT, SURE)}, s.reveals) for s in found]


def fit(found: Sequence[Sentence]) -> Weights:
    """Weight, mean and spread of every sign."""
    names = list(found[0].signs)
    inputs = np.array([[sentence.signs[name] for name in names] for sentence in found])
    means, spreads = inputs.mean(axis=0), inputs.std(axis=0) + 1e-6
    means[0], spreads[0] = 0.0, 1.0
    truth = np.array([float(sentence.reveals) for sentence in found])
    weights = newton((inputs - means) / spreads, truth, RIDGE)
    return {n: (float(w), float(m), float(s)) for n, w, m, s in zip(names, weights, means, spreads, strict=True)}


def listeners(found: Sequence[Sentence], ears: Sequence[Ear], folds: Sequence[Fold]) -> list[Listener]:
    """The listener of each fold, which has heard none of its writers."""
    heard = []
    for ear, fold in zip(ears, folds, strict=True):
        rest = [s for s in found if s.writer not in fold.writers]
        heard.append(Listener(ear, fit(with_meaning(rest)), fit(without_meaning(rest))))
    return heard


def whole_calls(
    told: Sequence[tuple[str, LabelledCall, Chances]], heard: Sequence[Listener], folds: Sequence[Fold]
) -> dict[str, dict[str, float]]:
    """Whole calls end to end by listeners that have not heard the writer: by writer, and all."""
    nlp = pipeline()
    by_writer = {name: listener for listener, fold in zip(heard, folds, strict=True) for name in fold.writers}
    pairs: dict[str, list[tuple[tuple[str, ...], list[str]]]] = {}
    for writer, call, likely in told:
        listener = by_writer[writer]
        named: tuple = ()
        if max(likely, key=lambda name: likely[name]) not in NAMES_NOTHING:
            named = conversation.mentions(
                doc_of(nlp, call.turns), call.turns, listener, likely, listener.page(call.turns)
            )
        pairs.setdefault(writer, []).append((call.sources, [m.source for m in named if not m.denied]))
    return {
        name: figures(found)
        for name, found in (*pairs.items(), ("all", [one for found in pairs.values() for one in found]))
    }


def figures(pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> dict[str, float]:
    """Whether a source was stated, and the first one when one was."""
    first = [truth[0] in found[:1] for truth, found in pairs if truth]
    return {
        "calls": len(pairs),
        "stated": len(first),
        "stated_f1": round(scoring.stated_f1([(bool(t), bool(f)) for t, f in pairs]), 3),
        "first": round(float(np.mean(first)), 3),
    }
