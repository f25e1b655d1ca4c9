"""The values of the dialogue: what is heard, where the caller is, and what happens next."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, Protocol

from voicebot.classify.labels import HeardAnswer

SOURCE = "source"
RECORDING = "recording"
MENU = "menu"
LONGEST_SAID = 2000


class Understand(Protocol):
    """How an answer to the source question is understood: words in a language (`en-US`) in, sources out."""

    def __call__(self, text: str, language: str) -> HeardAnswer:
        """Understand one answer. Must answer within some milliseconds, without the network."""
        ...


@dataclass(frozen=True, slots=True)
class Heard:
    """What the caller gave at a question: words with the recogniser's confidence (0 to 1), keys, or neither."""

    text: str = ""
    digits: str = ""
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """What is known of a call before a word is said. `at`: the moment it rang, by the company's own clock.

    `excluded`: destinations that must not be dialled because they lead back here, by label, "" the number's own.
    `recent_calls`: from this number within the reject step's minutes, this one left out.
    """

    call_sid: str = ""
    first_call: bool = True
    at: datetime = datetime(2000, 1, 3, 12, tzinfo=UTC)
    blocked: bool = False
    recent_calls: int = 0
    stir_verstat: str = ""
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """Where the caller is. Everything that later turns need; JSON on the call's row.

    `path`: the branch and index of the present step, the branches that led there before it. `question`: what waits for
    an answer, "" when nothing does; `turn`: its number in the call; `tries`: how often was asked at this step; `mode`:
    how the source question was put last; `offered`: sources named with it. `attempt`: which destination of a dial step
    is tried; `rotation`: where a round robin begins. `asking`: whether the source question was `asked`, the caller
    `held_out` or `not_eligible`. `said`: everything in words so far; `answer`: what answered the source question.
    """

    path: tuple[tuple[str, int], ...] = (("", 0),)
    question: str = ""
    turn: int = -1
    tries: int = 0
    mode: str = ""
    offered: tuple[str, ...] = ()
    attempt: int = 0
    rotation: int = 0
    language: str = ""
    switched: bool = False
    noticed: bool = False
    unrecorded: bool = False
    hurry: bool = False
    asking: str = ""
    answer: str = ""
    said: str = ""
    asked_fields: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    first_call: bool = True
    at: str = ""
    call_sid: str = ""
    excluded: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For the call's row: what differs from a fresh state."""
        fresh = State()
        return {name: value for name, value in asdict(self).items() if value != getattr(fresh, name)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "State":
        """Back from the call's row; a row that never met a question is the start. Unknown keys are passed over."""
        known = {one.name: document[one.name] for one in fields(cls) if one.name in document}
        if "path" in known:
            known["path"] = tuple((str(branch), int(index)) for branch, index in known["path"])
        elif "step" in document:
            # A call that was under way while version 1 was replaced.
            known["path"] = (("", int(document["step"])),)
        for name in ("offered", "asked_fields", "tags", "excluded"):
            if name in known:
                known[name] = tuple(known[name])
        return cls(**known)

    @property
    def moment(self) -> datetime:
        """When it rang, by the company's clock."""
        return datetime.fromisoformat(self.at) if self.at else Caller().at


@dataclass(frozen=True, slots=True)
class Speech:
    """Something the bot says. `sound`: a recording of it by name or address; `ssml`: `text` holds speech markup."""

    text: str
    language: str
    voice: str | None = None
    sound: str | None = None
    ssml: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """Listen for speech or keys. `question` and `turn` name the answer; `prompted`: sources the bot has named."""

    question: str
    turn: int
    say: tuple[Speech, ...]
    timeout_seconds: int
    language: str
    prompted: tuple[str, ...] = ()
    digits: int = 1


@dataclass(frozen=True, slots=True)
class Forward:
    """Connect the caller to the business.

    `to`: destinations by label, which ring together; "" is the tracking number's own. `rotates`: the place of a round
    robin whose turn must be taken first (`dialogue.rotate`). `accept`: who picks up must press 1.
    """

    to: tuple[str, ...]
    timeout_seconds: int
    record: bool
    agent_message: bool
    accept: bool = False
    rotates: str | None = None


@dataclass(frozen=True, slots=True)
class TakeMessage:
    """Record a voicemail."""

    say: tuple[Speech, ...]
    max_seconds: int


@dataclass(frozen=True, slots=True)
class End:
    """Hang up, with a last word."""

    say: tuple[Speech, ...] = ()


@dataclass(frozen=True, slots=True)
class Refuse:
    """Do not answer the call at all. `ground`: why, for the call's page."""

    reason: str
    ground: str


@dataclass(frozen=True, slots=True)
class Note:
    """An answer to keep: as heard, and as understood (`understood` for sources, `value` and `quote` for fields).

    `offered`: the sources that the question named.
    """

    question: str
    turn: int
    heard: Heard
    understood: HeardAnswer | None = None
    prompted: bool = False
    value: str | None = None
    quote: str = ""
    offered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """Proof that the recording notice was given: its words and their language."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What happens next: `say`, then listen at `window` without waiting for an answer, then one act."""

    act: Ask | Forward | TakeMessage | End | Refuse
    say: tuple[Speech, ...] = ()
    window: Ask | None = None
    notice: Notice | None = None
    notes: tuple[Note, ...] = ()
