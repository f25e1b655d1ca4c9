"""The sentence encoder as our texts have tuned it: what a call was, which words reveal a source, and which one.

    tuned = Tuned(vectors.load(folder, trained), load(trained))
    page = tuned.page(turns)                       # one pass of the encoder for the whole call
    tuned.dispositions(page)                       # log chances, in the order of LEARNED
    tuned.reveals(page, turn, start, end)          # log odds that these words tell how they found the business
    tuned.reading(page, turn, start, end, clauses) # log chances of the sources, of the whole and of each clause

The heads are linear and were fitted together with the encoder (models/call_classifier/tuning.py).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voicebot.classify import roundabout
from voicebot.classify.disposition import LEARNED
from voicebot.classify.labels import Turn
from voicebot.classify.page import Page
from voicebot.classify.roundabout import Reading
from voicebot.classify.vectors import SIZE, Encoder
from voicebot.errors import ModelError

FORM = "1"
NAME = "heads"


@dataclass(frozen=True, slots=True)
class Heads:
    """Linear layers over the encoder's rows.

    `sources` (size, leaves), `reveals` (size,), `dispositions` (twice the size, classes), and a bias of each.
    """

    sources: NDArray[np.float32]
    reveals: NDArray[np.float32]
    dispositions: NDArray[np.float32]
    biases: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]


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
        scores = page.beginning() @ self.heads.dispositions + self.heads.biases[2]
        return roundabout.log_chances(scores.astype(np.float64))

    def reveals(self, page: Page, turn: int, start: int, end: int) -> float:
        """The log odds that letters `start` to `end` of a turn tell how the caller found the business."""
        return float(page.of(turn, start, end) @ self.heads.reveals + self.heads.biases[1][0])

    def reading(self, page: Page, turn: int, start: int, end: int, clauses: tuple[tuple[int, int], ...]) -> Reading:
        """Which source letters `start` to `end` of a turn speak of. `clauses` are counted from `start`."""
        rows = [page.of(turn, start, end), *(page.of(turn, start + a, start + b) for a, b in clauses)]
        scores = np.stack(rows) @ self.heads.sources + self.heads.biases[0]
        logs = roundabout.log_chances(scores.astype(np.float64))
        return Reading(logs[0], clauses, logs[1:])


def save(heads: Heads, folder: Path) -> None:
    """Write the heads in half precision, column beside column."""
    halves = np.split(heads.dispositions, 2)
    columns = np.column_stack([heads.sources, heads.reveals, *halves])
    np.save(folder / f"{NAME}.npy", columns.astype(np.float16))
    biases = [[round(float(value), 6) for value in bias] for bias in heads.biases]
    document = {"format": FORM, "biases": dict(zip(("sources", "reveals", "dispositions"), biases, strict=True))}
    (folder / f"{NAME}.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def load(folder: Path) -> Heads:
    """Read the heads. Raises ModelError where they are missing, damaged or of another version."""
    leaves, classes = len(roundabout.leaves()), len(LEARNED)
    try:
        document = json.loads((folder / f"{NAME}.json").read_text(encoding="utf-8"))
        columns = np.load(folder / f"{NAME}.npy").astype(np.float32)
        if document["format"] != FORM or columns.shape != (SIZE, leaves + 1 + 2 * classes):
            raise ModelError(f"The classifier in {folder} is of another version. Run `make models`.")
        biases = [
            np.array(document["biases"][name], dtype=np.float32) for name in ("sources", "reveals", "dispositions")
        ]
        own, other = np.split(columns[:, leaves + 1 :], 2, axis=1)
        return Heads(
            columns[:, :leaves].copy(),
            columns[:, leaves].copy(),
            np.concatenate([own, other]),
            (biases[0], biases[1], biases[2]),
        )
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"The classifier in {folder} cannot be loaded: {error}. Run `make models`.") from error
