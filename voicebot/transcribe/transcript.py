"""What was said: the value types every speech engine returns and every reader uses."""

from dataclasses import asdict, dataclass, field
from typing import Any

from voicebot.terms import Speaker


@dataclass(frozen=True, slots=True)
class Word:
    """One word. `start` and `end` in seconds from the start of the recording; `probability` from 0 to 1."""

    text: str
    start: float
    end: float
    probability: float


@dataclass(frozen=True, slots=True)
class Utterance:
    """One speaker's turn. `start` and `end` in seconds from the start of the recording."""

    speaker: Speaker
    start: float
    end: float
    text: str
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Transcript:
    """A recording as text: utterances in order of their start, both channels interleaved.

    `engine` and `model` name what heard it; `audio_seconds` is the recording's length and `taken_seconds` the time
    spent hearing it, loading excluded; `language` is an ISO 639-1 code.
    """

    engine: str
    model: str
    audio_seconds: float
    taken_seconds: float
    language: str = "en"
    utterances: tuple[Utterance, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """The contract of `voicebot transcribe --json`."""
        document = asdict(self)
        document["utterances"] = [
            {**utterance, "speaker": str(utterance["speaker"])} for utterance in document["utterances"]
        ]
        return document
