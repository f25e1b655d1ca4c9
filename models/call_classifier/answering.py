"""The part that hears sources in answers: its data, cross-validation over writers, and the fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from folding import Fold

from voicebot.classify import answers, conversation, hearing, meaning, roundabout
from voicebot.classify.calls import doc_of, pipeline
from voicebot.classify.corpus import LabelledCall
from voicebot.classify.hearing import Answer, Ear
from voicebot.classify.labels import Turn
from voicebot.classify.linear import Linear
from voicebot.classify.meaning import Sense
from voicebot.classify.page import Place
from voicebot.classify.revealing import sentences
from voicebot.classify.roundabout import Reading
from voicebot.classify.touches import Comparing, Weights
from voicebot.classify.tuned import Tuned
from voicebot.classify.weighing import Weighing
from voicebot.classify.words import norms
from voicebot.learning.dual import Space
from voicebot.learning.newton import newton
from voicebot.taxonomy import source

DECAY, RIDGE = 1e-5, 1e-4
HEARD, FEWEST_WORDS = "heard.tsv", 1


@dataclass(frozen=True, slots=True)
class Said:
    """Where a sentence was said: the turns of its call, the turn, and the letter where it begins."""

    turns: Sequence[Turn]
    turn: int
    start: int


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled answer: who wrote it, its sources in order of touch, and its words.

    `said`: in which call, for a sentence that revealed them unasked. `misheard`: as Whisper wrote it down.
    """

    writer: str
    labels: tuple[str, ...]
    answer: Answer
    features: Mapping[int, float]
    said: Said | None = None
    misheard: bool = False


def read(folder: Path) -> list[Example]:
    """Every answer of every writer: `folder/WRITER/answers*.tsv`, and what Whisper heard of some, `heard.tsv`."""
    nlp = pipeline()
    found = []
    for file in sorted([*folder.glob("*/answers*.tsv"), *folder.glob("*/heard.tsv")]):
        for line in file.read_text(encoding="utf-8").splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            *_, labels, text = line.split("\t")
            if len(text.split()) < FEWEST_WORDS:
                continue  # nothing of the answer is left
            doc = nlp(text)
            answer = Answer(text, norms(doc), doc._.offsets, doc._.candidates, doc._.hints)
            features = roundabout.features(text, answer.marks())
            writer, labelled = file.parent.name, tuple(labels.split(","))
            found.append(Example(writer, labelled, answer, features, misheard=file.name == HEARD))
    return found


def touches(example: Example) -> tuple[tuple[int, int], ...]:
    """The places in the text where the lexicon finds each of several sources; nothing where it does not find one."""
    answer, places = example.answer, []
    for label in example.labels if len(example.labels) > 1 else ():
        found = next((one for one in answer.candidates if one.source == label), None)
        if found is None:
            return ()
        places.append((answer.offsets[found.start][0], answer.offsets[max(found.start, found.end - 1)][1]))
    return tuple(roundabout.apart(answer.text, places))


def revealing(calls: Mapping[str, Sequence[LabelledCall]]) -> list[Example]:
    """What reveals a source within a call, as answers of their own: a turn that was asked for, else the sentences."""
    nlp = pipeline()
    found = []
    for writer, written in calls.items():
        for call in (call for call in written if call.evidence):
            doc = doc_of(nlp, call.turns)
            for index in sorted({one.turn for one in call.evidence}):
                turn = conversation.turn_of(doc, call.turns, index)
                for start, answer in [(0, turn.answer)] if turn.asked else sentences(turn.answer):
                    first = turn.answer.offsets[start][0]
                    here = call.revealed(index, first, first + len(answer.text))
                    if here:
                        said = Said(call.turns, index, first)
                        features = roundabout.features(answer.text, answer.marks())
                        found.append(Example(writer, here, answer, features, said))
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


def held_out(
    examples: Sequence[Example], known: Space, folds: Sequence[Fold]
) -> tuple[list[Reading], list[Reading], list[Linear]]:
    """Each answer as read by models that have seen nothing of its writer: by its words, and by its meaning.

    And the words' model of each fold.
    """
    words: dict[int, Reading] = {}
    meant: dict[int, Reading] = {}
    models = []
    for fold in folds:
        models.append(fit_model(examples, known, [i for i, e in enumerate(examples) if e.writer not in fold.writers]))
        for place, example in enumerate(examples):
            if example.writer in fold.writers:
                words[place] = roundabout.read(models[-1], example.answer.text, example.answer.marks())
                meant[place] = _meant(fold.tuned, example, words[place])
    order = range(len(examples))
    return [words[place] for place in order], [meant[place] for place in order], models


