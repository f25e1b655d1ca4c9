"""What calls of a minute to three hours cost: talk, and between it hold music and silence, as long calls have them."""

import itertools
import tempfile
import wave
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from voicebot.bench.hearing import meter, noises
from voicebot.bench.hearing.meter import Cost
from voicebot.bench.hearing.voices import RATE
from voicebot.settings import TranscribeSettings
from voicebot.transcribe.channels import transcribe_file
from voicebot.transcribe.engine import load_engine

# Minutes, and the share of them in which there is talk: the longer a call, the more of it is waiting.
LENGTHS = ((1, 1.0), (10, 0.8), (30, 0.5), (60, 0.3), (180, 0.1), (60, 0.0))
# Waiting is hold music and an open line, a minute of each in turn.
WAITING_SECONDS = 60

Frames = np.ndarray


def measure(settings: TranscribeSettings, calls: Sequence[Path], lengths: Sequence[tuple[int, float]]) -> list[Any]:
    """For each length: what hearing such a call costs in a process of its own, loading aside, and its peak memory."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for minutes, share in lengths:
            path = Path(folder) / "long.wav"
            write(path, calls, minutes * 60, share)
            cost, peak = meter.alone(_hear, settings, path)
            rows.append({"minutes": minutes, "talk": share, "peak_memory_mb": round(peak), **cost})
    return rows


def _hear(settings: TranscribeSettings, path: Path) -> dict[str, float]:
    engine = load_engine(settings)
    cost = Cost()
    with cost.counting():
        heard = transcribe_file(path, engine, language=settings.language)
    words = sum(len(said.words) for said in heard.utterances)
    return {"seconds": round(cost.wall, 1), "cpu_seconds": round(cost.cpu, 1), "words": words}


def write(path: Path, calls: Sequence[Path], seconds: int, share: float) -> None:
    """A recording of two channels and `seconds`, in `share` of which the calls are heard one after the other."""
    left = seconds * RATE
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, RATE, 0, "NONE", ""))
        for frames in _pieces(calls, share):
            file.writeframes(frames[:left].tobytes())
            left -= min(left, len(frames))
            if not left:
                return


def _pieces(calls: Sequence[Path], share: float) -> Iterator[Frames]:
    """(frames, 2) of talk and of waiting, each as soon as its share has fallen behind."""
    chance = np.random.default_rng(9)
    music = (noises.hold_music(chance, WAITING_SECONDS) * 20_000).astype("<i2")
    hiss = chance.normal(0, 20, (WAITING_SECONDS * RATE, 2)).astype("<i2")
    waiting = itertools.cycle([np.stack([music, hiss[:, 0]], axis=1), hiss])
    talk = itertools.cycle(calls)
    talked = total = 0
    while True:
        is_talk = talked < share * total or (not total and share > 0)
        frames = _frames(next(talk)) if is_talk else next(waiting)
        talked, total = talked + len(frames) * is_talk, total + len(frames)
        yield frames


def _frames(path: Path) -> Frames:
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)


def table(rows: Sequence[dict[str, Any]]) -> list[str]:
    """The rows for a person."""
    return [
        f"{row['minutes']:>4} min, {row['talk']:>4.0%} talk: {row['seconds']:>7} s, {row['cpu_seconds']:>7} CPU s,"
        f" {row['peak_memory_mb']:>5} MB, {row['words']:>6} words"
        for row in rows
    ]
