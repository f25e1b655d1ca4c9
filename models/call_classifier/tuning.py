"""Fitting the sentence encoder to our texts: answers, whole calls and openings, five things asked of them at once.

Which source an answer or a marked sentence speaks of, whether a sentence of the caller reveals one, which of several
touches was earlier, what the call was, and whether an appointment was made. Low-rank parts of the encoder and linear
heads learn together; everything else stays as published.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from bert import Bert
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from voicebot.classify.adapter import Adapter, halved
from voicebot.classify.encoder import Tensors
from voicebot.classify.page import WINDOW, Layout, beginning, ending
from voicebot.classify.roundabout import leaves
from voicebot.classify.tuned import SHAPES, Heads

SEED, ROUNDS, TOKENS, PACE, HEADS_PACE = 7, 5, 2048, 3e-3, 6e-3
WARM, DROPOUT, UNPUNCTUATED, SMOOTH, BOOKING = 0.1, 0.1, 0.3, 0.02, 0.5
NONE = -1
# A part of a call: which of its first tokens are the caller's there, and which the agent's.
Part = Callable[[Layout, int], tuple[NDArray[np.bool_], NDArray[np.bool_]]]


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
    """A text laid out, what it was (NONE: not known) with the weight of that, and its spans.

    `touches`: the words of each of several sources, the earliest touch first; `booked`: what became of an appointment
    (NONE: not known).
    """

    writer: str
    layout: Layout
    disposition: int = NONE
    weight: float = 1.0
    spans: tuple[Span, ...] = field(default=())
    touches: tuple[Span, ...] = field(default=())
    booked: int = NONE


class Model(nn.Module):
    """The encoder with its heads."""

    def __init__(self, found: Tensors) -> None:
        super().__init__()
        self.bert = Bert(found)
        size = self.bert.words.shape[1]
        self.heads = nn.ModuleDict({name: nn.Linear(blocks * size, wide) for name, (blocks, wide) in SHAPES.items()})
        self.dropout = nn.Dropout(DROPOUT)

    def learned(self) -> Heads:
        """The heads as the product reads them."""
        matrices, biases = {}, {}
        for name, layer in self.heads.items():
            matrices[name] = layer.weight.T.detach().float().numpy().astype(np.float16).astype(np.float32)
            biases[name] = layer.bias.detach().float().numpy().copy()
        return Heads(matrices, biases)


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
    high = list(model.heads.parameters())
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
    return halved(model.bert.adapter()), model.learned()


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
    for row, item in enumerate(batch):
        size = min(length - 1, len(item.layout.ids))
        rows[row, : size + 1] = lower[id(item)]
        real[row, : size + 1] = True
        if drawn.random() < UNPUNCTUATED:
            real[row, : size + 1] = torch.tensor([True, *(i not in marks.punctuation for i in item.layout.ids[:size])])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        hidden = model.bert(model.dropout(rows), real)
    hidden = model.dropout(hidden.float())
    lost = _of_calls(model, batch, hidden, real) + _of_bookings(model, batch, hidden, real)
    return (lost + _of_spans(model, batch, hidden, real)) / len(batch)


def _of_calls(model: Model, batch: Sequence[Item], hidden: Tensor, real: Tensor) -> Tensor:
    known = [row for row, item in enumerate(batch) if item.disposition != NONE]
    if not known:
        return torch.zeros(())
    truth = torch.tensor([batch[row].disposition for row in known])
    weights = torch.tensor([batch[row].weight for row in known])
    means = _means([batch[row].layout for row in known], hidden[known], real[known], beginning)
    losses = functional.cross_entropy(
        model.heads["dispositions"](means), truth, reduction="none", label_smoothing=SMOOTH
    )
    return (losses * weights).sum()


def _of_bookings(model: Model, batch: Sequence[Item], hidden: Tensor, real: Tensor) -> Tensor:
    """What became of an appointment is told by the end of a call, which must lie in the window."""
    known = [row for row, item in enumerate(batch) if item.booked != NONE and len(item.layout.ids) < WINDOW]
    if not known:
        return torch.zeros(())
    truth = torch.tensor([batch[row].booked for row in known])
    means = _means([batch[row].layout for row in known], hidden[known], real[known], ending)
    losses = functional.cross_entropy(model.heads["bookings"](means), truth, reduction="none", label_smoothing=SMOOTH)
    return BOOKING * losses.sum()


def _means(layouts: Sequence[Layout], hidden: Tensor, real: Tensor, part: Part) -> Tensor:
    """Of each call the mean of the caller's rows and of the agent's, beside each other, in one part of it."""
    owns, others = torch.zeros((2, *real.shape))
    for row, layout in enumerate(layouts):
        size = min(real.shape[1] - 1, len(layout.ids))
        own, other = part(layout, size)
        owns[row, 1 : size + 1] = torch.from_numpy(own.astype(np.float32))
        others[row, 1 : size + 1] = torch.from_numpy(other.astype(np.float32))
    return torch.cat(
        [
            (hidden * of[:, :, None]).sum(1) / of.sum(1, keepdim=True).clamp(min=1)
            for of in (owns * real, others * real)
        ],
        dim=1,
    )


def _of_spans(model: Model, batch: Sequence[Item], hidden: Tensor, real: Tensor) -> Tensor:
    placed = [(row, span) for row, item in enumerate(batch) for span in item.spans if span.last < hidden.shape[1]]
    if not placed:
        return torch.zeros(())
    means = _meant(placed, hidden, real)
    weights = torch.tensor([span.weight for _, span in placed])
    lost = _of_sources(model, placed, means, weights) + _of_revealing(model, placed, means, weights)
    touched = [(row, span) for row, item in enumerate(batch) if len(item.touches) > 1 for span in item.touches]
    return lost + (_of_touches(model, touched, _meant(touched, hidden, real)) if touched else 0.0)


def _meant(placed: Sequence[tuple[int, Span]], hidden: Tensor, real: Tensor) -> Tensor:
    """The mean row of each span."""
    summed = functional.pad((hidden * real[:, :, None]).cumsum(1), (0, 0, 1, 0))
    counted = functional.pad(real.float().cumsum(1), (1, 0))
    rows = torch.tensor([row for row, _ in placed])
    # The mark that opens the window moves every token by one.
    first = torch.tensor([span.first + 1 for _, span in placed])
    last = torch.tensor([span.last + 1 for _, span in placed])
    counts = (counted[rows, last] - counted[rows, first]).clamp(min=1)
    means: Tensor = (summed[rows, last] - summed[rows, first]) / counts[:, None]
    return means


def _of_touches(model: Model, touched: Sequence[tuple[int, Span]], means: Tensor) -> Tensor:
    """Of every two touches of a call the earlier one should score higher."""
    scores = model.heads["touches"](means)[:, 0]
    pairs = [
        (i, j) for i, (row, _) in enumerate(touched) for j, (other, _) in enumerate(touched) if row == other and i < j
    ]
    earlier, later = torch.tensor(pairs).T
    return functional.softplus(scores[later] - scores[earlier]).sum()


def _of_sources(model: Model, placed: Sequence[tuple[int, Span]], means: Tensor, weights: Tensor) -> Tensor:
    naming = [i for i, (_, span) in enumerate(placed) if span.sources]
    if not naming:
        return torch.zeros(())
    names = leaves()
    truth = torch.zeros((len(naming), len(names)))
    for row, i in enumerate(naming):
        for name in placed[i][1].sources:
            truth[row, names.index(name)] += 1 / len(placed[i][1].sources)
    losses = functional.cross_entropy(
        model.heads["sources"](means[naming]), truth, reduction="none", label_smoothing=SMOOTH
    )
    return (losses * weights[naming]).sum()


def _of_revealing(model: Model, placed: Sequence[tuple[int, Span]], means: Tensor, weights: Tensor) -> Tensor:
    known = [i for i, (_, span) in enumerate(placed) if span.reveals is not None]
    if not known:
        return torch.zeros(())
    truth = torch.tensor([float(bool(placed[i][1].reveals)) for i in known])
    scores = model.heads["reveals"](means[known])[:, 0]
    return (functional.binary_cross_entropy_with_logits(scores, truth, reduction="none") * weights[known]).sum()
