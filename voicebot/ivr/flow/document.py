"""A call flow as a validated document. docs/call-flows.md describes it with examples."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from voicebot.errors import InvalidInput
from voicebot.ivr.flow import checks
from voicebot.ivr.flow.parts import BranchName, Key, Part, Words
from voicebot.ivr.flow.steps import STEP_TYPES, Dial, Step

LanguageTag = Annotated[str, Field(pattern=r"^[a-z]{2}-[A-Z]{2}$")]
Voice = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,60}$")]
MAIN = checks.MAIN
# What pydantic says, for people who write call flows.
PLAIN = {"Field required": "is missing", "Extra inputs are not permitted": "is no key that is known here"}


class LanguageOffer(Part):
    """Another language for the caller: by its name at any question, or by `key`, announced unless told otherwise."""

    language: LanguageTag
    key: Key | None = None
    announce: bool = True
    text: Words | None = None


class Flow(Part):
    """What a caller meets: `steps` in order, and `branches` that menus and schedules lead to.

    A branch that does not end the call comes back to the step after the one that led to it. `transport`: questions are
    asked by `gather`, turn by turn, or by `relay`, streamed over a websocket.
    """

    version: Literal[2] = 2
    transport: Literal["gather", "relay"] = "gather"
    language: LanguageTag = "en-US"
    voice: Voice | dict[str, Voice] | None = None
    languages: tuple[LanguageOffer, ...] = Field((), max_length=5)
    steps: tuple[Step, ...] = Field(min_length=1, max_length=40)
    branches: dict[BranchName, tuple[Step, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _keeps_its_promises(self) -> Self:
        faults = checks.faults(self)
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def lists(self) -> dict[str, tuple[Step, ...]]:
        """Every list of steps by its branch; the main one is the branch without a name."""
        return {MAIN: self.steps, **self.branches}

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is allowed and should be looked at, each with its place in the document."""
        return checks.warnings(self)

    def voice_of(self, language: str) -> str | None:
        """The carrier's name of the voice for this language, None for the carrier's own."""
        if isinstance(self.voice, Mapping):
            return self.voice.get(language) or self.voice.get(language[:2])
        return self.voice if language[:2] == self.language[:2] else None

    def first_dial(self) -> tuple[str, int] | None:
        """The first dial step of the document: its branch and index there."""
        for name, steps in self.lists.items():
            for index, step in enumerate(steps):
                if isinstance(step, Dial):
                    return name, index
        return None


def parse(document: Mapping[str, Any]) -> Flow:
    """A document as a flow, version 1 too. Raises InvalidInput naming every fault by its place in the document."""
    try:
        return Flow.model_validate(_as_version_2(document))
    except ValidationError as error:
        faults = "; ".join(_fault(entry["loc"], entry["msg"]) for entry in error.errors())
        raise InvalidInput(f"The call flow is not valid: {faults}") from error


def as_document(flow: Flow) -> dict[str, Any]:
    """The flow as it was written, defaults left out: what is stored, exported and compared."""
    return {"version": flow.version, **flow.model_dump(mode="json", exclude_unset=True)}


def shipped(company: str) -> dict[str, Any]:
    """The document of the flow that a new company starts with: at most 12 s before it rings."""
    return {
        "version": 2,
        "language": "en-US",
        "languages": [{"language": "es-US", "announce": False}],
        "steps": [
            {"type": "greeting", "text": {"en": f"{company}.", "es": f"{company}."}},
            {"type": "recording_notice"},
            {"type": "source_question"},
            {"type": "dial"},
            {"type": "voicemail"},
        ],
    }


def _as_version_2(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """A version 1 document could hang up without a step that says so; the rest of it is version 2."""
    steps = document.get("steps")
    if document.get("version", 1) != 1 or not isinstance(steps, list | tuple) or not steps:
        return document
    last = steps[-1]
    ends = isinstance(last, Mapping) and last.get("type") == "dial"
    return {**document, "version": 2, "steps": [*steps, {"type": "hang_up"}] if ends else list(steps)}


def _fault(place: tuple[int | str, ...], message: str) -> str:
    """ "steps.2.timeout_seconds: ..."; pydantic puts the step's type after its index, which nobody wrote."""
    parts = [
        str(part)
        for index, part in enumerate(place)
        if not (part in STEP_TYPES and index and isinstance(place[index - 1], int))
    ]
    message = PLAIN.get(message, message.removeprefix("Value error, ").replace("Input should be", "must be"))
    return f"{'.'.join(parts)}: {message}" if parts else message
