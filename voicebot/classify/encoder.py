"""The sentence encoder's weights made ready for CTranslate2: from the published file, once a machine.

The weights are all-MiniLM-L6-v2's, a BERT of six layers: tokens and places, then attention and a wide layer by turns.
In 8 bits an answer takes some milliseconds of one core; the vectors differ from those of 32 bits by a cosine of 0.99.
"""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import filelock
import numpy as np
from ctranslate2.specs import common_spec, transformer_spec
from numpy.typing import NDArray

from voicebot.classify.adapter import NOTHING, Adapter
from voicebot.errors import ModelError

WEIGHTS, TOKENIZER = "model.safetensors", "tokenizer.json"
# Raise it when the conversion changes: the converted copy of another form is made anew.
READY = "int8-1"
HEADS = 12
UNKNOWN = "[UNK]"
Tensors = Mapping[str, NDArray[Any]]
_KINDS = {"F32": np.float32, "I64": np.int64}


def ready(folder: Path, adapter: Adapter = NOTHING) -> Path:
    """The folder that CTranslate2 reads, made from the weights in `folder` where it is not there yet.

    In: `adapter`, what training adds to the weights; each has a copy of its own. Two processes may call it at once.
    Raises ModelError when the weights are not what they should be.
    """
    done = folder / (f"{READY}-{adapter.digest}" if adapter.parts else READY)
    if (done / "model.bin").is_file():
        return done
    with filelock.FileLock(folder / f".{done.name}.lock"):
        if not (done / "model.bin").is_file():
            with tempfile.TemporaryDirectory(prefix=f".{done.name}.", dir=folder) as scratch:
                fresh = Path(scratch) / done.name
                fresh.mkdir()
                try:
                    published = tensors(folder / WEIGHTS)
                    found = {name: adapter.added(name, matrix) for name, matrix in published.items()}
                    _convert(found, _vocabulary(folder / TOKENIZER), fresh)
                except (OSError, ValueError, KeyError) as error:
                    raise ModelError(f"The encoder's weights in {folder} cannot be converted: {error}.") from error
                fresh.rename(done)
    return done


def tensors(path: Path) -> Tensors:
    """The arrays of a safetensors file: the length of a header, the header as JSON, then the numbers."""
    raw = path.read_bytes()
    begin = 8 + int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8:begin])
    header.pop("__metadata__", None)
    return {name: _array(raw, begin, entry) for name, entry in header.items()}


def _array(raw: bytes, begin: int, entry: Mapping[str, Any]) -> NDArray[Any]:
    start, end = entry["data_offsets"]
    return np.frombuffer(raw[begin + start : begin + end], dtype=_KINDS[entry["dtype"]]).reshape(entry["shape"])


def _vocabulary(path: Path) -> list[str]:
    words: dict[str, int] = json.loads(path.read_text(encoding="utf-8"))["model"]["vocab"]
    return sorted(words, key=lambda word: words[word])


def _convert(found: Tensors, vocabulary: list[str], folder: Path) -> None:
    layers = len({name.split(".")[2] for name in found if name.startswith("encoder.layer.")})
    encoder = transformer_spec.TransformerEncoderSpec(
        layers, HEADS, pre_norm=False, activation=common_spec.Activation.GELU, layernorm_embedding=True
    )
    spec = transformer_spec.TransformerEncoderModelSpec(encoder)
    # There is only one kind of text here, so its vector is part of every word's.
    kind = found["embeddings.token_type_embeddings.weight"][0]
    encoder.embeddings[0].weight = found["embeddings.word_embeddings.weight"] + kind
    encoder.position_encodings.encodings = found["embeddings.position_embeddings.weight"]
    encoder.scale_embeddings = False
    _norm(encoder.layernorm_embedding, found, "embeddings.LayerNorm")
    for number, layer in enumerate(encoder.layer):
        _layer(layer, found, f"encoder.layer.{number}")
    spec.register_vocabulary(vocabulary)
    spec.config.unk_token = UNKNOWN
    spec.config.layer_norm_epsilon = 1e-12
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))


def _layer(layer: Any, found: Tensors, name: str) -> None:
    own = f"{name}.attention.self"
    _linear(layer.self_attention.linear[0], found, f"{own}.query", f"{own}.key", f"{own}.value")
    _linear(layer.self_attention.linear[1], found, f"{name}.attention.output.dense")
    _norm(layer.self_attention.layer_norm, found, f"{name}.attention.output.LayerNorm")
    _linear(layer.ffn.linear_0, found, f"{name}.intermediate.dense")
    _linear(layer.ffn.linear_1, found, f"{name}.output.dense")
    _norm(layer.ffn.layer_norm, found, f"{name}.output.LayerNorm")


def _linear(spec: Any, found: Tensors, *names: str) -> None:
    spec.weight = np.concatenate([found[f"{name}.weight"] for name in names])
    spec.bias = np.concatenate([found[f"{name}.bias"] for name in names])


def _norm(spec: Any, found: Tensors, name: str) -> None:
    spec.gamma, spec.beta = found[f"{name}.weight"], found[f"{name}.bias"]
