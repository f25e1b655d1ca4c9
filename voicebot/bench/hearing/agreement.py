"""How far the two engines are apart on the same path: the same speech, the same windows, the same weights."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from voicebot.bench.hearing.engines import CHANNELS
from voicebot.settings import TranscribeSettings
from voicebot.transcribe import scoring
from voicebot.transcribe.channels import transcribe_file
from voicebot.transcribe.engine import load_engine
from voicebot.transcribe.scoring import Errors, Reference

WAYS = {
    "faster-whisper, int8": {"engine": "faster-whisper", "compute_type": "int8"},
    "faster-whisper, float32": {"engine": "faster-whisper", "compute_type": "float32"},
    "openai-whisper": {"engine": "openai-whisper"},
}


def measure(settings: TranscribeSettings, calls: Sequence[Reference]) -> dict[str, Any]:
    """Word error rates against the human transcripts, and how far the words of each way are from the reference's."""
    texts = {name: [_texts(settings.model_copy(update=way), call) for call in calls] for name, way in WAYS.items()}
    *_, reference = texts
    rows = []
    for name, heard in texts.items():
        against_people = [
            scoring.compare(call.said[speaker], text[speaker])
            for call, text in zip(calls, heard, strict=True)
            for speaker in CHANNELS
        ]
        apart = [
            scoring.compare(theirs[speaker], text[speaker])
            for theirs, text in zip(texts[reference], heard, strict=True)
            for speaker in CHANNELS
        ]
        rows.append({"way": name, "word_error_rate": asdict(scoring.rate(against_people)), "apart": _share(apart)})
    return {"calls": len(calls), "rows": rows}


def _texts(settings: TranscribeSettings, call: Reference) -> dict[str, str]:
    said = transcribe_file(call.audio, load_engine(settings), language=settings.language).utterances
    return {speaker: " ".join(one.text for one in said if one.speaker == speaker) for speaker in CHANNELS}


def _share(errors: Sequence[Errors]) -> float:
    return sum(one.errors for one in errors) / max(1, sum(one.words for one in errors))


def table(report: dict[str, Any]) -> list[str]:
    """The report for a person."""
    return [
        f"{row['way']:<24} word error rate {row['word_error_rate']['rate']:.1%}, words other than openai-whisper's"
        f" {row['apart']:.1%}"
        for row in report["rows"]
    ]
