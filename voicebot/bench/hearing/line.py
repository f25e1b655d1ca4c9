"""What a telephone line makes of sound: band, crosstalk, noise, gaps and G.711. Seeded; pure functions."""

import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voicebot.bench.hearing.voices import LOUDNESS, RATE, Sound
from voicebot.simulator.sound import through_telephone

# Passed by a telephone, in Hz, with edges that do not ring.
LOWEST, HIGHEST = 280, 3450


@dataclass(frozen=True, slots=True)
class Line:
    """A line's faults, levels in dB below speech.

    `noise`: hiss, brown (traffic) or babble (other people); `crosstalk`: the other channel, `delay` seconds later;
    `gain` in dB; `lost`: the share of 20 ms packets that never came.
    """

    noise: str = "hiss"
    noise_below: float = 40.0
    crosstalk_below: float = 60.0
    delay: float = 0.04
    gain: float = 0.0
    lost: float = 0.0


def drawn(chance: np.random.Generator) -> Line:
    """A line as calls meet them: most are good, some are bad."""
    return Line(
        noise=str(chance.choice(["hiss", "hiss", "brown", "babble"])),
        noise_below=float(chance.uniform(20, 45)),
        crosstalk_below=float(chance.uniform(26, 60)),
        delay=float(chance.uniform(0.01, 0.12)),
        gain=float(chance.uniform(-10, 6)),
        lost=float(chance.choice([0.0, 0.0, 0.0, 0.01])),
    )


def carry(clean: Sound, line: Line, chance: np.random.Generator) -> Sound:
    """(channels, samples) at RATE as the other end of the line records them."""
    heard = clean.copy()
    if len(clean) == 2:
        late = round(line.delay * RATE)
        copy = np.pad(clean[::-1], ((0, 0), (late, 0)))[:, : clean.shape[1]]
        heard += copy * 10 ** (-line.crosstalk_below / 20)
    heard += _noise(line, heard.shape, chance)
    heard = _narrowed(heard) * 10 ** (line.gain / 20)
    _lose(heard, line.lost, chance)
    return heard.astype(np.float32)


def _noise(line: Line, shape: tuple[int, ...], chance: np.random.Generator) -> Sound:
    white = chance.normal(0, 1, shape).astype(np.float32)
    if line.noise != "hiss":
        spectrum = np.fft.rfft(white, axis=1)
        hertz = np.fft.rfftfreq(shape[1], 1 / RATE)
        # Traffic rumbles; babble has speech's spectrum and rises and falls with its syllables.
        spectrum *= 1 / np.maximum(hertz, 60) if line.noise == "brown" else 1 / (1 + (hertz / 600) ** 2)
        white = np.fft.irfft(spectrum, shape[1], axis=1).astype(np.float32)
    if line.noise == "babble":
        beats = chance.uniform(0.2, 1.0, (shape[0], shape[1] // (RATE // 5) + 2))
        grid = np.arange(beats.shape[1]) * (RATE // 5)
        white *= np.stack([np.interp(np.arange(shape[1]), grid, row) for row in beats]).astype(np.float32)
    power = max(1e-9, float(np.sqrt(np.mean(np.square(white)))))
    noise: Sound = white * np.float32(LOUDNESS / power * 10 ** (-line.noise_below / 20))
    return noise


def _narrowed(sound: Sound) -> Sound:
    size = 1 << (sound.shape[1] - 1).bit_length()
    spectrum = np.fft.rfft(sound, size, axis=1)
    hertz = np.maximum(np.fft.rfftfreq(size, 1 / RATE), 1)
    gain = 1 / (1 + (LOWEST / hertz) ** 8) / (1 + (hertz / HIGHEST) ** 16)
    return np.fft.irfft(spectrum * gain, size, axis=1)[:, : sound.shape[1]].astype(np.float32)


def _lose(sound: Sound, share: float, chance: np.random.Generator) -> None:
    packet = RATE // 50
    for channel in sound:
        for start in np.flatnonzero(chance.random(len(channel) // packet) < share) * packet:
            channel[start : start + packet] = 0.0


def write(path: Path, sound: Sound) -> None:
    """(channels, samples) as 16-bit WAV at RATE, after G.711's mu-law."""
    coded = through_telephone((sound * 32767).clip(-32768, 32767).astype(np.int16))
    with wave.open(str(path), "wb") as file:
        file.setparams((len(sound), 2, RATE, 0, "NONE", ""))
        file.writeframes(np.ascontiguousarray(coded.T).tobytes())
