"""The webhooks' transaction on both databases: rows read and written by statements that were compiled once."""

import pytest
from sqlalchemy import bindparam
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, col, func, select

from tests import factories as make
from voicebot.columns import utc_now
from voicebot.db import Database
from voicebot.prepared import Query
from voicebot.tables import Call, Campaign, Recording
from voicebot.terms import CallOutcome, RecordingStatus

CALL = Query(
    Call,
    Campaign.name,
    build=lambda statement: statement.join(Campaign, col(Campaign.id) == col(Call.campaign_id), isouter=True).where(
        col(Call.call_sid) == bindparam("call_sid")
    ),
)


def a_call(database: Database, **over) -> Call:
    with database.writing() as session:
        return make.call(session, **over)


def test_a_row_read_by_a_query_is_what_the_session_reads(database: Database) -> None:
    made = a_call(database, dialogue={"turn": 2, "said": "ünïcode ☎"})
    with database.answering() as session:
        row, name = CALL.first(session, call_sid=made.call_sid)
        assert CALL.first(session, call_sid="CAnobody") is None
    with Session(database.engine) as session:
        read = session.exec(select(Call)).one()
        assert row.model_dump() == read.model_dump()
        assert name == session.exec(select(Campaign.name)).one()


def test_only_what_changed_is_written_and_survives_the_commit(database: Database) -> None:
    made = a_call(database, outcome=CallOutcome.IN_PROGRESS, last_error=None)
    with database.answering() as session:
        row, _ = CALL.first(session, call_sid=made.call_sid)
        row.outcome, row.dialogue, row.ended_at = CallOutcome.MISSED, {"turn": 3}, utc_now()
        session.add(row)
    with database.reading() as session:
        kept = session.exec(select(Call)).one()
    assert (kept.outcome, kept.dialogue, kept.ended_at) == (CallOutcome.MISSED, {"turn": 3}, row.ended_at)


def test_rows_are_written_together_and_what_changes_before_that_is_kept(database: Database) -> None:
    made = a_call(database), a_call(database)
    with database.answering() as transaction:
        for call in made:
            row, _ = CALL.first(transaction, call_sid=call.call_sid)
            recording = Recording(call_id=row.id, recording_sid=f"RE{row.id}", status=RecordingStatus.IN_PROGRESS)
            transaction.add(recording)
            transaction.add(recording)
            recording.status, row.last_error = RecordingStatus.COMPLETED, f"of {row.id}"
    with database.reading() as session:
        assert [one.status for one in session.exec(select(Recording))] == [RecordingStatus.COMPLETED] * 2
        assert {one.last_error for one in session.exec(select(Call))} == {f"of {call.id}" for call in made}


def test_a_transaction_reads_its_own_rows_after_a_flush(database: Database) -> None:
    made = a_call(database)
    statuses = Query(col(Recording.status), build=lambda statement: statement)
    with database.answering() as transaction:
        transaction.add(Recording(call_id=made.id, recording_sid="RE1", status=RecordingStatus.ABSENT))
        assert statuses.all(transaction) == []
        transaction.flush()
        assert statuses.all(transaction) == [(RecordingStatus.ABSENT,)]


def test_a_second_row_with_the_same_sid_is_a_session_s_error_and_undoes_all(database: Database) -> None:
    made = a_call(database)
    with pytest.raises(IntegrityError), database.answering() as transaction:
        row, _ = CALL.first(transaction, call_sid=made.call_sid)
        row.last_error = "never kept"
        for _ in range(2):
            transaction.add(Recording(call_id=made.id, recording_sid="RE1", status=RecordingStatus.ABSENT))
    with database.reading() as session:
        assert session.exec(select(Recording)).all() == []
        assert session.exec(select(Call)).one().last_error is None


def test_a_connection_that_died_says_so_and_the_next_one_is_new(postgres_database: Database) -> None:
    backend = Query(func.pg_backend_pid(), build=lambda statement: statement)
    with pytest.raises(OperationalError) as gone, postgres_database.answering() as transaction:
        [(pid,)] = backend.all(transaction)
        with postgres_database.writing() as session:
            session.connection().execute(select(func.pg_terminate_backend(pid)))
        backend.all(transaction)
    assert gone.value.connection_invalidated
    with postgres_database.answering() as transaction:
        assert backend.all(transaction) != [(pid,)]
