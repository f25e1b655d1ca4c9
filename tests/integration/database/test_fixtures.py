"""The fixtures and factories that the other tests stand on."""

import pytest
from sqlmodel import Session, SQLModel, select

from tests import factories
from tests.conftest import Cast, SettingsEnvironment
from tests.services import ServiceMissingError, find_program
from voicebot.db import Database, get_database
from voicebot.settings import get_settings
from voicebot.tables import Company, Membership, WitnessRow

FACTORIES = (
    factories.company, factories.user, factories.membership, factories.campaign, factories.spend,
    factories.destination, factories.call_flow, factories.tracking_number, factories.lead, factories.call,
    factories.call_event, factories.pipeline_step, factories.answer, factories.recording, factories.transcript,
    factories.classification, factories.verdict,
)  # fmt: skip


@pytest.mark.parametrize("factory", FACTORIES, ids=lambda factory: factory.__name__)
def test_every_factory_makes_two_rows_that_do_not_clash(sqlite_database: Database, factory) -> None:
    with sqlite_database.writing() as session:
        first, second = factory(session), factory(session)
        assert first.id != second.id


def test_factories_know_every_table_but_those_of_a_carrier_account(session: Session) -> None:
    verdict = factories.verdict(session)
    factories.transcript(session)
    factories.spend(session)
    factories.membership(session)
    factories.lead(session)
    factories.answer(session)
    factories.classification(session)
    factories.call_event(session)
    factories.pipeline_step(session)
    factories.round_robin(session)
    factories.blocked_number(session)
    factories.label(session)
    factories.mail(session)
    factories.setting_change(session)
    assert session.exec(select(WitnessRow).where(WitnessRow.verdict_id == verdict.id)).one().source == "billboard"
    filled = {
        table.name
        for table in SQLModel.metadata.sorted_tables
        if session.connection().execute(table.select().limit(1)).first() is not None
    }
    assert {table.name for table in SQLModel.metadata.sorted_tables} - filled == {"carrier_account"}


def test_the_database_of_the_process_is_the_one_of_the_test(database: Database) -> None:
    assert get_database() is database
    with database.writing() as session:
        factories.company(session, name="Committed")
    with get_database().reading() as session:
        assert [row.name for row in session.exec(select(Company)).all()] == ["Committed"]


def test_the_cast_belongs_to_two_companies(database: Database, cast: Cast) -> None:
    with database.reading() as session:
        companies = {row.user_id: row.company_id for row in session.exec(select(Membership)).all()}
    assert companies == {cast.owner: cast.company, cast.team_mate: cast.company, cast.outsider: cast.other_company}


def test_a_test_may_change_its_settings(settings_env: SettingsEnvironment) -> None:
    assert settings_env.set(WEB__PUBLIC_URL="https://calls.example.com").web.public_url == "https://calls.example.com"
    assert get_settings().data_dir == settings_env.folder


def test_a_missing_server_names_the_make_target() -> None:
    with pytest.raises(ServiceMissingError, match="make test"):
        find_program("no-such-server", "no-such-package")


def test_redis_is_real_and_empty(redis_url: str) -> None:
    import redis

    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left", "behind")
