"""The disposition model: examples, cross-validation by writer, and the fit."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from voicebot.classify import disposition
from voicebot.classify.corpus import LabelledCall
from voicebot.classify.disposition import LEARNED
from voicebot.classify.labels import Turn
from voicebot.classify.linear import Linear
from voicebot.learning import regression
from voicebot.terms import Disposition, Speaker

DECAY = 3e-5
# Openings stand for calls that the product hears whole: they count less than a written call.
PART = 0.4
# Most calls that were written are leads: a class counts by its rarity to this power.
RARITY = 0.7
SENTENCE, SHORT = re.compile(r"(?<=[.!?]) "), 7
# Features, label, weight.
Example = tuple[dict[int, float], int, float]
# Turns, label, weight.
Text = tuple[Sequence[Turn], int, float]
# What each text is likely to be, by its writer.
Likely = Mapping[str, Sequence[Mapping[Disposition, float]]]


@dataclass(frozen=True, slots=True)
class Held:
    """Held-out scores (before the temperature), labels, and the writer of each."""

    scores: np.ndarray
    labels: np.ndarray
    writers: list[str]


def examples(calls: Sequence[LabelledCall], *, parts: bool = True) -> list[Example]:
    """Calls as features, label and weight, in the order of `texts`."""
    return [(disposition.features(turns), label, weight) for turns, label, weight in texts(calls, parts=parts)]


def texts(calls: Sequence[LabelledCall], *, parts: bool = True) -> list[Text]:
    """Calls as turns, label and weight; `parts`: their first caller turns too, since calls are also judged early."""
    found: list[Text] = []
    for call in calls:
        if not any(turn.speaker is not Speaker.AGENT for turn in call.turns):
            continue  # a call without a caller's words is told by rule
        label = LEARNED.index(Disposition(call.disposition))
        found.append((call.turns, label, 1.0))
        said = [turn for turn in call.turns if turn.speaker is not Speaker.AGENT]
        # Where the agent's answer makes the call what it is, the first words alone would mislead.
        if parts and len(call.turns) > 2 and LEARNED[label] is not Disposition.WRONG_NUMBER:
            found += [(said[:count], label, PART) for count in (1, 3) if len(said) >= count]
        if parts and len(call.turns) == 1:
            found += [([turn], label, PART) for turn in tail(call.turns[0])]
    return found


def tail(turn: Turn) -> list[Turn]:
    """The second half of a recorded message: a recorder that is late, or a voicemail, keeps no more."""
    sentences = SENTENCE.split(turn.text)
    half = " ".join(sentences[len(sentences) // 2 :])
    return [Turn(turn.speaker, half)] if len(sentences) > 1 and len(half.split()) >= SHORT else []


def fit(found: Sequence[Example], decay: float = DECAY) -> tuple[np.ndarray, np.ndarray]:
    """Weights of the words."""
    counts = Counter(label for _, label, _ in found)
    weights = [weight / counts[label] ** RARITY for _, label, weight in found]
    return regression.fit([row for row, _, _ in found], [label for _, label, _ in found], weights, len(LEARNED), decay)


def held_out(writers: Mapping[str, Sequence[Example]], folds: Sequence[Collection[str]]) -> Held:
    """Scores and labels of every example, from a model that has seen none of its writer's fold."""
    models = {}
    for fold in folds:
        matrix, bias = fit([example for name, found in writers.items() if name not in fold for example in found])
        models |= dict.fromkeys(fold, Linear(LEARNED, matrix, bias, 1.0, ""))
    scores, labels, names = [], [], []
    for name, found in writers.items():
        scores += [models[name].scores(row) for row, _, _ in found]
        labels += [label for _, label, _ in found]
        names += [name] * len(found)
    return Held(np.array(scores), np.array(labels), names)


def chosen(held: Held, places: Sequence[int]) -> Held:
    """The scores at some places alone."""
    return Held(held.scores[list(places)], held.labels[list(places)], [held.writers[i] for i in places])


def likely(written: Mapping[str, Sequence[Text]], scores: np.ndarray) -> Likely:
    """What each whole text is likely to be, from the scores of all texts in order."""
    rows = iter(np.exp([disposition.log_chances(row) for row in scores]).tolist())
    known = {
        name: [(weight, dict(zip(LEARNED, next(rows), strict=True))) for _, _, weight in found]
        for name, found in written.items()
    }
    return {name: [chances for weight, chances in found if weight == 1.0] for name, found in known.items()}


def metrics(held: Held, divisor: float, classes: Sequence[str] = LEARNED) -> dict[str, object]:
    """Accuracy, F1 by class and calibration of held-out scores."""
    guesses, chances = held.scores.argmax(axis=1), np.exp(held.scores / divisor)
    chances /= chances.sum(axis=1, keepdims=True)
    right = guesses == held.labels
    by_class = {}
    for index, name in enumerate(classes):
        both = int((guesses == index).sum() + (held.labels == index).sum())
        hits = int((right & (guesses == index)).sum())
        by_class[str(name)] = {"examples": int((held.labels == index).sum()), "f1": round(2 * hits / max(both, 1), 3)}
    return {
        "examples": len(held.labels),
        "writers": {name: held.writers.count(name) for name in dict.fromkeys(held.writers)},
        "accuracy": round(float(right.mean()), 3),
        "macro_f1": round(float(np.mean([row["f1"] for row in by_class.values()])), 3),
        "calibration_error": round(calibration_error(chances.max(axis=1), right), 3),
        "temperature": round(divisor, 3),
        "by_class": by_class,
    }


def calibration_error(sure: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error: how far the stated probability is from the share that was right, in equal bins."""
    place = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = [abs(sure[place == b].mean() - right[place == b].mean()) * (place == b).mean() for b in set(place.tolist())]
    return float(sum(gaps))
