"""Measurements against the peers that a user would otherwise take, on one machine in one run."""

import json
import multiprocessing
import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from voicebot.commands.bench_webhook import webhook
from voicebot.commands.transcribe import chosen
from voicebot.settings import TranscribeSettings
from voicebot.terms import Speaker
from voicebot.transcribe import scoring
from voicebot.transcribe.channels import transcribe_file
from voicebot.transcribe.engine import load_engine, threads_for
from voicebot.transcribe.scoring import Errors, Reference

app = typer.Typer(no_args_is_help=True, help="Measure speed and accuracy against the peers.")
app.command()(webhook)

CHANNELS = (Speaker.CALLER, Speaker.AGENT)
OURS, PEER = "voicebot, with word times", "faster-whisper's README"
PEER_TIMED, BATCHED, REFERENCE = f"{PEER}, word times", "faster-whisper batched", "openai-whisper's README"
# openai-whisper takes several times as long as the others together.
REFERENCE_CALLS = 2

Texts = dict[Speaker, str]
Hear = Callable[[Path], Texts]


@dataclass
class Row:
    """One engine's results so far: errors per channel and call, and the seconds it took."""

    name: str
    hear: Hear
    errors: dict[Speaker, list[Errors]] = field(default_factory=lambda: {speaker: [] for speaker in CHANNELS})
    seconds: float = 0.0
    audio_seconds: float = 0.0

    def take(self, call: Reference) -> None:
        """Hear one call and count its errors."""
        started = time.perf_counter()
        texts = self.hear(call.audio)
        self.seconds += time.perf_counter() - started
        self.audio_seconds += call.seconds
        for speaker in CHANNELS:
            self.errors[speaker].append(scoring.compare(call.said[speaker], texts[speaker]))

    def result(self, peak_mb: float) -> dict[str, Any]:
        """The row as the JSON gives it: rates as fractions, times in seconds, memory in MB."""
        both = [Errors(a.errors + b.errors, a.words + b.words) for a, b in zip(*self.errors.values(), strict=True)]
        return {
            "engine": self.name,
            "word_error_rate": asdict(scoring.rate(both)),
            "channels": {str(speaker): asdict(scoring.rate(self.errors[speaker])) for speaker in CHANNELS},
            "seconds": round(self.seconds, 2),
            "times_real_time": round(self.audio_seconds / self.seconds, 2),
            "calls": len(both),
            "peak_memory_mb": round(peak_mb),
        }


@app.command()
def transcribe(
    json_file: Annotated[Path | None, typer.Option("--json", help="write the rows to this file")] = None,
    data: Annotated[Path, typer.Option(help="a folder with calls/*.wav and their human transcripts, *.json")] = Path(
        "../shared/data"
    ),
    model: Annotated[str | None, typer.Option(help="name of the weights, or a folder that holds them")] = None,
    model_dir: Annotated[Path | None, typer.Option(help="where named weights are kept")] = None,
) -> None:
    """Word error rate per channel, speed and memory of our transcripts and of faster-whisper used as its README says.

    Same weights, same threads, the engines taking turns call by call. `ratio` is our speed, word times included, over
    that of faster-whisper's README without them. openai-whisper hears the first two calls only: it is slow.
    """
    calls = scoring.references(data / "calls")
    settings = chosen(model=model, model_dir=model_dir, language="en")
    load_engine(settings, report=typer.echo)
    rows = [Row(name, build(settings)) for name, build in BUILDERS.items()]
    for row in rows:
        row.hear(calls[0].audio)  # warm caches and thread pools before the clock runs
    for number, call in enumerate(calls):
        for row in rows if number % 2 == 0 else reversed(rows):
            if row.name != REFERENCE or number < REFERENCE_CALLS:
                row.take(call)
    audio_seconds = sum(call.seconds for call in calls)
    results = [row.result(_peak_mb(row.name, settings, calls[0].audio)) for row in rows]
    report = {
        "benchmark": "transcribe",
        "model": settings.model,
        "calls": len(calls),
        "audio_seconds": round(audio_seconds, 1),
        "threads": threads_for(settings),
        "rows": results,
        "ratio": round(rows[1].seconds / rows[0].seconds, 2),
    }
    if json_file is not None:
        json_file.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    typer.echo(_table(report))


