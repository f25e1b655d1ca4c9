"""The conversations that the tagger is trained on, with the kind of each piece of a number."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from voicebot.transcribe.redact import scoring
from voicebot.transcribe.redact.evidence import RULED, evidence
from voicebot.transcribe.redact.looks import KINDS
from voicebot.transcribe.redact.scene import Scene, scene
from voicebot.transcribe.redact.scoring import Marked
from voicebot.transcribe.redact.stream import tokens

# Whose hand wrote each file. What the rules say of a text that they were improved on is hidden from the tagger:
# it would learn to believe them more than they deserve.
WRITERS = {
    "author": "author",
    "seen": "second",
    "unseen": "second",
    "third_seen": "third",
    "third_unseen": "third",
}
IMPROVED_ON = frozenset({"author", "seen", "unseen", "third_seen"})


@dataclass(slots=True)
class Example:
    """One conversation. `labels`: for each piece the place of its kind; `names`: its features at the first look."""

    writer: str
    marked: Marked
    view: Scene
    labels: list[int]
    hides_rules: bool
    names: list[list[str]] = field(default_factory=list)


def read(folder: Path) -> list[Example]:
    """Every conversation of a folder, by file."""
    return [example for file in sorted(folder.glob("*.txt")) for example in _of_file(file)]


def _of_file(file: Path) -> Iterator[Example]:
    for marked in scoring.parse(file.read_text(encoding="utf-8")):
        view = scene(tokens(marked.utterances))
        hides = file.stem in IMPROVED_ON
        names = [
            [name for name in dict.fromkeys(found) if not (hides and name.startswith(RULED))]
            for found in evidence(view)
        ]
        yield Example(WRITERS.get(file.stem, file.stem), marked, view, _labels(marked, view), hides, names)


def _labels(marked: Marked, view: Scene) -> list[int]:
    told = {
        (utterance, word): KINDS.index(category)
        for category, utterance, first, last in marked.spans
        for word in range(first, last + 1)
    }
    return [
        next((told[t.utterance, t.word] for t in piece.tokens if (t.utterance, t.word) in told), 0)
        for piece in view.pieces
    ]
