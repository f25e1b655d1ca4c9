"""Measurements against the peers that a user would otherwise take, on one machine in one run."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from voicebot.bench.hearing import side_by_side
from voicebot.bench.hearing.engines import BUILDERS
from voicebot.commands.bench_hearing import hearing
from voicebot.commands.bench_webhook import webhook
from voicebot.commands.transcribe import chosen
from voicebot.errors import InvalidInput
from voicebot.transcribe import scoring
from voicebot.transcribe.engine import load_engine

app = typer.Typer(no_args_is_help=True, help="Measure speed and accuracy against the peers.")
app.command()(webhook)
app.command()(hearing)


@app.command()
def transcribe(
    json_file: Annotated[Path | None, typer.Option("--json", help="write the rows to this file")] = None,
    data: Annotated[Path, typer.Option(help="a folder with calls/*.wav and their human transcripts, *.json")] = Path(
        "../shared/data"
    ),
    model: Annotated[
        list[str] | None, typer.Option(help="name of the weights, or a folder; of further ones ours and the peer alone")
    ] = None,
    model_dir: Annotated[Path | None, typer.Option(help="where named weights are kept")] = None,
    engine: Annotated[list[str] | None, typer.Option(help="only engines whose names begin so; all unless told")] = None,
) -> None:
    """Word error rate per channel, speed and memory of our transcripts and of faster-whisper used as its README says.

    Same weights, same threads, the engines taking turns call by call. `ratio` is our speed, word times included, over
    that of faster-whisper's README without them. openai-whisper hears the first two calls only: it is slow.
    """
    calls = scoring.references(data / "calls")
    settings = [chosen(model=name, model_dir=model_dir, language="en") for name in model or (None,)]
    for setting in settings:
        load_engine(setting, report=typer.echo)
    report = side_by_side.run(calls, settings, _wanted(engine))
    _keep(json_file, report)
    typer.echo(side_by_side.table(report))


def _wanted(beginnings: list[str] | None) -> list[str]:
    """The engines to compare: ours and the one that the ratio is over always."""
    names = list(BUILDERS)
    if beginnings is None:
        return names
    found = [name for name in names if any(name.startswith(beginning) for beginning in beginnings)]
    if not found:
        raise InvalidInput(f"No engine begins so. There are: {', '.join(names)}.")
    return [name for name in names if name in {*names[:2], *found}]


def _keep(file: Path | None, report: dict[str, Any]) -> None:
    if file is not None:
        file.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
