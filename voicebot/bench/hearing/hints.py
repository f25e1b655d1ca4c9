"""Names given as hints, in both directions: said names heard right, and names written that nobody said."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from voicebot.attribution.statistics import wilson
from voicebot.bench.hearing import talk
from voicebot.bench.hearing.engines import CHANNELS
from voicebot.bench.hearing.line import Line
from voicebot.classify import corpus
from voicebot.classify.labels import Turn
from voicebot.errors import InvalidInput
from voicebot.transcribe import scoring
from voicebot.transcribe.channels import transcribe_file
from voicebot.transcribe.engine import Engine
from voicebot.transcribe.scoring import Errors

TEXTS = Path(__file__).parents[3] / "benchmarks" / "hearing" / "names.txt"
# Each call is spoken this often, by other voices over other lines.
TAKES = 2


@dataclass(frozen=True, slots=True)
class Named:
    """A call, the names said in it, and names like them that are not."""

    turns: list[Turn]
    said: tuple[str, ...]
    alike: tuple[str, ...]


@dataclass
class Tally:
    """Names said and heard right, calls with a name that was not said, and word errors, under one sort of hints."""

    said: int = 0
    right: int = 0
    calls: int = 0
    invented: int = 0
    errors: int = 0
    words: int = 0


def read(file: Path = TEXTS) -> list[Named]:
    """The calls of the file. Raises InvalidInput outside a checkout, where it is not."""
    if not file.is_file():
        raise InvalidInput("The calls with names are not here: they come with a checkout (benchmarks/hearing).")
    return [_named(block) for block in file.read_text(encoding="utf-8").split("\n\n") if "\nA:" in f"\n{block}"]


def _named(block: str) -> Named:
    heading, *lines = block.strip().splitlines()
    said, alike = (tuple(name.strip() for name in part.split(";")) for part in heading.lstrip("# ").split("|"))
    return Named([corpus.turn(line) for line in lines], said, alike)


def make(folder: Path) -> None:
    """Speak each call TAKES times into `folder`, unless it is there."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, call in enumerate(read()):
        for take in range(TAKES):
            name = f"named{number:02d}-{take}"
            if not (folder / f"{name}.json").is_file():
                chance = np.random.default_rng([40, number, take])
                over = Line(noise_below=float(chance.uniform(26, 42)))
                talk.keep(folder, name, talk.perform(call.turns, chance), over, chance)


def measure(engine: Engine, folder: Path) -> dict[str, Any]:
    """No hints; the company's own, those like them among them; and another company's, none of which is said."""
    calls = read()
    everyone = [(*call.said, *call.alike) for call in calls]
    tallies = {"none": Tally(), "own": Tally(), "another company's": Tally()}
    for number, take in ((number, take) for number in range(len(calls)) for take in range(TAKES)):
        call, path = calls[number], folder / f"named{number:02d}-{take}.wav"
        hints = {"none": (), "own": everyone[number], "another company's": everyone[(number + 3) % len(calls)]}
        for kind, names in hints.items():
            unsaid = [*call.alike, *everyone[(number + 3) % len(calls)]]
            _count(tallies[kind], call, unsaid, path, _hear(engine, path, names))
    return {"rows": [{"hints": kind, **asdict(tally)} for kind, tally in tallies.items()]}


def inventions(engine: Engine, calls: Sequence[Path]) -> dict[str, int]:
    """In how many of these calls, which say none of them, a name appears when all names of the file are hints."""
    names = sorted({name for call in read() for name in (*call.said, *call.alike)})
    found = [_plain(" ".join(_hear(engine, call, names).values())) for call in calls]
    return {
        "names": len(names),
        "calls": len(calls),
        "invented": sum(any(_plain(n) in f for n in names) for f in found),
    }


def _hear(engine: Engine, path: Path, names: Sequence[str]) -> dict[str, str]:
    heard = transcribe_file(path, engine, hints=names).utterances
    return {speaker: " ".join(said.text for said in heard if said.speaker == speaker) for speaker in CHANNELS}


def _count(tally: Tally, call: Named, unsaid: Sequence[str], path: Path, heard: dict[str, str]) -> None:
    whole = _plain(" ".join(heard.values()))
    for name in call.said:
        times = sum(_plain(turn.text).count(_plain(name)) for turn in call.turns)
        tally.said += times
        tally.right += min(times, whole.count(_plain(name)))
    tally.calls += 1
    tally.invented += any(_plain(name) in whole for name in unsaid if _plain(name) not in _all(call.turns))
    for errors in _errors(call, heard):
        tally.errors, tally.words = tally.errors + errors.errors, tally.words + errors.words


def _errors(call: Named, heard: dict[str, str]) -> Iterator[Errors]:
    for speaker in CHANNELS:
        yield scoring.compare(" ".join(turn.text for turn in call.turns if turn.speaker == speaker), heard[speaker])


def _all(turns: Sequence[Turn]) -> str:
    return _plain(" ".join(turn.text for turn in turns))


def _plain(text: str) -> str:
    return " " + re.sub(r"[^a-z]+", " ", text.lower()).strip() + " "


def table(report: dict[str, Any]) -> list[str]:
    """The report for a person."""
    lines = []
    for row in report["rows"]:
        right, invented = wilson(row["right"], row["said"]), wilson(row["invented"], row["calls"])
        lines.append(
            f"{row['hints']:<20} names right {row['right']}/{row['said']} {right.estimate:.0%}"
            f" ({right.low:.0%}-{right.high:.0%}), calls with a name nobody said {row['invented']}/{row['calls']}"
            f" (up to {invented.high:.1%}), word errors {row['errors']}/{row['words']}"
            f" {row['errors'] / row['words']:.1%}"
        )
    other = report["ordinary"]
    lines.append(f"{other['names']} names in {other['calls']} calls that say none: {other['invented']} calls with one")
    return lines
