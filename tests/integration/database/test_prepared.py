"""The webhooks' session on both databases: rows read and written by statements that were compiled once."""

import pytest
from sqlalchemy import bindparam
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

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


def test_new_rows_have_their_ids_after_a_flush_and_later_changes_are_kept(database: Database) -> None:
    made = a_call(database)
    with database.answering() as session:
        recording = Recording(call_id=made.id, recording_sid="RE1", status=RecordingStatus.IN_PROGRESS)
        session.add(recording)
        session.flush()
        assert recording.id is not None
        recording.status = RecordingStatus.COMPLETED
        session.add(recording)
    with database.reading() as session:
        assert session.exec(select(Recording)).one().status is RecordingStatus.COMPLETED


def test_what_a_session_is_asked_the_usual_way_sees_what_was_added(database: Database) -> None:
    made = a_call(database)
    with database.answering() as session:
        session.add(Recording(call_id=made.id, recording_sid="RE1", status=RecordingStatus.ABSENT))
        assert session.exec(select(Recording.status)).all() == [RecordingStatus.ABSENT]


def test_a_second_row_with_the_same_sid_is_the_session_s_own_error_and_undoes_all(database: Database) -> None:
    made = a_call(database)
    with pytest.raises(IntegrityError), database.answering() as session:
        row, _ = CALL.first(session, call_sid=made.call_sid)
        row.last_error = "never kept"
        for _ in range(2):
            session.add(Recording(call_id=made.id, recording_sid="RE1", status=RecordingStatus.ABSENT))
        session.flush()
    with database.reading() as session:
        assert session.exec(select(Recording)).all() == []
        assert session.exec(select(Call)).one().last_error is None
