"""What words mean within a conversation, as vectors: sentences that mean alike point alike, whatever their words.

    folder = vectors.ensure(settings.transcribe.model_dir)   # fetched at first use; None where it cannot be had
    encoder = vectors.load(folder, trained)                  # once a process; may be used by several threads
    page = encoder.page(turns)                               # one pass for the whole call
    page.of(turn, start, end)                                # (384,) what these letters of a turn mean there

The encoder knows English; Spanish comes out as noise.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import ctranslate2
import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from voicebot.classify import adapter, encoder
from voicebot.classify.adapter import NOTHING, Adapter
from voicebot.classify.labels import Turn
from voicebot.classify.page import Page, known, laid_out, seen
from voicebot.errors import ModelError
from voicebot.transcribe import weights

NAME = "minilm"
SIZE = 384


def tokenizer(folder: Path) -> Tokenizer:
    """What cuts texts into the encoder's tokens: each text whole, whatever its length."""
    found = Tokenizer.from_file(str(folder / encoder.TOKENIZER))
    found.no_padding()
    found.no_truncation()
    return found


class Encoder:
    """A loaded sentence encoder."""

    def __init__(self, folder: Path, added: Adapter = NOTHING) -> None:
        """`folder` holds the weights as they were fetched; `added` is what training adds to them.

        Raises ModelError when they cannot be loaded.
        """
        try:
            # Texts are short: a second thread costs more than it brings, and calls run beside each other.
            self._encoder = ctranslate2.Encoder(str(encoder.ready(folder, added)), device="cpu", intra_threads=1)
            self._tokenizer = tokenizer(folder)
        except (RuntimeError, OSError, ValueError) as error:
            raise ModelError(f"The encoder in {folder} cannot be loaded: {error}.") from error
        self._begin = known(self._tokenizer, "[CLS]")

    def page(self, turns: Sequence[Turn]) -> Page:
        """A conversation as the encoder sees it."""
        return seen(laid_out(self._tokenizer, turns), self._begin, lambda ids: self._hidden([ids])[0])

    def _hidden(self, ids: list[list[int]]) -> NDArray[np.float32]:
        hidden: NDArray[np.float32] = np.array(self._encoder.forward_batch(ids).last_hidden_state)
        return hidden


@lru_cache(maxsize=4)
def load(folder: Path, trained: Path) -> Encoder:
    """The process's encoder, loaded at the first call. Raises ModelError when it cannot be.

    In: `folder`, with the weights as they were fetched; `trained`, with the adapter that training adds to them.
    """
    return Encoder(folder, adapter.load(trained))


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
