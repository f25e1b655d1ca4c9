"""Answers to "how did you hear about us?" spoken, sent over a telephone line, and heard again: what hearing costs.

Each answer is one recording of one channel, and takes the way of every recording: `transcribe_file`, then the
classifier on what was written down. The loss is against the same answers as they were written, so that both sides are
asked the same; its interval is the bootstrap's over answers.
"""

import hashlib
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from voicebot import taxonomy
from voicebot.bench.hearing import line, neural, voices
from voicebot.bench.hearing.line import Line
from voicebot.bench.hearing.voices import Voice
from voicebot.classify.calls import CallClassifier
from voicebot.classify.intervals import Score, bootstrap, share
from voicebot.simulator.sound import RATE
from voicebot.transcribe.channels import transcribe_file
from voicebot.transcribe.engine import Engine
from voicebot.transcribe.transcript import Transcript

# Heard nearly as well as people. Flite's voices, which Whisper mishears twice as often, can be named too.
SPEAKERS = neural.NAMES
QUIET = Line(noise_below=36.0)
SEED, EDGE_SECONDS = 7, 0.5
# (the labels, what was heard) -> right or wrong
Right = Callable[[Sequence[str], Sequence[str]], bool]
MEASURES: Mapping[str, Right] = {
    "first source": lambda gold, heard: gold[0] == heard[0],
    "its group": lambda gold, heard: taxonomy.source(gold[0]).group == taxonomy.source(heard[0]).group,
    "whole ordered list": lambda gold, heard: tuple(gold) == tuple(heard),
}


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer: its labels, what the classifier makes of the text, and of what Whisper wrote down of the sound."""

    voice: str
    labels: tuple[str, ...]
    text: str
    written: str
    clean: tuple[str, ...]
    spoken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spoken:
    """Every answer, with the seconds of sound and the seconds it took to hear them."""

    answers: tuple[Heard, ...]
    sound_seconds: float
    hearing_seconds: float


def some(lines: Sequence[dict[str, Any]], limit: int) -> list[dict[str, Any]]:
    """All lines, or `limit` of them drawn at random; the same at every run."""
    if not limit or limit >= len(lines):
        return list(lines)
    return random.Random(SEED).sample(list(lines), limit)  # noqa: S311 - repeatable, not secret


def hear(
    lines: Sequence[dict[str, Any]],
    classifier: CallClassifier,
    engine: Engine,
    folder: Path,
    hints: Sequence[str] | None = None,
    speakers: Sequence[str] = SPEAKERS,
) -> Spoken:
    """Every answer said by one of the speakers in turn, and heard. Raises VoicebotError.

    `folder` keeps the sound, so that a second run only hears.
    """
    folder.mkdir(parents=True, exist_ok=True)
    answers, sound, taken = [], 0.0, 0.0
    for place, answer in enumerate(lines):
        voice = speakers[place % len(speakers)]
        file = recording(answer["text"], voice, folder)
        began = time.perf_counter()
        transcript = transcribe_file(file, engine, language="en", hints=hints)
        taken += time.perf_counter() - began
        sound += transcript.audio_seconds
        heard = _joined(transcript)
        answers.append(
            Heard(
                voice,
                tuple(answer["labels"]),
                answer["text"],
                heard,
                classifier.hear_answer(answer["text"]).sources,
                classifier.hear_answer(heard).sources,
            )
        )
    return Spoken(tuple(answers), sound, taken)


def recording(text: str, voice: str, folder: Path) -> Path:
    """The answer as a telephone's recording; kept in the folder by voice and words."""
    digest = hashlib.sha256(f"{voice}:{text}".encode()).hexdigest()[:16]
    file = folder / f"{digest}.wav"
    if not file.is_file():
        record(file, Voice(voice, slower=1.1), text, QUIET, np.random.default_rng(int(digest[:8], 16)))
    return file


def record(file: Path, voice: Voice, text: str, over: Line, chance: np.random.Generator) -> None:
    """Write a text said by a voice, with a little silence around it, as the other end of a line records it."""
    edge = round(EDGE_SECONDS * RATE)
    clean = np.pad(voices.speak([(voice, text)])[0], (edge, edge))
    line.write(file, line.carry(clean[None], over, chance))


def written(file: Path, engine: Engine) -> str:
    """What Whisper writes down of a recording, in one line."""
    return _joined(transcribe_file(file, engine, language="en"))


def _joined(transcript: Transcript) -> str:
    return " ".join(one.text.strip() for one in transcript.utterances)


def scores(found: Spoken) -> list[Score]:
    """For each measure: of the text, of the sound, and the loss between them (1 point is 0.01)."""
    every: list[Score] = []
    for name, right in MEASURES.items():
        clean = [right(one.labels, one.clean) for one in found.answers]
        spoken = [right(one.labels, one.spoken) for one in found.answers]
        lost = [float(a) - float(b) for a, b in zip(clean, spoken, strict=True)]
        every += [
            share(f"spoken answers: {name}, as text", clean),
            share(f"spoken answers: {name}, as heard", spoken),
            bootstrap(f"spoken answers: {name}, loss (bar 0.05)", lambda some: sum(some) / len(some), lost),
        ]
    return every


def by_voice(found: Spoken) -> list[Score]:
    """What hearing costs the first source with each voice."""
    right = MEASURES["first source"]
    every = []
    for voice in dict.fromkeys(one.voice for one in found.answers):
        mine = [one for one in found.answers if one.voice == voice]
        lost = [float(right(one.labels, one.clean)) - float(right(one.labels, one.spoken)) for one in mine]
        every.append(bootstrap(f"spoken by {voice}: first source, loss", lambda some: sum(some) / len(some), lost))
    return every


def summary(found: Spoken, engine: Engine) -> str:
    """How much was heard, by what, in how long."""
    return (
        f"spoken answers: {len(found.answers)} heard by {engine.name} {engine.model}, {found.sound_seconds:.0f} s of"
        f" sound at {RATE} Hz in {found.hearing_seconds:.0f} s"
    )
