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
        if isinstance(reply.act, Forward) and reply.act.rotates is not None:
            state, reply = dialogue.rotate(self.flow, state, reply, 0)
        self.state, self.reply = state, reply
        self.notes += reply.notes
        self._say((*reply.say, *(reply.window.say if reply.window else ())))
        match reply.act:
            case Ask() | TakeMessage() | End():
                self._say(reply.act.say)
            case Forward():
                self._ring(reply.act)
        self._end(reply)

    def _say(self, speeches: Iterable[Speech]) -> None:
        text = " ".join(speech.text for speech in speeches)
        if text:
            self.lines.append(Line("bot", text))

    def _ring(self, forward: Forward) -> None:
        phones = " and ".join(label or "the business's phone" for label in forward.to)
        recorded = "recorded" if forward.record else "not recorded"
        self.lines.append(Line("network", f"({phones} rings; {recorded})"))
        message = dialogue.agent_message(self.flow, self.state, self.campaign)
        if message.say:
            self.lines.append(Line("agent", " ".join(speech.text for speech in message.say)))

    def _end(self, reply: Reply) -> None:
        match reply.act:
            case TakeMessage():
                self.lines.append(Line("network", "(a message is recorded)"))
            case End():
                self.lines.append(Line("network", "(the call is ended)"))
            case Refuse():
                self.lines.append(Line("network", f"(the call is not answered: {reply.act.ground})"))


def converse(conversation: Conversation, said: Iterable[str]) -> Conversation:
    """The conversation with everything that the caller says, as far as it is heard."""
    for line in said:
        conversation.hear(line)
    return conversation
