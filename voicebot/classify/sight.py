"""What a call was, by its meaning: what the tuned encoder makes of its beginning, weighed with what its words tell.

Words teach a model the callers it has read; how a sentence encoder sees a turn ("we've a table for six tomorrow") holds
for callers whom nobody has read. Where the encoder cannot be had, the words' model speaks alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voicebot.classify import linear
from voicebot.classify.disposition import LEARNED, LEAST, log_chances
from voicebot.classify.labels import Turn
from voicebot.classify.linear import Linear
from voicebot.classify.page import Page
from voicebot.classify.tuned import Tuned
from voicebot.terms import Speaker

FORM = "2"
NAME = "sight"


@dataclass(frozen=True, slots=True)
class Sight:
    """The tuned encoder, and the model that weighs it with the words."""

    tuned: Tuned
    model: Linear

    def scores(
        self, turns: Sequence[Turn], by_words: NDArray[np.float64], page: Page | None = None
    ) -> NDArray[np.float64]:
        """One score a disposition. `by_words`: the scores of the words' model; `page`: the call, if it was seen."""
        if not is_conversation(turns):
            return by_words
        meant = self.tuned.dispositions(page or self.tuned.page(turns))
        found = inputs(log_chances(by_words), meant)
        return self.model.scores(dict(enumerate(found.tolist()))) / self.model.temperature


def is_conversation(turns: Sequence[Turn]) -> bool:
    """Whether both sides speak: what is looked at. A message or an opening alone is known by its words as well."""
    return any(turn.speaker is Speaker.AGENT for turn in turns) and any(
        turn.speaker is not Speaker.AGENT for turn in turns
    )


def inputs(said: NDArray[np.float64], meant: NDArray[np.float64]) -> NDArray[np.float64]:
    """What is weighed: the log chances by the words, and those by the meaning."""
    return np.concatenate([said, np.maximum(meant, LEAST)])


def load(folder: Path) -> Linear:
    """The trained model. Raises ModelError where it is missing, damaged or of another format."""
    return linear.load(folder, NAME, FORM, LEARNED)
