"""The encoder tuned on everything, and once without each third of the writers: what judges texts of unread hands."""

import hashlib
import json
import pickle
from collections import Counter
from collections.abc import Collection, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
import tuning
from tuning import Item, Marks

from voicebot.classify import encoder
from voicebot.classify.adapter import Adapter
from voicebot.classify.labels import Turn
from voicebot.classify.page import Page
from voicebot.classify.tuned import Heads, Tuned
from voicebot.classify.vectors import Encoder

PARTS = 2


@dataclass(frozen=True, slots=True)
class Fold:
    """Writers, and the encoder tuned without them."""

    writers: frozenset[str]
    tuned: Tuned


def parted(items: Sequence[Item]) -> list[frozenset[str]]:
    """The writers in parts with about as many words each: the longest first, each to the part that has least."""
    sizes = Counter()
    for item in items:
        sizes[item.writer] += len(item.layout.ids)
    parts: list[list[str]] = [[] for _ in range(PARTS)]
    for writer, _ in sorted(sizes.items(), key=lambda pair: (-pair[1], pair[0])):
        min(parts, key=lambda part: sum(sizes[name] for name in part)).append(writer)
    return [frozenset(part) for part in parts]


def tune(folder: Path, items: Sequence[Item], marks: Marks, kept: Path | None) -> tuple[Adapter, Heads, list[Fold]]:
    """What is shipped, and the folds.

    In: `folder`, with the published weights; `kept`, where earlier fits are taken from.
    """
    left_out = [frozenset[str](), *parted(items)]
    work = [(folder, [item for item in items if item.writer not in out], marks, kept) for out in left_out]
    # One thread each: the fits do not wait for each other, and are the same on any machine with such a processor.
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        (adapter, heads), *others = pool.map(_fit, work)
    folds = [
        Fold(out, Tuned(_passing(folder, added), theirs))
        for out, (added, theirs) in zip(left_out[1:], others, strict=True)
    ]
    return adapter, heads, folds


def dealt(folds: Sequence[Fold], writers: Collection[str]) -> list[Fold]:
    """The folds with the writers whom no encoder has read, of Spanish or of talks, dealt out to them."""
    further = sorted(set(writers).difference(*(fold.writers for fold in folds)))
    return [replace(fold, writers=fold.writers.union(further[at :: len(folds)])) for at, fold in enumerate(folds)]


class Remembering(Encoder):
    """An encoder that passes every call once: several parts are fitted to what it makes of the same calls."""

    def __init__(self, folder: Path, added: Adapter) -> None:
        super().__init__(folder, added)
        self._pages: dict[tuple[Turn, ...], Page] = {}

    def page(self, turns: Sequence[Turn]) -> Page:
        """A conversation as the encoder sees it."""
        key = tuple(turns)
        if key not in self._pages:
            self._pages[key] = super().page(turns)
        return self._pages[key]


def _passing(folder: Path, added: Adapter) -> Encoder:
    """An encoder that leaves nothing behind: what is made ready for it goes once it is loaded."""
    with TemporaryDirectory() as scratch:
        for name in (encoder.WEIGHTS, encoder.TOKENIZER):
            (Path(scratch) / name).symlink_to((folder / name).resolve())
        return Remembering(Path(scratch), added)


def _fit(work: tuple[Path, Sequence[Item], Marks, Path | None]) -> tuple[Adapter, Heads]:
    folder, items, marks, kept = work
    file = kept and kept / f"{_digest(items)}.pickle"
    if file and file.exists():
        found: tuple[Adapter, Heads] = pickle.loads(file.read_bytes())
        return found
    torch.set_num_threads(1)
    found = tuning.fit(encoder.tensors(folder / encoder.WEIGHTS), items, marks)
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(pickle.dumps(found))
    return found


def _digest(items: Sequence[Item]) -> str:
    """Tells what was fitted: the items and how."""
    told = hashlib.sha256(
        json.dumps(
            [
                value
                for name, value in sorted(vars(tuning).items())
                if name.isupper() and isinstance(value, (int, float))
            ]
        ).encode()
    )
    for item in items:
        told.update(np.array(item.layout.ids).tobytes())
        told.update(repr((item.disposition, item.weight, item.spans, item.touches, item.booked)).encode())
    return told.hexdigest()[:16]
