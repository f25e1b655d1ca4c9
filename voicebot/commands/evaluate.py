"""`voicebot evaluate`: the classifier's scores on labelled sets."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from voicebot.attribution import calibration
from voicebot.bench import spoken as speech
from voicebot.classify import calls as classifier
from voicebot.classify import scoring
from voicebot.classify.calls import CallClassifier
from voicebot.classify.intervals import Score
from voicebot.ear import HINTS
from voicebot.errors import InvalidInput
from voicebot.settings import get_settings
from voicebot.transcribe.engine import load_engine


def evaluate(
    data: Annotated[Path, typer.Option(help="a folder with text/*.jsonl")] = Path("../shared/data"),
    held_out: Annotated[
        Path, typer.Option(help="a held-out writer's folder: calls.txt, answers.tsv, openings.tsv...")
    ] = Path("models/call_classifier/evaluation"),
    json_file: Annotated[Path | None, typer.Option("--json", help="write the scores to this file")] = None,
    spoken: Annotated[
        bool, typer.Option("--spoken", help="the English answers alone, spoken over a telephone line and heard")
    ] = False,
    sounds: Annotated[Path | None, typer.Option(help="with --spoken: where the sound is kept; the data folder")] = None,
    limit: Annotated[int, typer.Option(min=0, help="with --spoken: so many answers, drawn at random; 0 for all")] = 0,
    voice: Annotated[
        list[str] | None, typer.Option(help="with --spoken: who speaks in turn, such as joe or flite's slt; repeatable")
    ] = None,
    hints: Annotated[bool, typer.Option("--hints", help="with --spoken: tell Whisper the call flow's words")] = False,
) -> None:
    """Print the classifier's scores with set sizes and 95 % intervals. It was not trained on any of these sets."""
    folder = data / "text"
    if not folder.is_dir():
        raise InvalidInput(f"There is no labelled data in {data}: name its folder with --data.")
    if not held_out.is_dir():
        raise InvalidInput(f"There is no held-out set in {held_out}: name its folder with --held-out.")
    loaded = classifier.load_for(get_settings(), report=partial(typer.echo, err=True))
    if spoken:
        lines = speech.some(_english_answers(folder, held_out), limit)
        engine = load_engine(get_settings().transcribe, report=typer.echo)
        place = sounds or get_settings().data_dir / "spoken"
        heard = speech.hear(lines, loaded, engine, place, HINTS if hints else None, voice or speech.SPEAKERS)
        typer.echo(speech.summary(heard, engine))
        _tell(
            loaded,
            [*speech.scores(heard), *speech.by_voice(heard)],
            json_file,
            {"answers": [asdict(one) for one in heard.answers]},
        )
        return
    intents = scoring.rows(folder / "lead_intents.jsonl")
    scores = [
        *scoring.answers(loaded, scoring.rows(folder / "answers.jsonl")),
        *scoring.calls(loaded, scoring.rows(folder / "calls.jsonl")),
        *scoring.robocalls(loaded, scoring.rows(folder / "robocalls.jsonl"), intents, scoring.lawful_prompts(held_out)),
        *scoring.intents(loaded, intents),
        *scoring.appointments(loaded, scoring.rows(folder / "appointments.jsonl")),
        *scoring.held_out(loaded, held_out),
    ]
    points = list(calibration.curve())
    _tell(loaded, scores, json_file, {"verdict_calibration": [asdict(point) for point in points]})
    for line in calibration.lines(points):
        typer.echo(line)


def _english_answers(folder: Path, held_out: Path) -> list[dict[str, Any]]:
    """The visible answers and the held-out writers'."""
    return [*scoring.rows(folder / "answers.jsonl"), *scoring.held_out_answers(held_out)]


def _tell(loaded: CallClassifier, scores: Sequence[Score], json_file: Path | None, more: dict[str, Any]) -> None:
    typer.echo(f"classifier {loaded.version}")
    for score in scores:
        interval = "" if (score.low, score.high) == (0.0, 1.0) else f"  ({score.low:.2f} to {score.high:.2f})"
        typer.echo(f"{score.name:<62} {score.value:.3f}  n={score.size}{interval}")
    if json_file is not None:
        document = {"version": loaded.version, "scores": [asdict(score) for score in scores], **more}
        json_file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
