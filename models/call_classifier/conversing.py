"""The part that notices, unasked, how a caller found the business: its data, cross-validation over writers, the fit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from voicebot.classify import conversation, revealing, roundabout
from voicebot.classify.calls import pipeline
from voicebot.classify.corpus import LabelledCall
from voicebot.classify.hearing import Answer, Ear
from voicebot.classify.words import SpeechTokenizer, call_doc
from voicebot.learning.newton import newton
from voicebot.terms import Disposition, Speaker

RIDGE, LIKELY, UNLIKELY, SHARE = 3e-3, 0.05, 0.3, 0.1
UNNAMED = (Disposition.SPAM, Disposition.VENDOR, Disposition.NO_CONVERSATION)
Weights = dict[str, tuple[float, float, float]]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a caller: who wrote it, its signs, and whether it reveals a source."""

    writer: str
    signs: Mapping[str, float]
    reveals: bool


def examples(calls: Mapping[str, Sequence[LabelledCall]], ear: Ear) -> list[Sentence]:
    """The unasked sentences of whole calls.

    In a call with sources, the sentence that speaks most of each one reveals it; others that may are left out.
    """
    found: list[Sentence] = []
    for writer, written in calls.items():
        # Calls written for other ends hardly name a source: they would teach that callers reveal none.
        whole = [c for c in written if len(c.turns) > 1 and c.disposition not in UNNAMED]
        if sum(bool(call.sources) for call in whole) > SHARE * len(whole):
            for call in whole:
                found += _labelled(writer, list(unasked(call)), call.sources, ear)
    return found


def unasked(call: LabelledCall) -> Iterator[tuple[Answer, int, int]]:
    """Every sentence of the caller that answers no question for the source, its place and how many there are."""
    nlp = pipeline()
    assert isinstance(nlp.tokenizer, SpeechTokenizer)
    doc = call_doc(nlp.tokenizer, call.turns)
    for _, pipe in nlp.pipeline:
        doc = pipe(doc)
    for index, turn in enumerate(call.turns):
        if turn.speaker is Speaker.CALLER:
            heard = conversation.turn_of(doc, call.turns, index)
            if not heard.asked:
                said = revealing.sentences(heard.answer)
                count = heard.before + len(said) + heard.behind
                yield from ((sentence, heard.before + place, count) for place, (_, sentence) in enumerate(said))


def _labelled(
    writer: str, placed: Sequence[tuple[Answer, int, int]], sources: Sequence[str], ear: Ear
) -> list[Sentence]:
    said = [sentence for sentence, _, _ in placed]
    signs = [revealing.signs(sentence, ear, place, count) for sentence, place, count in placed]
    if not sources or not said:
        return [Sentence(writer, found, False) for found in signs]
    chances = np.array([ear.chances(one)[roundabout.index(sources)] for one in said])
    best = {int(column.argmax()) for column in chances.T if column.max() > LIKELY}
    kept = [i for i in range(len(said)) if i in best or chances[i].max() < UNLIKELY]
    return [Sentence(writer, signs[i], i in best) for i in kept]


def fit(found: Sequence[Sentence]) -> Weights:
    """Weight, mean and spread of every sign."""
    names = list(found[0].signs)
    inputs = np.array([[sentence.signs[name] for name in names] for sentence in found])
    means, spreads = inputs.mean(axis=0), inputs.std(axis=0) + 1e-6
    means[0], spreads[0] = 0.0, 1.0
    truth = np.array([float(sentence.reveals) for sentence in found])
    weights = newton((inputs - means) / spreads, truth, RIDGE)
    return {n: (float(w), float(m), float(s)) for n, w, m, s in zip(names, weights, means, spreads, strict=True)}


def cross_validation(found: Sequence[Sentence]) -> dict[str, float]:
    """Precision and recall over sentences of held-out writers, at several thresholds."""
    chances = np.zeros(len(found))
    for writer in dict.fromkeys(s.writer for s in found):
        weights = fit([s for s in found if s.writer != writer])
        for place, sentence in enumerate(found):
            if sentence.writer == writer:
                score = sum(w * (sentence.signs[n] - m) / s for n, (w, m, s) in weights.items())
                chances[place] = 1 / (1 + np.exp(-score))
    truth = np.array([s.reveals for s in found])
    table: dict[str, float] = {"sentences": len(found), "revealing": int(truth.sum())}
    for threshold in (0.2, revealing.THRESHOLD, 0.5):
        said = chances > threshold
        table[f"precision_at_{threshold}"] = round(float(truth[said].mean()) if said.any() else 0.0, 3)
        table[f"recall_at_{threshold}"] = round(float(said[truth].mean()), 3)
    return table
