"""What a call was, by its meaning: what the tuned encoder makes of its beginning, weighed with what its words tell.

Words teach a model the callers it has read; how a sentence encoder sees a turn ("we've a table for six tomorrow") holds
for callers whom nobody has read. Where the encoder cannot be had, the words' model speaks alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voicebot.classify import linear, meaning
from voicebot.classify.disposition import LEARNED, LEAST, log_chances
from voicebot.classify.labels import Turn
from voicebot.classify.linear import Linear
from voicebot.classify.page import Page
from voicebot.classify.tuned import Tuned
from voicebot.terms import Speaker

FORM = "2"
NAME = "sight"
# How much the meaning counts in a message. From 0.15 to 0.4 writers held out are told alike (macro F1 0.70; by words
# alone 0.68), and callers' first words better by less.
SHARE = 0.15


@dataclass(frozen=True, slots=True)
class Sight:
    """The tuned encoder, the model that weighs it with the words, and how much it counts in a message."""

    tuned: Tuned
    model: Linear
    share: float = SHARE

    def scores(
        self, turns: Sequence[Turn], by_words: NDArray[np.float64], page: Page | None = None
    ) -> NDArray[np.float64]:
        """One score a disposition. `by_words`: the scores of the words' model; `page`: the call, if it was seen.

        Spanish, which the encoder does not know, is left to the words.
        """
        page = page or meaning.seen(self.tuned, turns)
        if page is None:
            return by_words
        found = inputs(log_chances(by_words), self.tuned.dispositions(page))
        if not is_conversation(turns):
            return of_message(found, self.share)
        return self.model.scores(dict(enumerate(found.tolist()))) / self.model.temperature


def is_conversation(turns: Sequence[Turn]) -> bool:
    """Whether both sides speak: what the weights were fitted on."""
    return any(turn.speaker is Speaker.AGENT for turn in turns) and any(
        turn.speaker is not Speaker.AGENT for turn in turns
    )


def of_message(found: NDArray[np.float64], share: float = SHARE) -> NDArray[np.float64]:
    """The scores of a message or an opening alone, from what is weighed: the two log chances, mixed.

    Weights fitted on messages told vendors and robocalls among unread writers' worse than this does.
    """
    said, meant = np.split(found, 2, axis=-1)
    mixed: NDArray[np.float64] = (1 - share) * said + share * meant
    return mixed


def inputs(said: NDArray[np.float64], meant: NDArray[np.float64]) -> NDArray[np.float64]:
    """What is weighed: the log chances by the words, and those by the meaning."""
    return np.concatenate([said, np.maximum(meant, LEAST)])


def retrained(seen: Sight) -> Sight:
    """The same beside words that have learned from a company's own reviews: of its messages they know better."""
    return replace(seen, share=0.0)


def load(folder: Path) -> Linear:
    """The trained model. Raises ModelError where it is missing, damaged or of another format."""
    return linear.load(folder, NAME, FORM, LEARNED)
