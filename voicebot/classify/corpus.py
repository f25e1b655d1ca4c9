"""Readers of the texts that the project wrote to train and check the classifier.

Whole calls: blocks of a heading `# disposition | booked | sources | business | name=...; zip=...` and a turn a line,
`A:` agent or `C:` caller; the words that reveal a source may stand in braces with it, `{radio: heard you on WKLX}`.
Pieces of calls: the same blocks, with the sources alone in the heading. Openings: `label<TAB>text`, a text's turns
parted by ` / `.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from voicebot.classify.labels import Turn
from voicebot.terms import Speaker

SPEAKERS = {"C": Speaker.CALLER, "A": Speaker.AGENT}
BOOKED = {"true": True, "false": False, "null": None}
BRACE = re.compile(r"\{(\w+): ?([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words by which a caller reveals a source: from letter `start` to `end` of a turn."""

    turn: int
    start: int
    end: int
    source: str


@dataclass(frozen=True, slots=True)
class LabelledCall:
    """One written call and what is true of it; `booked_known`: the writer said whether it was booked.

    `evidence`: where the writer marked what reveals the sources.
    """

    turns: list[Turn]
    disposition: str
    booked: bool | None = None
    booked_known: bool = False
    sources: tuple[str, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()

    def touches(self) -> tuple[Evidence, ...]:
        """The first words that reveal each source, in order of touch; nothing where one is not marked."""
        marked = {e.source: e for e in reversed(self.evidence)}
        return tuple(marked[source] for source in self.sources) if marked.keys() >= set(self.sources) else ()

    def revealed(self, turn: int, start: int, end: int) -> tuple[str, ...]:
        """The sources that the words between two letters of a turn help to reveal, in order of touch."""
        here = {e.source for e in self.evidence if e.turn == turn and e.start < end and e.end > start}
        return tuple(source for source in self.sources if source in here)


def turn(line: str) -> Turn:
    """ "C: hello" as a turn. Raises ValueError where nobody is said to speak."""
    who, _, text = line.partition(":")
    if who.strip() not in SPEAKERS:
        raise ValueError(f"No speaker in {line!r}: a turn begins with A: or C:.")
    return Turn(SPEAKERS[who.strip()], text.strip())


def whole_calls(file: Path) -> Iterator[LabelledCall]:
    """The calls of a file of blocks."""
    for heading, turns in _blocks(file):
        yield _call(heading, turns)


def pieces(file: Path) -> Iterator[LabelledCall]:
    """Pieces out of calls, of which nothing but the sources is known: their disposition is empty."""
    for heading, spoken in _blocks(file):
        turns, evidence = marked(spoken)
        yield LabelledCall(turns, "", sources=_sources(heading.strip()), evidence=evidence)


def _blocks(file: Path) -> Iterator[tuple[str, list[Turn]]]:
    for block in file.read_text(encoding="utf-8").split("\n\n"):
        lines = [line for line in block.strip().splitlines() if line.strip()]
        if lines and lines[0].startswith("# "):
            yield lines[0][2:], [turn(line) for line in lines[1:]]


def _sources(written: str) -> tuple[str, ...]:
    return () if written == "-" else tuple(written.split(","))


def marked(turns: Sequence[Turn]) -> tuple[list[Turn], tuple[Evidence, ...]]:
    """Turns without the braces around what reveals a source, and the places of what stood in them."""
    plain, found = [], []
    for index, one in enumerate(turns):
        text, last = "", 0
        for match in BRACE.finditer(one.text):
            text += one.text[last : match.start()]
            found.append(Evidence(index, len(text), len(text) + len(match[2]), match[1]))
            text += match[2]
            last = match.end()
        plain.append(Turn(one.speaker, text + one.text[last:]))
    return plain, tuple(found)


def _call(heading: str, turns: list[Turn]) -> LabelledCall:
    turns, evidence = marked(turns)
    if "|" not in heading:
        disposition, booked, *_ = heading.split()
        return LabelledCall(turns, disposition, BOOKED[booked], booked_known=True)
    disposition, booked, sources, _, *facts = (part.strip() for part in heading.split("|"))
    pairs = (fact.partition("=") for fact in (facts[0].split(";") if facts else []))
    return LabelledCall(
        turns,
        disposition,
        BOOKED[booked],
        booked_known=True,
        sources=_sources(sources),
        facts={name.strip(): value.strip() for name, _, value in pairs if value.strip()},
        evidence=evidence,
    )


def openings(file: Path) -> Iterator[LabelledCall]:
    """The caller's first words, or a few turns of theirs, by label."""
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            label, text = line.split("\t", 1)
            yield LabelledCall([Turn(Speaker.CALLER, part.strip()) for part in text.split(" / ")], label)
