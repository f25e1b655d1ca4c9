"""What every speech engine can do, and how a process gets its one engine."""

import os
from collections.abc import Callable, Sequence
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


class Engine(Protocol):
    """A speech engine with its weights. `name` and `model` are written on every transcript."""

    name: str
    model: str

    def hear(self, samples: Samples, *, language: str, hints: Sequence[str] | None = None) -> list[Word]:
        """The words spoken in (samples,) float32 at 16 kHz, which should be speech only and may be of any length.

        `language` is an ISO 639-1 code; `hints` are names that may occur. Words are in order, timed in seconds from
        the start of `samples`, each spelt with the space that precedes it. Raises ModelError when the weights do
        not know the language.
        """
        ...

    def language_of(self, samples: Samples) -> str:
        """The language most likely spoken in (samples,) float32 at 16 kHz, as an ISO 639-1 code."""
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
