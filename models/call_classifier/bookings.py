"""The booking model: examples and cross-validation by writer, against the rule alone."""

from collections import Counter
from collections.abc import Mapping, Sequence, Set

import numpy as np
from dispositions import Held

from voicebot.classify import booking
from voicebot.classify.booking import BOOKED, CLASSES, FAILED, NONE
from voicebot.classify.corpus import LabelledCall
from voicebot.classify.linear import Linear
from voicebot.learning import regression

DECAY = 5e-5
Example = tuple[dict[int, float], int, str]
NAMES = {True: BOOKED, False: FAILED, None: NONE}


def examples(calls: Sequence[LabelledCall]) -> list[Example]:
    """Calls whose writer said how it ended: features, label, and what the rule alone says."""
    known = [call for call in calls if call.booked_known and len(call.turns) > 1]
    return [
        (booking.features(call.turns), CLASSES.index(NAMES[call.booked]), booking.follow(call.turns).outcome)
        for call in known
    ]


def fit(found: Sequence[Example], decay: float = DECAY) -> tuple[np.ndarray, np.ndarray]:
    """Weights, each class counted by the root of its rarity."""
    counts = Counter(label for _, label, _ in found)
    labels = [label for _, label, _ in found]
    weights = [1 / counts[label] ** 0.5 for label in labels]
    return regression.fit([row for row, _, _ in found], labels, weights, len(CLASSES), decay)


def held_out(writers: Mapping[str, Sequence[Example]], folds: Sequence[Set[str]], decay: float = DECAY) -> Held:
    """Scores and labels of every example, from a model that has seen none of its writer's fold."""
    scores, labels, names = [], [], []
    for fold in folds:
        rest = [example for name, found in writers.items() if name not in fold for example in found]
        model = Linear(CLASSES, *fit(rest, decay), 1.0, "")
        for name in sorted(fold & writers.keys()):
            scores += [model.scores(row) for row, _, _ in writers[name]]
            labels += [label for _, label, _ in writers[name]]
            names += [name] * len(writers[name])
    return Held(np.array(scores), np.array(labels), names)
