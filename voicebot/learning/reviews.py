"""What a company's reviewed calls teach the classifier, and whether it helps: the parts that say what a call was and
how the caller found the business, before and after, on reviewed calls that the fit has not seen. Pure.
"""

import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from voicebot import taxonomy
from voicebot.classify import disposition, linear, roundabout, sight
from voicebot.classify.calls import CallClassifier
from voicebot.classify.hearing import Answer, Ear
from voicebot.classify.intervals import Score, bootstrap, macro_f1
from voicebot.classify.labels import Turn
from voicebot.classify.linear import Linear
from voicebot.classify.sight import Sight
from voicebot.learning import adapting
from voicebot.learning.adapting import Examples
from voicebot.terms import Disposition

FOLDS, SEED = 5, 11
# With fewer reviewed calls a part stays as it is: a gain could not be told from chance.
FEWEST = 50


@dataclass(frozen=True, slots=True)
class ReviewedCall:
    """A call as a person judged it. `source`: the last touch that the caller named, or `not_stated`; None: not judged.

    `texts`: where the caller may have said it: the answer in the call flow, or the turns the classifier took it from.
    """

    turns: tuple[Turn, ...]
    disposition: Disposition | None
    source: str | None
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure on held-out reviewed calls: before, after, and what was gained, with its 95 % interval."""

    name: str
    before: float
    after: float
    gain: Score

    @property
    def shown(self) -> bool:
        """Whether the gain can be told from chance."""
        return self.gain.low > 0.0


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was learned: the models in whose place the new ones come, None for a part that has too few calls."""

    disposition: Linear | None
    sources: Linear | None
    judged: int
    heard: int
    compared: tuple[Compared, ...]


def learn(shipped: CallClassifier, calls: Sequence[ReviewedCall], version: str) -> Lesson:
    """Fit both parts to the calls, and compare them with the shipped ones by cross-validation over calls.

    In: `version`, written into the new models. The same calls in the same order give the same lesson.
    """
    judged = [call for call in calls if call.disposition is not None and call.turns]
    heard = [call for call in calls if call.source is not None and any(text.strip() for text in call.texts)]
    new_disposition, first = _dispositions(shipped, judged, version)
    new_sources, second = _sources(shipped, heard, version)
    return Lesson(new_disposition, new_sources, len(judged), len(heard), (*first, *second))


def write(lesson: Lesson, shipped: Path, folder: Path) -> None:
    """The shipped package with the new parts in it, as a package of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in sorted(shipped.iterdir()):
        if file.is_file():
            shutil.copyfile(file, folder / file.name)
    if lesson.disposition is not None:
        linear.save(lesson.disposition, folder, disposition.NAME, disposition.FORMAT)
    if lesson.sources is not None:
        linear.save(lesson.sources, folder, roundabout.NAME, roundabout.FORM)


def _dispositions(
    shipped: CallClassifier, calls: Sequence[ReviewedCall], version: str
) -> tuple[Linear | None, tuple[Compared, ...]]:
    if len(calls) < FEWEST:
        return None, ()
    words = shipped.weights
    labels = [disposition.LEARNED.index(call.disposition) for call in calls if call.disposition is not None]
    found = adapting.examples(words, [disposition.features(call.turns) for call in calls], labels)
    after = [0] * len(calls)
    learned = sight.retrained(shipped.sight) if shipped.sight else None
    for train, test in folds(len(calls)):
        parts = adapting.fit(found, train, _hold(found, train))
        for place, likely in zip(test, adapting.chances(found, train, parts, test), strict=True):
            after[place] = _seen(learned, calls[place], np.log(likely + 1e-12))
    before = [_seen(shipped.sight, call, said) for call, said in zip(calls, found.said, strict=True)]
    pairs = [tuple(str(disposition.LEARNED[i]) for i in three) for three in zip(labels, before, after, strict=True)]
    cases = [(truth, old, new) for truth, old, new in pairs]
    compared = (
        _compare("disposition, accuracy", cases, lambda p: sum(t == g for t, g in p) / len(p)),
        _compare("disposition, macro F1", cases, macro_f1),
    )
    return adapting.adapted(words, found, _hold(found, range(len(calls))), version), compared


def _seen(seen: Sight | None, call: ReviewedCall, scores: adapting.Matrix) -> int:
    """The likeliest disposition when the meaning is looked at beside these scores of the words, as in the product."""
    return int((seen.scores(call.turns, scores) if seen else scores).argmax())


def _sources(
    shipped: CallClassifier, calls: Sequence[ReviewedCall], version: str
) -> tuple[Linear | None, tuple[Compared, ...]]:
    if len(calls) < FEWEST:
        return None, ()
    ear = shipped.ear
    of = [(place, shipped.answer(text)) for place, call in enumerate(calls) for text in call.texts if text.strip()]
    labels = [roundabout.index([_one_none(str(calls[place].source))])[0] for place, _ in of]
    found = adapting.examples(ear.model, [roundabout.features(a.text, a.marks()) for _, a in of], labels)
    cases: list[tuple[str, str, str]] = []
    for train, test in folds(len(calls)):
        mine = [i for i, (place, _) in enumerate(of) if place in set(train)]
        theirs = [i for i, (place, _) in enumerate(of) if place in set(test)]
        part = Examples([found.rows[i] for i in mine], found.truth[mine], found.said[mine], _square(found, mine))
        new = replace(ear, model=adapting.adapted(ear.model, part, _hold(part, range(len(mine))), ""))
        for i in theirs:
            truth = roundabout.leaves()[labels[i]]
            cases.append((truth, last_touch(ear, of[i][1]), last_touch(new, of[i][1])))
    compared = (_compare("source of an answer, right", cases, lambda p: sum(t == g for t, g in p) / len(p)),)
    return adapting.adapted(ear.model, found, _hold(found, range(len(of))), version), compared


def _square(found: Examples, chosen: Sequence[int]) -> adapting.Matrix:
    square: adapting.Matrix = found.alike[chosen][:, chosen]
    return square


def last_touch(ear: Ear, answer: Answer) -> str:
    """The last source that the ear hears in an answer; every way of naming none is `not_stated`."""
    heard = ear.hear(answer)
    return _one_none(heard.special or heard.stated[-1].source)


def _one_none(source: str) -> str:
    return "not_stated" if taxonomy.source(source).none else source


def folds(count: int) -> list[tuple[list[int], list[int]]]:
    """(to fit on, held out), five times, every call held out once; the same at every run."""
    order = list(range(count))
    random.Random(SEED).shuffle(order)  # noqa: S311 - repeatable, not secret
    return [(sorted(set(order) - set(order[k::FOLDS])), sorted(order[k::FOLDS])) for k in range(FOLDS)]


def _hold(found: Examples, chosen: Sequence[int]) -> float:
    """The prior's strength, chosen within what may be fitted on: a fifth of it is kept apart."""
    some = list(chosen)
    random.Random(SEED).shuffle(some)  # noqa: S311
    apart = some[: max(1, len(some) // FOLDS)]
    return adapting.best_hold(found, some[len(apart) :], apart)


def _compare(
    name: str, cases: Sequence[tuple[str, str, str]], figure: Callable[[Sequence[tuple[str, str]]], float]
) -> Compared:
    """A figure of (truth, before, after), and the gain resampled over calls."""

    def gain(some: Sequence[tuple[str, str, str]]) -> float:
        return figure([(truth, new) for truth, _, new in some]) - figure([(truth, old) for truth, old, _ in some])

    before, after = figure([(t, old) for t, old, _ in cases]), figure([(t, new) for t, _, new in cases])
    return Compared(name, before, after, bootstrap(name, gain, cases))
