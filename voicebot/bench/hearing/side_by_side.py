"""Engines taking turns call by call on the same weights and threads: word error rate, seconds and memory of each."""

import tempfile
import wave
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from voicebot.bench.hearing import meter
from voicebot.bench.hearing.engines import BUILDERS, CHANNELS, OURS, PEER, REFERENCE, Hear
from voicebot.bench.hearing.meter import Cost
from voicebot.settings import TranscribeSettings
from voicebot.terms import Speaker
from voicebot.transcribe import audio, scoring
from voicebot.transcribe.engine import threads_for
from voicebot.transcribe.scoring import Errors, Reference

# openai-whisper takes several times as long as the others together.
REFERENCE_CALLS = 2
WARMING_SECONDS = 6


@dataclass
class Row:
    """One engine's results so far: errors per channel and call, what it cost, and its peak memory in MB."""

    name: str
    model: str
    hear: Hear
    errors: dict[Speaker, list[Errors]] = field(default_factory=lambda: {speaker: [] for speaker in CHANNELS})
    cost: Cost = field(default_factory=Cost)
    audio_seconds: float = 0.0
    peak_mb: float = 0.0

    def take(self, call: Reference) -> None:
        """Hear one call and count its errors."""
        with self.cost.counting():
            texts = self.hear(call.audio)
        self.audio_seconds += call.seconds
        for speaker in CHANNELS:
            self.errors[speaker].append(scoring.compare(call.said[speaker], texts[speaker]))

    def result(self) -> dict[str, Any]:
        """The row as the JSON gives it: rates as fractions, times in seconds, memory in MB."""
        both = [Errors(a.errors + b.errors, a.words + b.words) for a, b in zip(*self.errors.values(), strict=True)]
        return {
            "engine": self.name,
            "model": self.model,
            "word_error_rate": asdict(scoring.rate(both)),
            "channels": {str(speaker): asdict(scoring.rate(self.errors[speaker])) for speaker in CHANNELS},
            "seconds": round(self.cost.wall, 2),
            "cpu_seconds": round(self.cost.cpu, 2),
            "times_real_time": round(self.audio_seconds / self.cost.wall, 2),
            "calls": len(both),
            "peak_memory_mb": round(self.peak_mb),
        }


def run(
    calls: Sequence[Reference], settings: Sequence[TranscribeSettings], names: Sequence[str] = tuple(BUILDERS)
) -> dict[str, Any]:
    """The report on `calls`: the engines `names` on the first settings' weights, ours alone on the others'.

    `ratio` is our speed, word times included, over that of faster-whisper's README without them, on the clock;
    `cpu_ratio` the same in processor seconds.
    """
    main = settings[0]
    chosen = [(name, main) for name in names] + [(name, other) for other in settings[1:] for name in (OURS, PEER)]
    rows = [Row(name, setting.model, BUILDERS[name](setting)) for name, setting in chosen]
    _warm(rows, calls[0])
    for number, call in enumerate(calls):
        for row in rows if number % 2 == 0 else reversed(rows):
            if row.name != REFERENCE or number < REFERENCE_CALLS:
                row.take(call)
    for row, (name, setting) in zip(rows, chosen, strict=True):
        row.peak_mb = meter.alone(_hear_alone, name, setting, calls[0].audio)[1]
    costs = {row.name: row.cost for row in reversed(rows)}
    return {
        "benchmark": "transcribe",
        "model": main.model,
        "calls": len(calls),
        "audio_seconds": round(sum(call.seconds for call in calls), 1),
        "threads": threads_for(main),
        "rows": [row.result() for row in rows],
        "ratio": round(costs[PEER].wall / costs[OURS].wall, 2),
        "cpu_ratio": round(costs[PEER].cpu / costs[OURS].cpu, 2),
    }


def _warm(rows: Sequence[Row], call: Reference) -> None:
    """Fill caches and start thread pools before the clock runs, on the call's first seconds."""
    with tempfile.TemporaryDirectory() as folder:
        short = Path(folder) / "short.wav"
        samples = audio.read(call.audio).samples[:, : WARMING_SECONDS * audio.SAMPLE_RATE]
        with wave.open(str(short), "wb") as target:
            target.setparams((len(samples), 2, audio.SAMPLE_RATE, 0, "NONE", ""))
            target.writeframes((samples.T * 32767).astype("<i2").tobytes())
        for row in rows:
            row.hear(short)


def _hear_alone(name: str, settings: TranscribeSettings, call: Path) -> None:
    BUILDERS[name](settings)(call)


def table(report: dict[str, Any]) -> str:
    """The report for a person."""
    lines = [
        f"{report['model']} weights, {report['calls']} calls, {report['audio_seconds']} s, {report['threads']} threads",
        f"{'':<40} {'caller':>16} {'agent':>16} {'both':>16} {'seconds':>8} {'CPU s':>7} {'x real':>7} {'MB':>5}",
    ]
    for row in report["rows"]:
        rates = [row["channels"][str(speaker)] for speaker in CHANNELS] + [row["word_error_rate"]]
        shown = " ".join(f"{percent(rate):>16}" for rate in rates)
        name = row["engine"] if row["model"] == report["model"] else f"{row['engine']} ({row['model']})"
        lines.append(
            f"{name:<40} {shown} {row['seconds']:>8} {row['cpu_seconds']:>7} {row['times_real_time']:>7}"
            f" {row['peak_memory_mb']:>5}"
        )
    closing = f"{report['ratio']} times the peer's speed on the clock, {report['cpu_ratio']} times in processor seconds"
    return "\n".join([*lines, closing])


def percent(rate: dict[str, float]) -> str:
    """A rate with its interval."""
    return f"{rate['rate']:.1%} ({rate['low']:.0%}-{rate['high']:.0%})"
