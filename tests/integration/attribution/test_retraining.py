"""A company's own classifier, from the reviews in the database to the calls that it reads."""

from pathlib import Path

import pytest
from sqlmodel import Session
from typer.testing import CliRunner

from tests import factories as make
from voicebot import reclassifying, retraining
from voicebot.commands import models
from voicebot.db import Database
from voicebot.errors import Conflict, NotFound
from voicebot.learning.reviews import FEWEST
from voicebot.settings import Settings, get_settings
from voicebot.stages import Tools, classified
from voicebot.storage import get_storage
from voicebot.tables import Call, Company
from voicebot.terms import Disposition, Speaker, Stage


def reviewed_company(session: Session, calls: int) -> tuple[Company, Call]:
    """A company whose laboratory calls about cases, each reviewed; and the last of the calls."""
    company = make.company(session)
    number = make.tracking_number(session, of=make.campaign(session, of=company))
    person = make.user(session)
    for place in range(calls):
        call = make.call(session, of=number, stage=Stage.ATTRIBUTED)
        text = f"It's the lab, case {place} came back nice." if place % 2 else f"I need a cleaning, tooth {place}."
        make.transcript(session, of=make.recording(session, of=call), said=[(Speaker.CALLER, text)])
        verdict = make.verdict(session, of=call)
        what = Disposition.VENDOR if place % 2 else Disposition.NEW_LEAD
        make.label(session, of=verdict, by=person, source="not_stated", disposition=what)
    return company, call


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return get_settings().model_copy(update={"data_dir": tmp_path})


def test_a_retrained_package_reads_the_companys_calls_only_once_it_is_chosen(
    database: Database, settings: Settings
) -> None:
    with database.writing() as session:
        company, call = reviewed_company(session, FEWEST + 2)
        company_id, call_id = company.id, call.id or 0
    with database.reading() as session:
        made = retraining.retrain(session, settings, session.get_one(Company, company_id))
        again = retraining.retrain(session, settings, session.get_one(Company, company_id))
    assert made.name is not None and made.name == again.name and made.lesson.judged == FEWEST + 2
    tools = Tools(database, get_storage(), settings)
    preview = Tools(database, get_storage(), settings, package=made.name)
    with database.reading() as session:
        before, told = classified(tools, session, call_id), classified(preview, session, call_id)
    assert told.version != before.version and told.disposition is Disposition.VENDOR
    assert [flip.call_id for flip in reclassifying.preview(preview, company_id) if flip.flips]
    with database.writing() as session:
        retraining.use(session, settings, session.get_one(Company, company_id), made.name)
    with database.reading() as session:
        assert classified(tools, session, call_id).version == told.version
    with database.writing() as session:
        assert retraining.undo(session, settings, session.get_one(Company, company_id)) == ""
    with database.reading() as session:
        assert classified(tools, session, call_id).version == before.version


def test_a_package_that_is_damaged_holds_no_call_up(database: Database, settings: Settings) -> None:
    with database.writing() as session:
        company, call = reviewed_company(session, 1)
        company.classifier = "1-gone"
        session.add(company)
        call_id = call.id or 0
    with database.reading() as session:
        tools = Tools(database, get_storage(), settings)
        assert classified(tools, session, call_id).version == tools.classifier().version


def test_what_was_never_written_cannot_be_chosen_and_nothing_chosen_not_undone(
    session: Session, settings: Settings
) -> None:
    company = make.company(session)
    with pytest.raises(NotFound, match="nothing"):
        retraining.use(session, settings, company, "nothing")
    with pytest.raises(Conflict, match="always"):
        retraining.undo(session, settings, company)


def test_the_command_says_plainly_when_there_are_too_few_reviews(database: Database) -> None:
    with database.writing() as session:
        name = reviewed_company(session, 3)[0].name
    done = CliRunner().invoke(models.app, ["retrain", name])
    assert done.exit_code == 1 and f"3 reviewed calls say what calls were: too few, {FEWEST}" in done.stdout
