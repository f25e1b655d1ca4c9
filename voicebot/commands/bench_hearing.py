"""`voicebot bench hearing`: the tables of docs/transcribe.md, each alone or all of them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from voicebot.bench.hearing import agreement, hints, inventions, lengths, made, side_by_side, words
from voicebot.bench.hearing.engines import OURS, PEER
from voicebot.commands.transcribe import chosen
from voicebot.settings import TranscribeSettings
from voicebot.transcribe import scoring
from voicebot.transcribe.engine import load_engine
from voicebot.transcribe.scoring import Reference

# The calls on which both engines are compared: openai-whisper is slow.
COMPARED_CALLS = 3


class Part(StrEnum):
    """One table."""

    MADE = "made"
    LENGTHS = "lengths"
    WORDS = "words"
    INVENTIONS = "inventions"
    HINTS = "hints"
    AGREEMENT = "agreement"


@dataclass(frozen=True)
class Set:
    """What is measured on: the settings, calls with human transcripts (none without the folder), and our own."""

    settings: list[TranscribeSettings]
    people: list[Reference]
    folder: Path
    count: int
    lengths: list[tuple[int, float]]

    @property
    def made(self) -> list[Reference]:
        """The generated calls, made now if they are not there."""
        made.calls(self.folder / "calls", self.count)
        return scoring.references(self.folder / "calls")[: self.count]


def hearing(
    part: Annotated[list[Part] | None, typer.Option(help="only these tables; all unless told")] = None,
    made_in: Annotated[Path, typer.Option("--made", help="where generated calls are kept, and made if missing")] = Path(
        "data/hearing"
    ),
    count: Annotated[int, typer.Option(help="how many generated calls to hear")] = made.CALLS,
    length: Annotated[
        list[str] | None,
        typer.Option(help="minutes:share of talk, for the table of lengths; as in the docs unless told"),
    ] = None,
    data: Annotated[Path, typer.Option(help="a folder with calls/*.wav and their human transcripts, *.json")] = Path(
        "../shared/data"
    ),
    model: Annotated[list[str] | None, typer.Option(help="name of the weights, or a folder; may be repeated")] = None,
    model_dir: Annotated[Path | None, typer.Option(help="where named weights are kept")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="write the figures to this file")] = None,
) -> None:
    """Measure hearing on calls that the project writes and speaks itself, and on those with human transcripts.

    Needs Debian's flite and espeak-ng, a checkout, and the extras openai-whisper and test.
    """
    settings = [chosen(model=name, model_dir=model_dir, language="en") for name in model or (None,)]
    people = scoring.references(data / "calls") if (data / "calls").is_dir() else []
    on = Set(settings, people, made_in, count, [_length(text) for text in length or []] or list(lengths.LENGTHS))
    report: dict[str, Any] = {"benchmark": "hearing", "model": settings[0].model}
    for name in part or list(Part):
        typer.echo(f"\n{name}")
        report[name], lines = PARTS[name](on)
        typer.echo("\n".join(lines))
        if json_file is not None:
            json_file.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def _length(text: str) -> tuple[int, float]:
    minutes, _, share = text.partition(":")
    try:
        return int(minutes), float(share or 1.0)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not minutes:share, such as 60:0.3.") from error


Found = tuple[Any, list[str]]


def _made(on: Set) -> Found:
    report = side_by_side.run(on.made, on.settings, (OURS, PEER))
    return report, [side_by_side.table(report)]


def _lengths(on: Set) -> Found:
    rows = lengths.measure(on.settings[0], [call.audio for call in on.made], on.lengths)
    return rows, lengths.table(rows)


def _words(on: Set) -> Found:
    engine = load_engine(on.settings[0])
    sets = {"generated": on.made, "human transcripts": on.people}
    reports = {name: words.measure(engine, [call.audio for call in calls]) for name, calls in sets.items() if calls}
    return reports, [line for name, report in reports.items() for line in (f"{name}:", *words.table(report))]


def _inventions(on: Set) -> Found:
    rows = inventions.measure(load_engine(on.settings[0]))
    return rows, inventions.table(rows)


def _hints(on: Set) -> Found:
    hints.make(on.folder / "named")
    engine = load_engine(on.settings[0])
    report = hints.measure(engine, on.folder / "named")
    report["ordinary"] = hints.inventions(engine, [call.audio for call in (*on.made, *on.people)])
    return report, hints.table(report)


def _agreement(on: Set) -> Found:
    report = agreement.measure(on.settings[0], (on.people or on.made)[:COMPARED_CALLS])
    return report, agreement.table(report)


PARTS: dict[Part, Callable[[Set], Found]] = {
    Part.MADE: _made,
    Part.LENGTHS: _lengths,
    Part.WORDS: _words,
    Part.INVENTIONS: _inventions,
    Part.HINTS: _hints,
    Part.AGREEMENT: _agreement,
}
