"""Each webhook is stored once with the answer it got; a repeated or concurrent one gets that very answer."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import Dialect, Executable, bindparam, insert, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from voicebot import logs
from voicebot.columns import utc_now
from voicebot.db import Database
from voicebot.errors import InvalidInput, NotFound, VoicebotError
from voicebot.ivr import hiding
from voicebot.ivr.handlers import Answered
from voicebot.ivr.requests import Form
from voicebot.prepared import Command, PreparedSession
from voicebot.tables import Call, CallEvent

log = logs.get(__name__)

EVENT_FIELDS = ("idempotency_key", "call_sid", "kind", "form", "answer", "error", "received_at")
TOO_LATE = "The answer came too late: the caller was forwarded without it."


@dataclass(frozen=True, slots=True)
class Event:
    """One webhook: its idempotency key, its kind, and the carrier's fields."""

    key: str
    kind: str
    form: Form

    def values(self, answer: str | None, error: str | None = None) -> dict[str, object]:
        """Its row."""
        return {
            "idempotency_key": self.key,
            # The inbound call's: requests of the forwarded leg name it as their parent.
            "call_sid": (self.form.get("ParentCallSid") or self.form.get("CallSid", ""))[:64],
            "kind": self.kind,
            "form": dict(self.form),
            "answer": answer,
            "error": error,
            "received_at": utc_now(),
        }


@dataclass(slots=True)
class Ticket:
    """A webhook under way. `is_given_up` once the carrier has been answered without it."""

    is_given_up: bool = False


class TooLateError(VoicebotError):
    """The carrier has been answered already: what the call flow did is undone, since the caller never met it."""


class _RepeatedError(Exception):
    """An event with this key is stored."""


def _adding(dialect: Dialect) -> Executable:
    """Add an event unless there is one with its key, and give its id, in one statement."""
    table = CallEvent.metadata.tables["call_event"]
    values = {name: bindparam(name, type_=table.c[name].type) for name in EVENT_FIELDS}
    if dialect.name == "sqlite":
        on_sqlite = sqlite.insert(table).values(values).on_conflict_do_nothing(index_elements=["idempotency_key"])
        return on_sqlite.returning(table.c.id)
    on_postgresql = postgresql.insert(table).values(values).on_conflict_do_nothing(index_elements=["idempotency_key"])
    return on_postgresql.returning(table.c.id)


_ADD = Command(_adding)


def receive(
    database: Database, event: Event, handle: Callable[[Session], Answered], ticket: Ticket
) -> tuple[str | None, Call | None]:
    """Handle the event and store it with its answer, in one transaction.

    The unique insert decides: of two requests with the same key one is kept, and whatever the other did is undone
    before it reads that one's answer. Out: the TwiML to answer, and the call to go on with (None for a repeated
    event). Raises whatever `handle` raises, and TooLateError; then nothing of this event is stored here.
    """
    try:
        with database.answering() as session:
            answered = handle(session)
            _add(session, event if answered.form is None else replace(event, form=answered.form), answered.twiml)
            if ticket.is_given_up:
                raise TooLateError(TOO_LATE)
    except (_RepeatedError, IntegrityError, InvalidInput, NotFound) as error:
        stored = _stored(database, event.key)
        if stored is None:
            raise
        log.info("webhook_repeated", detail=type(error).__name__)
        return stored.answer, None
    if ticket.is_given_up:
        _note_lateness(database, event)
    return answered.twiml, answered.call


def _add(session: PreparedSession, event: Event, answer: str | None) -> None:
    session.flush()
    if _ADD.first(session, **event.values(answer)) is None:
        raise _RepeatedError


def keep_failed(database: Database, event: Event, error: str, answer: str | None) -> None:
    """Store an event whose handling failed, with its error and the answer given instead, for the call's page."""
    try:
        with database.writing() as session:
            kept = replace(event, form=hiding.form_alone(event.form))
            session.connection().execute(insert(CallEvent), kept.values(answer, error))
    except IntegrityError:
        log.info("webhook_repeated")


def _note_lateness(database: Database, event: Event) -> None:
    """The commit itself was too slow: what is stored as answered was never heard."""
    with database.writing() as session:
        session.connection().execute(
            update(CallEvent).where(col(CallEvent.idempotency_key) == event.key).values(error=TOO_LATE)
        )


def _stored(database: Database, key: str) -> CallEvent | None:
    with database.reading() as session:
        return session.exec(select(CallEvent).where(col(CallEvent.idempotency_key) == key)).first()
