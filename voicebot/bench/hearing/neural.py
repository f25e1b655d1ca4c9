"""Texts spoken by two small neural synthesisers, which Whisper hears better than Debian's older ones.

Piper (Hansen, "Piper", 2023; a VITS voice) and Kokoro-82M (hexgrad, 2025; StyleTTS 2), both run by onnxruntime on
phonemes that Debian's espeak-ng writes. The weights are pinned in models/voices.toml and fetched at first use.
"""

import json
import re
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from voicebot.errors import ModelError
from voicebot.settings import get_settings
from voicebot.transcribe import weights

PIPER = "joe"
KOKORO = ("jf_alpha", "jf_gongitsune", "jf_nezumi", "jf_tebukuro", "jm_kumo")
NAMES = (PIPER, *KOKORO)
Sound = npt.NDArray[np.float32]
MOST_TOKENS = 500  # Kokoro's longest text
SEED = 11
# How a Piper sentence begins, ends, and what stands between its phonemes: symbols of the voice's own table.
BEGIN, END, PAD = "^", "$", "_"
# espeak-ng writes what Kokoro's table has no sign for.
_UNKNOWN_TO_KOKORO = (("ɚ", "əɹ"), ("ɝ", "ɜɹ"), ("ᵻ", "ɪ"), ("r", "ɹ"), ("x", "k"), ("ɬ", "l"))
_CLAUSE = re.compile(r"([^.,;:!?]+)([.,;:!?]*)")


def say(voice: str, text: str, slower: float = 1.0) -> tuple[Sound, int]:
    """`text` as (samples,) of full scale 1, and their rate in Hz. `voice`: one of NAMES; `slower`: 1 is its own pace.

    Raises ModelError where the weights cannot be had or espeak-ng is missing.
    """
    spoken = phonemes(text)
    return _piper(spoken, slower) if voice == PIPER else _kokoro(voice, spoken, slower)


def phonemes(text: str) -> str:
    """American English as espeak-ng's IPA, with the text's punctuation, which the voices pause at."""
    parts = [(words.strip(), mark[:1]) for words, mark in _CLAUSE.findall(text) if re.search(r"\w", words)]
    return " ".join(_ipa(words) + mark for words, mark in parts)


@lru_cache(maxsize=4096)
def _ipa(words: str) -> str:
    try:
        command = ["espeak-ng", "-q", "--ipa", "-v", "en-us", "--", words]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise ModelError(f"Speaking needs the Debian package espeak-ng ({error}).") from error
    return " ".join(line.strip() for line in done.stdout.splitlines() if line.strip())


def _piper(spoken: str, slower: float) -> tuple[Sound, int]:
    folder, session = _loaded(PIPER)
    config = _table(folder / "voice.json")
    known: dict[str, list[int]] = config["phoneme_id_map"]
    signs = [BEGIN, *(sign for sign in spoken if sign in known)]
    ids = [*(number for sign in signs for number in (*known[sign], *known[PAD])), *known[END]]
    # The voice's breath is random: only the same texts in the same order sound alike. Without it Whisper mishears half
    # as much again.
    scales = np.array([0.667, config["inference"]["length_scale"] * slower, 0.8], dtype=np.float32)
    given = {"input": np.array([ids], dtype=np.int64), "input_lengths": np.array([len(ids)], dtype=np.int64)}
    return _ran(session, given | {"scales": scales}), int(config["audio"]["sample_rate"])


def _kokoro(voice: str, spoken: str, slower: float) -> tuple[Sound, int]:
    folder, session = _loaded("kokoro")
    known = _table(folder / "vocab.json")["vocab"]
    for sign, others in _UNKNOWN_TO_KOKORO:
        spoken = spoken.replace(sign, others)
    ids = [known[sign] for sign in spoken if sign in known][:MOST_TOKENS]
    styles = _styles(folder / "styles.npz")[voice]
    style = styles[min(len(ids), len(styles)) - 1].reshape(1, -1).astype(np.float32)
    given = {"tokens": np.array([[0, *ids, 0]], dtype=np.int64), "style": style}
    return _ran(session, given | {"speed": np.array([1 / slower], dtype=np.float32)}), 24_000


def _ran(session: onnxruntime.InferenceSession, given: dict[str, npt.NDArray[np.generic]]) -> Sound:
    sound: Sound = np.asarray(session.run(None, given)[0], dtype=np.float32).ravel()
    return sound


@lru_cache(maxsize=2)
def _loaded(name: str) -> tuple[Path, onnxruntime.InferenceSession]:
    folder = get_settings().transcribe.model_dir
    if folder is None:
        raise ModelError("The folder for weights is not set: neural voices have no place to be fetched to.")
    found = weights.ensure(name, folder)
    onnxruntime.set_seed(SEED)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return found, onnxruntime.InferenceSession(str(found / "voice.onnx"), options, providers=["CPUExecutionProvider"])


@lru_cache(maxsize=4)
def _table(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


@lru_cache(maxsize=1)
def _styles(file: Path) -> dict[str, Sound]:
    with np.load(file) as found:
        return {name: found[name] for name in found.files}
