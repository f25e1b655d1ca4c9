"""What a turn of the dialogue leaves on the call's row, and how its reply is rendered."""

from dataclasses import dataclass, replace
from datetime import datetime

from voicebot.columns import utc_now
from voicebot.ivr import dialogue, lookup, twiml
from voicebot.ivr.addresses import PREFIX, websocket_url
from voicebot.ivr.dialogue import Ask, Forward, Note, Refuse, Reply, Speech, State, TakeMessage, Understand
from voicebot.ivr.flow import Dial, Flow
from voicebot.ivr.flow.timing import text_seconds
from voicebot.prepared import AnySession, fresh
from voicebot.settings import QueueSettings
from voicebot.tables import Answer, Call
from voicebot.terms import CallOutcome


@dataclass(frozen=True, slots=True)
class Context:
    """What handlers need beside the request: addresses, the ear, and the pipeline's timing."""

    public_url: str
    understand: Understand
    queue: QueueSettings
    hints: tuple[str, ...] = ()

    @property
    def base(self) -> str:
        """The webhooks' absolute address."""
        return f"{self.public_url}{PREFIX}"


def take_turn(session: AnySession, context: Context, known: lookup.Known, state: State, reply: Reply) -> str:
    """Keep what the dialogue decided, and render it. Out: the TwiML."""
    if isinstance(reply.act, Forward) and reply.act.rotates is not None:
        turn = lookup.next_turn(session, known.flow_id, reply.act.rotates)
        state, reply = dialogue.rotate(known.flow, state, reply, turn)
    reply, destinations = _reachable(session, known, reply)
    keep(session, known.call, state, reply)
    asks = isinstance(reply.act, Ask)
    return twiml.render(
        reply,
        base=context.base,
        destinations=destinations,
        hints=context.hints if asks else (),
        relay=_relay(context, known) if asks and known.flow.transport == "relay" else None,
    )


def _relay(context: Context, known: lookup.Known) -> twiml.RelayTo:
    flow = known.flow
    languages = (flow.language, *(offer.language for offer in flow.languages))
    url = websocket_url(context.public_url, known.call.account_sid)
    return twiml.RelayTo(url, {language: flow.voice_of(language) for language in languages})


def _reachable(session: AnySession, known: lookup.Known, reply: Reply) -> tuple[Reply, dict[str, str]]:
    """The numbers of the destinations to dial; one that was deleted since is left out."""
    if not isinstance(reply.act, Forward):
        return reply, {}
    labels = {label for label in reply.act.to if label}
    found = {"": known.destination, **lookup.destinations(session, known.call.company_id, labels)}
    there = tuple(label for label in reply.act.to if label in found)
    # Every label is gone: the tracking number's own destination takes the call.
    return replace(reply, act=replace(reply.act, to=there or ("",))), found


def keep(session: AnySession, call: Call, state: State, reply: Reply) -> None:
    """Write state, proof and answers to the call's row. One UPDATE, and an INSERT for each answer."""
    now = utc_now()
    call.dialogue = state.as_json()
    call.language, call.asking, call.tags = state.language, state.asking, list(state.tags)
    call.recording_declined = state.unrecorded
    if reply.notice is not None:
        call.notice_at = call.notice_at or now
        call.notice_text, call.notice_language = reply.notice.text, reply.notice.language
    match reply.act:
        case Forward():
            call.wait_seconds = call.wait_seconds or _wait(call, reply, now)
            call.forwarded_at = call.forwarded_at or now
            # Declined after the notice was read: what was planned to be recorded is not.
            call.records = reply.act.record or (call.records and not state.unrecorded)
        case TakeMessage():
            call.records = True
        case Refuse():
            call.outcome, call.refused_because = CallOutcome.REJECTED, reply.act.ground
    for note in reply.notes:
        session.add(_answer(call, note))
    session.add(call)


def _wait(call: Call, reply: Reply, now: datetime) -> float:
    """Seconds from the first ring to the business's: what has passed, and what is still to be said."""
    said: tuple[Speech, ...] = (*reply.say, *(reply.window.say if reply.window else ()))
    listens = reply.window.timeout_seconds if reply.window else 0
    passed = max(0.0, (now - call.started_at).total_seconds())
    return round(passed + listens + sum(text_seconds(speech.text) for speech in said), 2)


def _answer(call: Call, note: Note) -> Answer:
    assert call.id is not None
    understood = note.understood
    return fresh(
        Answer,
        call_id=call.id,
        question=note.question,
        turn=note.turn,
        text=note.heard.text,
        digits=note.heard.digits,
        confidence=note.heard.confidence,
        sources=list(understood.sources) if understood else [],
        denied=list(understood.denied) if understood else [],
        probability=understood.probability if understood else None,
        prompted=note.prompted,
        offered=list(note.offered),
        value=note.value,
        quote=note.quote,
    )


def labels_of(flow: Flow) -> set[str]:
    """Every destination that a flow names, "" for the tracking number's own."""
    dials = [step for steps in flow.lists.values() for step in steps if isinstance(step, Dial)]
    return {label for dial in dials for label in dial.to or ("",)}
