"""Everything that a telephone line carries besides speech, made by formula. Seeded; pure functions.

Ringback, busy and touch tones as ITU-T E.180 and Q.23 describe them for North America; fax tones by T.30 and V.21.
"""

from collections.abc import Callable

import numpy as np

from voicebot.bench.hearing.voices import RATE, Sound

SECONDS = 30
Maker = Callable[[np.random.Generator], Sound]


def tones(*hertz: float, seconds: float) -> Sound:
    """Sines together."""
    time = np.arange(round(seconds * RATE)) / RATE
    waves: Sound = 0.2 * np.sin(2 * np.pi * np.outer(hertz, time)).sum(axis=0)
    return waves.astype(np.float32)


def pause(seconds: float) -> Sound:
    """Silence."""
    return np.zeros(round(seconds * RATE), np.float32)


def _cadence(*parts: Sound) -> Sound:
    """The parts again and again until SECONDS are full."""
    once = np.concatenate(parts)
    return np.tile(once, -(-SECONDS * RATE // len(once)))[: SECONDS * RATE]


def _noise(chance: np.random.Generator, level: float) -> Sound:
    return chance.normal(0, level, SECONDS * RATE).astype(np.float32)


def _brown(chance: np.random.Generator) -> Sound:
    rumble = np.cumsum(_noise(chance, 1.0))
    rumble -= np.convolve(rumble, np.ones(400) / 400, mode="same")
    quiet: Sound = (0.15 * rumble / np.abs(rumble).max()).astype(np.float32)
    return quiet


def _touch_tones(chance: np.random.Generator) -> Sound:
    low, high = (697, 770, 852, 941), (1209, 1336, 1477)
    keys = [tones(float(chance.choice(low)), float(chance.choice(high)), seconds=0.14) for _ in range(12)]
    return _cadence(*(part for key in keys for part in (key, pause(0.08))), pause(2.0))


def _fax(chance: np.random.Generator) -> Sound:
    """A called fax: 2100 Hz, then V.21's 300 bits a second, then a carrier full of data."""
    bits = np.repeat(chance.integers(0, 2, 600), RATE // 300)
    keyed = 0.2 * np.sin(np.cumsum(2 * np.pi * np.where(bits, 1650.0, 1850.0) / RATE))
    symbols = np.repeat(chance.integers(0, 8, 4800), RATE // 2400)
    page = 0.2 * np.sin(2 * np.pi * 1800 * np.arange(len(symbols)) / RATE + symbols * np.pi / 4)
    return _cadence(tones(2100, seconds=3), pause(0.1), keyed.astype(np.float32), page.astype(np.float32))


def hold_music(chance: np.random.Generator, seconds: float = SECONDS) -> Sound:
    """A melody over chords with a drum: plucked notes with overtones, as of a cheap hold unit."""
    beat, scale = 0.4, np.array([0, 2, 4, 5, 7, 9, 11])
    beats = int(seconds / beat) + 1
    time = np.arange(round(beat * RATE)) / RATE
    pieces = []
    for number in range(beats):
        root = (0, 5, 7, 9)[number // 4 % 4]
        notes = [root, root + 4, root + 7, 12 + int(chance.choice(scale))]
        struck = sum(_plucked(261.6 * 2 ** (note / 12), time) for note in notes)
        drum = chance.normal(0, 1, len(time)) * np.exp(-40 * time) * (number % 2)
        pieces.append(0.07 * struck + 0.05 * drum)
    return np.concatenate(pieces)[: round(seconds * RATE)].astype(np.float32)


def _plucked(hertz: float, time: np.ndarray) -> np.ndarray:
    wave = sum(np.sin(2 * np.pi * hertz * n * time) / n for n in (1, 2, 3, 4))
    vibrato = 1 + 0.2 * np.sin(2 * np.pi * 5 * time)
    plucked: np.ndarray = wave * np.exp(-3 * time) * vibrato
    return plucked


KINDS: dict[str, Maker] = {
    "digital silence": lambda chance: pause(SECONDS),
    "a constant offset": lambda chance: np.full(SECONDS * RATE, 0.2, np.float32),
    "line noise": lambda chance: _noise(chance, 0.003),
    "loud noise": lambda chance: _noise(chance, 0.08),
    "traffic": _brown,
    "mains hum": lambda chance: _cadence(tones(60, 180, 300, seconds=1)),
    "ringback": lambda chance: _cadence(tones(440, 480, seconds=2), pause(4)),
    "british ringback": lambda chance: _cadence(
        tones(400, 450, seconds=0.4), pause(0.2), tones(400, 450, seconds=0.4), pause(2)
    ),
    "busy": lambda chance: _cadence(tones(480, 620, seconds=0.5), pause(0.5)),
    "call waiting": lambda chance: _cadence(tones(440, seconds=0.3), pause(9.7)),
    "out of service": lambda chance: _cadence(
        tones(914, seconds=0.33), tones(1371, seconds=0.33), tones(1777, seconds=0.33), pause(3)
    ),
    "touch tones": _touch_tones,
    "a voicemail beep": lambda chance: _cadence(pause(3), tones(1000, seconds=0.5), pause(5)),
    "a fax calling": lambda chance: _cadence(tones(1100, seconds=0.5), pause(3)),
    "a fax answering": _fax,
    "hold music": hold_music,
    "clicks": lambda chance: (chance.random(SECONDS * RATE) < 1e-4).astype(np.float32) * 0.7,
}
