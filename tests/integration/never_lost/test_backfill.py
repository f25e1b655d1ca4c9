"""Calls that our webhooks missed come from the carrier's records, once and whole, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from tests import factories as make
from tests.integration.never_lost.conftest import SID
from voicebot.backfilling import Found, backfill, moment_of
from voicebot.cli import build
from voicebot.columns import utc_now
from voicebot.db import Database
from voicebot.ivr import addresses, static_fallback
from voicebot.settings import get_settings
from voicebot.simulator.account import CallRecord, RecordingRecord
from voicebot.simulator.network import Network
from voicebot.simulator.scenario import Scenario
from voicebot.tables import Call, Campaign, NumberAssignment, Recording, TrackingNumber
from voicebot.terms import CallOutcome, RecordingStatus, Stage

SINCE = timedelta(days=3)


def run(database: Database) -> Found:
    return backfill(database, get_settings().queue, utc_now() - SINCE)


def a_remote_call(network: Network, number: TrackingNumber, **over) -> CallRecord:
    """A finished call of a minute at the carrier, an hour ago, of which no webhook ever told us."""
    began = over.pop("started_at", utc_now() - timedelta(hours=1))
    values = {"status": "completed", "ended_at": began + timedelta(seconds=60), "duration_seconds": 60, **over}
    from_number = values.pop("from_number", f"+1737{5_000_000 + make.unique():07d}")
    call = CallRecord(make.sid(), from_number, number.number, began, **values)
    network.account.calls[call.sid] = call
    return call


def answered(network: Network, call: CallRecord, seconds: int = 40) -> None:
    """The business took it, and it was recorded."""
    leg = CallRecord(make.sid(), call.from_number, "+15125550199", call.started_at, "completed", call.ended_at, seconds)
    leg.parent_sid, leg.direction = call.sid, "outbound-dial"
    network.account.calls[leg.sid] = leg
    sound = RecordingRecord(make.sid("RE"), call.sid, "DialVerb", 2, call.started_at, "completed", b"", seconds)
    network.account.recordings[sound.sid] = sound


def everything(database: Database) -> list[dict]:
    with database.reading() as session:
        rows = [*session.exec(select(Call)).all(), *session.exec(select(Recording)).all()]
        return [row.model_dump() for row in rows]


def test_missed_calls_are_added_whole_and_a_second_run_changes_nothing(
    installed: Database, network: Network, number: TrackingNumber
) -> None:
    talked, missed, gone = (a_remote_call(network, number) for _ in range(3))
    answered(network, talked)
    gone.duration_seconds = 5
    assert run(installed) == Found(seen=3, added=3)
    with installed.reading() as session:
        calls = {call.call_sid: call for call in session.exec(select(Call)).all()}
        recording = session.exec(select(Recording)).one()
    call = calls[talked.sid]
    assert (call.outcome, call.stage, call.talk_seconds) == (CallOutcome.ANSWERED, Stage.RECORDED, 40)
    assert call.backfilled_at is not None and call.account_sid == SID
    assert abs(call.started_at - talked.started_at) < timedelta(seconds=2)
    assert (recording.call_id, recording.status) == (call.id, RecordingStatus.COMPLETED)
    assert calls[missed.sid].outcome is CallOutcome.MISSED and calls[gone.sid].outcome is CallOutcome.ABANDONED
    before = everything(installed)
    assert run(installed) == Found(seen=3)
    assert everything(installed) == before


def test_a_call_belongs_to_the_campaign_that_the_number_had_when_it_rang(
    installed: Database, network: Network, number: TrackingNumber
) -> None:
    changed = utc_now() - timedelta(hours=10)
    with installed.writing() as session:
        assignment = session.exec(select(NumberAssignment)).one()
        assignment.ends_at = changed
        first = assignment.campaign_id
        company_id = session.get_one(Campaign, first).company_id
        second = make.campaign(session, company_id=company_id)
        make.assignment(session, number, second, starts_at=changed)
    before, after = (a_remote_call(network, number, started_at=changed + timedelta(hours=h)) for h in (-2, 2))
    run(installed)
    with installed.reading() as session:
        found = dict(session.exec(select(Call.call_sid, Call.campaign_id)).all())
    assert found == {before.sid: first, after.sid: second.id}


def test_a_call_whose_last_webhooks_were_missed_is_completed_and_not_added(
    installed: Database, network: Network, number: TrackingNumber
) -> None:
    remote = a_remote_call(network, number)
    answered(network, remote)
    with installed.writing() as session:
        make.call(
            session, number, call_sid=remote.sid, outcome=CallOutcome.IN_PROGRESS, ended_at=None, stage=Stage.RINGING,
            status="ringing", status_rank=2, talk_seconds=None, duration_seconds=None,
        )  # fmt: skip
    assert run(installed) == Found(seen=1, completed=1)
    with installed.reading() as session:
        call = session.exec(select(Call)).one()
    assert (call.outcome, call.duration_seconds, call.backfilled_at) == (CallOutcome.ANSWERED, 60, None)


@pytest.mark.parametrize("told", [True, False])
def test_what_a_webhook_has_said_stands_and_a_guess_is_corrected(
    installed: Database, network: Network, number: TrackingNumber, told: bool
) -> None:
    remote = a_remote_call(network, number)
    answered(network, remote)
    over = {"call_sid": remote.sid, "outcome": CallOutcome.MISSED, "stage": Stage.ATTRIBUTED, "talk_seconds": None}
    with installed.writing() as session:
        call = make.call(session, number, **over)
        if told:
            # A machine took the leg, and nobody was bridged.
            make.call_event(session, call, kind="dial")
    run(installed)
    with installed.reading() as session:
        outcome = session.exec(select(Call)).one().outcome
    assert outcome is (CallOutcome.MISSED if told else CallOutcome.ANSWERED)


def test_pages_are_all_read_and_other_numbers_and_live_calls_left_alone(
    installed: Database, network: Network, number: TrackingNumber
) -> None:
    began = utc_now() - timedelta(hours=2)
    for _ in range(530):
        # Calls of another system on the same account.
        other = CallRecord(make.sid(), "+15125550001", "+15125559999", began, "completed", began, 1)
        network.account.calls[other.sid] = other
    ours = a_remote_call(network, number)
    a_remote_call(network, number, status="in-progress", ended_at=None, duration_seconds=None)
    assert run(installed) == Found(seen=1, added=1)
    with installed.reading() as session:
        assert session.exec(select(Call.call_sid)).all() == [ours.sid]


def test_the_second_call_of_a_caller_is_no_first_call(
    installed: Database, network: Network, number: TrackingNumber
) -> None:
    first, second = (
        a_remote_call(network, number, from_number="+15125550142", started_at=utc_now() - timedelta(hours=h))
        for h in (5, 3)
    )
    run(installed)
    with installed.reading() as session:
        found = dict(session.exec(select(Call.call_sid, Call.is_first_call)).all())
    assert found == {first.sid: True, second.sid: False}


def test_the_command_says_what_it_did_and_what_it_cannot_read(
    installed: Database, network: Network, number: TrackingNumber
) -> None:
    a_remote_call(network, number)
    done = CliRunner().invoke(build(["backfill", "fallback"]), ["backfill", "--since", "12h"])
    assert "1 calls at the carrier: 1 were missing here" in done.output
    assert CliRunner().invoke(build(["backfill", "fallback"]), ["backfill", "--since", "soon"]).exit_code == 1


def test_moments_are_days_moments_or_so_long_ago() -> None:
    now = datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert moment_of("3d", now) == datetime(2026, 2, 27, 12, tzinfo=UTC)
    assert moment_of("12h", now) == datetime(2026, 3, 2, 0, tzinfo=UTC)
    assert moment_of("2026-03-01", now) == datetime(2026, 3, 1, tzinfo=UTC)
    assert moment_of("2026-03-01T12:00+02:00", now) == datetime(2026, 3, 1, 10, tzinfo=UTC)


@pytest.fixture
def hosted(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder that a plain web server serves, apart from our machine."""
    folder = tmp_path / "documents"
    folder.mkdir()
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_with_our_whole_machine_gone_the_caller_reaches_the_business_and_the_call_is_known_later(
    installed: Database, network: Network, number: TrackingNumber, hosted: tuple[Path, str], monkeypatch
) -> None:
    folder, base = hosted
    monkeypatch.setattr(get_settings().web, "fallback_base_url", base)
    with installed.reading() as session:
        written = static_fallback.export(session, folder)
    wanted = addresses.of_number(number.number)
    assert wanted.voice_fallback_method == "GET" and wanted.voice_fallback_url.startswith(base)
    assert "record" not in written[0].read_text().lower()
    # Nothing listens on this port: our machine is gone.
    owned = network.own(number.number, "http://127.0.0.1:9/webhooks/voice", wanted.voice_fallback_url)
    owned.voice_fallback_method = wanted.voice_fallback_method
    result = network.place(
        Scenario(name="gone", title="Our machine is gone", to=number.number, **{"from": "+15125550142"})
    )
    assert result.outcome == "forwarded"
    assert run(installed) == Found(seen=1, added=1)
    with installed.reading() as session:
        assert session.exec(select(Call)).one().outcome is CallOutcome.ANSWERED


def test_a_released_number_s_document_is_removed(installed: Database, number: TrackingNumber, tmp_path: Path) -> None:
    with installed.writing() as session:
        static_fallback.export(session, tmp_path)
        session.get_one(TrackingNumber, number.id).released_on = utc_now().date()
        session.flush()
        assert static_fallback.export(session, tmp_path) == []
    assert list(tmp_path.glob("*.xml")) == []
