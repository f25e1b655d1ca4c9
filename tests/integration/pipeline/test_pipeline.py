"""Claims, leases, failures and sweeps on both databases."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from tests import factories as make
from voicebot import pipeline, sweeper
from voicebot.columns import utc_now
from voicebot.db import Database
from voicebot.errors import Conflict
from voicebot.settings import QueueSettings, get_settings
from voicebot.tables import Call, PipelineStep
from voicebot.terms import Stage

QUICK = QueueSettings(lease_seconds=30, max_attempts=3)


@pytest.fixture
def call_id(database: Database) -> int:
    with database.writing() as session:
        call = make.call(session)
        pipeline.open_for(call, Stage.RECORDED)
        session.add(call)
        assert call.id is not None
        return call.id


def row(database: Database, call_id: int) -> Call:
    with database.reading() as session:
        return session.get_one(Call, call_id)


def expire(database: Database, call_id: int) -> None:
    """Let time pass until the lease has run out."""
    with database.writing() as session:
        call = session.get_one(Call, call_id)
        call.lease_until = call.next_attempt_at = utc_now() - timedelta(seconds=1)
        session.add(call)


def messages() -> list[Path]:
    folder = Path(get_settings().queue.broker_url.removeprefix("filesystem://")) / "messages"
    return sorted(folder.glob("*")) if folder.exists() else []


def test_a_stage_is_claimed_by_one_worker(database: Database, call_id: int) -> None:
    assert pipeline.claim(database, call_id, Stage.RECORDED, QUICK) is not None
    assert pipeline.claim(database, call_id, Stage.RECORDED, QUICK) is None


def test_a_message_for_a_stage_that_is_past_does_nothing(database: Database, call_id: int) -> None:
    assert pipeline.claim(database, call_id, Stage.FETCHED, QUICK) is None


def test_finishing_moves_the_stage_on_and_closes_the_step(database: Database, call_id: int) -> None:
    lease = pipeline.claim(database, call_id, Stage.RECORDED, QUICK)
    with database.writing() as session:
        pipeline.finish(session, lease, Stage.FETCHED, QUICK)
    call = row(database, call_id)
    assert (call.stage, call.lease_owner, call.attempts) == (Stage.FETCHED, None, 0)
    with database.reading() as session:
        step = session.exec(select(PipelineStep)).one()
    assert (step.stage, step.error) == (Stage.FETCHED, None) and step.finished_at >= step.started_at


def test_a_worker_that_lost_its_lease_saves_nothing(database: Database, call_id: int) -> None:
    slow = pipeline.claim(database, call_id, Stage.RECORDED, QUICK)
    expire(database, call_id)
    quick = pipeline.claim(database, call_id, Stage.RECORDED, QUICK)
    assert quick is not None and quick.attempt == 2
    with pytest.raises(Conflict), database.writing() as session:
        pipeline.finish(session, slow, Stage.FETCHED, QUICK)
    assert row(database, call_id).stage is Stage.RECORDED
    assert not pipeline.renew(database, slow, QUICK) and pipeline.renew(database, quick, QUICK)


def test_a_late_recording_takes_the_call_from_whoever_works_on_it(database: Database, call_id: int) -> None:
    lease = pipeline.claim(database, call_id, Stage.RECORDED, QUICK)
    with database.writing() as session:
        call = session.get_one(Call, call_id)
        pipeline.open_for(call, Stage.RECORDED)
        session.add(call)
    with pytest.raises(Conflict), database.writing() as session:
        pipeline.finish(session, lease, Stage.FETCHED, QUICK)


def test_a_failure_is_on_the_row_and_due_again_later_each_time(database: Database, call_id: int) -> None:
    waits = []
    for _ in range(2):
        lease = pipeline.claim(database, call_id, Stage.RECORDED, QUICK)
        due = pipeline.give_back(database, lease, "The carrier could not be reached.", QUICK)
        waits.append(due - utc_now())
        expire(database, call_id)
    assert waits[1] > waits[0]
    assert row(database, call_id).last_error == "The carrier could not be reached."


def test_after_the_last_attempt_or_a_permanent_error_the_call_waits_for_a_person(
    database: Database, call_id: int
) -> None:
    lease = pipeline.claim(database, call_id, Stage.RECORDED, QUICK)
    assert pipeline.give_back(database, lease, "No weights.", QUICK, permanent=True) is None
    call = row(database, call_id)
    assert call.next_attempt_at is None and call.last_error == "No weights."
    assert sweeper.sweep(database, QUICK) == 0


def test_the_sweeper_queues_what_is_due_once_and_leaves_the_rest(database: Database, call_id: int) -> None:
    assert sweeper.sweep(database, QUICK) == 1
    assert len(messages()) == 1
    assert sweeper.sweep(database, QUICK) == 0


def test_the_sweeper_leaves_a_held_call_alone_and_takes_a_dead_workers(database: Database, call_id: int) -> None:
    pipeline.claim(database, call_id, Stage.RECORDED, QUICK)
    assert sweeper.sweep(database, QUICK) == 0
    expire(database, call_id)
    assert sweeper.sweep(database, QUICK) == 1


def test_a_call_that_kills_its_workers_is_not_tried_for_ever(database: Database, call_id: int) -> None:
    for _ in range(QUICK.max_attempts):
        assert pipeline.claim(database, call_id, Stage.RECORDED, QUICK) is not None
        expire(database, call_id)
    assert sweeper.sweep(database, QUICK) == 0
    call = row(database, call_id)
    assert call.next_attempt_at is None and "stopped its worker" in call.last_error


def test_a_lease_is_renewed_while_the_work_runs(database: Database, call_id: int) -> None:
    short = QueueSettings(lease_seconds=0.3)
    lease = pipeline.claim(database, call_id, Stage.RECORDED, short)
    before = row(database, call_id).lease_until
    with pipeline.renewing(database, lease, short):
        until = utc_now() + timedelta(seconds=10)
        while row(database, call_id).lease_until == before and utc_now() < until:
            pass
    assert row(database, call_id).lease_until > before
