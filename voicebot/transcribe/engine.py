"""What every speech engine can do, and how a process gets its one engine."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from voicebot import logs
from voicebot.errors import ModelError
from voicebot.settings import TranscribeSettings
from voicebot.transcribe import weights
from voicebot.transcribe.audio import Samples
from voicebot.transcribe.transcript import Word

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Heard:
    """The words of each window, in the windows' order, and the ISO 639-1 code of the language they are in."""

    words: list[list[Word]]
    language: str


class Engine(Protocol):
    """A speech engine with its weights. `name` and `model` are written on every transcript."""

    name: str
    model: str

    def hear(self, windows: Sequence[Samples], *, language: str = "en", hints: Sequence[str] | None = None) -> Heard:
        """The words spoken in windows of (samples,) float32 at 16 kHz, which should be speech only, at most 30 s each.

        `language` is an ISO 639-1 code, several with commas between of which the likeliest is taken, or `auto`;
        `hints` are names that may occur. Words are in order, timed in seconds from the start of their window, each
        spelt with the space that precedes it. Raises ModelError when the weights do not know the language.
        """
        ...


def load_engine(settings: TranscribeSettings, report: Callable[[str], None] | None = None) -> Engine:
    """The process's engine for these settings; weights that are missing are fetched first, saying so to `report`.

    Loaded once per process. Raises ModelError when the weights cannot be had or the engine is not installed.
    """
    if settings.model_dir is None:
        raise ModelError("No folder for weights is set (VOICEBOT_TRANSCRIBE__MODEL_DIR).")
    folder = weights.ensure(settings.model, settings.model_dir, report=report or _log)
    model = Path(settings.model).name
    return _load(settings.engine, folder, model, settings.device, settings.compute_type, threads_for(settings))


def threads_for(settings: TranscribeSettings) -> int:
    """How many threads an engine may use: as set, or as many as this process may run on."""
    if settings.threads:
        return settings.threads
    # A container may give fewer cores than the machine has; only Linux can tell.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _log(message: str) -> None:
    log.info("weights", message=message)


@lru_cache(maxsize=2)
def _load(engine: str, folder: Path, model: str, device: str, compute_type: str, threads: int) -> Engine:
    if engine == "openai-whisper":
        from voicebot.transcribe.openai_whisper import OpenAIWhisper

        return OpenAIWhisper(folder, model, device=device, threads=threads)
    from voicebot.transcribe.faster_whisper import FasterWhisper

    return FasterWhisper(folder, model, device=device, compute_type=compute_type, threads=threads)
