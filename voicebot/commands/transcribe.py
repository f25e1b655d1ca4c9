"""Turn recordings into text on the command line."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from voicebot.settings import TranscribeSettings, get_settings
from voicebot.terms import Speaker
from voicebot.transcribe.channels import transcribe_file
from voicebot.transcribe.engine import load_engine
from voicebot.transcribe.transcript import Transcript


def transcribe(
    files: Annotated[list[Path], typer.Argument(help="recordings: WAV, MP3, Ogg, GSM and others")],
    json_file: Annotated[Path | None, typer.Option("--json", help="write the transcript to this file")] = None,
    engine: Annotated[str | None, typer.Option(help="faster-whisper or openai-whisper")] = None,
    model: Annotated[str | None, typer.Option(help="name of the weights, or a folder that holds them")] = None,
    model_dir: Annotated[Path | None, typer.Option(help="where named weights are kept")] = None,
    language: Annotated[str | None, typer.Option(help="ISO 639-1 code, or auto")] = None,
) -> None:
    """Write down what was said in each recording, by whom and when. Weights that are missing are fetched first.

    One file gives one JSON object, several give a list and load the weights once.
    """
    settings = chosen(engine=engine, model=model, model_dir=model_dir, language=language)
    ear = load_engine(settings, report=lambda message: typer.echo(message, err=True))
    transcripts = []
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        for file in files:
            bar = progress.add_task(file.name, total=None)

            def show(done: float, total: float, bar: int = bar) -> None:
                progress.update(bar, completed=done, total=total)  # type: ignore[arg-type]  # rich's TaskID is an int

            transcripts.append(transcribe_file(file, ear, language=settings.language, on_progress=show))
    if json_file is not None:
        documents = [transcript.as_json() for transcript in transcripts]
        text = json.dumps(documents[0] if len(files) == 1 else documents, indent=2, ensure_ascii=False)
        json_file.write_text(text + "\n", encoding="utf-8")
        return
    for file, transcript in zip(files, transcripts, strict=True):
        typer.echo(readable(file.name, transcript))


def chosen(**options: object) -> TranscribeSettings:
    """The settings, with the options that were given in their place. Raises pydantic's error on an unknown engine."""
    given = {name: value for name, value in options.items() if value is not None}
    return TranscribeSettings.model_validate({**get_settings().transcribe.model_dump(), **given})


def readable(name: str, transcript: Transcript) -> str:
    """The transcript for a person: a heading, then a line per utterance with its start in minutes and seconds."""
    speed = transcript.audio_seconds / max(transcript.taken_seconds, 0.001)
    lines = [
        f"{name}: {transcript.audio_seconds:.1f} s heard in {transcript.taken_seconds:.1f} s ({speed:.1f} times real"
        f" time) by {transcript.engine} {transcript.model}, language {transcript.language}"
    ]
    for said in transcript.utterances:
        who = "" if said.speaker == Speaker.UNKNOWN else f"{said.speaker}: "
        lines.append(f"  {int(said.start // 60):02d}:{said.start % 60:04.1f}  {who}{said.text}")
    if not transcript.utterances:
        lines.append("  (nobody speaks)")
    return "\n".join(lines)
