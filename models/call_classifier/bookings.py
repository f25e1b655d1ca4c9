"""The booking models, by words and by meaning: examples, cross-validation by writer, and the fits."""

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace

import numpy as np
from dispositions import Held, metrics
from folding import Fold

from voicebot.classify import booking, booking_sight
from voicebot.classify.booking import BOOKED, CLASSES, FAILED, NONE
from voicebot.classify.corpus import LabelledCall
from voicebot.classify.disposition import log_chances
from voicebot.classify.linear import BUCKETS, Linear
from voicebot.classify.meaning import is_spanish
from voicebot.learning import regression
from voicebot.learning.temperature import temperature
from voicebot.terms import Speaker

DECAY = 3e-4
# Talks with booking desks are few beside telephone calls, and end in other words.
TALK = 20.0
# Features, label, weight.
Example = tuple[dict[int, float], int, float]
NAMES = {True: BOOKED, False: FAILED, None: NONE}


@dataclass(frozen=True, slots=True)
class Seen:
    """Calls by words and by meaning: what is weighed, the true class, and who wrote each."""

    rows: np.ndarray
    labels: list[int]
    writers: list[str]

    def meant(self) -> Held:
        """What the tuned encoder alone says of each, as sure as its share lets it be."""
        return Held(self.rows[:, len(CLASSES) :], np.array(self.labels), self.writers)


def known(calls: Sequence[LabelledCall]) -> list[LabelledCall]:
    """Conversations whose writer said how they ended; without a caller's words it is told by rule."""
    spoken = [call for call in calls if any(turn.speaker is not Speaker.AGENT for turn in call.turns)]
    return [call for call in spoken if call.booked_known and len(call.turns) > 1]


def examples(calls: Sequence[LabelledCall], weight: float = 1.0) -> list[Example]:
    """Features, label and weight of each call that is known."""
    return [(booking.features(call.turns), CLASSES.index(NAMES[call.booked]), weight) for call in known(calls)]


def fit(found: Sequence[Example], decay: float = DECAY) -> tuple[np.ndarray, np.ndarray]:
    """Weights of the words, each class counted by the root of its rarity."""
    counts = Counter(label for _, label, _ in found)
    weights = [weight / counts[label] ** 0.5 for _, label, weight in found]
    return regression.fit([row for row, _, _ in found], [label for _, label, _ in found], weights, len(CLASSES), decay)


def held_out(writers: Mapping[str, Sequence[Example]], folds: Sequence[Set[str]], decay: float = DECAY) -> Held:
    """Scores and labels of every example, from a words' model that has seen none of its writer's fold."""
    scores, labels, names = [], [], []
    for fold in folds:
        rest = [example for name, found in writers.items() if name not in fold for example in found]
        model = Linear(CLASSES, *fit(rest, decay), 1.0, "")
        for name in sorted(fold & writers.keys()):
            scores += [model.scores(row) for row, _, _ in writers[name]]
            labels += [label for _, label, _ in writers[name]]
            names += [name] * len(writers[name])
    return Held(np.array(scores), np.array(labels), names)


def look(calls: Mapping[str, Sequence[LabelledCall]], held: Held, divisor: float, folds: Sequence[Fold]) -> Seen:
    """What is weighed of every call, in the order of `held`: all by models that have not read its writer.

    `held`: what the words say of each.
    """
    rows, scores = [], iter(held.scores / divisor)
    for fold in folds:
        for name in sorted(fold.writers & calls.keys()):
            for call in known(calls[name]):
                said, spanish = log_chances(next(scores)), is_spanish(call.turns)
                meant = said if spanish else fold.tuned.bookings(fold.tuned.page(call.turns))
                rows.append(booking_sight.inputs(call.turns, said, meant))
    return Seen(np.array(rows), held.labels.tolist(), held.writers)


def mixture(version: str) -> Linear:
    """The model that weighs words and meaning: the sum of their log chances, which come in fixed shares.

    Fitted weights told unread writers' calls worse and less calibrated: the folds' encoders are sure to other degrees.
    """
    matrix = np.zeros((BUCKETS, len(CLASSES)), dtype=np.float32)
    matrix[: 2 * len(CLASSES)] = np.vstack([np.eye(len(CLASSES))] * 2)
    return Linear(CLASSES, matrix, np.zeros(len(CLASSES), dtype=np.float32), 1.0, version)


def weighed(seen: Seen, model: Linear) -> Held:
    """Scores of every call by words and meaning."""
    scores = seen.rows @ model.matrix[: seen.rows.shape[1]] + model.bias
    return Held(scores, np.array(seen.labels), seen.writers)


def calibrated(model: Linear, held: Held) -> Linear:
    """The model with the temperature that its held-out scores ask for."""
    return replace(model, temperature=temperature(held.scores, held.labels))


def figures(words: Held, divisor: float, seen: Seen, both: Held) -> dict[str, object]:
    """Held-out metrics of both together, and of each alone."""
    alone = {
        "by_words_alone": metrics(words, divisor, CLASSES),
        "by_meaning_alone": metrics(seen.meant(), 1.0, CLASSES),
    }
    return metrics(both, temperature(both.scores, both.labels), CLASSES) | {
        name: {key: found[key] for key in ("accuracy", "macro_f1", "calibration_error", "by_class")}
        for name, found in alone.items()
    }
