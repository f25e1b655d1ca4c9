"""The part that hears sources in answers: its data, cross-validation over writers, and the fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from voicebot.classify import answers, hearing, roundabout
from voicebot.classify.calls import pipeline
from voicebot.classify.hearing import Answer
from voicebot.classify.linear import Linear
from voicebot.classify.meaning import Meaning, placed, spanish
from voicebot.classify.roundabout import Reading
from voicebot.classify.vectors import Encoder
from voicebot.classify.weighing import Weighing
from voicebot.classify.words import norms
from voicebot.learning.dual import Space, descend
from voicebot.learning.newton import newton
from voicebot.taxonomy import source

DECAY, RIDGE = 1e-5, 1e-4
MEANING_DECAY = 3e-5


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled answer: who wrote it, its sources in order of touch, and its words."""

    writer: str
    labels: tuple[str, ...]
    answer: Answer
    features: Mapping[int, float]
    # Vectors of the whole and of each clause.
    rows: np.ndarray

    @property
    def clauses(self) -> tuple[tuple[int, int], ...]:
        """The places of the clauses in the text."""
        return roundabout.clauses(self.answer.text)


def read(folder: Path, encoder: Encoder) -> list[Example]:
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
            rows = encoder.parts(text, roundabout.clauses(text))
            found.append(Example(file.parent.name, tuple(labels.split(",")), answer, features, rows))
    return found


def space(examples: Sequence[Example]) -> Space:
    """The answers beside each other, computed once for all fits."""
    return Space([e.features for e in examples])


def fit_model(examples: Sequence[Example], known: Space, chosen: Sequence[int], version: str = "") -> Linear:
    """The words' model trained on the chosen examples."""
    matrix, bias = known.fit(shares(examples, chosen), chosen, DECAY)
    return Linear(roundabout.leaves(), matrix, bias, 1.0, version)


def shares(examples: Sequence[Example], chosen: Sequence[int]) -> np.ndarray:
    """What the chosen examples should be read as: several sources in an answer count in equal parts."""
    names = roundabout.leaves()
    rows = [[(name in examples[i].labels) / len(examples[i].labels) for name in names] for i in chosen]
    return np.array(rows, dtype=np.float32)


def fit_meaning(examples: Sequence[Example], chosen: Sequence[int]) -> Meaning:
    """The model over vectors, trained on the chosen examples: all but the Spanish, which the encoder does not know."""
    chosen = [i for i in chosen if not spanish(examples[i].answer.text)]
    wholes = np.stack([examples[i].rows[0] for i in chosen])
    centre = wholes.mean(axis=0)
    inputs = placed(wholes, centre)
    parts, bias = descend(inputs @ inputs.T, shares(examples, chosen), MEANING_DECAY)
    return Meaning(centre, inputs.T @ parts, bias)


def held_out(examples: Sequence[Example], known: Space) -> tuple[list[Reading], list[Reading]]:
    """Each answer as read by models that have seen nothing of its writer: by its words, and by its meaning."""
    words: dict[int, Reading] = {}
    meant: dict[int, Reading] = {}
    for writer in dict.fromkeys(e.writer for e in examples):
        others = [i for i, e in enumerate(examples) if e.writer != writer]
        model, meaning = fit_model(examples, known, others), fit_meaning(examples, others)
        for place, example in enumerate(examples):
            if example.writer == writer:
                text = example.answer.text
                words[place] = roundabout.read(model, text, example.answer.marks())
                meant[place] = words[place] if spanish(text) else meaning.read(example.rows, example.clauses)
    order = range(len(examples))
    return [words[place] for place in order], [meant[place] for place in order]


@dataclass(frozen=True, slots=True)
class Case:
    """An answer ready to be weighed: what the rules make of it, how it was read, and its signs (sources, signs)."""

    example: Example
    by_rule: answers.Understood
    reading: Reading
    signs: np.ndarray

    @classmethod
    def of(cls, example: Example, reading: Reading, meant: Reading | None = None) -> "Case":
        by_rule = answers.understand(example.answer.words, example.answer.candidates)
        return cls(example, by_rule, reading, hearing.signs(example.answer, by_rule, reading, meant))

    def heard(self, chances: np.ndarray) -> tuple[str, ...]:
        """The sources that are heard at these chances."""
        return sources(hearing.decide(self.example.answer, self.by_rule, self.reading, chances))


def fit_weighing(cases: Sequence[Case]) -> Weighing:
    """Weights of rules and models, fitted on readings of held-out writers."""
    inputs = np.vstack([case.signs for case in cases])
    names = roundabout.leaves()
    truth = np.array([float(name in case.example.labels) for case in cases for name in names])
    means, spreads = inputs.mean(axis=0), inputs.std(axis=0) + 1e-6
    means[0], spreads[0] = 0.0, 1.0
    first = Weighing(newton((inputs - means) / spreads, truth, RIDGE), means, spreads, (1.0, 0.0))
    return Weighing(first.weights, means, spreads, _surety(first, cases))


def _surety(found: Weighing, cases: Sequence[Case]) -> tuple[float, float]:
    """The scale that turns the fit of a choice into the probability that the whole list is right (Platt 1999)."""
    fits, right = [], []
    for case in cases:
        chances = found.chances(case.signs)
        heard = case.heard(chances)
        fits.append([hearing.fit(chances, roundabout.index(heard)), 1.0])
        right.append(float(heard == case.example.labels))
    slope, shift = newton(np.array(fits), np.array(right), RIDGE)
    return float(slope), float(shift)


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


def cross_validation(alone: Sequence[Case], both: Sequence[Case]) -> dict[str, Any]:
    """Scores over writers that neither models nor weighing have seen. `both`: the cases read by meaning too."""
    examples = [case.example for case in alone]
    joined = _weighed(both)
    return {
        "rules": scores(examples, [by_rule(e) for e in examples]),
        "model": scores(examples, [by_model(case.reading) for case in alone]),
        "joined": scores(examples, _weighed(alone)),
        "joined_with_meaning": scores(examples, joined),
        "by_writer": _by_writer(examples, joined),
    }


def _by_writer(examples: Sequence[Example], heard: Sequence[tuple[str, ...]]) -> dict[str, dict[str, float]]:
    found = {}
    for writer in dict.fromkeys(e.writer for e in examples):
        mine = [place for place, e in enumerate(examples) if e.writer == writer]
        found[writer] = scores([examples[i] for i in mine], [heard[i] for i in mine])
    return found


def _weighed(cases: Sequence[Case]) -> list[tuple[str, ...]]:
    heard: dict[int, tuple[str, ...]] = {}
    for writer in dict.fromkeys(case.example.writer for case in cases):
        found = fit_weighing([case for case in cases if case.example.writer != writer])
        mine = ((place, case) for place, case in enumerate(cases) if case.example.writer == writer)
        heard |= {place: case.heard(found.chances(case.signs)) for place, case in mine}
    return [heard[place] for place in range(len(cases))]


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
