"""The sentence encoder as our texts have tuned it: what a call was, which words reveal a source, and which one.

    tuned = Tuned(vectors.load(folder, trained), load(trained))
    page = tuned.page(turns)                       # one pass of the encoder for the whole call
    tuned.dispositions(page)                       # log chances, in the order of LEARNED
    tuned.reveals(page, turn, start, end)          # log odds that these words tell how they found the business
    tuned.reading(page, turn, start, end, clauses) # log chances of the sources, of the whole and of each clause
    tuned.earliness(page, turn, start, end)        # the higher of two touches' scores is the earlier touch
    tuned.bookings(page)                           # log chances, in the order of booking.CLASSES

The heads are linear and were fitted together with the encoder (models/call_classifier/tuning.py).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voicebot.classify import booking, roundabout
from voicebot.classify.disposition import LEARNED
from voicebot.classify.labels import Turn
from voicebot.classify.page import Page
from voicebot.classify.roundabout import Reading
from voicebot.classify.vectors import SIZE, Encoder
from voicebot.errors import ModelError

FORM = "2"
NAME = "heads"
# Of each head: how many of the encoder's rows it reads side by side, and how many numbers it gives.
SHAPES = {
    "sources": (1, len(roundabout.leaves())),
    "reveals": (1, 1),
    "touches": (1, 1),
    "dispositions": (2, len(LEARNED)),
    "bookings": (2, len(booking.CLASSES)),
}


@dataclass(frozen=True, slots=True)
class Heads:
    """Linear layers over the encoder's rows, by the names of SHAPES: a matrix (rows, numbers) and a bias each."""

    matrices: Mapping[str, NDArray[np.float32]]
    biases: Mapping[str, NDArray[np.float32]]

    def scores(self, name: str, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """What a head says of one row or several."""
        return np.asarray(rows @ self.matrices[name] + self.biases[name], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Tuned:
    """The tuned encoder and its heads."""

    encoder: Encoder
    heads: Heads

    def page(self, turns: Sequence[Turn]) -> Page:
        """A call as the encoder sees it."""
        return self.encoder.page(turns)

    def dispositions(self, page: Page) -> NDArray[np.float64]:
        """The logarithms of the chances of every disposition."""
        return roundabout.log_chances(self.heads.scores("dispositions", page.beginning()))

    def bookings(self, page: Page) -> NDArray[np.float64]:
        """The logarithms of the chances that an appointment was made, tried for in vain, or never came up."""
        return roundabout.log_chances(self.heads.scores("bookings", page.ending()))

    def reveals(self, page: Page, turn: int, start: int, end: int) -> float:
        """The log odds that letters `start` to `end` of a turn tell how the caller found the business."""
        return float(self.heads.scores("reveals", page.of(turn, start, end))[0])

    def earliness(self, page: Page, turn: int, start: int, end: int) -> float:
        """A score of letters `start` to `end` of a turn: of two touches of a caller the earlier one has the higher."""
        return float(self.heads.scores("touches", page.of(turn, start, end))[0])

    def reading(self, page: Page, turn: int, start: int, end: int, clauses: tuple[tuple[int, int], ...]) -> Reading:
        """Which source letters `start` to `end` of a turn speak of. `clauses` are counted from `start`."""
        rows = [page.of(turn, start, end), *(page.of(turn, start + a, start + b) for a, b in clauses)]
        logs = roundabout.log_chances(self.heads.scores("sources", np.stack(rows)))
        return Reading(logs[0], clauses, logs[1:], self.heads.scores("touches", np.stack(rows[1:]))[:, 0])


def save(heads: Heads, folder: Path) -> None:
    """Write the heads in half precision, column beside column."""
    columns = np.column_stack([np.hstack(np.split(heads.matrices[name], n)) for name, (n, _) in SHAPES.items()])
    np.save(folder / f"{NAME}.npy", columns.astype(np.float16))
    biases = {name: [round(float(value), 6) for value in heads.biases[name]] for name in SHAPES}
    document = {"format": FORM, "biases": biases}
    (folder / f"{NAME}.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def load(folder: Path) -> Heads:
    """Read the heads. Raises ModelError where they are missing, damaged or of another version."""
    wide = [blocks * numbers for blocks, numbers in SHAPES.values()]
    try:
        document = json.loads((folder / f"{NAME}.json").read_text(encoding="utf-8"))
        columns = np.load(folder / f"{NAME}.npy").astype(np.float32)
        if document["format"] != FORM or columns.shape != (SIZE, sum(wide)):
            raise ModelError(f"The classifier in {folder} is of another version. Run `make models`.")
        parts = zip(SHAPES, np.split(columns, np.cumsum(wide)[:-1], axis=1), strict=True)
        return Heads(
            {name: np.vstack(np.split(part, SHAPES[name][0], axis=1)) for name, part in parts},
            {name: np.array(document["biases"][name], dtype=np.float32) for name in SHAPES},
        )
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"The classifier in {folder} cannot be loaded: {error}. Run `make models`.") from error
