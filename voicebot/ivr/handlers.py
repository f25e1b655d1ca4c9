"""What each webhook does: one event, a few indexed reads, one write, one answer.

Every handler takes the session of the transaction that also stores the event, and gives the TwiML to answer (None
where the carrier expects none) with the calls whose next task must be queued after commit.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from voicebot import logs, phone
from voicebot.columns import utc_now
from voicebot.errors import InvalidInput, NotFound
from voicebot.ivr import dialogue, hiding, keeping, lookup, new_calls, progress, requests, twiml
from voicebot.ivr.addresses import FALLBACK_DIAL
from voicebot.ivr.dialogue import Heard, Reply, State
from voicebot.ivr.flow.timing import text_seconds
from voicebot.ivr.keeping import Context
from voicebot.ivr.relay import turns
from voicebot.ivr.requests import Form
from voicebot.prepared import AnySession
from voicebot.tables import Call
from voicebot.terms import CallOutcome

log = logs.get(__name__)

UNKNOWN_NUMBER = "This number is not in service. Please check the number and call again."


@dataclass(frozen=True, slots=True)
class Answered:
    """The TwiML to answer, if any, and the call whose next task is to be queued after commit.

    `form`: what is stored of the carrier's fields, where that is not all of them.
    """

    twiml: str | None = None
    call: Call | None = None
    form: Form | None = None


Handler = Callable[[AnySession, Form, Context, dict[str, str]], Answered]


def incoming(session: AnySession, form: Form, context: Context, _path: dict[str, str]) -> Answered:
    """A number rings: the call's row is written first, then the flow's first words are answered."""
    event = requests.incoming_call(form)
    known = lookup.known(session, event.call_sid)
    if known is not None:
        return _turn(session, context, known, *dialogue.resume(known.flow, State.from_json(known.call.dialogue)))
    caller_number = phone.caller_number(event.from_number)
    dialled = lookup.dialled(session, event.to_number, caller_number, utc_now())
    if dialled is None:
        log.error("number_not_registered", to_number=event.to_number)
        return Answered(twiml.apologise(UNKNOWN_NUMBER))
    known = new_calls.new_call(session, event, dialled)
    caller = new_calls.caller(session, event, dialled, known.call)
    return _turn(session, context, known, *dialogue.begin(dialled.flow, caller))


def answer(session: AnySession, form: Form, context: Context, path: dict[str, str]) -> Answered:
    """The caller answered a question of the flow, or stayed silent."""
    known = _known(session, form)
    state = State.from_json(known.call.dialogue)
    said = Heard(
        text=form.get("SpeechResult", "")[:2000],
        digits=form.get("Digits", "")[:64],
        confidence=requests.confidence(form),
    )
    heard = hiding.heard(session, known, state, said)
    if (path["question"], path["turn"]) != (state.question, str(state.turn)):
        # The answer to an older turn, delivered again with another token: say again what comes now.
        turn = dialogue.resume(known.flow, state)
    else:
        offers = new_calls.offers(session, known.call, state)
        turn = dialogue.answer(known.flow, state, heard, context.understand, offers)
    return replace(_turn(session, context, known, *turn), form=hiding.form_of(form, heard))


def relay(session: AnySession, form: Form, context: Context, _path: dict[str, str]) -> Answered:
    """The relay is over: it handed the call back, its socket broke, or the caller hung up."""
    known = _known(session, form)
    if form.get("SessionStatus") == "completed":
        return Answered(twiml.nothing())
    failed = form.get("SessionStatus") != "ended" or f'"{turns.FAILED}"' in form.get("HandoffData", "")
    if failed:
        known.call.last_error = f"The relay broke off: {form.get('ErrorMessage') or 'a turn failed'}."
        log.error("relay_broke_off", error_code=form.get("ErrorCode"))
    return _turn(session, context, known, *turns.handed_back(known, context, broke_off=failed))


def dial(session: AnySession, form: Form, context: Context, _path: dict[str, str]) -> Answered:
    """Forwarding ended: the call is over, or nobody took it and the flow goes on."""
    result = requests.dial_result(form)
    known = _known(session, form)
    if result.bridged:
        known.call.outcome = CallOutcome.ANSWERED
        known.call.talk_seconds = result.seconds or known.call.talk_seconds
        session.add(known.call)
        return Answered(twiml.hang_up())
    # A machine or a declined agent message answers the leg without a bridge: nobody spoke with the caller.
    known.call.outcome = CallOutcome.IN_PROGRESS
    return _turn(session, context, known, *dialogue.not_connected(known.flow, State.from_json(known.call.dialogue)))


def voicemail(session: AnySession, form: Form, context: Context, _path: dict[str, str]) -> Answered:
    """A message was left."""
    known = _known(session, form)
    known.call.outcome = CallOutcome.VOICEMAIL
    session.add(known.call)
    reply = dialogue.after_message(known.flow, State.from_json(known.call.dialogue))
    return Answered(twiml.render(reply, base=context.base, destinations={}))


def agent_message(session: AnySession, form: Form, context: Context, _path: dict[str, str]) -> Answered:
    """The agent has picked up and hears where the call comes from; the request is of the child leg."""
    known = _known(session, form, field="ParentCallSid")
    state = State.from_json(known.call.dialogue)
    message = dialogue.agent_message(known.flow, state, known.campaign)
    return Answered(twiml.agent_message(message.say, context.base, accept=message.accept))


def accept(_session: AnySession, form: Form, _context: Context, _path: dict[str, str]) -> Answered:
    """The agent pressed a key after the agent message: 1 connects, anything else declines."""
    return Answered(twiml.nothing() if form.get("Digits") == "1" else twiml.hang_up())


def status(session: AnySession, form: Form, context: Context, _path: dict[str, str]) -> Answered:
    """The call has a new status; the final one ends it."""
    change = requests.status_change(form)
    call = _call(session, change.call_sid)
    progress.apply_status(session, call, change, context.queue)
    session.add(call)
    return Answered(call=call)


def leg(session: AnySession, form: Form, _context: Context, _path: dict[str, str]) -> Answered:
    """The forwarded leg has a new status."""
    change = requests.status_change(form)
    known = _known(session, form, field="ParentCallSid" if change.parent_sid else "CallSid")
    told = lookup.leg_told(session, known.call.call_sid, change.call_sid)
    # A leg that was picked up and never bridged says "answered" too, and may say so after the dial has ended.
    if not told.is_declined and not (told.is_over and change.status == "in-progress"):
        progress.apply_leg(known.call, change, 0.0 if told.is_taken else agent_hears_alone(known))
    session.add(known.call)
    return Answered()


def agent_hears_alone(known: lookup.Known) -> float:
    """For how many seconds whoever picks up hears the agent message, and may be asked for a key, before the bridge."""
    message = dialogue.agent_message(known.flow, State.from_json(known.call.dialogue), known.campaign)
    seconds = sum(text_seconds(speech.text) for speech in message.say)
    return seconds + (twiml.ACCEPT_SECONDS if message.accept else 0)


def recording(session: AnySession, form: Form, context: Context, _path: dict[str, str]) -> Answered:
    """A recording is ready, or never will be."""
    change = requests.recording_change(form)
    call = _call(session, change.call_sid)
    progress.apply_recording(session, call, change, context.queue)
    session.add(call)
    return Answered(call=call)


def fallback(session: AnySession, form: Form, context: Context, _path: dict[str, str]) -> Answered:
    """The carrier could not use what we answered: connect the caller, whatever it was."""
    log.error("carrier_fell_back", error_code=form.get("ErrorCode"), error_url=form.get("ErrorUrl"))
    known = _known_or_new(session, form)
    if known is None:
        return Answered(twiml.apologise(UNKNOWN_NUMBER))
    known.call.last_error = f"The carrier fell back with error {form.get('ErrorCode') or 'unknown'}."
    session.add(known.call)
    if known.call.outcome is not CallOutcome.IN_PROGRESS:
        return Answered(twiml.hang_up())
    if requests.was_forwarded(form):
        # Nobody took it, and the answer to that was lost: ringing again would go on for ever.
        return _message(known, context)
    known.call.forwarded_at = known.call.forwarded_at or utc_now()
    return Answered(twiml.forward_only(known.destination, context.base))


def fallback_dial(session: AnySession, form: Form, context: Context, _path: dict[str, str]) -> Answered:
    """Forwarding outside the flow ended, perhaps of a call that we never saw: nobody took it, so a message is taken."""
    result = requests.dial_result(form)
    known = _known_or_new(session, form)
    if known is None:
        return Answered(twiml.apologise(UNKNOWN_NUMBER))
    session.add(known.call)
    known.call.forwarded_at = known.call.forwarded_at or utc_now()
    if result.bridged:
        known.call.outcome = CallOutcome.ANSWERED
        known.call.talk_seconds = result.seconds or known.call.talk_seconds
        return Answered(twiml.hang_up())
    return _message(known, context)


def _message(known: lookup.Known, context: Context) -> Answered:
    known.call.records = True
    language = State.from_json(known.call.dialogue).language or known.flow.language
    return Answered(twiml.take_message(context.base, language))


def _known_or_new(session: AnySession, form: Form) -> lookup.Known | None:
    """The call, written down where its first webhook never reached us; None for a number that is not registered."""
    event = requests.incoming_call(form)
    known = lookup.known(session, event.call_sid)
    if known is not None:
        return known
    dialled = lookup.dialled(session, event.to_number, phone.caller_number(event.from_number), utc_now())
    return None if dialled is None else new_calls.new_call(session, event, dialled)


def _turn(session: AnySession, context: Context, known: lookup.Known, state: State, reply: Reply) -> Answered:
    return Answered(keeping.take_turn(session, context, known, state, reply))


def _known(session: AnySession, form: Form, field: str = "CallSid") -> lookup.Known:
    known = lookup.known(session, requests.sid(form, field))
    if known is None:
        raise NotFound(f"No call {form.get(field)} is known.")
    return known


def _call(session: AnySession, call_sid: str) -> Call:
    call = lookup.call(session, call_sid)
    if call is None:
        raise NotFound(f"No call {call_sid} is known.")
    return call


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of webhook: its handler, and the form fields that make one event of it differ from the next."""

    handler: Handler
    key_fields: tuple[str, ...]
    answers_twiml: bool = True

    def key(self, name: str, form: Form, path: dict[str, str]) -> str:
        """The idempotency key. Raises InvalidInput when the request names no call."""
        if not form.get("CallSid") and not form.get("RecordingSid"):
            raise InvalidInput("The request names no call.")
        parts = [name, *path.values(), *(form.get(field, "") for field in self.key_fields)]
        return ":".join(parts)[:200]


KINDS: dict[str, Kind] = {
    "voice": Kind(incoming, ("CallSid",)),
    "fallback": Kind(fallback, ("CallSid", "ErrorCode", "ErrorUrl")),
    FALLBACK_DIAL: Kind(fallback_dial, ("CallSid", "DialCallSid")),
    "answer": Kind(answer, ("CallSid",)),
    "relay": Kind(relay, ("CallSid", "SessionId")),
    "dial": Kind(dial, ("CallSid", "DialCallSid")),
    "voicemail": Kind(voicemail, ("CallSid", "RecordingSid")),
    "agent-message": Kind(agent_message, ("CallSid",)),
    "accept": Kind(accept, ("CallSid", "Digits")),
    "status": Kind(status, ("CallSid", "CallStatus", "SequenceNumber"), answers_twiml=False),
    "leg": Kind(leg, ("CallSid", "CallStatus", "SequenceNumber"), answers_twiml=False),
    "recording": Kind(recording, ("RecordingSid", "RecordingStatus"), answers_twiml=False),
}
