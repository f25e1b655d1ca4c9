"""Rules and trained model weighed together: the chance of every source that the caller stated it.

One logistic regression over (answer, source) pairs, the same few weights for every source: how sure the trained model
is, what the rules found, ruled out or saw named. Fitted on answers of writers that the trained model had not seen, so
that its chances mean what they say.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voicebot import taxonomy
from voicebot.classify.answers import Understood
from voicebot.classify.context import KIN_SOURCES
from voicebot.classify.mentions import Candidate
from voicebot.classify.roundabout import Reading, leaves
from voicebot.errors import ModelError

FORM = "3"
FILE = "weighing.json"
# The same with a second reading, by the answer's meaning (meaning.py).
BOTH_FILE = "weighing_both.json"
SIGNS = (
    "always",
    "whole",
    "clause",
    "behind",
    "stated",
    "stated_first",
    "stated_told",
    "named",
    "denied",
    "special",
    "none_beside_stated",
    "none",
    "beside_stated",
    "beside_special",
    "one_of_several",
    "covers_stated",
    "hinted",
    "hinted_most",
    "person_named",
    "person_told",
    "clear",
    "clause_if_stated",
    "whole_if_stated",
    "leads_clause",
    "beside_clear",
    "under_stated",
)
OF_A_READING = ("whole", "clause", "behind", "clause_if_stated", "whole_if_stated", "leads_clause")
BOTH_SIGNS = (*SIGNS, *(f"meant_{sign}" for sign in OF_A_READING))


@dataclass(frozen=True, slots=True)
class Weighing:
    """Fitted weights of the signs, their means and spreads, and the scale that turns fit into a probability."""

    weights: NDArray[np.float64]
    means: NDArray[np.float64]
    spreads: NDArray[np.float64]
    surety: tuple[float, float]

    def chances(self, signs: NDArray[np.float64]) -> NDArray[np.float64]:
        """The probability of each source that the caller stated it."""
        scores = ((signs - self.means) / self.spreads) @ self.weights
        return np.asarray(1 / (1 + np.exp(-scores)))


@cache
def _none() -> NDArray[np.bool_]:
    return np.array([taxonomy.source(leaf).none for leaf in leaves()])


@cache
def _covers() -> NDArray[np.bool_]:
    return np.array([[other in taxonomy.source(leaf).covers for other in leaves()] for leaf in leaves()])


def signs(
    understood: Understood,
    candidates: Sequence[Candidate],
    reading: Reading,
    hinted: Mapping[str, int],
    meant: Reading | None = None,
) -> NDArray[np.float64]:
    """What speaks for and against each source: one row a source, one column a sign.

    In: `hinted`, hints by source; `meant`, the answer read by its meaning, which adds the signs of BOTH_SIGNS.
    """
    names, none = leaves(), _none()
    stated = [candidate.source for candidate in understood.stated]
    told = {candidate.source for candidate in understood.stated if candidate.told}
    denied = {candidate.source for candidate in understood.ruled_out}
    seen = {candidate.source for candidate in candidates} - set(stated) - denied
    has = np.array([name in stated for name in names])
    any_stated = bool(stated)
    person = np.array([name in KIN_SOURCES for name in names])
    said = np.array([name in told for name in names])
    unspecific = _covers().any(axis=1)
    hints = np.log1p([hinted.get(name, 0) for name in names])
    columns = {
        "always": np.ones(len(names)),
        **_of_a_reading(reading, has),
        "stated": has,
        "stated_first": np.array([stated[:1] == [name] for name in names]),
        "stated_told": said,
        "named": np.array([name in seen for name in names]),
        "denied": np.array([name in denied for name in names]),
        "special": np.array([name == understood.special for name in names]),
        "none_beside_stated": none & any_stated,
        "none": none,
        "beside_stated": ~none & ~has & any_stated,
        "beside_special": ~none & (understood.special in ("unknown", "declined")),
        "one_of_several": has & (len(stated) > 1),
        "covers_stated": (_covers() & has[None, :]).any(axis=1),
        "hinted": hints,
        "hinted_most": (hints > 0) & (hints == hints[~none].max()),
        "person_named": has & person & ~said,
        "person_told": has & person & said,
        "clear": has & ~person & ~unspecific,
        "beside_clear": ~has & ~none & bool((has & ~person & ~unspecific).any()),
        "under_stated": (_covers() & has[:, None]).any(axis=0),
    }
    if meant is not None:
        columns |= {f"meant_{sign}": column for sign, column in _of_a_reading(meant, has).items()}
    wanted = SIGNS if meant is None else BOTH_SIGNS
    return np.stack([columns[sign].astype(np.float64) for sign in wanted], axis=1)


def _of_a_reading(reading: Reading, has: NDArray[np.bool_]) -> dict[str, NDArray[np.float64]]:
    """The signs that one reading gives. `has`: the sources that the rules found stated."""
    clause = reading.each.max(axis=0)
    leads = (reading.each == reading.each.max(axis=1, keepdims=True)).any(axis=0)
    columns = (reading.whole, clause, reading.whole - reading.whole.max(), has * clause, has * reading.whole, leads)
    return dict(zip(OF_A_READING, columns, strict=True))


def save(weighing: Weighing, folder: Path) -> None:
    """Write the weights, readable and the same at every run. Which file they are for is told by their number."""
    names, file = (SIGNS, FILE) if len(weighing.weights) == len(SIGNS) else (BOTH_SIGNS, BOTH_FILE)
    rows = zip(names, weighing.weights, weighing.means, weighing.spreads, strict=True)
    document = {
        "format": FORM,
        "surety": [round(value, 5) for value in weighing.surety],
        "signs": {sign: [round(float(value), 5) for value in values] for sign, *values in rows},
    }
    (folder / file).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def load(folder: Path, *, both: bool = False) -> Weighing:
    """Read the weights, with `both` those for two readings.

    Raises ModelError where they are missing, damaged or of another version.
    """
    names, file = (BOTH_SIGNS, BOTH_FILE) if both else (SIGNS, FILE)
    try:
        document = json.loads((folder / file).read_text(encoding="utf-8"))
        if document["format"] != FORM or tuple(document["signs"]) != names:
            raise ModelError(f"The classifier in {folder} is of another version. Run `make models`.")
        weights, means, spreads = np.array(list(document["signs"].values()), dtype=np.float64).T
        return Weighing(weights, means, spreads, (float(document["surety"][0]), float(document["surety"][1])))
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise ModelError(f"The classifier in {folder} cannot be loaded: {error}. Run `make models`.") from error
