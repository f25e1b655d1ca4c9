"""Sentences spoken by a synthesiser and sent over a telephone line: the sound of the sample calls.

Needs Debian's `flite` (and `espeak-ng` for its one voice). The noise is seeded: the same programs give the same sound.
"""

import random
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Sequence
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from voicebot.errors import VoicebotError
from voicebot.simulator.sound import RATE, Samples, through_telephone

ESPEAK = "espeak"
# Seconds of audio per synthesiser voice come out at very different loudness: all are brought to this.
SPEECH_RMS = 2600.0
NOISE_BELOW_SPEECH_DB = 36.0
CROSSTALK_DB = -54.0

Sound = NDArray[np.float64]


def synthesise(voice: str, text: str) -> Sound:
    """One turn as float samples at 8 kHz. Raises VoicebotError where the synthesiser is missing or refuses the text."""
    program = "espeak-ng" if voice == ESPEAK else "flite"
    if shutil.which(program) is None:
        raise VoicebotError(f"Speech synthesis needs {program}. On Debian and Ubuntu: apt-get install {program}.")
    with tempfile.NamedTemporaryFile(suffix=".wav") as target:
        command = ["flite", "-voice", voice, "--setf", "duration_stretch=1.1", "-t", text, "-o", target.name]
        if voice == ESPEAK:
            command = ["espeak-ng", "-v", "en-us+f3", "-s", "150", "-w", target.name, text]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            raise VoicebotError(f"{program} could not say {text[:60]!r}: {done.stderr.strip()}")
        with wave.open(target.name) as file:
            rate = file.getframerate()
            samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16).astype(np.float64)
    samples = soxr.resample(samples, rate, RATE)
    loudness = float(np.sqrt(np.mean(samples**2))) if len(samples) else 1.0
    loud: Sound = samples * (SPEECH_RMS / max(1.0, loudness))
    return loud


def timeline(turns: Sequence[tuple[int, Sound]], channels: int, pauses: random.Random) -> Sound:
    """Turns (channel, samples) one after the other on their channels, with natural pauses."""
    pieces = [np.zeros((channels, int(0.5 * RATE)))]
    for channel, samples in turns:
        block = np.zeros((channels, len(samples) + int(pauses.uniform(0.35, 0.8) * RATE)))
        block[channel, : len(samples)] = samples
        pieces.append(block)
    joined: Sound = np.concatenate(pieces, axis=1)
    return joined


def telephone(clean: Sound, noise: np.random.Generator) -> Samples:
    """What a line makes of (channels, samples): crosstalk, noise, the telephone band, G.711 mu-law."""
    mixed = clean.copy()
    if clean.shape[0] == 2:
        mixed += clean[::-1] * 10 ** (CROSSTALK_DB / 20)
    mixed += noise.normal(0.0, SPEECH_RMS * 10 ** (-NOISE_BELOW_SPEECH_DB / 20), clean.shape)
    # Whole seconds: a length with a large prime factor takes the transform many times as long.
    length = -(-mixed.shape[1] // RATE) * RATE
    spectrum: NDArray[Any] = np.fft.rfft(mixed, length, axis=1)
    frequency = np.fft.rfftfreq(length, 1 / RATE)
    # Smooth edges: a brick wall would ring.
    gain = 1 / (1 + (250 / np.maximum(frequency, 1)) ** 8) / (1 + (frequency / 3500) ** 16)
    filtered = np.fft.irfft(spectrum * gain, length, axis=1)[:, : mixed.shape[1]]
    return through_telephone(filtered.clip(-32768, 32767).astype(np.int16))
