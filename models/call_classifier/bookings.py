"""The booking model: examples and cross-validation by writer, against the rule alone."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from dispositions import Held

from voicebot.classify import booking
from voicebot.classify.booking import BOOKED, CLASSES, FAILED, NONE
from voicebot.classify.corpus import LabelledCall
from voicebot.classify.linear import Linear
from voicebot.learning import regression

DECAY = 1e-4
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


def held_out(writers: Mapping[str, Sequence[Example]], decay: float = DECAY) -> Held:
    """Scores and labels of every example, from a model that has seen none of its writer's."""
    scores, labels, names = [], [], []
    for name, mine in writers.items():
        if mine:
            rest = [example for other, found in writers.items() if other != name for example in found]
            model = Linear(CLASSES, *fit(rest, decay), 1.0, "")
            scores += [model.scores(row) for row, _, _ in mine]
            labels += [label for _, label, _ in mine]
            names += [name] * len(mine)
    return Held(np.array(scores), np.array(labels), names)
