"""The schema on both databases: migrations, constraints and column types."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from alembic import command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, text, update
from sqlalchemy.exc import DatabaseError, IntegrityError, StatementError
from sqlmodel import SQLModel, col, select

from tests import factories as make
from voicebot import db
from voicebot.db import Database
from voicebot.tables import Campaign, Company, Spend, VerdictRow
from voicebot.terms import CreditModel


def test_the_migrated_schema_is_the_one_that_the_tables_describe(database: Database) -> None:
    db.schema_difference(database)
    assert db.is_migrated(database)
    assert set(SQLModel.metadata.tables) <= set(inspect(database.engine).get_table_names())


def test_migrating_again_changes_nothing(database: Database) -> None:
    db.migrate(database)
    assert db.is_migrated(database)


def test_the_schema_can_be_taken_down_and_built_again(database: Database) -> None:
    command.downgrade(db._with_engine(database), "base")
    assert set(inspect(database.engine).get_table_names()) <= {"alembic_version"}
    db.migrate(database)
    db.schema_difference(database)


def test_two_processes_may_migrate_at_once(database: Database) -> None:
    command.downgrade(db._with_engine(database), "base")
    database.dispose()
    work = "from voicebot.db import get_database, migrate; migrate(get_database())"
    both = [subprocess.Popen([sys.executable, "-c", work], stderr=subprocess.PIPE, text=True) for _ in range(2)]
    errors = [process.communicate(timeout=60)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], errors
    assert db.is_migrated(database)


def test_the_ledger_refuses_updates(database: Database) -> None:
    with database.writing() as session:
        verdict = make.verdict(session, make.call(session))
    with pytest.raises(DatabaseError, match="append-only"), database.writing() as session:
        session.connection().execute(update(VerdictRow).where(col(VerdictRow.id) == verdict.id).values(probability=0))


def test_a_sequence_of_the_ledger_is_given_once(database: Database) -> None:
    with database.writing() as session:
        call = make.call(session)
        make.verdict(session, call, sequence=1)
    with pytest.raises(IntegrityError), database.writing() as session:
        make.verdict(session, call, sequence=1)


def test_a_row_of_nobody_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError), database.writing() as session:
        session.add(Campaign(company_id=4711, name="x", source="radio", starts_on=date(2026, 1, 1)))


def test_spend_that_ends_before_it_starts_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError), database.writing() as session:
        campaign = make.campaign(session, make.company(session))
        days = {"starts_on": date(2026, 2, 1), "ends_on": date(2026, 1, 1)}
        session.add(Spend(campaign_id=campaign.id, amount=Decimal(1), currency="USD", **days))


def test_a_failing_block_leaves_nothing_behind(database: Database) -> None:
    with pytest.raises(RuntimeError), database.writing() as session:
        make.company(session, name="Half done")
        raise RuntimeError
    with database.reading() as session:
        assert session.exec(select(Company)).all() == []


def test_terms_come_back_as_enumerations_and_others_are_refused(database: Database) -> None:
    with database.writing() as session:
        make.company(session, credit_model=CreditModel.SPLIT)
    with database.reading() as session:
        assert session.exec(select(Company)).one().credit_model is CreditModel.SPLIT
    with pytest.raises(StatementError), database.writing() as session:
        make.company(session, name="Other", credit_model="by_mood")


def test_a_naive_time_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="no time zone"), database.writing() as session:
        make.company(session, created_at=datetime(2026, 1, 1))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moment=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),
    offset=st.integers(-14 * 60, 14 * 60),
    amount=st.decimals(Decimal(-(10**9)), Decimal(10**9), places=4),
)
def test_times_come_back_in_utc_and_money_exact(
    database: Database, moment: datetime, offset: int, amount: Decimal
) -> None:
    local = moment.replace(tzinfo=timezone(timedelta(minutes=offset)))
    with database.writing() as session:
        session.connection().execute(text("DELETE FROM company"))
        make.company(session, created_at=local, minute_price=amount)
    with database.reading() as session:
        row = session.exec(select(Company)).one()
    assert row.created_at == local
    assert row.created_at.tzinfo is UTC
    assert row.minute_price == amount
