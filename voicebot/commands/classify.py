"""`voicebot classify` and `voicebot classify-answers`: the classifier on files, without a database."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from pydantic import BaseModel, ConfigDict, ValidationError

from voicebot.classify import calls as classifier
from voicebot.classify.labels import Turn
from voicebot.errors import InvalidInput
from voicebot.settings import get_settings
from voicebot.terms import Speaker

Input = Annotated[Path, typer.Argument(help="JSON lines")]
Output = Annotated[Path | None, typer.Option("--json", help="write JSON lines to this file")]


class _Line(BaseModel):
    # Other fields, gold labels among them, are never read.
    model_config = ConfigDict(extra="ignore")

    id: str | int


L = TypeVar("L", bound=_Line)


class TurnLine(_Line):
    """One turn; it needs no id."""

    id: str | int = ""
    speaker: Speaker
    text: str


class CallLine(_Line):
    """One call: its id and turns."""

    turns: list[TurnLine]


class AnswerLine(_Line):
    """One answer to "how did you hear about us?"."""

    text: str


def classify(file: Input, json_file: Output = None) -> None:
    """Say what each call was: `{"id","turns":[{"speaker","text"}]}` a line."""
    loaded = classifier.load_for(get_settings(), report=partial(typer.echo, err=True))
    rows = []
    for line in _lines(file, CallLine):
        turns = [Turn(turn.speaker, turn.text) for turn in line.turns]
        rows.append({**loaded.classify(turns).as_json(str(line.id)), "id": line.id})
    _write(rows, json_file)


def classify_answers(file: Input, json_file: Output = None) -> None:
    """Say how each caller found the business: `{"id","text"}` a line, an answer to the question."""
    loaded = classifier.load_for(get_settings(), report=partial(typer.echo, err=True))
    rows = []
    for line in _lines(file, AnswerLine):
        heard = loaded.hear_answer(line.text)
        rows.append({"id": line.id, "sources": list(heard.sources), "probability": heard.probability})
    _write(rows, json_file)


def _lines(file: Path, kind: type[L]) -> Iterator[L]:
    """Every line of the file, validated. Raises InvalidInput naming the line."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file} cannot be read: {error}") from error
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield kind.model_validate_json(line)
        except ValidationError as error:
            fault = error.errors()[0]
            place = ".".join(map(str, fault["loc"])) or "line"
            raise InvalidInput(f"{file}, line {number}: {place}: {fault['msg']}") from error


def _write(rows: list[dict[str, Any]], json_file: Path | None) -> None:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    if json_file is None:
        typer.echo(text, nl=False)
    else:
        json_file.write_text(text, encoding="utf-8")
