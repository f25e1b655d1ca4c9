"""A whole conversation as text: the very same dialogue, without a telephone. Pure.

What a caller does is written as they say it, with `(silence)`, `(presses 9)` and, once it rings, `(nobody answers)`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from voicebot.ivr import dialogue
from voicebot.ivr.dialogue import (
    Ask,
    Caller,
    End,
    Forward,
    Heard,
    Note,
    Refuse,
    Reply,
    Speech,
    State,
    TakeMessage,
    Understand,
)
from voicebot.ivr.flow import Flow
from voicebot.ivr.flow.parts import without_markup

SILENCE = "(silence)"
NOBODY_ANSWERS = "(nobody answers)"
KEYS = re.compile(r"\(presses ([0-9*#]+)\)")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: who (`bot`, `caller`, `agent` for what only the agent hears, `network` for what happens), and what."""

    who: str
    text: str


@dataclass(slots=True)
class Conversation:
    """One call. `lines` so far; `is_over` when nothing the caller says is heard any more."""

    flow: Flow
    understand: Understand
    caller: Caller = field(default_factory=Caller)
    offers: Sequence[str] = ()
    campaign: str = ""
    lines: list[Line] = field(default_factory=list, init=False)
    notes: list[Note] = field(default_factory=list, init=False)
    state: State = field(init=False)
    reply: Reply = field(init=False)

    def __post_init__(self) -> None:
        self._take(*dialogue.begin(self.flow, self.caller))

    @property
    def is_over(self) -> bool:
        """Whether the call has ended, or is with the business or the voicemail."""
        return not isinstance(self.reply.act, Ask) and not self._rings

    @property
    def _rings(self) -> bool:
        return isinstance(self.reply.act, Forward)

    def hear(self, said: str) -> None:
        """The caller's next line; after the end it is passed over."""
        if self._rings and said == NOBODY_ANSWERS:
            self.lines.append(Line("network", said))
            self._take(*dialogue.not_connected(self.flow, self.state))
        elif isinstance(self.reply.act, Ask) or (self._rings and self.reply.window is not None):
            self.lines.append(Line("caller", said))
            heard = self._as_heard(said)
            self._take(*dialogue.answer(self.flow, self.state, heard, self.understand, self.offers))

    def _as_heard(self, said: str) -> Heard:
        keys = KEYS.fullmatch(said)
        return Heard(digits=keys[1]) if keys else Heard("" if said == SILENCE else said)

    def _take(self, state: State, reply: Reply) -> None:
        self.state, self.reply = turned(self.flow, state, reply)
        self.notes += reply.notes
        self.lines += shown(self.flow, self.state, self.reply, self.campaign)


def turned(flow: Flow, state: State, reply: Reply) -> tuple[State, Reply]:
    """A round robin's first turn, where one is due: without a telephone nobody else takes turns."""
    if isinstance(reply.act, Forward) and reply.act.rotates is not None:
        return dialogue.rotate(flow, state, reply, 0)
    return state, reply


def shown(flow: Flow, state: State, reply: Reply, campaign: str) -> list[Line]:
    """What a reply comes to: what the bot says, what only the agent hears, and what happens."""
    act = reply.act
    said = (*reply.say, *(reply.window.say if reply.window else ()))
    asked = act.say if isinstance(act, Ask | TakeMessage | End) else ()
    lines = [Line("bot", text) for speeches in (said, asked) if (text := _text(speeches))]
    if isinstance(act, Forward):
        lines += _ring(flow, state, act, campaign)
    return lines + [Line("network", text) for text in _end(act)]


def _text(speeches: Iterable[Speech]) -> str:
    return " ".join(without_markup(speech.text) if speech.ssml else speech.text for speech in speeches)


def _ring(flow: Flow, state: State, forward: Forward, campaign: str) -> list[Line]:
    phones = " and ".join(label or "the business's phone" for label in forward.to)
    recorded = "recorded" if forward.record else "not recorded"
    message = _text(dialogue.agent_message(flow, state, campaign).say)
    return [Line("network", f"({phones} rings; {recorded})"), *([Line("agent", message)] if message else [])]


def _end(act: Ask | Forward | TakeMessage | End | Refuse) -> list[str]:
    match act:
        case TakeMessage():
            return ["(a message is recorded)"]
        case End():
            return ["(the call is ended)"]
        case Refuse():
            return [f"(the call is not answered: {act.ground})"]
    return []


def converse(conversation: Conversation, said: Iterable[str]) -> Conversation:
    """The conversation with everything that the caller says, as far as it is heard."""
    for line in said:
        conversation.hear(line)
    return conversation
