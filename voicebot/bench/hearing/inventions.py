"""Words written where nobody speaks, and words that an announcement did not say."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from voicebot.bench.hearing import line, noises, voices
from voicebot.bench.hearing.line import Line
from voicebot.bench.hearing.voices import RATE, Sound, Voice
from voicebot.transcribe import scoring
from voicebot.transcribe.channels import transcribe_file
from voicebot.transcribe.engine import Engine

ROUNDS = 3
# Announcements of other companies: speech, which is written down as anybody's; nothing may be added to it.
ANNOUNCEMENTS = (
    "Thank you for calling Harbor County Water. For billing, press one. For service, press two.",
    "All of our agents are busy. Your call is important to us. Please stay on the line.",
    "The person at extension forty two is not available. Please leave a message after the tone.",
    "We're sorry. You have reached a number that has been disconnected or is no longer in service.",
)


def measure(engine: Engine) -> list[dict[str, Any]]:
    """For each kind of sound: seconds heard on both channels, and the words written there.

    An announcement stands between ringing and hold music: its row counts the words added to what it says.
    """
    rows = [_row(engine, kind, [make(np.random.default_rng([1, n])) for n in range(ROUNDS)]) for kind, make in _kinds()]
    return [*rows, _announced(engine)]


def _kinds() -> Iterator[tuple[str, noises.Maker]]:
    yield from noises.KINDS.items()


def _row(engine: Engine, kind: str, sounds: Sequence[Sound]) -> dict[str, Any]:
    said = [text for sound in sounds for text in _heard(engine, np.stack([sound, sound[::-1]]))]
    words = " ".join(said).split()
    seconds = 2 * sum(len(sound) for sound in sounds) / RATE
    return {"sound": kind, "seconds": round(seconds), "words": len(words), "text": " ".join(words)[:80]}


def _announced(engine: Engine) -> dict[str, Any]:
    spoken = voices.speak([(Voice("rms"), text) for text in ANNOUNCEMENTS])
    seconds, added, written = 0.0, 0, []
    for text, sound in zip(ANNOUNCEMENTS, spoken, strict=True):
        music = noises.hold_music(np.random.default_rng(5), 10.0)
        whole = np.concatenate([noises.tones(440, 480, seconds=2), noises.pause(1), sound, noises.pause(1), music])
        heard = " ".join(_heard(engine, whole[None]))
        seconds += len(whole) / RATE
        added += scoring.added(text, heard)
        written.append(heard)
    return {
        "sound": "announcements, words added",
        "seconds": round(seconds),
        "words": added,
        "text": " / ".join(written)[:160],
    }


def _heard(engine: Engine, sound: Sound) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sound.wav"
        line.write(path, line.carry(sound, Line(noise_below=60.0), np.random.default_rng(0)))
        return [said.text for said in transcribe_file(path, engine).utterances]


def table(rows: Sequence[dict[str, Any]]) -> list[str]:
    """The rows for a person."""
    return [f"{row['sound']:<28} {row['seconds']:>6} s {row['words']:>4} words  {row['text']}" for row in rows]
