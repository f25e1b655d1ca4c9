"""Fitting the sentence encoder to our texts: answers, whole calls and openings, three things asked of each at once.

Which source an answer or a marked sentence speaks of, whether a sentence of the caller reveals one, and what the call
was. Low-rank parts of the encoder and three linear heads learn together; everything else stays as published.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from bert import Bert
from torch import Tensor, nn
from torch.nn import functional

from voicebot.classify.adapter import Adapter, halved
from voicebot.classify.disposition import LEARNED
from voicebot.classify.encoder import Tensors
from voicebot.classify.page import WINDOW, Layout, beginning
from voicebot.classify.roundabout import leaves
from voicebot.classify.tuned import Heads

SEED, ROUNDS, TOKENS, PACE, HEADS_PACE = 7, 7, 2048, 3e-3, 6e-3
WARM, DROPOUT, UNPUNCTUATED, SMOOTH = 0.1, 0.1, 0.3, 0.02
NONE = -1


@dataclass(frozen=True, slots=True)
class Span:
    """Words of the caller, by their tokens: do they reveal a source (None: not known), and which ones."""

    first: int
    last: int
    reveals: bool | None
    sources: tuple[str, ...] = ()
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Item:
    """A text laid out, what it was (NONE: not known) with the weight of that, and its spans."""

    writer: str
    layout: Layout
    disposition: int = NONE
    weight: float = 1.0
    spans: tuple[Span, ...] = field(default=())


class Model(nn.Module):
    """The encoder with its heads."""

    def __init__(self, found: Tensors) -> None:
        super().__init__()
        self.bert = Bert(found)
        size = self.bert.words.shape[1]
        self.sources = nn.Linear(size, len(leaves()))
        self.reveals = nn.Linear(size, 1)
        self.dispositions = nn.Linear(2 * size, len(LEARNED))
        self.dropout = nn.Dropout(DROPOUT)

    def heads(self) -> Heads:
        """The heads as the product reads them."""

        def half(part: Tensor) -> np.ndarray:
            return part.detach().float().numpy().astype(np.float16).astype(np.float32)

        biases = [
            layer.bias.detach().float().numpy().copy() for layer in (self.sources, self.reveals, self.dispositions)
        ]
        return Heads(
            half(self.sources.weight.T),
            half(self.reveals.weight[0]),
            half(self.dispositions.weight.T),
            (biases[0], biases[1], biases[2]),
        )


@dataclass(frozen=True, slots=True)
class Marks:
    """The ids of tokens that training must know: the mark that opens a window, padding, and punctuation."""

    begin: int
    padding: int
    punctuation: frozenset[int]


def fit(found: Tensors, items: Sequence[Item], marks: Marks, rounds: int = ROUNDS) -> tuple[Adapter, Heads]:
    """Tune on the items; always the same for the same items, threads and machine."""
    torch.manual_seed(SEED)
    drawn = random.Random(SEED)
    model = Model(found)
    low = [part for part in model.bert.parameters() if part.requires_grad]
    high = [part for layer in (model.sources, model.reveals, model.dispositions) for part in layer.parameters()]
    steps = [batch for _ in range(rounds) for batch in _batches(items, drawn)]
    pace = torch.optim.AdamW([{"params": low, "lr": PACE}, {"params": high, "lr": HEADS_PACE}], weight_decay=0.01)
    slope = torch.optim.lr_scheduler.LambdaLR(pace, lambda step: _share(step, len(steps)))
    lower = {id(item): _lower(model, item, marks) for item in items}
    model.train()
    for batch in steps:
        loss = _loss(model, batch, lower, marks, drawn)
        pace.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(low, 1.0)
        pace.step()
        slope.step()
    return halved(model.bert.adapter()), model.heads()


def _lower(model: Model, item: Item, marks: Marks) -> Tensor:
    """What the lower layers make of an item's first window, kept in half precision."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        return model.bert.below([marks.begin, *item.layout.ids[: WINDOW - 1]]).bfloat16()


def _share(step: int, steps: int) -> float:
    """The pace: up at first, then down to nothing."""
    warm = max(1, int(WARM * steps))
    return min((step + 1) / warm, max(0.0, (steps - step) / (steps - warm + 1)))


def _batches(items: Sequence[Item], drawn: random.Random) -> Iterator[list[Item]]:
    """All items once, in batches of texts of like length."""
    order = sorted(items, key=lambda item: (len(item.layout.ids) + 1) * drawn.uniform(0.85, 1.15))
    batches: list[list[Item]] = [[]]
    for item in order:
        longest = max((len(one.layout.ids) for one in [*batches[-1], item]), default=0)
        if batches[-1] and longest * (len(batches[-1]) + 1) > TOKENS:
            batches.append([])
        batches[-1].append(item)
    drawn.shuffle(batches)
    return iter(batches)


