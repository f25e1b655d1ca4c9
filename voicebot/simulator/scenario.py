"""Scenario files: what one caller does. docs/scenarios.md describes every key."""

from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from voicebot.errors import InvalidInput


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Caller(_Part):
    """What the network says of the caller; blank fields are sent blank, as a real carrier sends them."""

    name: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    country: str = ""
    stir_verstat: str = ""


class GatherAnswer(_Part):
    """What the caller does at one `<Gather>`: exactly one of the four.

    `after_seconds` is when, counted from the start of the question; just after its end unless told.
    """

    say: str | None = None
    confidence: float = Field(0.9, ge=0, le=1)
    digits: str | None = Field(None, pattern=r"^[0-9*#]+$")
    silence: bool = False
    hang_up: bool = False
    after_seconds: float | None = Field(None, ge=0)

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        chosen = [self.say is not None, self.digits is not None, self.silence, self.hang_up]
        if chosen.count(True) != 1:
            raise ValueError("an answer is exactly one of say, digits, silence, hang_up")
        return self


class Business(_Part):
    """What the business's phone does. Where it does not answer, the dial's own timeout decides how long it rings.

    `number` is the one that does this where several ring, the first unless told; the others are never answered.
    `presses` are the keys the agent presses when the agent message asks for some.
    """

    outcome: Literal["answered", "no-answer", "busy", "failed"] = "answered"
    ring_seconds: float = Field(6, ge=0, le=600)
    number: str | None = None
    presses: str = Field("", pattern=r"^[0-9*#]*$")


class Turn(_Part):
    """One turn of the script that the audio was made from; the product never sees it."""

    speaker: Literal["agent", "caller"]
    text: str


class Conversation(_Part):
    """The bridged conversation: two channels, the caller's first. `ended_by` hangs up."""

    audio: str
    turns: tuple[Turn, ...] = ()
    voices: dict[str, str] = Field(default_factory=dict)
    ended_by: Literal["agent", "caller"] = "agent"


class Voicemail(_Part):
    """The message a caller leaves; one channel."""

    audio: str
    text: str = ""
    voices: dict[str, str] = Field(default_factory=dict)


class HangUp(_Part):
    """The caller gives up: so many seconds into the greeting, the ringing of the business's phone, or the talk."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    during: Literal["greeting", "ringing", "conversation"] = Field(alias="while")
    after_seconds: float = Field(4, ge=0)


class Expectation(_Part):
    """What the product should find; read by the demo and the tests, never sent."""

    verdict: str
    source: str | None = None
    disposition: str


class Scenario(_Part):
    """One call from the first ring to the last callback."""

    name: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    title: str
    to: str = Field(pattern=r"^\+[1-9][0-9]{6,14}$")
    from_: str = Field(alias="from")
    caller: Caller = Caller()
    answers: tuple[GatherAnswer, ...] = ()
    business: Business = Business()
    conversation: Conversation | None = None
    voicemail: Voicemail | None = None
    hang_up: HangUp | None = None
    expect: Expectation | None = None
    folder: Path = Field(default=Path(), exclude=True)

    def audio_file(self, name: str) -> Path:
        """An audio file named in the scenario, beside the scenario's own file."""
        return self.folder / name


def load(path: Path) -> Scenario:
    """A scenario file, validated. Raises InvalidInput naming the file and every faulty key."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise InvalidInput(f"{path} cannot be read: {error}") from error
    if not isinstance(document, dict) or "folder" in document:
        raise InvalidInput(f"{path} is not a scenario: it must be a mapping, without `folder`.")
    try:
        scenario = Scenario.model_validate({**document, "folder": path.resolve().parent})
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc'])) or 'the file'}: {fault['msg']}" for fault in error.errors()]
        raise InvalidInput(f"{path}: " + "; ".join(faults)) from error
    _require_audio(scenario, path)
    return scenario


def _require_audio(scenario: Scenario, path: Path) -> None:
    for part in (scenario.conversation, scenario.voicemail):
        if part is not None and not scenario.audio_file(part.audio).is_file():
            raise InvalidInput(f"{path}: the audio file {part.audio} is missing.")
