"""The second look at conversations, by meaning: its inputs, cross-validation by writer, and the fit."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from dispositions import Held, Text
from folding import Fold

from voicebot.classify import sight
from voicebot.classify.disposition import LEARNED, log_chances
from voicebot.classify.linear import Linear
from voicebot.classify.meaning import is_spanish
from voicebot.learning import regression
from voicebot.learning.temperature import temperature

DECAY = 1e-3


@dataclass(frozen=True, slots=True)
class Seen:
    """Conversations: what is weighed, the true class, who wrote each, and its place among all texts."""

    rows: np.ndarray
    labels: list[int]
    writers: list[str]
    places: list[int]

    def mixed(self) -> Held:
        """What is said of messages."""
        return Held(sight.of_message(self.rows), np.array(self.labels), self.writers)

    def meant(self) -> Held:
        """What the tuned encoder alone says of each."""
        return Held(self.rows[:, len(LEARNED) :], np.array(self.labels), self.writers)


def look(texts: Sequence[Text], held: Held, divisor: float, folds: Sequence[Fold], *, talks: bool = True) -> Seen:
    """The conversations among the texts, or with `talks` false the whole messages and openings.

    `held`: what a words' model that has not read the writer says of each.
    """
    tuned = {name: fold.tuned for fold in folds for name in fold.writers}
    whole = [i for i, (_, _, weight) in enumerate(texts) if talks or weight == 1.0]
    # Spanish is left to the words.
    places = [i for i in whole if sight.is_conversation(texts[i][0]) is talks and not is_spanish(texts[i][0])]
    rows = []
    for i in places:
        reader = tuned[held.writers[i]]
        rows.append(sight.inputs(log_chances(held.scores[i] / divisor), reader.dispositions(reader.page(texts[i][0]))))
    return Seen(np.array(rows), [texts[i][1] for i in places], [held.writers[i] for i in places], places)


def fit(seen: Seen, chosen: Sequence[int], version: str = "") -> Linear:
    """The model of the chosen conversations, each class counted by the root of its rarity."""
    labels = [seen.labels[i] for i in chosen]
    counts = Counter(labels)
    weights = [1 / counts[label] ** 0.5 for label in labels]
    return Linear(LEARNED, *regression.fit(seen.rows[list(chosen)], labels, weights, len(LEARNED), DECAY), 1.0, version)


def held_out(seen: Seen, folds: Sequence[Fold]) -> Held:
    """Scores of every conversation by a model that has seen none of its writer's fold."""
    scores = np.zeros((len(seen.labels), len(LEARNED)))
    for fold in folds:
        model = fit(seen, [i for i, writer in enumerate(seen.writers) if writer not in fold.writers])
        mine = [i for i, writer in enumerate(seen.writers) if writer in fold.writers]
        scores[mine] = seen.rows[mine] @ model.matrix[: seen.rows.shape[1]] + model.bias
    return Held(scores, np.array(seen.labels), seen.writers)


def calibrated(model: Linear, held: Held) -> Linear:
    """The model with the temperature that its held-out scores ask for."""
    return replace(model, temperature=temperature(held.scores, held.labels))