def _meant(tuned: Tuned, example: Example, by_words: Reading) -> Reading:
    text, said = example.answer.text, example.said
    if said is None:
        return meaning.read(tuned, text, by_words)
    return meaning.within(tuned, Place(tuned.page(said.turns), said.turn, said.start), text, by_words)


@dataclass(frozen=True, slots=True)
class Case:
    """An answer ready to be weighed: what the rules make of it, how it was read, and its signs (sources, signs).

    `comparing`: what puts its sources in order; without, they stand as told.
    """

    example: Example
    by_rule: answers.Understood
    reading: Reading
    meant: Reading | None
    signs: np.ndarray
    comparing: Comparing = Comparing(Weights({}), Weights({}))  # noqa: RUF009

    @classmethod
    def of(cls, example: Example, reading: Reading, meant: Reading | None = None) -> "Case":
        by_rule = answers.understand(example.answer.words, example.answer.candidates)
        return cls(example, by_rule, reading, meant, hearing.signs(example.answer, by_rule, reading, meant))

    def heard(self, chances: np.ndarray) -> tuple[str, ...]:
        """The sources that are heard at these chances."""
        answer = self.example.answer
        sort = partial(hearing.in_time, self.comparing, answer, self.meant)
        return sources(hearing.decide(answer, self.by_rule, self.reading, chances, sort))


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


def cross_validation(
    alone: Sequence[Case], both: Sequence[Case], heard_by: Sequence[Ear], folds: Sequence[Fold]
) -> dict[str, Any]:
    """Scores over writers that neither models nor weighing have seen.

    In: `alone` and `both`, the cases without and with a reading by meaning; `heard_by`, the ears of the folds.
    """
    asked = [place for place, case in enumerate(alone) if case.example.said is None and not case.example.misheard]
    misheard = [place for place, case in enumerate(alone) if case.example.misheard]
    examples = [alone[place].example for place in asked]
    every = _weighed(both, [ear.sense.weighing for ear in heard_by if ear.sense], folds)
    joined = _only(asked, every)
    return {
        "rules": scores(examples, [by_rule(e) for e in examples]),
        "model": scores(examples, _only(asked, [by_model(case.reading) for case in alone])),
        "meaning": scores(examples, _only(asked, [by_model(case.meant or case.reading) for case in both])),
        "joined": scores(examples, _only(asked, _weighed(alone, [ear.weighing for ear in heard_by], folds))),
        "joined_with_meaning": scores(examples, joined),
        "by_writer": _by_writer(examples, joined),
        "heard_by_whisper": scores([alone[place].example for place in misheard], _only(misheard, every)),
    }


def _only(chosen: Sequence[int], found: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return [found[place] for place in chosen]


def _by_writer(examples: Sequence[Example], heard: Sequence[tuple[str, ...]]) -> dict[str, dict[str, float]]:
    found = {}
    for writer in dict.fromkeys(e.writer for e in examples):
        mine = [place for place, e in enumerate(examples) if e.writer == writer]
        found[writer] = scores([examples[i] for i in mine], [heard[i] for i in mine])
    return found


def _weighed(cases: Sequence[Case], weighings: Sequence[Weighing], folds: Sequence[Fold]) -> list[tuple[str, ...]]:
    heard: dict[int, tuple[str, ...]] = {}
    for found, fold in zip(weighings, folds, strict=True):
        mine = ((place, case) for place, case in enumerate(cases) if case.example.writer in fold.writers)
        heard |= {place: case.heard(found.chances(case.signs)) for place, case in mine}
    return [heard[place] for place in range(len(cases))]


def ears(
    alone: Sequence[Case],
    both: Sequence[Case],
    models: Sequence[Linear],
    compared: Sequence[Comparing],
    folds: Sequence[Fold],
) -> list[Ear]:
    """The ear of each fold: what hears its writers without having seen them.

    In: `compared`, what compares touches in each fold.
    """
    found = []
    for model, comparing, fold in zip(models, compared, folds, strict=True):
        by_words, by_both = (
            fit_weighing([case for case in cases if case.example.writer not in fold.writers]) for cases in (alone, both)
        )
        found.append(Ear(model, by_words, comparing, Sense(fold.tuned, by_both)))
    return found


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
