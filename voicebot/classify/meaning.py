"""What an answer says by its meaning: sources read from sentence vectors, beside what words and letters tell.

The words' model knows the phrases that it has read; vectors bring "stuck behind one of your vans" near "saw your truck"
though no word is shared. One pass of the encoder an answer: a clause's vector is the mean of its words within the
whole.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voicebot.classify import roundabout
from voicebot.classify.roundabout import Reading
from voicebot.classify.vectors import SIZE, Encoder
from voicebot.classify.weighing import Weighing
from voicebot.errors import ModelError

FORM = "1"
NAME = "meaning"
_SPANISH = re.compile(
    r"\b(?:el|la|los|las|un|una|me|en|de|que|por|mi|y|lo|le|su|con|para|se|yo|ustedes|del|al|vi|no|es)\b"
)
_ENGLISH = re.compile(r"\b(?:the|a|an|i|you|my|in|of|that|it|on|and|was|your|from|for|we|they|to|is|by|me|no)\b")


@dataclass(frozen=True, slots=True)
class Meaning:
    """Multinomial logistic regression over vectors: the vectors' `centre` (384), `matrix` (384, sources) and `bias`."""

    centre: NDArray[np.float32]
    matrix: NDArray[np.float32]
    bias: NDArray[np.float32]

    def read(self, rows: NDArray[np.float32], clauses: tuple[tuple[int, int], ...]) -> Reading:
        """The answer as its vectors tell it: `rows` of the whole and then of each of its clauses."""
        logs = roundabout.log_chances((placed(rows, self.centre) @ self.matrix + self.bias).astype(np.float64))
        return Reading(logs[0], clauses, logs[1:])


@dataclass(frozen=True, slots=True)
class Sense:
    """What answers are heard with where the sentence encoder is at hand."""

    encoder: Encoder
    meaning: Meaning
    weighing: Weighing

    def read(self, text: str, by_words: Reading) -> Reading:
        """The answer by its meaning. The encoder knows no Spanish: there, words have the say in its stead."""
        if spanish(text):
            return by_words
        return self.meaning.read(self.encoder.parts(text, by_words.clauses), by_words.clauses)


def placed(rows: NDArray[np.float32], centre: NDArray[np.float32]) -> NDArray[np.float32]:
    """Vectors seen from the centre of all answers, again of length 1: what sets an answer apart from the others."""
    moved = rows - centre
    moved /= np.linalg.norm(moved, axis=1, keepdims=True) + 1e-9
    return moved


def spanish(text: str) -> bool:
    """Whether the small words of a text are Spanish rather than English."""
    plain = roundabout.plain(text)
    return len(_SPANISH.findall(plain)) > len(_ENGLISH.findall(plain))


def save(meaning: Meaning, folder: Path) -> None:
    """Write the model in half precision: one row a number of the vector, the centre as the last column."""
    np.save(folder / f"{NAME}.npy", np.column_stack([meaning.matrix, meaning.centre]).astype(np.float16))
    document = {"format": FORM, "bias": [round(float(value), 6) for value in meaning.bias]}
    (folder / f"{NAME}.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def load(folder: Path) -> Meaning:
    """Read the model. Raises ModelError where it is missing, damaged or of another version."""
    try:
        document = json.loads((folder / f"{NAME}.json").read_text(encoding="utf-8"))
        both = np.load(folder / f"{NAME}.npy").astype(np.float32)
        if document["format"] != FORM or both.shape != (SIZE, len(roundabout.leaves()) + 1):
            raise ModelError(f"The classifier in {folder} is of another version. Run `make models`.")
        return Meaning(both[:, -1].copy(), both[:, :-1].copy(), np.array(document["bias"], dtype=np.float32))
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise ModelError(f"The classifier in {folder} cannot be loaded: {error}. Run `make models`.") from error
