"""One turn of a relay: a few reads, one write, and the frames to send. The session is one transaction's."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from voicebot.errors import NotFound
from voicebot.ivr import dialogue, hiding, keeping, lookup, new_calls
from voicebot.ivr.dialogue import Ask, End, Heard, Reply, Speech, State
from voicebot.ivr.flow.timing import text_seconds
from voicebot.ivr.keeping import Context
from voicebot.ivr.relay import messages
from voicebot.prepared import AnySession

ASKING_IS_OVER = "asked"
FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Turn:
    """What to send, and how long to wait then: `speaking_seconds` for the bot, then `wait_seconds` for the caller.

    `digits`: how many keys make an answer. `is_over`: nothing is asked any more.
    """

    frames: tuple[str, ...]
    speaking_seconds: float = 0.0
    wait_seconds: float = 0.0
    digits: int = 1
    is_over: bool = False

    def as_json(self) -> str:
        """For the stored event: a turn delivered twice gets the same answer."""
        return json.dumps([list(self.frames), self.speaking_seconds, self.wait_seconds, self.digits, self.is_over])

    @classmethod
    def from_json(cls, document: str) -> "Turn":
        """Back from the stored event."""
        frames, speaking, wait, digits, is_over = json.loads(document)
        return cls(tuple(frames), speaking, wait, digits, is_over)


def over(reason: str) -> Turn:
    """The end of the session."""
    return Turn((messages.end(reason),), is_over=True)


def opening(session: AnySession, context: Context, call_sid: str) -> Turn:
    """The question that waits, now that the relay stands. Raises NotFound for a call that never rang here."""
    known = _known(session, call_sid)
    state = State.from_json(known.call.dialogue)
    # Greeting and notice were said before the relay began: of what comes now, only the question is new.
    _, reply = dialogue.resume(known.flow, state)
    if not state.question or not isinstance(reply.act, Ask):
        return over(ASKING_IS_OVER)
    return _asking(reply.act, (), context)


def hear(session: AnySession, context: Context, call_sid: str, said: Heard) -> tuple[Turn, Heard]:
    """The caller's answer to the question that waits, or their silence. Out: the turn, and what may be kept of `said`.

    Raises NotFound.
    """
    known = _known(session, call_sid)
    before = State.from_json(known.call.dialogue)
    heard = hiding.heard(session, known, before, said)
    if not before.question:
        return over(ASKING_IS_OVER), heard
    offers = new_calls.offers(session, known.call, before)
    after, reply = dialogue.answer(known.flow, before, heard, context.understand, offers)
    # What comes after the questions is planned, and kept, when the carrier asks for it at the action.
    asks = isinstance(reply.act, Ask)
    keeping.keep(session, known.call, after, reply if asks else replace(reply, act=End()))
    switch = (messages.language(after.language),) if after.language != before.language else ()
    if isinstance(reply.act, Ask):
        turn = _asking(reply.act, _said(reply), context)
    else:
        turn = Turn((*messages.speech(_said(reply), context.public_url), messages.end(ASKING_IS_OVER)), is_over=True)
    return replace(turn, frames=(*switch, *turn.frames)), heard


def handed_back(known: lookup.Known, context: Context, *, broke_off: bool) -> tuple[State, Reply]:
    """What comes after the relay. A caller whose relay broke off is asked nothing more."""
    state = State.from_json(known.call.dialogue)
    if broke_off and state.question:
        person = Heard(digits="0")
        state, reply = dialogue.answer(known.flow, state, person, context.understand)
        # The caller pressed nothing: there is no answer to keep.
        return state, replace(reply, notes=())
    return dialogue.resume(known.flow, state)


def _asking(ask: Ask, say: Sequence[Speech], context: Context) -> Turn:
    says = (*say, *ask.say)
    return Turn(
        frames=tuple(messages.speech(says, context.public_url)),
        speaking_seconds=sum(text_seconds(said.text) for said in says),
        wait_seconds=ask.timeout_seconds,
        digits=ask.digits,
    )


def _said(reply: Reply) -> tuple[Speech, ...]:
    return (*reply.say, *(reply.window.say if reply.window else ()))


def _known(session: AnySession, call_sid: str) -> lookup.Known:
    known = lookup.known(session, call_sid)
    if known is None:
        raise NotFound(f"No call {call_sid[:64]} is known.")
    return known
