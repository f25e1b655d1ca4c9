"""Each webhook is stored once with the answer it got; a repeated or concurrent one gets that very answer.

Webhooks that wait at the same moment are stored in one transaction: one write to disk serves them all. Whatever goes
wrong in it undoes it, and each of them is then done alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import insert, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import col, select

from voicebot import logs
from voicebot.columns import utc_now
from voicebot.db import Database
from voicebot.errors import InvalidInput, NotFound, VoicebotError
from voicebot.ivr import hiding, lookup
from voicebot.ivr.handlers import Answered
from voicebot.ivr.requests import Form
from voicebot.prepared import Transaction, fresh
from voicebot.tables import CallEvent

log = logs.get(__name__)

TOO_LATE = "The answer came too late: the caller was forwarded without it."


@dataclass(frozen=True, slots=True)
class Event:
    """One webhook: its idempotency key, its kind, and the carrier's fields."""

    key: str
    kind: str
    form: Form

    @property
    def call_sid(self) -> str:
        """The inbound call's: requests of the forwarded leg name it as their parent."""
        return (self.form.get("ParentCallSid") or self.form.get("CallSid", ""))[:64]

    def values(self, answer: str | None, error: str | None = None) -> dict[str, object]:
        """Its row."""
        return {
            "idempotency_key": self.key,
            "call_sid": self.call_sid,
            "kind": self.kind,
            "form": dict(self.form),
            "answer": answer,
            "error": error,
            "received_at": utc_now(),
        }


@dataclass(slots=True)
class Ticket:
    """A webhook under way: its event and its handler. `is_given_up` once the carrier was answered without it."""

    event: Event
    handle: Callable[[Transaction], Answered]
    is_given_up: bool = False


class TooLateError(VoicebotError):
    """The carrier has been answered already: what the call flow did is undone, since the caller never met it."""


def receive(database: Database, tickets: Sequence[Ticket]) -> list[Answered | Exception]:
    """Handle events of different calls and store each with its answer, before anybody is answered.

    Out, for each: the TwiML to answer and the call to go on with (none for a repeated event), or what went wrong,
    TooLateError included; then nothing of that event is stored here.
    """
    try:
        answered = _together(database, tickets)
    except Exception as error:  # noqa: BLE001 - each of them alone says for whom it was what
        # One that found its connection dead is tried once more, on a new one: stored twice it cannot be.
        if len(tickets) == 1 and not (isinstance(error, DBAPIError) and error.connection_invalidated):
            return [_repeated(database, tickets[0], error)]
        log.warning("webhooks_tried_again", webhooks=len(tickets), error=f"{type(error).__name__}: {error}"[:300])
        return [_alone(database, ticket) for ticket in tickets]
    for ticket in tickets:
        if ticket.is_given_up:
            _note_lateness(database, ticket.event)
    return list(answered)


def _together(database: Database, tickets: Sequence[Ticket]) -> list[Answered]:
    with database.answering() as transaction:
        answered = []
        lookup.read_ahead(transaction, [(one.event.kind, one.event.call_sid) for one in tickets])
        for ticket in tickets:
            one, event = ticket.handle(transaction), ticket.event
            answered.append(one)
            kept = event if one.form is None else replace(event, form=one.form)
            transaction.add(fresh(CallEvent, **kept.values(one.twiml)))
        if any(ticket.is_given_up for ticket in tickets):
            raise TooLateError(TOO_LATE)
    return answered


def _alone(database: Database, ticket: Ticket) -> Answered | Exception:
    if ticket.is_given_up:
        return TooLateError(TOO_LATE)
    try:
        [answered] = _together(database, [ticket])
    except Exception as error:  # noqa: BLE001 - said to whoever waits for it
        return _repeated(database, ticket, error)
    if ticket.is_given_up:
        _note_lateness(database, ticket.event)
    return answered


def _repeated(database: Database, ticket: Ticket, error: Exception) -> Answered | Exception:
    """What the same event was answered the first time, where that is what went wrong.

    The unique key decides: of two events with the same one is kept, and whatever the other did is undone.
    """
    if not isinstance(error, IntegrityError | InvalidInput | NotFound):
        return error
    try:
        with database.reading() as session:
            stored = session.exec(select(CallEvent).where(col(CallEvent.idempotency_key) == ticket.event.key)).first()
    except Exception as later:  # noqa: BLE001 - said to whoever waits for it
        return later
    if stored is None:
        return error
    log.info("webhook_repeated", detail=type(error).__name__)
    return Answered(stored.answer)


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
