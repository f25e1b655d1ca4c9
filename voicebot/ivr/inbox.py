"""Each webhook is stored once with the answer it got; a repeated or concurrent one gets that very answer."""

from collections.abc import Callable

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from voicebot import logs
from voicebot.db import Database
from voicebot.ivr.handlers import Answered
from voicebot.ivr.requests import Form
from voicebot.tables import Call, CallEvent

log = logs.get(__name__)


def receive(
    database: Database, key: str, kind: str, form: Form, handle: Callable[[Session], Answered]
) -> tuple[str | None, Call | None]:
    """Store the event and handle it in one transaction.

    The unique insert decides: of two requests with the same key, one handles and the other waits for its commit and
    reads its answer. Out: the TwiML to answer, and the call to go on with (None for a repeated event). Raises
    whatever `handle` raises; then nothing of this event is stored here.
    """
    try:
        with database.writing() as session:
            event = CallEvent(idempotency_key=key, call_sid=_call_sid(form), kind=kind, form=dict(form))
            session.add(event)
            session.flush()
            answered = handle(session)
            event.answer = answered.twiml
            return answered.twiml, answered.call
    except IntegrityError as error:
        stored = _stored(database, key)
        if stored is None:
            raise
        log.info("webhook_repeated", kind=kind, detail=type(error).__name__)
        return stored.answer, None


def keep_failed(database: Database, key: str, kind: str, form: Form, error: str, answer: str | None) -> None:
    """Store an event whose handling failed, with its error and the answer given instead, for the call's page."""
    try:
        with database.writing() as session:
            session.add(
                CallEvent(
                    idempotency_key=key,
                    call_sid=_call_sid(form),
                    kind=kind,
                    form=dict(form),
                    answer=answer,
                    error=error,
                )
            )
    except IntegrityError:
        log.info("webhook_repeated", kind=kind)


def _call_sid(form: Form) -> str:
    """The inbound call's: requests of the forwarded leg name it as their parent."""
    return (form.get("ParentCallSid") or form.get("CallSid", ""))[:64]


def _stored(database: Database, key: str) -> CallEvent | None:
    with database.reading() as session:
        return session.exec(select(CallEvent).where(col(CallEvent.idempotency_key) == key)).first()
