"""CTranslate2's Whisper weights as openai-whisper's: the same tensors under other names, so both engines share weights.

The file format is CTranslate2's `model_spec.py` (binary version 6): little-endian counts and sizes, strings with their
length and a closing zero. Linear layers of int8 weights carry a `weight_scale` per row: value = int8 / scale.
"""

import json
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from voicebot.errors import ModelError

Array = npt.NDArray[Any]
Arrays = dict[str, Array]

BINARY_VERSION = 6
# In the order of CTranslate2's DataType; bfloat16 has no numpy type and is not used for Whisper.
DTYPES = ("<f4", "<i1", "<i2", "<i4", "<f2")

# CTranslate2's names, in regular expressions, and openai-whisper's.
RENAMES = (
    (r"^encoder/(conv[12])/", r"encoder.\1."),
    (r"^encoder/position_encodings/encodings$", "encoder.positional_embedding"),
    (r"^encoder/layer_norm/", "encoder.ln_post."),
    (r"^decoder/embeddings/weight$", "decoder.token_embedding.weight"),
    (r"^decoder/position_encodings/encodings$", "decoder.positional_embedding"),
    (r"^decoder/layer_norm/", "decoder.ln."),
    (r"^(encoder|decoder)/layer_(\d+)/", r"\1.blocks.\2."),
    (r"self_attention/layer_norm/", "attn_ln."),
    (r"attention/layer_norm/", "cross_attn_ln."),
    (r"self_attention/linear_1/", "attn.out."),
    (r"attention/linear_2/", "cross_attn.out."),
    (r"ffn/layer_norm/", "mlp_ln."),
    (r"ffn/linear_0/", "mlp.0."),
    (r"ffn/linear_1/", "mlp.2."),
    (r"gamma$", "weight"),
    (r"beta$", "bias"),
)
# CTranslate2 computes several projections in one product; their rows are stacked in this order.
STACKED = (
    (r"^(.*)/self_attention/linear_0/(weight|bias)$", "attn", ("query", "key", "value")),
    (r"^(.*)/attention/linear_0/(weight|bias)$", "cross_attn", ("query",)),
    (r"^(.*)/attention/linear_1/(weight|bias)$", "cross_attn", ("key", "value")),
)
# openai-whisper's key projections have no bias; CTranslate2 stores zeros there.
NO_BIAS = "key.bias"


@dataclass(frozen=True, slots=True)
class Converted:
    """openai-whisper's `ModelDimensions` as a dictionary, its state by name, and (layer, head) pairs for word times."""

    dims: dict[str, int]
    state: Arrays
    alignment_heads: tuple[tuple[int, int], ...]


def convert(folder: Path) -> Converted:
    """Read the CTranslate2 weights in `folder`. Raises ModelError when they are not Whisper weights in that format."""
    try:
        with (folder / "model.bin").open("rb") as file:
            variables = dict(_variables(file))
        heads = json.loads((folder / "config.json").read_text(encoding="utf-8"))["alignment_heads"]
        state = dict(_state(_floats(variables)))
        return Converted(_dims(variables, state), state, tuple((int(layer), int(head)) for layer, head in heads))
    except (OSError, KeyError, ValueError, struct.error, IndexError) as error:
        raise ModelError(f"{folder} does not hold Whisper weights that can be converted: {error}") from error


def _variables(file: BinaryIO) -> Iterator[tuple[str, Array]]:
    version, kind = _number(file, "I"), _string(file)
    if version != BINARY_VERSION or kind != "WhisperSpec":
        raise ValueError(f"version {version} of {kind or 'no model'}")
    _number(file, "I")  # revision of the Whisper layout
    for _ in range(_number(file, "I")):
        name = _string(file)
        shape = [_number(file, "I") for _ in range(_number(file, "B"))]
        dtype = DTYPES[_number(file, "B")]
        data = file.read(_number(file, "I"))
        yield name, np.frombuffer(data, dtype).reshape(shape)


def _number(file: BinaryIO, kind: str) -> int:
    return int(struct.unpack(f"<{kind}", file.read(struct.calcsize(kind)))[0])


def _string(file: BinaryIO) -> str:
    return file.read(_number(file, "H"))[:-1].decode()


def _floats(variables: Arrays) -> Arrays:
    """The tensors as float32, int8 ones multiplied out; scalars and scales left out."""
    floats: Arrays = {}
    for name, value in variables.items():
        if value.ndim == 0 or name.endswith("_scale") or name.startswith("decoder/alignment"):
            continue
        if value.dtype == np.int8:
            scale = np.asarray(variables[f"{name}_scale"], np.float32)
            floats[name] = value.astype(np.float32) / scale.reshape(-1, *[1] * (value.ndim - 1))
        else:
            floats[name] = value.astype(np.float32)
    return floats


def _state(floats: Arrays) -> Iterator[tuple[str, Array]]:
    for name, value in floats.items():
        for renamed, part in _unstacked(name, value):
            if not renamed.endswith(NO_BIAS):
                yield renamed, part


def _unstacked(name: str, value: Array) -> Iterator[tuple[str, Array]]:
    for pattern, attention, projections in STACKED:
        if match := re.match(pattern, name):
            block = _rename(f"{match[1]}/")
            for projection, part in zip(projections, np.split(value, len(projections)), strict=True):
                yield f"{block}{attention}.{projection}.{match[2]}", part
            return
    yield _rename(name), value


def _rename(name: str) -> str:
    for pattern, replacement in RENAMES:
        name = re.sub(pattern, replacement, name)
    return name


def _dims(variables: Arrays, state: Arrays) -> dict[str, int]:
    """openai-whisper's ModelDimensions, read off the tensors' shapes."""
    n_vocab, n_text_state = state["decoder.token_embedding.weight"].shape
    n_audio_state, n_mels, _ = state["encoder.conv1.weight"].shape
    return {
        "n_mels": n_mels,
        "n_audio_ctx": state["encoder.positional_embedding"].shape[0],
        "n_audio_state": n_audio_state,
        "n_audio_head": int(variables["encoder/num_heads"]),
        "n_audio_layer": _layers(state, "encoder"),
        "n_vocab": n_vocab,
        "n_text_ctx": state["decoder.positional_embedding"].shape[0],
        "n_text_state": n_text_state,
        "n_text_head": int(variables["decoder/num_heads"]),
        "n_text_layer": _layers(state, "decoder"),
    }


def _layers(state: Arrays, part: str) -> int:
    return len({name.split(".")[2] for name in state if name.startswith(f"{part}.blocks.")})
