"""Approaches that are not shipped, compared on the same folds of writers: frozen sentence vectors, and rules alone."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from answering import Example, scores, shares
from dispositions import Held, Text
from folding import Fold

from voicebot.classify import marks, roundabout, sight
from voicebot.classify.disposition import LEARNED, words
from voicebot.classify.labels import Turn
from voicebot.classify.page import QUESTION
from voicebot.classify.vectors import Encoder
from voicebot.learning import regression
from voicebot.learning.dual import descend
from voicebot.terms import Speaker

# Chosen among a few on the writers held out, which flatters what is compared with.
SOURCES_DECAY, CALLS_DECAY = 3e-5, 1e-3


def frozen_sources(examples: Sequence[Example], folds: Sequence[Fold], folder: Path) -> dict[str, float]:
    """The likeliest source by one logistic regression over vectors of the encoder as published."""
    encoder = Encoder(folder)
    rows = np.stack([_answer(encoder, example.answer.text) for example in examples])
    names, heard = roundabout.leaves(), [("not_stated",)] * len(examples)
    for fold in folds:
        rest = [i for i, example in enumerate(examples) if example.writer not in fold.writers]
        centre = rows[rest].mean(axis=0)
        inputs = rows - centre
        inputs /= np.linalg.norm(inputs, axis=1, keepdims=True) + 1e-9
        parts, bias = descend(inputs[rest] @ inputs[rest].T, shares(examples, rest), SOURCES_DECAY)
        for i, example in enumerate(examples):
            if example.writer in fold.writers:
                heard[i] = (names[int((inputs[i] @ inputs[rest].T @ parts + bias).argmax())],)
    return scores(examples, heard)


def _answer(encoder: Encoder, text: str) -> np.ndarray:
    return encoder.page([QUESTION, Turn(Speaker.CALLER, text)]).of(1, 0, len(text))


def dispositions(texts: Sequence[Text], writers: Sequence[str], folds: Sequence[Fold], folder: Path) -> dict[str, Held]:
    """Conversations by the exact marks alone, and by vectors of the encoder as published."""
    encoder = Encoder(folder)
    places = [i for i, (turns, _, _) in enumerate(texts) if sight.is_conversation(turns)]
    chosen = [(texts[i][0], texts[i][1], writers[i]) for i in places]
    vectors = np.stack([encoder.page(turns).beginning() for turns, _, _ in chosen])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    names = sorted({*marks.ROBOCALL, *marks.VOICE, "robocall"})
    marked = np.array([[float(name in _marks(turns)) for name in names] for turns, _, _ in chosen])
    return {
        name: _held_out(rows, [label for _, label, _ in chosen], [writer for _, _, writer in chosen], folds)
        for name, rows in (("marks", marked), ("frozen", vectors))
    }


def _marks(turns: Sequence[Turn]) -> list[str]:
    return marks.found(" ".join(words(" ".join(turn.text for turn in turns if turn.speaker is not Speaker.AGENT))))


def _held_out(rows: np.ndarray, labels: Sequence[int], writers: Sequence[str], folds: Sequence[Fold]) -> Held:
    scores = np.zeros((len(labels), len(LEARNED)))
    for fold in folds:
        rest = [i for i, writer in enumerate(writers) if writer not in fold.writers]
        mine = [i for i, writer in enumerate(writers) if writer in fold.writers]
        counts = np.bincount([labels[i] for i in rest], minlength=len(LEARNED))
        weights = [1 / counts[labels[i]] ** 0.5 for i in rest]
        matrix, bias = regression.fit(rows[rest], [labels[i] for i in rest], weights, len(LEARNED), CALLS_DECAY)
        scores[mine] = rows[mine] @ matrix[: rows.shape[1]] + bias
    return Held(scores, np.array(labels), list(writers))