def _loss(
    model: Model, batch: Sequence[Item], lower: Mapping[int, Tensor], marks: Marks, drawn: random.Random
) -> Tensor:
    length = min(WINDOW, 1 + max(len(item.layout.ids) for item in batch))
    rows = torch.zeros((len(batch), length, model.bert.words.shape[1]), dtype=torch.bfloat16)
    real = torch.zeros((len(batch), length), dtype=torch.bool)
    owns, others = torch.zeros((2, len(batch), length))
    for row, item in enumerate(batch):
        size = min(length - 1, len(item.layout.ids))
        rows[row, : size + 1] = lower[id(item)]
        real[row, : size + 1] = True
        if drawn.random() < UNPUNCTUATED:
            real[row, : size + 1] = torch.tensor([True, *(i not in marks.punctuation for i in item.layout.ids[:size])])
        own, other = beginning(item.layout, size)
        owns[row, 1 : size + 1] = torch.from_numpy(own.astype(np.float32))
        others[row, 1 : size + 1] = torch.from_numpy(other.astype(np.float32))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        hidden = model.bert(model.dropout(rows), real)
    hidden = model.dropout(hidden.float())
    return (_of_calls(model, batch, hidden, owns * real, others * real) + _of_spans(model, batch, hidden, real)) / len(
        batch
    )


def _of_calls(model: Model, batch: Sequence[Item], hidden: Tensor, owns: Tensor, others: Tensor) -> Tensor:
    known = [row for row, item in enumerate(batch) if item.disposition != NONE]
    if not known:
        return torch.zeros(())
    means = [
        (hidden[known] * of[known, :, None]).sum(1) / of[known].sum(1, keepdim=True).clamp(min=1)
        for of in (owns, others)
    ]
    truth = torch.tensor([batch[row].disposition for row in known])
    weights = torch.tensor([batch[row].weight for row in known])
    losses = functional.cross_entropy(
        model.dispositions(torch.cat(means, dim=1)), truth, reduction="none", label_smoothing=SMOOTH
    )
    return (losses * weights).sum()


def _of_spans(model: Model, batch: Sequence[Item], hidden: Tensor, real: Tensor) -> Tensor:
    placed = [(row, span) for row, item in enumerate(batch) for span in item.spans if span.last < hidden.shape[1]]
    if not placed:
        return torch.zeros(())
    summed = functional.pad((hidden * real[:, :, None]).cumsum(1), (0, 0, 1, 0))
    counted = functional.pad(real.float().cumsum(1), (1, 0))
    rows = torch.tensor([row for row, _ in placed])
    # The mark that opens the window moves every token by one.
    first, last = (
        torch.tensor([end + 1 for _, span in placed for end in (getattr(span, name),)]) for name in ("first", "last")
    )
    counts = (counted[rows, last] - counted[rows, first]).clamp(min=1)
    means = (summed[rows, last] - summed[rows, first]) / counts[:, None]
    weights = torch.tensor([span.weight for _, span in placed])
    return _of_sources(model, placed, means, weights) + _of_revealing(model, placed, means, weights)


def _of_sources(model: Model, placed: Sequence[tuple[int, Span]], means: Tensor, weights: Tensor) -> Tensor:
    naming = [i for i, (_, span) in enumerate(placed) if span.sources]
    if not naming:
        return torch.zeros(())
    names = leaves()
    truth = torch.zeros((len(naming), len(names)))
    for row, i in enumerate(naming):
        for name in placed[i][1].sources:
            truth[row, names.index(name)] += 1 / len(placed[i][1].sources)
    losses = functional.cross_entropy(model.sources(means[naming]), truth, reduction="none", label_smoothing=SMOOTH)
    return (losses * weights[naming]).sum()


def _of_revealing(model: Model, placed: Sequence[tuple[int, Span]], means: Tensor, weights: Tensor) -> Tensor:
    known = [i for i, (_, span) in enumerate(placed) if span.reveals is not None]
    if not known:
        return torch.zeros(())
    truth = torch.tensor([float(bool(placed[i][1].reveals)) for i in known])
    scores = model.reveals(means[known])[:, 0]
    return (functional.binary_cross_entropy_with_logits(scores, truth, reduction="none") * weights[known]).sum()
