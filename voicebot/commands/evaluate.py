"""`voicebot evaluate`: the classifier's scores on labelled sets."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from voicebot.attribution import calibration
from voicebot.classify import calls as classifier
from voicebot.classify import scoring
from voicebot.errors import InvalidInput
from voicebot.settings import get_settings


def evaluate(
    data: Annotated[Path, typer.Option(help="a folder with text/*.jsonl")] = Path("../shared/data"),
    held_out: Annotated[Path, typer.Option(help="a folder with calls.txt, openings.tsv and lawful_prompts.txt")] = Path(
        "models/call_classifier/evaluation"
    ),
    json_file: Annotated[Path | None, typer.Option("--json", help="write the scores to this file")] = None,
) -> None:
    """Print the classifier's scores with set sizes and 95 % intervals. It was not trained on any of these sets."""
    folder = data / "text"
    if not folder.is_dir():
        raise InvalidInput(f"There is no labelled data in {data}: name its folder with --data.")
    if not held_out.is_dir():
        raise InvalidInput(f"There is no held-out set in {held_out}: name its folder with --held-out.")
    loaded = classifier.load(get_settings().classify.model_path)
    intents = scoring.rows(folder / "lead_intents.jsonl")
    scores = [
        *scoring.answers(loaded, scoring.rows(folder / "answers.jsonl")),
        *scoring.calls(loaded, scoring.rows(folder / "calls.jsonl")),
        *scoring.robocalls(loaded, scoring.rows(folder / "robocalls.jsonl"), intents, scoring.lawful_prompts(held_out)),
        *scoring.intents(loaded, intents),
        *scoring.appointments(loaded, scoring.rows(folder / "appointments.jsonl")),
        *scoring.held_out(loaded, held_out),
    ]
    typer.echo(f"classifier {loaded.version}")
    for score in scores:
        interval = "" if (score.low, score.high) == (0.0, 1.0) else f"  ({score.low:.2f} to {score.high:.2f})"
        typer.echo(f"{score.name:<62} {score.value:.3f}  n={score.size}{interval}")
    points = list(calibration.curve())
    for line in calibration.lines(points):
        typer.echo(line)
    if json_file is not None:
        document = {
            "version": loaded.version,
            "scores": [asdict(score) for score in scores],
            "verdict_calibration": [asdict(point) for point in points],
        }
        json_file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
