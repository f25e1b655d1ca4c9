"""Fitting of the tagger's looks, each later one on what the looks before make of conversations they had not seen."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from reading import Example

from voicebot.learning import boosting, regression
from voicebot.learning.boosting import Growth
from voicebot.transcribe.redact.context import Chances, numbers
from voicebot.transcribe.redact.evidence import RULED
from voicebot.transcribe.redact.looks import KINDS, STEP, Linear, Trees, hashed

DECAY = 3e-4
# Features of fewer pieces are left out.
AT_LEAST = 2
ROUNDS = 40
FOLDS = 3
LATER = 1
UNKNOWN = -2.0
GROWTH = Growth(rounds=120, rate=0.08, leaves=8, at_least=40, decay=5.0, feature_share=0.2, example_share=0.5)


@dataclass(frozen=True, slots=True)
class Fitted:
    """The looks of a tagger."""

    first: Linear
    later: tuple[Trees, ...]

    def chances(self, example: Example) -> Chances:
        """What each piece of a conversation is likely to be."""
        found: Chances = [self.first.chances(names) for names in example.names]
        for look in self.later:
            found = [look.chances(row) for row in rows(example, found)]
        return found


def fit(examples: Sequence[Example]) -> Fitted:
    """The looks that fit the examples."""
    chances = _held_out(examples, fit_first, lambda look, i: [look.chances(names) for names in examples[i].names])
    first, later = fit_first(examples), []
    for left in range(LATER, 0, -1):
        tables = [list(rows(example, found)) for example, found in zip(examples, chances, strict=True)]
        pairs = list(zip(examples, tables, strict=True))
        later.append(fit_later(pairs))
        if left > 1:
            chances = _held_out(pairs, fit_later, lambda look, i, t=tables: [look.chances(row) for row in t[i]])
    return Fitted(first, tuple(later))


def _held_out(items: Sequence[Any], fit_: Any, use: Any) -> list[Chances]:
    """What models make of each conversation that they were not fitted on."""
    order = list(range(len(items)))
    random.Random(0).shuffle(order)
    found: dict[int, Chances] = {}
    for fold in range(FOLDS):
        mine = set(order[fold::FOLDS])
        look = fit_([item for place, item in enumerate(items) if place not in mine])
        found.update({place: use(look, place) for place in mine})
    return [found[place] for place in range(len(items))]


def rows(example: Example, chances: Chances) -> Sequence[Mapping[str, float]]:
    """The numbers of each piece at a later look."""
    found = [{name: float(value) for name, value in row.items()} for row in numbers(example.view, chances)]
    if example.hides_rules:
        found = [{n: UNKNOWN if n.startswith(RULED) else value for n, value in row.items()} for row in found]
    return found


def fit_first(examples: Sequence[Example]) -> Linear:
    """The first look: a linear model of named features."""
    counts = Counter(name for example in examples for names in example.names for name in names)
    place = {name: at for at, name in enumerate(sorted(name for name, n in counts.items() if n >= AT_LEAST))}
    table = [{place[name]: 1.0 for name in names if name in place} for example in examples for names in example.names]
    labels = [label for example in examples for label in example.labels]
    matrix, bias = regression.fit(table, labels, [1.0] * len(labels), len(KINDS), DECAY, ROUNDS)
    weights = {hashed(name): tuple(round(float(w) / STEP) for w in matrix[at]) for name, at in place.items()}
    return Linear({key: row for key, row in weights.items() if any(row)}, [round(float(value), 6) for value in bias])


def fit_later(pairs: Sequence[tuple[Example, Sequence[Mapping[str, float]]]]) -> Trees:
    """A later look: boosted trees of named numbers."""
    names = tuple(next(table for _, table in pairs if table)[0])
    inputs = np.array([[row[name] for name in names] for _, table in pairs for row in table], dtype=np.float32)
    labels = [label for example, _ in pairs for label in example.labels]
    start, rounds = boosting.fit(inputs, labels, len(KINDS), GROWTH)
    return Trees(
        names, [round(float(value), 5) for value in start], [[_nodes(tree) for tree in trees] for trees in rounds]
    )


def _nodes(tree: boosting.Tree) -> list[tuple[int, float, int]]:
    parts = zip(tree.feature, tree.limit, tree.left, tree.value, strict=True)
    return [(f, round(limit, 4), left) if f >= 0 else (-1, round(value, 5), 0) for f, limit, left, value in parts]
