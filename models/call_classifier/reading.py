"""The training data: every text that the project wrote, by writer."""

from pathlib import Path

from voicebot.classify import corpus
from voicebot.classify.corpus import LabelledCall

FIRST = "first"
# Whose calls are mostly talks with booking desks.
ENGINEER = "engineer"


def read(folder: Path) -> dict[str, list[LabelledCall]]:
    """All labelled calls and openings by writer: the project's first texts, then each folder with a writer's name."""
    calls = {FIRST: _first(folder)}
    for home in sorted(path for path in folder.iterdir() if path.is_dir()):
        written = [
            *(call for file in sorted(home.glob("calls*.txt")) for call in corpus.whole_calls(file)),
            *(call for file in sorted(home.glob("openings*.tsv")) for call in corpus.openings(file)),
        ]
        if written:
            calls[home.name] = written
    return calls


def pieces(folder: Path) -> dict[str, list[LabelledCall]]:
    """Pieces of calls by writer, `folder/WRITER/pieces.txt`: only their sources are known."""
    return {file.parent.name: list(corpus.pieces(file)) for file in sorted(folder.glob("*/pieces.txt"))}


def dialogues(folder: Path) -> dict[str, list[LabelledCall]]:
    """Talks with booking desks by writer, `folder/WRITER/dialogues.txt`: they teach how appointments end alone."""
    return {file.parent.name: list(corpus.whole_calls(file)) for file in sorted(folder.glob("*/dialogues.txt"))}


def _first(folder: Path) -> list[LabelledCall]:
    found: list[LabelledCall] = []
    for file in sorted(folder.glob("*.txt")):
        for line in file.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                name, turns = line.split("\t", 1)
                found.append(LabelledCall([corpus.turn(part) for part in turns.split(" / ")], name))
    for file in sorted((folder / "openings").glob("*.txt")):
        lines = file.read_text(encoding="utf-8").splitlines()
        found += [LabelledCall([corpus.turn(f"C: {line}")], file.stem) for line in lines if line.strip()]
    for file in sorted((folder / "calls").glob("*.txt")):
        found += corpus.whole_calls(file)
    return found
