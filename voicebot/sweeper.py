"""Put back whatever is due: a lost message, a dead worker or a wiped broker costs time, never a call."""

from datetime import timedelta

from sqlalchemy import or_
from sqlmodel import col, select

from voicebot import logs, queue
from voicebot.columns import utc_now
from voicebot.db import Database
from voicebot.settings import QueueSettings
from voicebot.tables import Call
from voicebot.terms import Stage

log = logs.get(__name__)

# A backlog is worked off from its oldest end; more messages at once would only repeat it.
BATCH = 200


def sweep(database: Database, settings: QueueSettings) -> int:
    """Queue every call that is due and held by nobody. Out: how many were queued.

    A call whose stage took a worker down `max_attempts` times is not tried again: it waits for a person, with the
    reason on its page.
    """
    for call_id, stage in (due := _take_due(database, settings)):
        queue.ring(call_id, stage)
    if due:
        log.info("swept", calls=len(due))
    return len(due)


def _take_due(database: Database, settings: QueueSettings) -> list[tuple[int, Stage]]:
    now = utc_now()
    with database.writing() as session:
        calls = session.exec(
            select(Call)
            .where(
                col(Call.next_attempt_at) <= now,
                or_(col(Call.lease_until).is_(None), col(Call.lease_until) < now),
            )
            .order_by(col(Call.next_attempt_at))
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        ).all()
        due: list[tuple[int, Stage]] = []
        for call in calls:
            if call.attempts >= settings.max_attempts and call.stage is not Stage.RINGING:
                call.next_attempt_at = None
                call.last_error = call.last_error or f"The stage after {call.stage} stopped its worker every time."
                log.error("call_waits_for_a_person", call_sid=call.call_sid, stage=call.stage)
                continue
            # Seen again only when nobody has claimed it by then.
            call.next_attempt_at = now + timedelta(seconds=settings.lease_seconds)
            assert call.id is not None
            due.append((call.id, call.stage))
        return due
