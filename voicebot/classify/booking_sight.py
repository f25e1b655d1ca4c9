"""What became of an appointment, by meaning: what the tuned encoder makes of a call's end, weighed with its words.

"Eleven. I'll put on coffee" makes an appointment in words that no pattern names. Where the encoder cannot be had, the
words' model speaks alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voicebot.classify import linear, meaning
from voicebot.classify.booking import CLASSES, MADE, follow
from voicebot.classify.disposition import LEAST, log_chances
from voicebot.classify.labels import Turn
from voicebot.classify.linear import Linear
from voicebot.classify.page import Page
from voicebot.classify.tuned import Tuned

FORM = "2"
NAME = "booking_sight"
# How much the meaning counts, and how much where the agent says that it is made, which words tell well. Among 0 to 0.5
# the writers held out have no favourite; talks with booking desks, which no encoder has read, want little of it.
SHARE, SHARE_MADE = 0.4, 0.1


@dataclass(frozen=True, slots=True)
class BookingSight:
    """The tuned encoder, and the model that weighs it with the words."""

    tuned: Tuned
    model: Linear

    def scores(
        self, turns: Sequence[Turn], by_words: NDArray[np.float64], page: Page | None = None
    ) -> NDArray[np.float64]:
        """One score a class of booking.CLASSES. `by_words`: of the words' model; `page`: the call, if it was seen.

        Spanish, which the encoder does not know, is left to the words.
        """
        page = page or meaning.seen(self.tuned, turns)
        if page is None:
            return by_words
        row = inputs(turns, log_chances(by_words), self.tuned.bookings(page))
        return self.model.scores(dict(enumerate(row.tolist()))) / self.model.temperature


def inputs(turns: Sequence[Turn], said: NDArray[np.float64], meant: NDArray[np.float64]) -> NDArray[np.float64]:
    """What is weighed: the log chances by the words, and those by the meaning, each in its share.

    With the chances of the dispositions, the length of the call or who speaks last it told unread writers' calls worse.
    """
    share = SHARE_MADE if follow(turns).how == MADE else SHARE
    return np.concatenate([(1 - share) * said, share * np.maximum(meant, LEAST)])


def load(folder: Path) -> Linear:
    """The trained model. Raises ModelError where it is missing, damaged or of another format."""
    return linear.load(folder, NAME, FORM, CLASSES)
