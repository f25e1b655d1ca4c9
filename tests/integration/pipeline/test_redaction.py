"""A company that redacts: sealed from the fetch on, clean text and sound afterwards, and nothing else left behind."""

import hashlib
import io
from pathlib import Path

import pytest
from sqlmodel import select

from tests import factories as make
from voicebot import pipeline, redacting, stages
from voicebot.db import Database
from voicebot.errors import NotFound
from voicebot.reports.listening import playable_recording, recordings_of
from voicebot.settings import get_settings
from voicebot.stages import Tools
from voicebot.storage import get_storage
from voicebot.tables import Company, Recording, UtteranceRow
from voicebot.terms import RecordingStatus, Stage

CLIP = Path(__file__).parents[2] / "audio" / "card_number.wav"


@pytest.fixture
def tools(database: Database, settings_env: object) -> Tools:
    settings_env.set(TRANSCRIBE__MODEL="tiny.en")  # type: ignore[attr-defined]
    return Tools(database, get_storage(), get_settings())


def fetched(tools: Tools, *, redacts: bool) -> tuple[int, int, int]:
    """A call whose recording has just been fetched: ids of company, call and recording."""
    content = CLIP.read_bytes()
    with tools.database.writing() as session:
        company = make.company(session, redacts=redacts)
        call = make.call(session, of=make.tracking_number(session, make.campaign(session, of=company)))
        recording = make.recording(session, of=call, status=RecordingStatus.FETCHED)
        key = f"{call.id}/{recording.recording_sid}.wav"
        digest = hashlib.sha256(content).hexdigest()
        stored = redacting.keep(tools.storage, key, io.BytesIO(content), digest, seal=redacts)
        recording.storage_key, recording.sealed, recording.sha256 = stored.key, redacts, stored.sha256
        pipeline.open_for(call, Stage.FETCHED)
        session.add_all([recording, call])
        assert company.id and call.id and recording.id
        return company.id, call.id, recording.id


def transcribe(tools: Tools, call_id: int) -> None:
    lease = pipeline.claim(tools.database, call_id, Stage.FETCHED, tools.settings.queue)
    assert lease is not None
    stages.transcribe(tools, lease)


def files(tools: Tools, call_id: int) -> list[str]:
    folder = Path(get_settings().storage.url.removeprefix("file://")) / str(call_id)
    return sorted(path.name for path in folder.iterdir())


def test_a_sealed_recording_is_unreadable_until_it_is_clean(tools: Tools) -> None:
    company_id, call_id, recording_id = fetched(tools, redacts=True)
    raw = tools.storage.open(f"{call_id}/" + files(tools, call_id)[0]).read()
    assert raw.startswith(b"VBSEALED") and b"RIFF" not in raw
    with tools.database.reading() as session, pytest.raises(NotFound, match="sealed"):
        playable_recording(session, company_id, recording_id)
    transcribe(tools, call_id)
    with tools.database.reading() as session:
        row = playable_recording(session, company_id, recording_id)
        text = " ".join(session.exec(select(UtteranceRow.text)))
        shown = recordings_of(session, call_id)[0]
    assert files(tools, call_id) == [f"{row.recording_sid}.wav"] and not row.sealed
    assert "[CARD_NUMBER]" in text and "one one" not in text.lower() and "tomorrow morning" in text
    assert {span["category"] for span in shown.redactions} >= {"card_number"}
    clean = tools.storage.open(row.storage_key or "").read()
    assert clean.startswith(b"RIFF") and hashlib.sha256(clean).hexdigest() == row.sha256


def test_without_redaction_nothing_is_sealed_or_taken_out(tools: Tools) -> None:
    company_id, call_id, recording_id = fetched(tools, redacts=False)
    transcribe(tools, call_id)
    with tools.database.reading() as session:
        row = playable_recording(session, company_id, recording_id)
        text = " ".join(session.exec(select(UtteranceRow.text)))
    assert "one one one" in text.lower() and row.redactions == []
    assert tools.storage.open(row.storage_key or "").read() == CLIP.read_bytes()


def test_a_sealed_recording_that_cannot_be_heard_stays_sealed_and_says_so(tools: Tools) -> None:
    _, call_id, recording_id = fetched(tools, redacts=True)
    with tools.database.writing() as session:
        row = session.get_one(Recording, recording_id)
        broken = io.BytesIO(b"not a sound")
        digest = hashlib.sha256(b"not a sound").hexdigest()
        key = (row.storage_key or "").removesuffix(redacting.SUFFIX)
        redacting.keep(tools.storage, key, broken, digest, seal=True)
    transcribe(tools, call_id)
    with tools.database.reading() as session:
        row = session.get_one(Recording, recording_id)
        assert row.sealed and row.status is RecordingStatus.FAILED and row.error
        assert not recordings_of(session, call_id)[0].playable


def test_a_company_chooses_categories_and_the_carriers_copy() -> None:
    company = Company(name="x", redacts=True)
    assert len(redacting.categories(company)) == 5 and redacting.deletes_carrier_copy(company)
    company.redacted_categories, company.deletes_carrier_copy = ["ssn"], False
    assert redacting.categories(company) == {"ssn"} and not redacting.deletes_carrier_copy(company)
    assert redacting.categories(Company(name="y")) == frozenset()
