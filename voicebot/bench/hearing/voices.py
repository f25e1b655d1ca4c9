"""Texts spoken by synthesisers, each voice at several pitches: Debian's `flite` and `espeak-ng`, and neural ones."""

import subprocess
import tempfile
import wave
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from voicebot.bench.hearing import neural
from voicebot.errors import ModelError

RATE = 8_000
Sound = npt.NDArray[np.float32]

# Root mean square of speech on the line, full scale 1: what carriers' recordings have.
LOUDNESS = 0.08
AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Voice:
    """A speaker: a synthesiser's voice, how much slower than its own it speaks, and how much higher (1: neither)."""

    name: str
    slower: float = 1.0
    higher: float = 1.0


# The neural voices, and the two of flite that Whisper hears best: people differ as much.
VOICES = (*neural.NAMES, "slt", "rms")


def speak(texts: Sequence[tuple[Voice, str]]) -> list[Sound]:
    """Each text as (samples,) at RATE. Raises ModelError when a synthesiser is missing."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda said: _speak(*said), texts))


def _speak(voice: Voice, text: str) -> Sound:
    pace = voice.slower * voice.higher
    is_neural = voice.name in neural.NAMES
    samples, rate = neural.say(voice.name, text, pace) if is_neural else _synthesised(voice, text)
    # Played faster a voice is higher, as that of a smaller person.
    narrow = soxr.resample(samples, rate * voice.higher, RATE)
    loud: Sound = (narrow * (LOUDNESS / max(1e-6, float(np.sqrt(np.mean(np.square(narrow))))))).astype(np.float32)
    return _trimmed(loud)


def _synthesised(voice: Voice, text: str) -> tuple[Sound, int]:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "said.wav"
        try:
            subprocess.run(_command(voice, text, target), check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise ModelError(f"Speaking needs the Debian packages flite and espeak-ng ({error}).") from error
        with wave.open(str(target)) as file:
            rate = file.getframerate()
            samples = np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float32)
    return samples, rate


def _command(voice: Voice, text: str, target: Path) -> list[str]:
    stretch = voice.slower * voice.higher
    if voice.name.startswith("en"):
        return ["espeak-ng", "-v", voice.name, "-s", str(round(160 / stretch)), "-w", str(target), text]
    return ["flite", "-voice", voice.name, "--setf", f"duration_stretch={stretch:.3f}", "-t", text, "-o", str(target)]


def _trimmed(samples: Sound) -> Sound:
    """Without the silence that synthesisers put before and after."""
    loud = np.flatnonzero(np.abs(samples) > 0.02 * max(1e-6, float(np.abs(samples).max())))
    return samples[loud[0] : loud[-1] + 1] if len(loud) else samples[:0]
