"""The sentence encoder in torch, for training alone: published weights that stay, and low-rank parts that learn."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from voicebot.classify.adapter import Adapter
from voicebot.classify.encoder import HEADS, Tensors

RANK = 16
# Layers that stay as published: tuning them too is no better and costs half as much again.
LOWER = 2
EPSILON = 1e-12
# The matrices that learn, by their names in the published file.
ATTENTION = ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense")
WIDE = ("intermediate.dense", "output.dense")


class Adapted(nn.Module):
    """A published matrix and what is learned beside it, nothing at first."""

    def __init__(self, found: Tensors, name: str, rank: int) -> None:
        super().__init__()
        self.name = f"{name}.weight"
        weight = torch.from_numpy(found[self.name].copy())
        self.register_buffer("weight", weight)
        self.register_buffer("bias", torch.from_numpy(found[f"{name}.bias"].copy()))
        rows, columns = weight.shape
        self.flat = nn.Parameter(torch.randn(rank, columns) / columns**0.5)
        self.tall = nn.Parameter(torch.zeros(rows, rank))

    def forward(self, given: Tensor) -> Tensor:
        beside = functional.linear(functional.linear(given, self.flat), self.tall)
        return functional.linear(given, self.weight, self.bias) + beside


class Layer(nn.Module):
    """Attention and a wide layer, each with its norm behind it."""

    def __init__(self, found: Tensors, name: str, rank: int) -> None:
        super().__init__()
        self.parts = nn.ModuleList(Adapted(found, f"{name}.{part}", rank) for part in (*ATTENTION, *WIDE))
        self.norms = nn.ModuleList(norm(found, f"{name}.{part}") for part in ("attention.output", "output"))

    def forward(self, given: Tensor, mask: Tensor) -> Tensor:
        query, key, value, out, wide, narrow = self.parts
        batch, length, size = given.shape

        def heads(rows: Tensor) -> Tensor:
            return rows.view(batch, length, HEADS, size // HEADS).transpose(1, 2)

        # By hand: on a processor, with texts so short, several times as fast as torch's own.
        alike = heads(query(given)) @ heads(key(given) * (size // HEADS) ** -0.5).transpose(-1, -2)
        met = (alike + mask).softmax(-1) @ heads(value(given))
        given = self.norms[0](given + out(met.transpose(1, 2).reshape(batch, length, size)))
        return self.norms[1](given + narrow(functional.gelu(wide(given))))


def norm(found: Tensors, name: str) -> nn.LayerNorm:
    """A published norm, which stays as it is."""
    weight = torch.from_numpy(found[f"{name}.LayerNorm.weight"].copy())
    layer = nn.LayerNorm(len(weight), eps=EPSILON)
    layer.weight = nn.Parameter(weight, requires_grad=False)
    layer.bias = nn.Parameter(torch.from_numpy(found[f"{name}.LayerNorm.bias"].copy()), requires_grad=False)
    return layer


class Bert(nn.Module):
    """The encoder in two halves: the lower layers, which stay and are passed once, and the upper ones, which learn."""

    def __init__(self, found: Tensors, rank: int = RANK) -> None:
        super().__init__()
        words = found["embeddings.word_embeddings.weight"] + found["embeddings.token_type_embeddings.weight"][0]
        self.register_buffer("words", torch.from_numpy(words))
        self.register_buffer("places", torch.from_numpy(found["embeddings.position_embeddings.weight"].copy()))
        self.norm = norm(found, "embeddings")
        count = len({name.split(".")[2] for name in found if name.startswith("encoder.layer.")})
        layers = [Layer(found, f"encoder.layer.{i}", rank) for i in range(count)]
        self.lower, self.upper = nn.ModuleList(layers[:LOWER]), nn.ModuleList(layers[LOWER:])

    @torch.no_grad()
    def below(self, ids: list[int]) -> Tensor:
        """What the lower layers make of one text: one row a token."""
        rows = self.norm(self.words[ids] + self.places[: len(ids)])[None]
        for layer in self.lower:
            rows = layer(rows, torch.zeros(()))
        return rows[0]

    def forward(self, rows: Tensor, real: Tensor) -> Tensor:
        """Rows of the lower layers (batch, length, size) and which of them are no padding, to one row each."""
        mask = torch.zeros(real.shape, dtype=torch.bfloat16).masked_fill(~real, -1e4)[:, None, None, :]
        for layer in self.upper:
            rows = layer(rows, mask)
        return rows

    def adapter(self) -> Adapter:
        """What was learned."""
        parts = [part for part in self.upper.modules() if isinstance(part, Adapted)]
        return Adapter({part.name: (_array(part.tall), _array(part.flat)) for part in parts})


def _array(part: Tensor) -> np.ndarray:
    return part.detach().float().numpy().copy()
