"""How commands print: rows as lines for people, documents for programs."""

import json
from collections.abc import Sequence
from typing import Any

import typer


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines with their columns under each other; never cut, since addresses are copied from here."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def print_rows(rows: Sequence[Sequence[str]]) -> None:
    """Print rows, aligned."""
    for line in aligned(rows):
        typer.echo(line)


def print_json(document: Any) -> None:
    """Print a document for a program; what JSON does not know is printed as text."""
    typer.echo(json.dumps(document, indent=2, default=str))
