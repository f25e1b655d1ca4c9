"""Boosted trees learn what no single number says, and the same at every run."""

import numpy as np

from voicebot.learning import boosting
from voicebot.learning.boosting import Growth

GROWTH = Growth(rounds=30, rate=0.2, leaves=6, at_least=5, feature_share=1.0)


def sample(size: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    inputs = np.random.default_rng(seed).uniform(-1, 1, (size, 3))
    # Which of three classes depends on two numbers together.
    labels = np.where(inputs[:, 0] * inputs[:, 1] > 0, 0, np.where(inputs[:, 2] > 0, 1, 2))
    return inputs, labels


def test_classes_that_hang_on_two_numbers_together_are_learned() -> None:
    start, rounds = boosting.fit(*sample(600, 0), 3, GROWTH)
    inputs, labels = sample(300, 1)
    assert (boosting.scores(start, rounds, inputs).argmax(axis=1) == labels).mean() > 0.9


def test_the_same_seed_grows_the_same_trees() -> None:
    assert boosting.fit(*sample(200, 0), 3, GROWTH)[1] == boosting.fit(*sample(200, 0), 3, GROWTH)[1]


def test_no_leaf_holds_fewer_examples_than_told() -> None:
    inputs, labels = sample(200, 0)
    _, rounds = boosting.fit(inputs, labels, 3, Growth(rounds=1, at_least=101))
    assert all(tree.feature == [-1] for tree in rounds[0])
