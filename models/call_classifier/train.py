"""Train the disposition model on the project's own texts and write it into the package. Seeded: same scores each run.

`make models`, or `.venv/bin/python models/call_classifier/train.py`.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from voicebot.classify import disposition
from voicebot.classify.disposition import BUCKETS, LEARNED, Weights, features
from voicebot.classify.labels import Turn
from voicebot.terms import Disposition, Speaker

HERE = Path(__file__).parent
PACKAGE = HERE.parents[1] / "voicebot" / "classify" / "pipeline"
FOLDS, EPOCHS, RATE, DECAY = 5, 300, 0.5, 1e-4
Example = tuple[list[Turn], int]


def read(folder: Path) -> list[Example]:
    """All that the project wrote: lines of calls, openings by disposition, and whole calls."""
    named = [(name, text.split(" / ")) for file in sorted(folder.glob("*.txt")) for name, text in lines(file)]
    for file in sorted((folder / "openings").glob("*.txt")):
        named += [(file.stem, [f"C: {line}"]) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    for file in sorted((folder / "calls").glob("*.txt")):
        named += whole_calls(file)
    # A call without words is told by rule, not learned.
    learned = [(name, turns) for name, turns in named if name != Disposition.NO_CONVERSATION]
    return [([turn(part) for part in turns], LEARNED.index(Disposition(name))) for name, turns in learned]


def lines(file: Path) -> list[tuple[str, str]]:
    """ "disposition, tab, turns" a line."""
    rows = file.read_text(encoding="utf-8").splitlines()
    return [tuple(row.split("\t", 1)) for row in rows if row and not row.startswith("#")]  # type: ignore[misc]


def whole_calls(file: Path) -> list[tuple[str, list[str]]]:
    """Blocks of a heading "# disposition booked business" and one turn a line."""
    blocks = file.read_text(encoding="utf-8").split("\n\n")
    calls = [block.strip().splitlines() for block in blocks if block.strip().startswith("# ")]
    return [(call[0].split()[1], call[1:]) for call in calls]


def turn(part: str) -> Turn:
    """ "C: hello" as a turn."""
    who, text = part.split(": ", 1)
    return Turn({"C": Speaker.CALLER, "A": Speaker.AGENT}[who], text)


def openings(examples: Sequence[Example]) -> list[Example]:
    """The examples, and each caller's first turn by itself: calls are also judged by their first words."""
    more = list(examples)
    for turns, label in examples:
        first = next((t for t in turns if t.speaker is Speaker.CALLER), None)
        # Where the agent's answer makes the call what it is, the first words alone would mislead.
        if first is not None and len(turns) > 1 and LEARNED[label] is not Disposition.WRONG_NUMBER:
            more.append(([first], label))
    return more


def dense(examples: Sequence[Example]) -> tuple[np.ndarray, np.ndarray]:
    """Feature matrix and one-hot labels."""
    inputs = np.zeros((len(examples), BUCKETS), dtype=np.float32)
    labels = np.zeros((len(examples), len(LEARNED)), dtype=np.float32)
    for row, (turns, label) in enumerate(examples):
        for bucket, value in features(turns).items():
            inputs[row, bucket] = value
        labels[row, label] = 1
    return inputs, labels


def fit(examples: Sequence[Example]) -> tuple[np.ndarray, np.ndarray]:
    """Logistic regression by gradient descent with momentum, classes weighted by the root of their rarity."""
    inputs, labels = dense(examples)
    used = np.flatnonzero(inputs.any(axis=0))
    inputs = inputs[:, used]
    weight = np.sqrt(1 / np.maximum(labels.sum(axis=0), 1))
    each = (labels * weight).sum(axis=1, keepdims=True)
    each /= each.mean()
    matrix, bias = np.zeros((len(used), len(LEARNED)), np.float32), np.zeros(len(LEARNED), np.float32)
    speed, speed_bias = np.zeros_like(matrix), np.zeros_like(bias)
    for _ in range(EPOCHS):
        scores = inputs @ matrix + bias
        chances = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        error = (chances - labels) * each / len(examples)
        speed = 0.9 * speed - RATE * 10 * (inputs.T @ error + DECAY * matrix)
        speed_bias = 0.9 * speed_bias - RATE * error.sum(axis=0)
        matrix, bias = matrix + speed, bias + speed_bias
    whole = np.zeros((BUCKETS, len(LEARNED)), dtype=np.float32)
    whole[used] = matrix
    return whole, bias


def folds(examples: Sequence[Example]) -> np.ndarray:
    """A fold for each example, by a hash of its text: the same at every run."""
    texts = [" ".join(t.text for t in turns) for turns, _ in examples]
    return np.array([int(hashlib.sha256(text.encode()).hexdigest(), 16) % FOLDS for text in texts])


def held_out_scores(examples: list[Example]) -> np.ndarray:
    """Scores of every example from a model that has not seen it."""
    fold = folds(examples)
    scores = np.zeros((len(examples), len(LEARNED)))
    for index in range(FOLDS):
        matrix, bias = fit(openings([e for e, f in zip(examples, fold, strict=True) if f != index]))
        for row in np.flatnonzero(fold == index):
            scores[row] = bias + sum(v * matrix[b] for b, v in features(examples[row][0]).items())
    return scores


def temperature(scores: np.ndarray, truth: np.ndarray) -> float:
    """The divisor of the scores that makes held-out probabilities likeliest."""

    def loss(value: float) -> float:
        scaled = scores / value
        logs = scaled - scaled.max(axis=1, keepdims=True)
        logs -= np.log(np.exp(logs).sum(axis=1, keepdims=True))
        return float(-logs[np.arange(len(truth)), truth].mean())

    return float(min(np.linspace(0.1, 3.0, 146), key=loss))


def main() -> None:
    """Cross-validate, fit on everything, and write model and metrics."""
    examples = read(HERE / "data")
    truth = np.array([label for _, label in examples])
    scores = held_out_scores(examples)
    guesses = scores.argmax(axis=1)
    by_class = {}
    for index, name in enumerate(LEARNED):
        right = int(((guesses == index) & (truth == index)).sum())
        both = int((guesses == index).sum() + (truth == index).sum())
        by_class[str(name)] = {
            "examples": int((truth == index).sum()),
            "f1": round(2 * right / both, 3) if both else 0.0,
        }
    matrix, bias = fit(openings(examples))
    digest = hashlib.sha256(b"".join(f.read_bytes() for f in sorted((HERE / "data").rglob("*.txt")))).hexdigest()
    chosen = temperature(scores, truth)
    disposition.save(Weights(matrix, bias, chosen, f"{disposition.FORMAT}-{digest[:10]}"), PACKAGE)
    metrics = {
        "examples": len(examples),
        "folds": FOLDS,
        "accuracy": round(float((guesses == truth).mean()), 3),
        "macro_f1": round(float(np.mean([row["f1"] for row in by_class.values()])), 3),
        "temperature": round(chosen, 3),
        "by_class": by_class,
    }
    (HERE / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(metrics, indent=2))


if __name__ == "__main__":
    main()
