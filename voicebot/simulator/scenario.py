"""Scenario files: what one caller does. docs/scenarios.md describes every key."""

from pathlib import Path
from typing import Self

import yaml
from pydantic import Field, ValidationError, model_validator

from voicebot.errors import InvalidInput
from voicebot.simulator.parts import (
    Business,
    Caller,
    Conversation,
    Expectation,
    GatherAnswer,
    HangUp,
    Part,
    Relay,
    Voicemail,
)
from voicebot.simulator.switches import Switches

__all__ = ["Business", "Caller", "GatherAnswer", "Scenario", "load"]


class Scenario(Part):
    """One call from the first ring to the last callback."""

    name: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    title: str
    to: str = Field(pattern=r"^\+[1-9][0-9]{6,14}$")
    from_: str = Field(alias="from")
    caller: Caller = Caller()
    answers: tuple[GatherAnswer, ...] = ()
    business: Business = Business()
    phones: tuple[Business, ...] = ()
    relay: Relay = Relay()
    network: Switches = Switches()
    conversation: Conversation | None = None
    voicemail: Voicemail | None = None
    hang_up: HangUp | None = None
    expect: Expectation | None = None
    folder: Path = Field(default=Path(), exclude=True)

    @model_validator(mode="after")
    def _names_its_phones(self) -> Self:
        if any(phone.number is None for phone in self.phones):
            raise ValueError("each of phones needs its number")
        return self

    def phone(self, number: str, *, is_first: bool) -> Business:
        """What the phone with this number does: as `phones` or `business` say; nobody answers any other."""
        for one in self.phones:
            if one.number == number:
                return one
        if self.business.number == number or (self.business.number is None and is_first and not self.phones):
            return self.business
        return Business(outcome="no-answer", number=number)

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
