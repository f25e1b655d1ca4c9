"""The part that notices, unasked, how a caller found the business: its data, cross-validation over writers, the fit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from voicebot import taxonomy
from voicebot.classify import conversation, revealing, roundabout
from voicebot.classify.calls import pipeline
from voicebot.classify.corpus import LabelledCall
from voicebot.classify.hearing import Answer, Ear
from voicebot.classify.revealing import Chances
from voicebot.classify.words import SpeechTokenizer, call_doc
from voicebot.learning.newton import newton
from voicebot.terms import Speaker

RIDGE, UNLIKELY, SHARE = 1e-3, 0.3, 0.1
Weights = dict[str, tuple[float, float, float]]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a caller: who wrote it, its signs, and whether it reveals a source."""

    writer: str
    signs: Mapping[str, float]
    reveals: bool


def examples(
    calls: Mapping[str, Sequence[LabelledCall]], chances: Mapping[str, Sequence[Chances]], ear: Ear
) -> list[Sentence]:
    """The unasked sentences of whole calls.

    In a call with sources, the sentence that speaks most of each one reveals it; others that may are left out.
    `chances`: what each call is likely to be, by a model that has not seen its writer.
    """
    found: list[Sentence] = []
    for writer, written in calls.items():
        # Calls written for other ends hardly name a source: they would teach that callers reveal none.
        spoken = [call for call in written if any(turn.speaker is not Speaker.AGENT for turn in call.turns)]
        whole = [(c, of) for c, of in zip(spoken, chances[writer], strict=True) if len(c.turns) > 1]
        if sum(bool(call.sources) for call, _ in whole) > SHARE * len(whole):
            for call, likely in whole:
                found += _labelled(writer, list(said(call)), call.sources, ear, likely)
    return found


def said(call: LabelledCall) -> Iterator[tuple[Answer, int, int, bool]]:
    """Every sentence of the caller, its place, how many there are, and whether the source was asked for."""
    nlp = pipeline()
    assert isinstance(nlp.tokenizer, SpeechTokenizer)
    doc = call_doc(nlp.tokenizer, call.turns)
    for _, pipe in nlp.pipeline:
        doc = pipe(doc)
    for index, turn in enumerate(call.turns):
        if turn.speaker is Speaker.CALLER:
            heard = conversation.turn_of(doc, call.turns, index)
            parts = revealing.sentences(heard.answer)
            count = heard.before + len(parts) + heard.behind
            yield from ((one, heard.before + place, count, heard.asked) for place, (_, one) in enumerate(parts))


def _labelled(
    writer: str,
    placed: Sequence[tuple[Answer, int, int, bool]],
    sources: Sequence[str],
    ear: Ear,
    likely: Chances,
) -> list[Sentence]:
    unasked = [i for i, (_, _, _, asked) in enumerate(placed) if not asked]
    signs = {i: revealing.signs(placed[i][0], ear, placed[i][1], placed[i][2], likely) for i in unasked}
    if not sources or not placed:
        return [Sentence(writer, found, False) for found in signs.values()]
    chances = np.array([ear.chances(one) for one, _, _, _ in placed])
    best = {int(chances[:, column].argmax()) for column in roundabout.index(sources)}
    real = chances[:, [not taxonomy.source(name).none for name in roundabout.leaves()]].max(axis=1)
    kept = [i for i in unasked if i in best or real[i] < UNLIKELY]
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
    for threshold in (revealing.THRESHOLD, 0.5, revealing.FURTHER):
        said = chances > threshold
        table[f"precision_at_{threshold}"] = round(float(truth[said].mean()) if said.any() else 0.0, 3)
        table[f"recall_at_{threshold}"] = round(float(said[truth].mean()), 3)
    return table
