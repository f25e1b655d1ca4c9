"""A written call laid out in time as people talk: pauses, hesitations, and turns that begin before the other's end."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voicebot.bench.hearing import line, voices
from voicebot.bench.hearing.line import Line
from voicebot.bench.hearing.voices import RATE, Sound, Voice
from voicebot.classify.labels import Turn
from voicebot.terms import Speaker

CHANNELS = (Speaker.CALLER, Speaker.AGENT)
# Between turns: about a quarter of a second, seven of ten within half a second of it, one of five overlaps a little.
GAP_MEAN, GAP_SPREAD, EARLIEST, LATEST = 0.25, 0.4, -0.5, 2.0
# Between sentences of a turn, and the share of them at which the speaker stops to think.
BREATH, THINKING, THINKING_SHARE = (0.15, 0.6), (1.0, 3.0), 0.12
BEFORE, AFTER = 1.0, 1.0


@dataclass(frozen=True, slots=True)
class Said:
    """One turn with its place in the call, in seconds."""

    speaker: Speaker
    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """A call as sound, (2, samples) at RATE, before any line, and who said what when."""

    sound: Sound
    turns: tuple[Said, ...]

    @property
    def seconds(self) -> float:
        """The call's length."""
        return float(self.sound.shape[1] / RATE)


def cast(chance: np.random.Generator) -> dict[Speaker, Voice]:
    """Two different speakers."""
    names = chance.choice(voices.VOICES, 2, replace=False)
    return {
        speaker: Voice(str(name), float(chance.uniform(0.95, 1.2)), float(chance.uniform(0.94, 1.06)))
        for speaker, name in zip(CHANNELS, names, strict=True)
    }


def perform(turns: Sequence[Turn], chance: np.random.Generator) -> Spoken:
    """The turns spoken one after the other by two voices drawn for the call."""
    people = cast(chance)
    parts = [(turn, _sentences(turn.text)) for turn in turns]
    spoken = iter(voices.speak([(people[turn.speaker], text) for turn, texts in parts for text in texts]))
    placed: list[tuple[Said, Sound]] = []
    now = BEFORE
    for turn, texts in parts:
        sound = _joined([next(spoken) for _ in texts], chance)
        start = max(now, 0.0)
        placed.append((Said(turn.speaker, round(start, 3), round(start + len(sound) / RATE, 3), turn.text), sound))
        now = placed[-1][0].end + float(np.clip(chance.normal(GAP_MEAN, GAP_SPREAD), EARLIEST, LATEST))
    length = max(said.end for said, _ in placed) + AFTER
    return Spoken(_laid(placed, round(length * RATE)), tuple(said for said, _ in placed))


def _sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.?!])\s+", text) if re.search(r"\w", part)] or ["hm"]


def _joined(sentences: Sequence[Sound], chance: np.random.Generator) -> Sound:
    pieces: list[Sound] = []
    for number, sentence in enumerate(sentences):
        if number:
            low, high = THINKING if chance.random() < THINKING_SHARE else BREATH
            pieces.append(np.zeros(round(float(chance.uniform(low, high)) * RATE), np.float32))
        pieces.append(sentence)
    return np.concatenate(pieces)


def _laid(placed: Sequence[tuple[Said, Sound]], length: int) -> Sound:
    sound = np.zeros((len(CHANNELS), length + RATE), np.float32)
    for said, samples in placed:
        start = round(said.start * RATE)
        sound[CHANNELS.index(said.speaker), start : start + len(samples)] += samples
    return sound[:, :length]


def keep(folder: Path, name: str, spoken: Spoken, over: Line, chance: np.random.Generator) -> None:
    """The call over a line as `name`.wav, with its transcript beside it in the form that `scoring.references` reads."""
    line.write(folder / f"{name}.wav", line.carry(spoken.sound, over, chance))
    turns = [
        {"speaker": str(said.speaker), "start": said.start, "end": said.end, "text": said.text} for said in spoken.turns
    ]
    document = {"seconds": round(spoken.seconds, 3), "turns": turns}
    (folder / f"{name}.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
