"""Missed calls and voicemails mail the company's people, on both databases and by a real SMTP server."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from tests import factories as make
from tests.mailbox import Mailbox, mailbox
from voicebot import alerts
from voicebot.columns import utc_now
from voicebot.db import Database
from voicebot.reports.calls import count_calls
from voicebot.reports.days import zone_of
from voicebot.reports.filters import CallFilter
from voicebot.settings import Settings, get_settings
from voicebot.tables import Call, Company, Mail, TrackingNumber
from voicebot.terms import CallOutcome, Speaker, Stage

ADDRESS = "front-desk@example.com"


@pytest.fixture
def post() -> Iterator[Mailbox]:
    with mailbox() as opened:
        yield opened


@pytest.fixture
def settings(database: Database, post: Mailbox) -> Settings:
    return get_settings().model_copy(update={"smtp": post.settings})


@pytest.fixture
def number(database: Database) -> TrackingNumber:
    with database.writing() as session:
        number = make.tracking_number(session)
        session.get_one(Company, number.company_id).alert_emails = [ADDRESS, "owner@example.com"]
    return number


def a_call(session: Session, number: TrackingNumber, **over) -> Call:
    over = {"outcome": CallOutcome.MISSED, "ended_at": utc_now(), "stage": Stage.TRANSCRIBED, **over}
    return make.call(session, number, **over)


def test_a_missed_call_is_mailed_once_to_everybody_named(
    database: Database, settings: Settings, post: Mailbox, number: TrackingNumber
) -> None:
    with database.writing() as session:
        call = a_call(session, number, caller_name="Zoë Müller")
    assert (alerts.send_due(database, settings), alerts.send_due(database, settings)) == (1, 0)
    (mail,) = post.mails
    assert mail["To"] == f"{ADDRESS}, owner@example.com"
    assert mail["Subject"].startswith("Missed call from Zoë Müller")
    assert f"/calls/{call.id}" in mail.get_content()


def test_a_voicemail_s_words_follow_in_the_same_thread_when_they_are_there(
    database: Database, settings: Settings, post: Mailbox, number: TrackingNumber
) -> None:
    with database.writing() as session:
        call_id = a_call(session, number, outcome=CallOutcome.VOICEMAIL).id
    alerts.send_due(database, settings)
    with database.writing() as session:
        call = session.get_one(Call, call_id)
        call.stage = Stage.ATTRIBUTED
        make.transcript(session, make.recording(session, call), [(Speaker.CALLER, "Please call me back.")])
    assert (alerts.send_due(database, settings), alerts.send_due(database, settings)) == (1, 0)
    first, second = post.mails
    assert first["Subject"].startswith("Voicemail from")
    assert second["References"] == second["In-Reply-To"] == first["Message-ID"]
    assert "caller: Please call me back." in second.get_content()


def test_processes_that_mail_at_once_send_one_mail(
    database: Database, settings: Settings, post: Mailbox, number: TrackingNumber
) -> None:
    with database.writing() as session:
        a_call(session, number)
    threads = [threading.Thread(target=alerts.send_due, args=(database, settings)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(post.mails) == 1


def test_a_refusal_for_now_is_tried_again_later_and_one_for_good_is_not(
    database: Database, settings: Settings, post: Mailbox, number: TrackingNumber
) -> None:
    with database.writing() as session:
        a_call(session, number)
    post.refuse = ["451 come back later"]
    assert alerts.send_due(database, settings) == 0
    with database.writing() as session:
        row = session.exec(select(Mail)).one()
        assert row.next_attempt_at > utc_now() and "451" in row.error
        row.next_attempt_at = utc_now() - timedelta(seconds=1)
    post.refuse = ["550 nobody here"]
    assert alerts.send_due(database, settings) == 0
    with database.reading() as session:
        row = session.exec(select(Mail)).one()
    assert (row.next_attempt_at, row.sent_at, row.attempts) == (None, None, 2)


def test_a_mail_server_that_is_not_there_costs_an_attempt_and_no_mail(
    database: Database, settings: Settings, number: TrackingNumber
) -> None:
    nowhere = settings.model_copy(update={"smtp": settings.smtp.model_copy(update={"port": 1})})
    with database.writing() as session:
        a_call(session, number)
    assert alerts.send_due(database, nowhere) == 0
    with database.reading() as session:
        assert session.exec(select(Mail)).one().next_attempt_at is not None


@pytest.mark.parametrize(
    "over",
    [
        {"outcome": CallOutcome.ANSWERED},
        {"outcome": CallOutcome.REJECTED},
        {"is_test": True},
        {"ended_at": utc_now() - timedelta(days=2)},
    ],
    ids=["answered", "rejected", "test call", "old"],
)
def test_nobody_is_mailed_about_calls_that_need_no_calling_back(
    sqlite_database: Database, post: Mailbox, over: dict
) -> None:
    with sqlite_database.writing() as session:
        number = make.tracking_number(session)
        session.get_one(Company, number.company_id).alert_emails = [ADDRESS]
        a_call(session, number, **over)
    settings = get_settings().model_copy(update={"smtp": post.settings})
    assert alerts.send_due(sqlite_database, settings) == 0


def test_pauses_between_attempts_grow_to_an_hour() -> None:
    assert [alerts.pause(n).total_seconds() for n in (1, 2, 12)] == [10, 20, 3600]


def test_the_list_shows_who_was_missed_and_not_called_back(database: Database, number: TrackingNumber) -> None:
    now = utc_now()
    with database.writing() as session:
        waiting = a_call(session, number, started_at=now, from_number="+15125550001")
        a_call(session, number, started_at=now, from_number="+15125550002", called_back_at=now)
        a_call(session, number, started_at=now, from_number="+15125550003")
        later = now + timedelta(hours=1)
        a_call(session, number, started_at=later, from_number="+15125550003", outcome=CallOutcome.ANSWERED)
        # An answered call before the missed one is no calling back.
        earlier = now - timedelta(hours=1)
        a_call(session, number, started_at=earlier, from_number="+15125550001", outcome=CallOutcome.ANSWERED)
        company_id = waiting.company_id
    with database.reading() as session:
        assert count_calls(session, company_id, CallFilter(to_call_back=True), zone_of("America/Chicago")) == 1
