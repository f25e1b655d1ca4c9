"""A call's way through its stages, kept on the call's own row.

1. `open_for` puts a call at a stage and makes it due.
2. `claim` takes the stage by one UPDATE that must touch exactly one row and sets a lease.
3. The lease is renewed while the work runs; an expired one is due again.
4. `finish` moves the stage on in the same transaction as the work's rows, only while the lease is still ours.
5. `give_back` notes a failure and says when the next attempt is due; after the last one the call waits for a person.
"""

import os
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from voicebot import logs
from voicebot.columns import utc_now
from voicebot.db import Database
from voicebot.errors import Conflict
from voicebot.settings import QueueSettings
from voicebot.tables import Call, PipelineStep
from voicebot.terms import Stage

log = logs.get(__name__)

# Which stage a call reaches when the task after the present one has run.
NEXT = {
    Stage.RECORDED: Stage.FETCHED,
    Stage.FETCHED: Stage.TRANSCRIBED,
    Stage.TRANSCRIBED: Stage.CLASSIFIED,
    Stage.CLASSIFIED: Stage.ATTRIBUTED,
}


@dataclass(frozen=True, slots=True)
class Lease:
    """A stage held by one worker: nobody else may finish it until `owner` lets go or the lease runs out."""

    call_id: int
    call_sid: str
    stage: Stage
    owner: str
    step_id: int
    attempt: int


def open_for(call: Call, stage: Stage, *, due: datetime | None = None) -> None:
    """Put a call at `stage`, due now or at `due`, and take it from whoever works on an older state of it."""
    call.stage = stage
    call.revision += 1
    call.attempts = 0
    call.lease_owner = None
    call.lease_until = None
    call.last_error = None
    call.next_attempt_at = due or utc_now()


def is_due(call: Call) -> bool:
    """Whether a worker should go on with the call now."""
    return call.next_attempt_at is not None and call.next_attempt_at <= utc_now()


def claim(database: Database, call_id: int, stage: Stage, settings: QueueSettings) -> Lease | None:
    """Take a call's stage, or None when it is not at that stage, not due, or held by another worker."""
    now, owner = utc_now(), f"{socket.gethostname()[:24]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"
    until = now + timedelta(seconds=settings.lease_seconds)
    with database.writing() as session:
        taken = session.connection().execute(
            update(Call)
            .where(
                col(Call.id) == call_id,
                col(Call.stage) == stage,
                col(Call.next_attempt_at).is_not(None),
                or_(col(Call.lease_until).is_(None), col(Call.lease_until) < now),
            )
            .values(lease_until=until, next_attempt_at=until, lease_owner=owner, attempts=Call.attempts + 1)
        )
        if taken.rowcount != 1:
            return None
        call = session.exec(select(Call).where(Call.id == call_id)).one()
        step = PipelineStep(call_id=call_id, stage=NEXT.get(stage, Stage.RECORDED), worker=owner)
        session.add(step)
        session.flush()
        assert step.id is not None
        return Lease(call_id, call.call_sid, stage, owner, step.id, call.attempts)


def renew(database: Database, lease: Lease, settings: QueueSettings) -> bool:
    """Push the lease's end out; False when it is no longer ours."""
    until = utc_now() + timedelta(seconds=settings.lease_seconds)
    with database.writing() as session:
        kept = session.connection().execute(
            update(Call)
            .where(col(Call.id) == lease.call_id, col(Call.lease_owner) == lease.owner)
            .values(lease_until=until, next_attempt_at=until)
        )
        return bool(kept.rowcount == 1)


@contextmanager
def renewing(database: Database, lease: Lease, settings: QueueSettings) -> Iterator[None]:
    """Renew the lease in the background, three times in its length, while the block works."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(settings.lease_seconds / 3):
            try:
                if not renew(database, lease, settings):
                    log.warning("lease_lost", call_id=lease.call_id, stage=lease.stage)
                    return
            except Exception as error:  # noqa: BLE001 - a passing database fault: the next beat may succeed
                log.warning("lease_not_renewed", call_id=lease.call_id, error=str(error))

    thread = threading.Thread(target=beat, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def finish(session: Session, lease: Lease, reached: Stage, settings: QueueSettings) -> None:
    """Move the call on to `reached`, in the transaction that holds the work's rows.

    Raises Conflict when the lease is no longer ours: the whole transaction must then be rolled back, since another
    worker has the stage or a newer recording has reopened the call.
    """
    due = None
    if reached is not Stage.ATTRIBUTED:
        # The next task is queued right after commit; if that message is lost, the sweeper sees the call then.
        due = utc_now() + timedelta(seconds=settings.lease_seconds)
    moved = session.connection().execute(
        update(Call)
        .where(col(Call.id) == lease.call_id, col(Call.lease_owner) == lease.owner, col(Call.stage) == lease.stage)
        .values(stage=reached, attempts=0, lease_owner=None, lease_until=None, last_error=None, next_attempt_at=due)
    )
    if moved.rowcount != 1:
        raise Conflict(f"Call {lease.call_id} was taken over while {lease.stage} was worked on.")
    _close_step(session, lease, None)


def held(session: Session, lease: Lease) -> Call:
    """The call's row, for a stage that decides itself what comes next. Raises Conflict when the lease is lost."""
    call = session.exec(
        select(Call).where(col(Call.id) == lease.call_id, col(Call.lease_owner) == lease.owner).with_for_update()
    ).first()
    if call is None:
        raise Conflict(f"Call {lease.call_id} was taken over while {lease.stage} was worked on.")
    return call


def release(session: Session, call: Call, lease: Lease) -> None:
    """Let the lease go after `held`, keeping the stage and the due time that were set."""
    call.lease_owner, call.lease_until = None, None
    session.add(call)
    _close_step(session, lease, None)


def give_back(
    database: Database, lease: Lease, error: str, settings: QueueSettings, *, permanent: bool = False
) -> datetime | None:
    """Let a failed stage go. Out: when the next attempt is due, None when the call now waits for a person."""
    due = None
    if not permanent and lease.attempt < settings.max_attempts:
        due = utc_now() + timedelta(seconds=backoff_seconds(lease.attempt))
    with database.writing() as session:
        session.connection().execute(
            update(Call)
            .where(col(Call.id) == lease.call_id, col(Call.lease_owner) == lease.owner)
            .values(lease_owner=None, lease_until=None, last_error=error, next_attempt_at=due)
        )
        _close_step(session, lease, error)
    return due


def backoff_seconds(attempt: int) -> float:
    """How long to wait after the given failed attempt (1 for the first): 2 s, doubling, ten minutes at the most."""
    return float(min(600, 2**attempt))


def _close_step(session: Session, lease: Lease, error: str | None) -> None:
    session.connection().execute(
        update(PipelineStep).where(col(PipelineStep.id) == lease.step_id).values(finished_at=utc_now(), error=error)
    )
