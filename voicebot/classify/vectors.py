"""What a text means as a vector: texts that mean alike point alike, whatever their words.

    folder = vectors.ensure(settings.transcribe.model_dir)   # fetched at first use; None where it cannot be had
    encoder = vectors.load(folder)                           # once a process; may be used by several threads
    rows = encoder.of(["saw your truck", "van in traffic"])  # (2, 384) float32, each of length 1
    rows[0] @ rows[1]                                        # how alike, from -1 to 1

One call for many texts is cheaper than many calls. The encoder knows English; Spanish comes out as noise.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import ctranslate2
import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from voicebot.classify import encoder
from voicebot.errors import ModelError
from voicebot.transcribe import weights

NAME = "minilm"
SIZE = 384
MOST_TOKENS = 128  # what it was trained on; an answer has some 20, a long turn 60
BATCH = 32


class Encoder:
    """A loaded sentence encoder."""

    def __init__(self, folder: Path) -> None:
        """`folder` holds the weights as they were fetched. Raises ModelError when they cannot be loaded."""
        try:
            # Texts are short: a second thread costs more than it brings, and calls run beside each other.
            self._encoder = ctranslate2.Encoder(str(encoder.ready(folder)), device="cpu", intra_threads=1)
            self._tokenizer = Tokenizer.from_file(str(folder / encoder.TOKENIZER))
        except (RuntimeError, OSError, ValueError) as error:
            raise ModelError(f"The encoder in {folder} cannot be loaded: {error}.") from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MOST_TOKENS)

    def of(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One vector a text, of length 1: (texts, 384)."""
        found = self._tokenizer.encode_batch(list(texts))
        rows = np.zeros((len(found), SIZE), dtype=np.float32)
        # Texts of like length together: a batch costs as much as its longest one in every row.
        order = sorted(range(len(found)), key=lambda place: len(found[place].ids))
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            hidden = self._hidden([found[place].ids for place in chosen])
            for row, place in enumerate(chosen):
                rows[place] = hidden[row, : len(found[place].ids)].mean(axis=0)
        return _of_length_one(rows)

    def parts(self, text: str, spans: Sequence[tuple[int, int]]) -> NDArray[np.float32]:
        """The vector of a text, then one of each span of its letters as its words mean within the whole."""
        found = self._tokenizer.encode(text)
        hidden = self._hidden([found.ids])[0]
        rows = [hidden.mean(axis=0)]
        for start, end in spans:
            inside = [i for i, (a, b) in enumerate(found.offsets) if b > a and a < end and b > start]
            rows.append(hidden[inside].mean(axis=0) if inside else rows[0])
        return _of_length_one(np.stack(rows))

    def _hidden(self, ids: list[list[int]]) -> NDArray[np.float32]:
        hidden: NDArray[np.float32] = np.array(self._encoder.forward_batch(ids).last_hidden_state)
        return hidden


def _of_length_one(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


@lru_cache(maxsize=2)
def load(folder: Path) -> Encoder:
    """The process's encoder, loaded at the first call. Raises ModelError when it cannot be."""
    return Encoder(folder)


def ensure(model_dir: Path | None, report: Callable[[str], None] | None = None) -> Path | None:
    """The folder with the encoder's weights, fetched first where they are missing; None where they cannot be had.

    In: `model_dir`, where weights are kept; `report`, called with messages for a person.
    """
    if model_dir is None:
        return None
    try:
        return weights.ensure(NAME, model_dir, report=report)
    except (ModelError, OSError) as error:
        if report is not None:
            report(f"Answers are understood without sentence vectors, less well: {error}")
        return None