def _ours(settings: TranscribeSettings) -> Hear:
    engine = load_engine(settings)

    def hear(path: Path) -> Texts:
        said = transcribe_file(path, engine, language=settings.language).utterances
        return {speaker: " ".join(u.text for u in said if u.speaker == speaker) for speaker in CHANNELS}

    return hear


def _faster_whisper(settings: TranscribeSettings) -> Any:
    import faster_whisper

    from voicebot.transcribe import weights

    assert settings.model_dir is not None, "the settings fill the folder in"
    return faster_whisper.WhisperModel(
        str(weights.ensure(settings.model, settings.model_dir)),
        device=settings.device,
        compute_type=settings.compute_type,
        cpu_threads=threads_for(settings),
        local_files_only=True,
    )


def _by_channel(hear_one: Callable[[Any], str]) -> Hear:
    import faster_whisper

    def hear(path: Path) -> Texts:
        sides = faster_whisper.decode_audio(str(path), split_stereo=True)
        return {speaker: hear_one(side) for speaker, side in zip(CHANNELS, sides, strict=True)}

    return hear


def _peer(settings: TranscribeSettings, *, word_times: bool = False) -> Hear:
    """faster-whisper's README: decode, then `transcribe(audio, beam_size=5)`; the language is given to it too."""
    whisper = _faster_whisper(settings)

    def hear_one(side: Any) -> str:
        found, _ = whisper.transcribe(side, beam_size=5, language=settings.language, word_timestamps=word_times)
        return " ".join(segment.text for segment in found)

    return _by_channel(hear_one)


def _batched(settings: TranscribeSettings) -> Hear:
    """faster-whisper's README on batches: `BatchedInferencePipeline` with eight windows at a time."""
    import faster_whisper

    pipeline = faster_whisper.BatchedInferencePipeline(model=_faster_whisper(settings))

    def hear_one(side: Any) -> str:
        found, _ = pipeline.transcribe(side, batch_size=8, language=settings.language)
        return " ".join(segment.text for segment in found)

    return _by_channel(hear_one)


def _reference(settings: TranscribeSettings) -> Hear:
    """openai-whisper's README: `transcribe` with its defaults, on the same weights converted."""
    engine: Any = load_engine(settings.model_copy(update={"engine": "openai-whisper"}))

    def hear_one(side: Any) -> str:
        return str(engine.whisper.transcribe(side, language=settings.language, fp16=False)["text"])

    return _by_channel(hear_one)


BUILDERS: dict[str, Callable[[TranscribeSettings], Hear]] = {
    OURS: _ours,
    PEER: _peer,
    PEER_TIMED: partial(_peer, word_times=True),
    BATCHED: _batched,
    REFERENCE: _reference,
}


def _peak_mb(name: str, settings: TranscribeSettings, audio: Path) -> float:
    """Peak memory of a fresh process that loads this engine alone and hears one call, in MB."""
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=spawned) as pool:
        return pool.submit(_hear_alone, name, settings, audio).result()


def _hear_alone(name: str, settings: TranscribeSettings, audio: Path) -> float:
    BUILDERS[name](settings)(audio)
    return _peak_kb() / 1024


def _peak_kb() -> int:
    """Linux's own count for this program; getrusage's would start at the peak of the process that started it."""
    status = Path("/proc/self/status")
    if status.is_file():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _table(report: dict[str, Any]) -> str:
    lines = [
        f"{report['model']} weights, {report['calls']} calls, {report['audio_seconds']} s, {report['threads']} threads",
        f"{'':<40} {'caller':>18} {'agent':>18} {'both':>18} {'seconds':>8} {'x real':>7} {'MB':>5}",
    ]
    for row in report["rows"]:
        rates = [row["channels"][str(speaker)] for speaker in CHANNELS] + [row["word_error_rate"]]
        shown = " ".join(f"{_percent(rate):>18}" for rate in rates)
        lines.append(
            f"{row['engine']:<40} {shown} {row['seconds']:>8} {row['times_real_time']:>7} {row['peak_memory_mb']:>5}"
        )
    return "\n".join([*lines, f"{report['ratio']} times the peer's speed"])


def _percent(rate: dict[str, float]) -> str:
    return f"{rate['rate']:.1%} ({rate['low']:.0%}-{rate['high']:.0%})"
