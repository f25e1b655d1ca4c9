"""A call flow as a validated document: the steps a caller meets, in order. Pure: no database, no web framework.

```yaml
language: en-US
steps:
  - {type: greeting, text: "Thank you for calling Lakeside Roofing."}
  - {type: recording_notice, text: "This call is recorded and transcribed."}
  - {type: source_question, text: "How did you hear about us?", reprompt: "Sorry, ..."}
  - {type: dial, timeout_seconds: 20, agent_message: "Call from {campaign}. They said {answer}."}
  - {type: voicemail, text: "Please leave a message after the tone."}
```
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from voicebot import taxonomy
from voicebot.errors import InvalidInput

NOTICE = "This call may be recorded and automatically transcribed for quality and marketing."
QUESTION = "Before we connect you: how did you hear about us?"
REPROMPT = "Sorry, I did not catch that. Was it a friend, an ad, or online? You can also press pound to skip."


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Greeting(_Part):
    """Spoken first."""

    type: Literal["greeting"] = "greeting"
    text: str = Field(min_length=1, max_length=1000)


class RecordingNotice(_Part):
    """Says that the call is recorded and transcribed. Nothing is recorded before it."""

    type: Literal["recording_notice"] = "recording_notice"
    text: str = Field(NOTICE, min_length=1, max_length=1000)


class Choice(_Part):
    """A keypad answer to the source question: the key, the source it stands for, and how it is called aloud."""

    key: str = Field(pattern=r"^[0-9*]$")
    source: str
    spoken: str = Field(min_length=1, max_length=60)

    @field_validator("source")
    @classmethod
    def _is_a_source(cls, value: str) -> str:
        try:
            return taxonomy.source(value).id
        except InvalidInput as error:
            raise ValueError(str(error)) from error


class SourceQuestion(_Part):
    """Asks how the caller found the business: openly first, then once more with the keypad offered."""

    type: Literal["source_question"] = "source_question"
    ask: Literal["first_time", "always", "never"] = "first_time"
    text: str = Field(QUESTION, min_length=1, max_length=500)
    reprompt: str = Field(REPROMPT, min_length=1, max_length=500)
    attempts: int = Field(2, ge=1, le=2)
    timeout_seconds: int = Field(4, ge=1, le=15)
    choices: tuple[Choice, ...] = ()

    @model_validator(mode="after")
    def _keys_differ(self) -> Self:
        keys = [choice.key for choice in self.choices]
        if len(keys) != len(set(keys)):
            raise ValueError("two choices have the same key")
        return self


class Dial(_Part):
    """Forwards the call to the number's destination and records both sides."""

    type: Literal["dial"] = "dial"
    timeout_seconds: int = Field(20, ge=5, le=120)
    record: bool = True
    agent_message: str | None = Field("Call from {campaign}. {answer}", max_length=500)


class Voicemail(_Part):
    """Takes a message when nobody answers."""

    type: Literal["voicemail"] = "voicemail"
    text: str = Field(
        "Sorry, nobody can take your call right now. Please leave a message after the tone.", min_length=1
    )
    max_seconds: int = Field(120, ge=5, le=600)


class HangUp(_Part):
    """Ends the call, with a last word."""

    type: Literal["hang_up"] = "hang_up"
    text: str | None = None


Step = Annotated[Greeting | RecordingNotice | SourceQuestion | Dial | Voicemail | HangUp, Field(discriminator="type")]


class Flow(_Part):
    """What a caller meets. Every flow reaches the business: it has exactly one dial step."""

    language: str = Field("en-US", pattern=r"^[a-z]{2}-[A-Z]{2}$")
    voice: str | None = Field(None, max_length=60)
    steps: tuple[Step, ...] = Field(min_length=1, max_length=20)

    @model_validator(mode="after")
    def _keeps_its_promises(self) -> Self:
        kinds = [step.type for step in self.steps]
        if kinds.count("dial") != 1:
            raise ValueError("a call flow has exactly one dial step: a caller must reach the business")
        for once in ("greeting", "recording_notice", "source_question", "voicemail"):
            if kinds.count(once) > 1:
                raise ValueError(f"a call flow has at most one {once} step")
        dial = kinds.index("dial")
        before = kinds[:dial]
        if any(kind in ("voicemail", "hang_up") for kind in before):
            raise ValueError("voicemail and hang_up come after the dial step")
        if any(kind in ("greeting", "recording_notice", "source_question") for kind in kinds[dial:]):
            raise ValueError("greeting, recording_notice and source_question come before the dial step")
        records = any(isinstance(step, Dial) and step.record for step in self.steps) or "voicemail" in kinds
        if records and "recording_notice" not in before:
            raise ValueError("a flow that records needs a recording_notice step before the dial step")
        return self


def parse(document: Mapping[str, Any]) -> Flow:
    """A document as a flow. Raises InvalidInput naming every fault by its place in the document."""
    try:
        return Flow.model_validate(document)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc']) or 'flow'}: {fault['msg']}" for fault in error.errors()
        )
        raise InvalidInput(f"The call flow is not valid: {faults}") from error


def shipped(company: str) -> dict[str, Any]:
    """The document of the flow that a new company starts with."""
    steps = (
        Greeting(text=f"Thank you for calling {company}."),
        RecordingNotice(),
        SourceQuestion(),
        Dial(),
        Voicemail(),
    )
    return Flow(steps=steps).model_dump(mode="json")
