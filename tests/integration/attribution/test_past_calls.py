"""Past calls of another tracker: read, stored once, and put before the pipeline with their old source."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, col, select
from typer.testing import CliRunner

from tests import factories as make
from voicebot.commands.importing import app
from voicebot.db import Database
from voicebot.errors import InvalidInput
from voicebot.past_calls.reading import Fault, Map, PastCall, read
from voicebot.storage import get_storage
from voicebot.tables import Call, Campaign, Recording, TrackingNumber
from voicebot.terms import CallOutcome, Stage

CHICAGO = ZoneInfo("America/Chicago")
HEADING = "id,start_time,customer_phone_number,tracking_phone_number,source,source_name,duration,answered,direction"
LINES = """CAL1,2026-03-02T09:30:00-06:00,+17375550101,+15125550711,Billboard Ad,I-35 board,95,true,inbound
CAL2,2026-03-03T10:00:00-06:00,+17375550102,+15125550711,Billboard Ad,I-35 board,12,false,inbound
CAL3,yesterday,+17375550103,+15125550712,Google Ads,Google Ads,40,true,inbound
CAL4,2026-03-04T10:00:00-06:00,,+15125550713,Skywriting,Plane,40,true,inbound
CAL5,2026-03-04T10:00:00-06:00,,+15125550713,Yelp,Yelp,40,true,outbound
"""
SOUND = Path(__file__).parents[2] / "audio" / "two_speakers.wav"


def test_callrails_columns_are_known_and_every_bad_line_says_why() -> None:
    found = list(read(f"{HEADING}\n{LINES}", Map(), CHICAGO))
    first = found[0]
    assert isinstance(first, PastCall)
    assert (first.foreign_id, first.source, first.campaign, first.seconds) == ("CAL1", "billboard", "I-35 board", 95)
    assert first.started_at == datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
    faults = [(entry.line, entry.reason) for entry in found if isinstance(entry, Fault)]
    assert [line for line, _ in faults] == [4, 5, 6]
    for (_, reason), word in zip(faults, ("no time", "Skywriting", "outbound"), strict=True):
        assert word in reason


def test_other_columns_and_sources_come_from_a_map() -> None:
    mapping = Map({"id": "Ref", "started_at": "When", "tracking_number": "Line", "source": "Medium"}, {"Plane": "tv"})
    text = "Ref,When,Line,Medium\n7,03/02/2026 9:30 AM,(512) 555-0711,plane\n"
    [call] = read(text, mapping, CHICAGO)
    assert isinstance(call, PastCall) and call.source == "tv"
    assert call.started_at == datetime(2026, 3, 2, 15, 30, tzinfo=UTC)


def test_a_missing_column_and_a_wrong_map_are_named() -> None:
    with pytest.raises(InvalidInput, match="tracking_number"):
        list(read("id,start_time,source\n", Map(), CHICAGO))
    with pytest.raises(InvalidInput, match="colour"):
        Map({"colour": "x"}).checked()


@pytest.mark.parametrize(
    "text",
    ["2026-03-02 09:30 AM", "2026-03-02 09:30:00 -0600", "03/02/2026 9:30 AM", "Mar 2, 2026 9:30 AM", "3/2/26 9:30 AM"],
)
def test_times_are_read_as_exports_write_them(text: str) -> None:
    [call] = read(f'{HEADING}\nCAL1,"{text}",,+15125550711,Yelp,Yelp,1,Voicemail,inbound\n', Map(), CHICAGO)
    assert isinstance(call, PastCall) and call.started_at == datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
    assert call.voicemail and not call.answered


@pytest.mark.parametrize(
    ("document", "word"), [({"colums": {}}, "colums"), ({"columns": ["id"]}, "columns"), (["x"], "columns")]
)
def test_a_map_that_is_written_wrongly_is_told_and_not_passed_over(document: object, word: str) -> None:
    with pytest.raises(InvalidInput, match=word):
        Map.of(document)


def test_a_pool_of_numbers_with_one_name_has_a_campaign_for_each_source(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        name = make.company(session).name
    export = tmp_path / "calls.csv"
    rows = ["Google Ads", "Google Organic", "Google Organic", "Direct"]
    lines = [f"P{n},2026-03-02T09:30:00-06:00,,+15125550711,{one},Pool,9,true," for n, one in enumerate(rows)]
    export.write_text("\n".join([HEADING, *lines]), encoding="utf-8")
    assert CliRunner().invoke(app, ["calls", str(export), "--company", name]).exit_code == 0
    with database.reading() as session:
        campaigns = session.exec(select(Campaign).order_by(col(Campaign.id))).all()
        calls = [session.get_one(Campaign, call.campaign_id).source for call in stored(session)]
    assert [one.name for one in campaigns] == ["Pool", "Pool (Google organic)", "Pool (Website)"]
    assert sorted(calls) == ["google_ads", "google_organic", "google_organic", "website"]


def stored(session: Session) -> list[Call]:
    return list(session.exec(select(Call).order_by(col(Call.started_at))))


def test_an_import_is_taken_once_and_goes_to_the_pipeline(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        name = make.company(session).name
    export, folder = tmp_path / "calls.csv", tmp_path / "recordings"
    export.write_text(f"{HEADING}\n{LINES}", encoding="utf-8")
    folder.mkdir()
    shutil.copy(SOUND, folder / "CAL1.wav")
    arguments = ["calls", str(export), "--company", name, "--recordings", str(folder)]
    first = CliRunner().invoke(app, arguments)
    assert first.exit_code == 1 and "2 imported, 1 of them without a recording; 0 were here before; 3" in first.stdout
    assert "2 were here before" in CliRunner().invoke(app, arguments).stdout
    with database.reading() as session:
        heard, silent = stored(session)
        [recording] = session.exec(select(Recording)).all()
        [campaign] = session.exec(select(Campaign)).all()
        [number] = session.exec(select(TrackingNumber)).all()
    assert (heard.stage, silent.stage) == (Stage.FETCHED, Stage.TRANSCRIBED)
    assert heard.next_attempt_at is not None and silent.outcome is CallOutcome.MISSED
    assert (campaign.name, campaign.source, campaign.starts_on.isoformat()) == ("I-35 board", "billboard", "2026-03-02")
    assert heard.campaign_id == campaign.id and number.released_on is not None
    assert get_storage().size(recording.storage_key or "") == SOUND.stat().st_size
