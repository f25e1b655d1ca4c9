"""What became of an appointment, by meaning: what the tuned encoder makes of a call's end, weighed with its words.

"Eleven. I'll put on coffee" makes an appointment in words that no pattern names. Where the encoder cannot be had, the
words' model speaks alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voicebot.classify import linear
from voicebot.classify.booking import CLASSES
from voicebot.classify.disposition import LEARNED, LEAST, log_chances
from voicebot.classify.labels import Turn
from voicebot.classify.linear import Linear
from voicebot.classify.page import Page
from voicebot.classify.tuned import Tuned
from voicebot.terms import Disposition, Speaker

FORM = "1"
NAME = "booking_sight"


@dataclass(frozen=True, slots=True)
class BookingSight:
    """The tuned encoder, and the model that weighs it with the words."""

    tuned: Tuned
    model: Linear

    def scores(
        self,
        turns: Sequence[Turn],
        by_words: NDArray[np.float64],
        dispositions: Mapping[Disposition, float],
        page: Page | None = None,
    ) -> NDArray[np.float64]:
        """One score a class of booking.CLASSES.

        In: `by_words`, the scores of the words' model; `dispositions`, what the call is likely to be, in chances;
        `page`, the call, if it was seen.
        """
        meant = self.tuned.bookings(page or self.tuned.page(turns))
        row = inputs(turns, log_chances(by_words), meant, dispositions)
        return self.model.scores(dict(enumerate(row.tolist()))) / self.model.temperature


def inputs(
    turns: Sequence[Turn],
    said: NDArray[np.float64],
    meant: NDArray[np.float64],
    dispositions: Mapping[Disposition, float],
) -> NDArray[np.float64]:
    """What is weighed: the log chances by the words and by the meaning, those of the dispositions, length and end."""
    known = np.log(np.maximum([dispositions[name] for name in LEARNED], np.exp(LEAST)))
    shape = [np.log1p(len(turns)), float(turns[-1].speaker is Speaker.AGENT)]
    return np.concatenate([said, np.maximum(meant, LEAST), known, shape])


def load(folder: Path) -> Linear:
    """The trained model. Raises ModelError where it is missing, damaged or of another format."""
    return linear.load(folder, NAME, FORM, CLASSES)
