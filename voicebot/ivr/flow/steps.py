"""The steps of a call flow, one class each. docs/call-flows.md describes every key."""

from collections.abc import Iterable
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from voicebot.ivr.flow.hours import Holiday, Hours
from voicebot.ivr.flow.parts import BranchName, Key, Part, Sound, SourceId, Words, check_ssml

Who = Literal["first_time", "always", "never"]
Ground = Literal["A", "B", "C", "none", "failed"]


class Spoken(Part):
    """What is said: text, with speech markup where `ssml`, or a recording of it of `sound_seconds`."""

    text: Words | None = None
    ssml: bool = False
    sound: Sound | None = None
    sound_seconds: float = Field(4.0, gt=0, le=120)

    @model_validator(mode="after")
    def _markup_is_well_formed(self) -> Self:
        if self.ssml and self.text is not None:
            for text in [self.text] if isinstance(self.text, str) else self.text.values():
                check_ssml(text)
        return self


class Greeting(Spoken):
    """Spoken first."""

    type: Literal["greeting"] = "greeting"
    text: Words


class RecordingNotice(Spoken):
    """Says that the call is recorded and transcribed. Nothing is recorded before it.

    `opt_out_key`: connects the caller unrecorded, as "don't record" does. Not `enabled`: records without a word.
    """

    type: Literal["recording_notice"] = "recording_notice"
    enabled: bool = True
    opt_out_key: Key = "9"


class Choice(Part):
    """A keypad answer to the source question: the key, the source it stands for, and how it is called aloud."""

    key: Key
    source: SourceId
    spoken: Words


class SourceQuestion(Part):
    """Asks how the caller found the business: openly first; a second time only when that was not understood.

    `attempts`: how often the caller is asked anything here, a confirmation included. `confirm_below`: an answer less
    probable than this is confirmed. `holdout`: the share of callers who would be asked and are not, to measure what
    asking costs. `names`: how sources are called aloud in the confirmation.
    """

    type: Literal["source_question"] = "source_question"
    ask: Who = "first_time"
    holdout: float = Field(0.0, ge=0, le=0.5)
    text: Words | None = None
    reprompt: Words | None = None
    attempts: int = Field(2, ge=1, le=3)
    timeout_seconds: int = Field(2, ge=1, le=15)
    confirm_below: float = Field(0.6, ge=0, le=1)
    choices: tuple[Choice, ...] = ()
    names: dict[SourceId, Words] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _keys_differ(self) -> Self:
        _differ([choice.key for choice in self.choices], "two choices have the same key")
        return self


class Option(Part):
    """One value of a field that is chosen, with the words that callers use for it and its key."""

    value: str = Field(min_length=1, max_length=60)
    say: tuple[str, ...] = ()
    key: Key | None = None


