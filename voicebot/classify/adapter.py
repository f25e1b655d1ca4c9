"""What training adds to the sentence encoder: for each of its matrices the product of a tall and a flat one.

Low-rank adaptation (Hu et al., "LoRA", ICLR 2022): the published weights stay as they are and are fetched; only the
additions, a hundredth of their size, are ours and shipped. They are added once, when the weights are made ready, so
that the encoder costs at run time what it cost before.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voicebot.errors import ModelError

FORM = "1"
NAME = "adapter"


@dataclass(frozen=True, slots=True)
class Adapter:
    """`parts`: by a published matrix's name, its tall part (rows, rank) and its flat one (rank, columns)."""

    parts: Mapping[str, tuple[NDArray[np.float32], NDArray[np.float32]]]

    def added(self, name: str, matrix: NDArray[np.float32]) -> NDArray[np.float32]:
        """The matrix with what training adds to it; as it was where nothing is."""
        if name not in self.parts:
            return matrix
        tall, flat = self.parts[name]
        return matrix + tall @ flat

    @property
    def digest(self) -> str:
        """Ten letters that tell this adapter from any other."""
        told = hashlib.sha256()
        for name, both in sorted(self.parts.items()):
            told.update(name.encode())
            for part in both:
                told.update(np.ascontiguousarray(part, dtype=np.float32).tobytes())
        return told.hexdigest()[:10]


NOTHING = Adapter({})


def halved(adapter: Adapter) -> Adapter:
    """The adapter as it is after being written and read: in half precision."""
    return Adapter({name: (_half(tall), _half(flat)) for name, (tall, flat) in adapter.parts.items()})


def _half(part: NDArray[np.float32]) -> NDArray[np.float32]:
    return part.astype(np.float16).astype(np.float32)


def save(adapter: Adapter, folder: Path) -> None:
    """Write the adapter: all numbers in one row of half precision, and the names and shapes beside it."""
    names = sorted(adapter.parts)
    numbers = [part.ravel() for name in names for part in adapter.parts[name]]
    np.save(folder / f"{NAME}.npy", np.concatenate(numbers).astype(np.float16))
    shapes = {name: [*adapter.parts[name][0].shape, adapter.parts[name][1].shape[1]] for name in names}
    document = {"format": FORM, "shapes": shapes}
    (folder / f"{NAME}.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def load(folder: Path) -> Adapter:
    """Read the adapter. Raises ModelError where it is missing, damaged or of another version."""
    try:
        document = json.loads((folder / f"{NAME}.json").read_text(encoding="utf-8"))
        numbers = np.load(folder / f"{NAME}.npy").astype(np.float32)
        if document["format"] != FORM:
            raise ModelError(f"The classifier in {folder} is of another version. Run `make models`.")
        parts, begin = {}, 0
        for name, (rows, rank, columns) in document["shapes"].items():
            middle, end = begin + rows * rank, begin + rank * (rows + columns)
            parts[name] = (numbers[begin:middle].reshape(rows, rank), numbers[middle:end].reshape(rank, columns))
            begin = end
        return Adapter(parts)
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"The classifier in {folder} cannot be loaded: {error}. Run `make models`.") from error
