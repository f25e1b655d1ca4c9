"""A linear model over hashed features: scores, probabilities, and its files. numpy only; no pickles.

Multinomial logistic regression on hashed features (Weinberger et al., "Feature Hashing for Large Scale Multitask
Learning", ICML 2009), its scores divided by a temperature that is fitted on held-out folds (Guo et al., "On Calibration
of Modern Neural Networks", ICML 2017). Trained by models/call_classifier.
"""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voicebot.errors import ModelError

BUCKETS = 1 << 18


@dataclass(frozen=True, slots=True)
class Linear:
    """A trained model: `matrix` of shape (buckets, classes), `bias` (classes), and the temperature."""

    classes: tuple[str, ...]
    matrix: NDArray[np.float32]
    bias: NDArray[np.float32]
    temperature: float
    version: str

    def scores(self, features: Mapping[int, float]) -> NDArray[np.float64]:
        """One score a class, before the temperature."""
        total = self.bias.astype(np.float64)
        if features:
            buckets, values = list(features), np.fromiter(features.values(), dtype=np.float64)
            total = total + values @ self.matrix[buckets]
        return total


def bucket(name: str) -> int:
    """The bucket of a feature's name: the same in every process."""
    return zlib.crc32(name.encode()) % BUCKETS


def block(names: Iterable[str], weight: float, into: dict[int, float]) -> None:
    """Add a block of features with a length of `weight`, whatever the length of the text; counts are damped."""
    counts: dict[int, float] = {}
    for name in names:
        key = bucket(name)
        counts[key] = counts.get(key, 0.0) + 1.0
    if not counts:
        return
    values = np.log1p(np.fromiter(counts.values(), dtype=np.float64))
    values *= weight / np.sqrt(values @ values)
    for key, value in zip(counts, values.tolist(), strict=True):
        into[key] = into.get(key, 0.0) + value


def save(model: Linear, folder: Path, name: str, form: str) -> None:
    """Write the model in half precision, which costs no accuracy. `form`: the version of features and files."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = np.flatnonzero(np.abs(model.matrix).max(axis=1) > 0)
    # savez stamps the time into the archive: plain .npy files are the same at every run.
    np.save(folder / f"{name}_rows.npy", rows.astype(np.uint32))
    np.save(folder / f"{name}_matrix.npy", model.matrix[rows].astype(np.float16))
    meta = {
        "format": form,
        "version": model.version,
        "temperature": model.temperature,
        "classes": list(model.classes),
        "bias": [round(float(value), 6) for value in model.bias],
    }
    (folder / f"{name}.json").write_text(json.dumps(meta, indent=2) + "\n", encoding="utf-8")


def load(folder: Path, name: str, form: str, classes: Sequence[str]) -> Linear:
    """Read the model. Raises ModelError where it is missing, damaged or of another format."""
    try:
        meta = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        rows, part = (np.load(folder / f"{name}_{what}.npy") for what in ("rows", "matrix"))
        if meta["format"] != form or meta["classes"] != list(classes):
            raise ModelError(f"The classifier in {folder} is of another version. Run `make models`.")
        matrix = np.zeros((BUCKETS, len(classes)), dtype=np.float32)
        matrix[rows] = part
        bias = np.array(meta["bias"], dtype=np.float32)
        return Linear(tuple(classes), matrix, bias, float(meta["temperature"]), str(meta["version"]))
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise ModelError(f"The classifier in {folder} cannot be loaded: {error}. Run `make models`.") from error
