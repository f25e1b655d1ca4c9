"""What each webhook does: one event, a few indexed reads, one write, one answer.

Every handler takes the session of the transaction that also stores the event, and gives the TwiML to answer (None
where the carrier expects none) with the calls whose next task must be queued after commit.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from voicebot import logs, phone
from voicebot.columns import utc_now
from voicebot.errors import InvalidInput, NotFound
from voicebot.ivr import dialogue, lookup, progress, requests, twiml
from voicebot.ivr.addresses import PREFIX
from voicebot.ivr.dialogue import Ask, Forward, Heard, Note, Reply, State, TakeMessage, Understand
from voicebot.ivr.flow import Flow
from voicebot.ivr.requests import Form, IncomingCall
from voicebot.settings import QueueSettings
from voicebot.tables import Answer, Call
from voicebot.terms import CallOutcome, Stage

log = logs.get(__name__)

UNKNOWN_NUMBER = "This number is not in service. Please check the number and call again."


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


@dataclass(frozen=True, slots=True)
class Answered:
    """The TwiML to answer, if any, and the call whose next task is to be queued after commit."""

    twiml: str | None = None
    call: Call | None = None


Handler = Callable[[Session, Form, Context, dict[str, str]], Answered]


def incoming(session: Session, form: Form, context: Context, _path: dict[str, str]) -> Answered:
    """A number rings: the call's row is written first, then the flow's first words are answered."""
    event = requests.incoming_call(form)
    known = lookup.known(session, event.call_sid)
    if known is not None:
        return Answered(_render(context, known.flow, _resume(known), known.destination))
    dialled = lookup.dialled(session, event.to_number, utc_now())
    if dialled is None:
        log.error("number_not_registered", to_number=event.to_number)
        return Answered(twiml.apologise(UNKNOWN_NUMBER))
    call = _new_call(session, event, dialled)
    state, reply = dialogue.begin(dialled.flow, first_call=call.is_first_call)
    _note(session, call, state, reply)
    return Answered(_render(context, dialled.flow, reply, dialled.destination))


def answer(session: Session, form: Form, context: Context, path: dict[str, str]) -> Answered:
    """The caller answered a question of the flow, or stayed silent."""
    known = _known(session, form)
    state = State.from_json(known.call.dialogue)
    if path["turn"] != str(state.turn):
        # The answer to an older turn, delivered again with another token: say again what comes now.
        return Answered(_render(context, known.flow, _resume(known), known.destination))
    heard = Heard(
        text=form.get("SpeechResult", "")[:2000],
        digits=form.get("Digits", "")[:64],
        confidence=requests.confidence(form),
    )
    after, reply = dialogue.answer(known.flow, state, heard, context.understand)
    _note(session, known.call, after, reply)
    return Answered(_render(context, known.flow, reply, known.destination))


def dial(session: Session, form: Form, context: Context, _path: dict[str, str]) -> Answered:
    """Forwarding ended: the call is over, or nobody took it and the flow goes on."""
    result = requests.dial_result(form)
    known = _known(session, form)
    if result.bridged:
        known.call.outcome = CallOutcome.ANSWERED
        known.call.talk_seconds = result.seconds or known.call.talk_seconds
        session.add(known.call)
        return Answered(twiml.render(Reply(dialogue.End()), base="", destination="", manner=_manner(known.flow)))
    # A machine or a declined agent message answers the leg without a bridge: nobody spoke with the caller.
    known.call.outcome = CallOutcome.IN_PROGRESS
    state, reply = dialogue.not_connected(known.flow, State.from_json(known.call.dialogue))
    _note(session, known.call, state, reply)
    return Answered(_render(context, known.flow, reply, known.destination))


def voicemail(session: Session, form: Form, _context: Context, _path: dict[str, str]) -> Answered:
    """A message was left."""
    known = _known(session, form)
    known.call.outcome = CallOutcome.VOICEMAIL
    session.add(known.call)
    return Answered(twiml.render(dialogue.after_message(), base="", destination="", manner=_manner(known.flow)))


def agent_message(session: Session, form: Form, _context: Context, _path: dict[str, str]) -> Answered:
    """The agent has picked up and hears where the call comes from; the request is of the child leg."""
    known = _known(session, form, field="ParentCallSid")
    message = next((step.agent_message for step in known.flow.steps if step.type == "dial"), None)
    if not message:
        return Answered(twiml.nothing())
    said = State.from_json(known.call.dialogue).answer
    text = message.replace("{campaign}", known.campaign or "an unknown campaign")
    text = text.replace("{answer}", f"They said: {said}." if said else "")
    return Answered(twiml.say(text.strip(), _manner(known.flow)))


def status(session: Session, form: Form, context: Context, _path: dict[str, str]) -> Answered:
    """The call has a new status; the final one ends it."""
    change = requests.status_change(form)
    call = _call(session, change.call_sid)
    progress.apply_status(session, call, change, context.queue)
    session.add(call)
    return Answered(call=call)


def leg(session: Session, form: Form, _context: Context, _path: dict[str, str]) -> Answered:
    """The forwarded leg has a new status."""
    change = requests.status_change(form)
    call = _call(session, change.parent_sid or change.call_sid)
    progress.apply_leg(call, change)
    session.add(call)
    return Answered()


def recording(session: Session, form: Form, context: Context, _path: dict[str, str]) -> Answered:
    """A recording is ready, or never will be."""
    change = requests.recording_change(form)
    call = _call(session, change.call_sid)
    progress.apply_recording(session, call, change, context.queue)
    session.add(call)
    return Answered(call=call)


def fallback(session: Session, form: Form, context: Context, _path: dict[str, str]) -> Answered:
    """The carrier could not use what we answered: connect the caller, whatever it was."""
    log.error("carrier_fell_back", error_code=form.get("ErrorCode"), error_url=form.get("ErrorUrl"))
    event = requests.incoming_call(form)
    known = lookup.known(session, event.call_sid)
    if known is None:
        dialled = lookup.dialled(session, event.to_number, utc_now())
        if dialled is None:
            return Answered(twiml.apologise(UNKNOWN_NUMBER))
        known = lookup.Known(_new_call(session, event, dialled), dialled.flow, dialled.destination, "")
    known.call.last_error = f"The carrier fell back with error {form.get('ErrorCode') or 'unknown'}."
    session.add(known.call)
    if known.call.outcome is not CallOutcome.IN_PROGRESS:
        return Answered(twiml.render(Reply(dialogue.End()), base="", destination="", manner=_manner(known.flow)))
    return Answered(twiml.forward_only(known.destination))


def _new_call(session: Session, event: IncomingCall, dialled: lookup.Dialled) -> Call:
    company_id = dialled.company.id
    number_id = dialled.number.id
    assert company_id is not None and number_id is not None
    caller = phone.caller_number(event.from_number)
    call = Call(
        company_id=company_id,
        call_sid=event.call_sid,
        account_sid=event.account_sid,
        tracking_number_id=number_id,
        campaign_id=dialled.campaign_id,
        call_flow_version_id=dialled.flow_version.id,
        from_number=event.from_number,
        caller_number=caller,
        caller_name=event.caller_name,
        caller_city=event.city,
        caller_state=event.state,
        caller_zip=event.zip,
        caller_country=event.country,
        stir_verstat=event.stir_verstat,
        is_first_call=not lookup.has_called_before(session, company_id, caller),
        is_test=lookup.is_own_number(session, company_id, caller),
        stage=Stage.RINGING,
    )
    # Should every later webhook be lost, the carrier is asked what became of the call.
    call.next_attempt_at = utc_now() + progress.LOST_AFTER
    session.add(call)
    session.flush()
    return call


def _note(session: Session, call: Call, state: State, reply: Reply) -> None:
    call.dialogue = state.as_json()
    if reply.gives_notice:
        call.notice_at = call.notice_at or utc_now()
    if isinstance(reply.act, Forward):
        call.forwarded_at = call.forwarded_at or utc_now()
        call.records = call.records or reply.act.record
    if isinstance(reply.act, TakeMessage):
        call.records = True
    for note in reply.notes:
        _keep_answer(session, call, note)
    session.add(call)


def _keep_answer(session: Session, call: Call, note: Note) -> None:
    assert call.id is not None
    kept = session.exec(
        select(Answer).where(
            col(Answer.call_id) == call.id, col(Answer.question) == note.question, col(Answer.turn) == note.turn
        )
    ).first()
    if kept is not None:
        return
    session.add(
        Answer(
            call_id=call.id,
            question=note.question,
            turn=note.turn,
            text=note.heard.text,
            digits=note.heard.digits,
            confidence=note.heard.confidence,
            sources=list(note.understood.sources),
            denied=list(note.understood.denied),
            probability=note.understood.probability,
            prompted=note.prompted,
        )
    )


def _render(context: Context, flow: Flow, reply: Reply, destination: str) -> str:
    hints = context.hints if isinstance(reply.act, Ask) else ()
    return twiml.render(reply, base=context.base, destination=destination, manner=_manner(flow), hints=hints)


def _resume(known: lookup.Known) -> Reply:
    """What a call that is already under way should meet: its present question again, or the business."""
    return dialogue.resume(known.flow, State.from_json(known.call.dialogue))


def _manner(flow: Flow) -> twiml.Manner:
    return twiml.Manner(flow.language, flow.voice)


def _known(session: Session, form: Form, field: str = "CallSid") -> lookup.Known:
    known = lookup.known(session, requests.sid(form, field))
    if known is None:
        raise NotFound(f"No call {form.get(field)} is known.")
    return known


def _call(session: Session, call_sid: str) -> Call:
    call = session.exec(select(Call).where(col(Call.call_sid) == call_sid)).first()
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
    "answer": Kind(answer, ("CallSid",)),
    "dial": Kind(dial, ("CallSid", "DialCallSid")),
    "voicemail": Kind(voicemail, ("CallSid", "RecordingSid")),
    "agent-message": Kind(agent_message, ("CallSid",)),
    "status": Kind(status, ("CallSid", "CallStatus", "SequenceNumber"), answers_twiml=False),
    "leg": Kind(leg, ("CallSid", "CallStatus", "SequenceNumber"), answers_twiml=False),
    "recording": Kind(recording, ("RecordingSid", "RecordingStatus"), answers_twiml=False),
}
