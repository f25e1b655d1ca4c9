"""What a call was, by its meaning: a second model over vectors of the turns and what the words' model makes of them.

Words teach a model the callers it has read; how a sentence encoder sees a turn ("we've a table for six tomorrow") holds
for callers whom nobody has read. Where the encoder cannot be had, the words' model speaks alone.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voicebot.classify import linear
from voicebot.classify.disposition import LEARNED, log_chances
from voicebot.classify.labels import Turn
from voicebot.classify.linear import Linear
from voicebot.terms import Speaker

FORM = "1"
NAME = "sight"
# Turns of each side that are looked at: the beginning says what a call is, and every turn costs milliseconds.
CALLER_TURNS, OPENING_TURNS, AGENT_TURNS = 4, 2, 3
# Where the words leave so little doubt a second look changes nothing (held out by writer: a third of the calls).
SURE = math.log(0.85)
# Texts to their vectors: one row a text, of length 1.
Encode = Callable[[Sequence[str]], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Sight:
    """The sentence encoder, and the model over its vectors."""

    encode: Encode
    model: Linear

    def scores(self, turns: Sequence[Turn], by_words: NDArray[np.float64]) -> NDArray[np.float64]:
        """One score a disposition. `by_words`: the scores of the words' model, which stand where all is clear."""
        said = log_chances(by_words)
        if not is_conversation(turns) or said.max() > SURE:
            return by_words
        found = inputs(turns, said, self.encode)
        return self.model.scores(dict(enumerate(found.tolist()))) / self.model.temperature


def is_conversation(turns: Sequence[Turn]) -> bool:
    """Whether both sides speak: what is looked at. A message or an opening alone is known by its words as well."""
    return any(turn.speaker is Speaker.AGENT for turn in turns) and any(
        turn.speaker is not Speaker.AGENT for turn in turns
    )


def inputs(turns: Sequence[Turn], said: NDArray[np.float64], encode: Encode) -> NDArray[np.float64]:
    """What the model looks at: the meaning of the caller's first turns, of the very first, and of the agent's."""
    caller, agent = looked_at(turns)
    texts = [*caller, *agent]
    vectors = encode(texts) if texts else np.zeros((0, 0), dtype=np.float32)
    own, other = vectors[: len(caller)], vectors[len(caller) :]
    size = vectors.shape[1] if texts else 0
    return np.concatenate([said, *(_mean(part, size) for part in (own, own[:OPENING_TURNS], other))])


def looked_at(turns: Sequence[Turn]) -> tuple[list[str], list[str]]:
    """The texts that matter: the caller's first turns, and the agent's after the greeting."""
    greeted = bool(turns) and turns[0].speaker is Speaker.AGENT
    caller = [turn.text for turn in turns if turn.speaker is not Speaker.AGENT and turn.text.strip()]
    agent = [turn.text for turn in turns[greeted:] if turn.speaker is Speaker.AGENT and turn.text.strip()]
    return caller[:CALLER_TURNS], agent[:AGENT_TURNS]


def _mean(vectors: NDArray[np.float32], size: int) -> NDArray[np.float64]:
    total = np.zeros(size) if not len(vectors) else vectors.mean(axis=0, dtype=np.float64)
    return total / (np.linalg.norm(total) + 1e-9)


def load(folder: Path) -> Linear:
    """The trained model. Raises ModelError where it is missing, damaged or of another format."""
    return linear.load(folder, NAME, FORM, LEARNED)
