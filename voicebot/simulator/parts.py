"""The parts of a scenario: caller, answers, phones, relay, talk. docs/scenarios.md describes every key."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Detected = Literal[
    "human", "fax", "unknown", "machine_start", "machine_end_beep", "machine_end_silence", "machine_end_other"
]


class Part(BaseModel):
    """What every part of a scenario is: closed, so that a misspelt key is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Caller(Part):
    """What the network says of the caller; blank fields are sent blank, as a real carrier sends them.

    `forwarded_from` is sent only where it is given; the fields named in `without` are not sent at all.
    """

    name: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    country: str = ""
    stir_verstat: str = ""
    forwarded_from: str = ""
    without: tuple[str, ...] = ()


class GatherAnswer(Part):
    """What the caller does at one question, of a `<Gather>` or of a relay: exactly one of the four.

    `after_seconds` is when, counted from the start of the question; just after its end unless told. `language` is the
    one spoken.
    """

    say: str | None = None
    confidence: float = Field(0.9, ge=0, le=1)
    language: str = ""
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


class Business(Part):
    """What one phone of the business does. Where it does not answer, the dial's own timeout decides how long it rings.

    `number` is the one that does this where several ring, the first unless told. `presses` are the keys that the agent
    presses when the agent message asks for some, the same each time or one after the other, `presses_after_seconds`
    after the question's end; the agent hangs up `hangs_up_after_seconds` into the agent message. A `machine` plays its
    `greeting`, presses nothing and records; a phone that `forwards_back` sends the call to the tracking number again,
    and says so in the new call's ForwardedFrom unless `tells_forwarding` is off. `detected` is what the carrier's
    machine detection makes of whoever answers, where the product asks for it: the truth unless told.
    """

    outcome: Literal["answered", "no-answer", "busy", "failed", "machine", "forwards_back"] = "answered"
    ring_seconds: float = Field(6, ge=0, le=600)
    number: str | None = None
    presses: str | tuple[str, ...] = ""
    presses_after_seconds: float = Field(0, ge=0)
    hangs_up_after_seconds: float | None = Field(None, ge=0)
    greeting: str = "You have reached our office. We cannot take your call. Please leave a message after the tone."
    tells_forwarding: bool = True
    detected: Detected | None = None

    @model_validator(mode="after")
    def _presses_keys(self) -> Self:
        if set("".join(self.presses)) - set("0123456789*#"):
            raise ValueError("presses are keys: 0 to 9, * and #")
        return self

    def keys(self, question: int) -> str:
        """What is pressed at the n-th question of the agent message, from 0 on; nothing where it is empty."""
        if isinstance(self.presses, str):
            return self.presses
        return self.presses[question] if question < len(self.presses) else ""


class Turn(Part):
    """One turn of the script that the audio was made from; the product never sees it."""

    speaker: Literal["agent", "caller"]
    text: str


class Conversation(Part):
    """The bridged conversation: two channels, the caller's first. `ended_by` hangs up."""

    audio: str
    turns: tuple[Turn, ...] = ()
    voices: dict[str, str] = Field(default_factory=dict)
    ended_by: Literal["agent", "caller"] = "agent"


class Voicemail(Part):
    """The message a caller leaves; one channel."""

    audio: str
    text: str = ""
    voices: dict[str, str] = Field(default_factory=dict)


class HangUp(Part):
    """The caller gives up: so many seconds into the greeting, the ringing of the business's phone, or the talk."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    during: Literal["greeting", "ringing", "conversation"] = Field(alias="while")
    after_seconds: float = Field(4, ge=0)


class Relay(Part):
    """What becomes of a ConversationRelay's socket: refused, or dropped without a word after so many turns.

    A bot that says nothing is waited for `patience_seconds`, in real time, before the caller gives up; `end_cuts`
    lets the bot's `end` cut what has been sent but not yet spoken.
    """

    refused: bool = False
    drop_after_turns: int | None = Field(None, ge=0)
    patience_seconds: float = Field(10, gt=0, le=120)
    end_cuts: bool = False


class Expectation(Part):
    """What the product should find; read by the demo and the tests, never sent."""

    verdict: str
    source: str | None = None
    disposition: str