class FieldToFill(Part):
    """Something that the company wants to know. It is asked for only when the caller has not said it yet."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")
    kind: Literal["zip", "phone", "name", "when", "service", "choice", "text"] = "text"
    text: Words
    options: tuple[Option, ...] = ()

    @model_validator(mode="after")
    def _choices_have_options(self) -> Self:
        if (self.kind == "choice") != bool(self.options):
            raise ValueError("options belong to a field of the kind choice, which needs some")
        _differ([option.key for option in self.options if option.key], "two options have the same key")
        _differ([option.value for option in self.options], "two options have the same value")
        if self.name == "source":
            raise ValueError("the name source is kept for the source question")
        return self


class Qualification(Part):
    """Asks for what the company wants to know, at most `max_questions` of it and nothing twice."""

    type: Literal["qualification"] = "qualification"
    ask: Who = "first_time"
    fields: tuple[FieldToFill, ...] = Field(min_length=1, max_length=10)
    max_questions: int = Field(2, ge=0, le=5)
    timeout_seconds: int = Field(4, ge=1, le=15)

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        _differ([field.name for field in self.fields], "two fields have the same name")
        return self


class MenuChoice(Part):
    """A way out of a menu, by key or by words, into a branch."""

    key: Key
    say: tuple[str, ...] = ()
    go: BranchName


class Menu(Part):
    """Lets the caller choose a branch. `otherwise`: the branch for callers who choose nothing, else the next step."""

    type: Literal["menu"] = "menu"
    text: Words
    choices: tuple[MenuChoice, ...] = Field(min_length=1, max_length=10)
    otherwise: BranchName | None = None
    attempts: int = Field(2, ge=1, le=3)
    timeout_seconds: int = Field(4, ge=1, le=15)

    @model_validator(mode="after")
    def _keys_differ(self) -> Self:
        _differ([choice.key for choice in self.choices], "two choices have the same key")
        return self


class Schedule(Part):
    """Goes to a branch by the company's clock. Without the branch for the hour, the next step follows."""

    type: Literal["schedule"] = "schedule"
    hours: Hours
    holidays: tuple[Holiday, ...] = ()
    open: BranchName | None = None
    closed: BranchName | None = None

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if self.open is None and self.closed is None:
            raise ValueError("a schedule needs a branch for open or for closed")
        return self


class Dial(Part):
    """Forwards the call and records both sides. When nobody takes it, the next step follows.

    `to`: the company's destinations by label; the tracking number's own where empty. `accept`: whoever picks up must
    press 1, so that a machine never takes the call.
    """

    type: Literal["dial"] = "dial"
    to: tuple[str, ...] = Field((), max_length=10)
    strategy: Literal["simultaneous", "in_order", "round_robin"] = "in_order"
    timeout_seconds: int = Field(20, ge=5, le=120)
    record: bool = True
    agent_message: Words | None = "Call from {campaign}. {answer} {details}"
    accept: bool = False

    @model_validator(mode="after")
    def _destinations_differ(self) -> Self:
        _differ(self.to, "a destination is named twice")
        return self


class Voicemail(Spoken):
    """Takes a message, and ends the call."""

    type: Literal["voicemail"] = "voicemail"
    max_seconds: int = Field(120, ge=5, le=600)


class Tag(Part):
    """Puts a word on the call, to find it by."""

    type: Literal["tag"] = "tag"
    tag: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")


class HangUp(Spoken):
    """Ends the call, with a last word."""

    type: Literal["hang_up"] = "hang_up"


class Reject(Part):
    """Refuses spam before the call is answered: free of charge, and first in the flow.

    `block_list`: numbers that the company blocked. `max_calls` within `minutes` from one number. `attestation`: the
    carrier's marks that make a number doubtful; such a number is refused from `max_doubtful_calls` on, and never for
    its mark alone, save for `failed`, which says that the number is forged.
    """

    type: Literal["reject"] = "reject"
    block_list: bool = True
    max_calls: int | None = Field(None, ge=3)
    minutes: int = Field(60, ge=1, le=1440)
    attestation: tuple[Ground, ...] = ()
    max_doubtful_calls: int = Field(3, ge=2)
    reason: Literal["busy", "rejected"] = "busy"


Step = Annotated[
    Greeting
    | RecordingNotice
    | SourceQuestion
    | Qualification
    | Menu
    | Schedule
    | Dial
    | Voicemail
    | Tag
    | HangUp
    | Reject,
    Field(discriminator="type"),
]

STEP_TYPES = frozenset(kind.model_fields["type"].default for kind in get_args(get_args(Step)[0]))


def branches_of(step: Step) -> tuple[str | None, ...]:
    """Where a step may lead, None standing for the next step. Empty for a step that leads to the next one only."""
    match step:
        case Menu():
            return (*(choice.go for choice in step.choices), step.otherwise)
        case Schedule():
            return (step.open, step.closed)
    return ()


def _differ(values: Iterable[str], fault: str) -> None:
    given = list(values)
    if len(given) != len(set(given)):
        raise ValueError(fault)
