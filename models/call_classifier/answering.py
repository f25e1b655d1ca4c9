"""The part that hears sources in answers: its data, cross-validation over writers, and the fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voicebot.classify import answers, hearing, roundabout, weighing
from voicebot.classify.calls import pipeline
from voicebot.classify.hearing import Answer
from voicebot.classify.linear import Linear
from voicebot.classify.roundabout import Reading
from voicebot.classify.weighing import Weighing
from voicebot.classify.words import norms
from voicebot.learning.dual import Space
from voicebot.learning.newton import newton
from voicebot.taxonomy import source

DECAY, RIDGE = 1e-5, 1e-4


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled answer: who wrote it, its sources in order of touch, and its words."""

    writer: str
    labels: tuple[str, ...]
    answer: Answer
    features: Mapping[int, float]


def read(folder: Path) -> list[Example]:
    """Every answer of every writer: `folder/WRITER/answers*.tsv`."""
    nlp = pipeline()
    found = []
    for file in sorted(folder.glob("*/answers*.tsv")):
        for line in file.read_text(encoding="utf-8").splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            labels, text = line.split("\t", 1)
            doc = nlp(text)
            answer = Answer(text, norms(doc), doc._.offsets, doc._.candidates, doc._.hints)
            features = roundabout.features(text, answer.marks())
            found.append(Example(file.parent.name, tuple(labels.split(",")), answer, features))
    return found


def space(examples: Sequence[Example]) -> Space:
    """The answers beside each other, computed once for all fits."""
    return Space([e.features for e in examples])


def fit_model(examples: Sequence[Example], known: Space, chosen: Sequence[int], version: str = "") -> Linear:
    """The model trained on the chosen examples: several sources in an answer count in equal parts."""
    names = roundabout.leaves()
    truth = np.array([[(name in examples[i].labels) / len(examples[i].labels) for name in names] for i in chosen])
    matrix, bias = known.fit(truth.astype(np.float32), chosen, DECAY)
    return Linear(names, matrix, bias, 1.0, version)


def held_out(examples: Sequence[Example], known: Space) -> list[Reading]:
    """Each answer as read by a model that has seen nothing of its writer."""
    readings: dict[int, Reading] = {}
    for writer in dict.fromkeys(e.writer for e in examples):
        model = fit_model(examples, known, [i for i, e in enumerate(examples) if e.writer != writer])
        for place, example in enumerate(examples):
            if example.writer == writer:
                readings[place] = roundabout.read(model, example.answer.text, example.answer.marks())
    return [readings[place] for place in range(len(examples))]


def signs(example: Example, reading: Reading) -> np.ndarray:
    """What speaks for and against each source in one answer."""
    words, candidates = example.answer.words, example.answer.candidates
    renamed = [answers.rename(words, candidate) for candidate in candidates]
    return weighing.signs(answers.understand(words, candidates), renamed, reading, example.answer.hinted())


def fit_weighing(examples: Sequence[Example], readings: Sequence[Reading]) -> Weighing:
    """Weights of rules and model, fitted on readings of held-out writers."""
    inputs = np.vstack([signs(e, r) for e, r in zip(examples, readings, strict=True)])
    names = roundabout.leaves()
    truth = np.array([float(name in e.labels) for e in examples for name in names])
    means, spreads = inputs.mean(axis=0), inputs.std(axis=0) + 1e-6
    means[0], spreads[0] = 0.0, 1.0
    first = Weighing(newton((inputs - means) / spreads, truth, RIDGE), means, spreads, (1.0, 0.0))
    return Weighing(first.weights, means, spreads, _surety(first, examples, readings))


def _surety(found: Weighing, examples: Sequence[Example], readings: Sequence[Reading]) -> tuple[float, float]:
    """The scale that turns the fit of a choice into the probability that the whole list is right (Platt 1999)."""
    fits, right = [], []
    for example, reading in zip(examples, readings, strict=True):
        chances = found.chances(signs(example, reading))
        heard = decide(example, reading, found)
        fits.append([hearing.fit(chances, roundabout.index(heard)), 1.0])
        right.append(float(heard == example.labels))
    slope, shift = newton(np.array(fits), np.array(right), RIDGE)
    return float(slope), float(shift)


def decide(example: Example, reading: Reading, found: Weighing) -> tuple[str, ...]:
    """The sources heard in an answer."""
    by_rule = answers.understand(example.answer.words, example.answer.candidates)
    chances = found.chances(signs(example, reading))
    return sources(hearing.decide(example.answer, by_rule, reading, chances))


def sources(understood: answers.Understood) -> tuple[str, ...]:
    """The list of sources as the labels are written."""
    if understood.special:
        return (understood.special,)
    return tuple(dict.fromkeys(candidate.source for candidate in understood.stated))


def by_rule(example: Example) -> tuple[str, ...]:
    """What the rules alone hear."""
    return sources(answers.understand(example.answer.words, example.answer.candidates))


def by_model(reading: Reading) -> tuple[str, ...]:
    """What the trained model alone hears: its likeliest source."""
    return (roundabout.leaves()[int(reading.whole.argmax())],)


def cross_validation(examples: Sequence[Example], readings: Sequence[Reading]) -> dict[str, dict[str, float]]:
    """Scores over writers that neither model nor weighing has seen, for each approach."""
    joined = []
    for writer in dict.fromkeys(e.writer for e in examples):
        others = [place for place, e in enumerate(examples) if e.writer != writer]
        found = fit_weighing([examples[i] for i in others], [readings[i] for i in others])
        joined += [decide(e, r, found) for e, r in zip(examples, readings, strict=True) if e.writer == writer]
    return {
        "rules": scores(examples, [by_rule(e) for e in examples]),
        "model": scores(examples, [by_model(r) for r in readings]),
        "joined": scores(examples, joined),
    }


def scores(examples: Sequence[Example], heard: Sequence[tuple[str, ...]]) -> dict[str, float]:
    """First source, its group, and the whole list; and the answers that name none."""
    pairs = list(zip([e.labels for e in examples], heard, strict=True))
    said = [g == h for g, h in pairs if source(h[0]).none]
    silent = [g == h for g, h in pairs if source(g[0]).none]
    figures = {
        "first": [g[0] == h[0] for g, h in pairs],
        "group": [source(g[0]).group == source(h[0]).group for g, h in pairs],
        "list": [g == h for g, h in pairs],
        "none_precision": said,
        "none_recall": silent,
    }
    return {name: round(sum(hits) / max(1, len(hits)), 3) for name, hits in figures.items()} | {"answers": len(pairs)}
