"""Calls and recordings of the simulated carrier, through the carrier part of the product."""

import hashlib
import io
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from voicebot.carrier import calls, numbers, recordings
from voicebot.carrier.account import Account
from voicebot.errors import CarrierError
from voicebot.simulator import sound
from voicebot.simulator.account import CallRecord, RecordingRecord
from voicebot.simulator.network import Network

CALL, RECORDING = "CA" + "1" * 32, "RE" + "1" * 32
BEGAN = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)


def record(carrier: Network, sid: str = RECORDING, *, channels: int = 2, **more: object) -> RecordingRecord:
    """A finished recording of one second."""
    wav = sound.wav(sound.silence(1.0, channels))
    made = RecordingRecord(sid, CALL, "DialVerb", channels, BEGAN, "completed", wav, 1)
    for name, value in more.items():
        setattr(made, name, value)
    carrier.account.recordings[sid] = made
    return made


def test_a_finished_call_is_read_back(carrier: Network, account: Account) -> None:
    ended = BEGAN.replace(minute=32)
    carrier.account.calls[CALL] = CallRecord(CALL, "anonymous", "+15125550101", BEGAN, "completed", ended, 120)
    assert calls.fetch(account, CALL) == calls.RemoteCall(
        CALL, "completed", "anonymous", "+15125550101", BEGAN, ended, 120
    )


def test_a_call_that_the_carrier_does_not_know_is_a_permanent_fault(account: Account) -> None:
    with pytest.raises(CarrierError) as raised:
        calls.fetch(account, CALL)
    assert (raised.value.code, raised.value.permanent) == (20404, True)


def test_a_calls_recordings_are_listed_oldest_first_with_why_one_is_absent(carrier: Network, account: Account) -> None:
    record(carrier, "RE2", started_at=BEGAN.replace(minute=31))
    record(carrier, "RE1", channels=1)
    record(
        carrier, "RE3", started_at=BEGAN.replace(minute=32), status="absent", error_code=16102, duration_seconds=None
    )
    record(carrier, "RE4", call_sid="CA2")
    found = recordings.of_call(account, CALL)
    assert [(one.sid, one.channels, one.status) for one in found] == [
        ("RE1", 1, "completed"), ("RE2", 2, "completed"), ("RE3", 2, "absent"),
    ]  # fmt: skip
    assert (found[0].started_at, found[0].duration_seconds, found[0].source) == (BEGAN, 1.0, "DialVerb")
    assert (found[2].error_code, found[2].duration_seconds) == (16102, None)


def test_more_recordings_than_a_page_holds_are_all_listed(carrier: Network, account: Account) -> None:
    for index in range(130):
        record(carrier, f"RE{index:032x}")
    assert len(recordings.of_call(account, CALL)) == 130


@pytest.mark.parametrize("channels", [1, 2])
def test_a_recording_is_downloaded_with_the_channels_it_has(carrier: Network, account: Account, channels: int) -> None:
    wav = record(carrier, channels=channels).wav
    target = io.BytesIO()
    found = recordings.download(account, RECORDING, target)
    assert target.getvalue() == wav
    assert (found.channels, found.size, found.sha256) == (channels, len(wav), hashlib.sha256(wav).hexdigest())


def test_a_recording_whose_sound_comes_later_than_its_callback_is_found_on_asking_again(
    carrier: Network, account: Account
) -> None:
    record(carrier, missing_gets=1)
    with pytest.raises(CarrierError) as raised:
        recordings.download(account, RECORDING, io.BytesIO())
    assert not raised.value.permanent
    assert recordings.download(account, RECORDING, io.BytesIO()).channels == 2


def test_a_recording_is_not_given_to_another_token(carrier: Network) -> None:
    record(carrier)
    stranger = Account(carrier.account.account_sid, "another-token", carrier.base_url)
    with pytest.raises(CarrierError, match="credentials") as raised:
        recordings.download(stranger, RECORDING, io.BytesIO())
    assert raised.value.permanent


def test_a_deleted_recording_is_gone_and_deleting_it_again_is_no_fault(carrier: Network, account: Account) -> None:
    record(carrier)
    recordings.delete(account, RECORDING)
    recordings.delete(account, RECORDING)
    assert recordings.of_call(account, CALL) == []


def test_a_recording_in_progress_cannot_be_deleted(carrier: Network, account: Account) -> None:
    record(carrier, status="in-progress")
    with pytest.raises(CarrierError):
        recordings.delete(account, RECORDING)
    assert carrier.account.recordings[RECORDING].status == "in-progress"


def test_an_hours_recording_is_streamed_to_a_file(carrier: Network, account: Account, tmp_path: Path) -> None:
    wav = record(carrier, wav=sound.wav(sound.silence(3600.0, 2))).wav
    began = time.monotonic()
    with (tmp_path / "hour.wav").open("w+b") as target:
        found = recordings.download(account, RECORDING, target)
    assert found.size == len(wav) > 100_000_000
    assert time.monotonic() - began < 30


def test_all_pages_of_the_accounts_numbers_are_read(carrier: Network, account: Account) -> None:
    wanted = [f"+1512555{index:04d}" for index in range(230)]
    for number in wanted:
        carrier.own(number)
    assert [one.number for one in numbers.owned(account)] == wanted


def test_the_first_refusals_as_too_many_are_waited_out() -> None:
    with Network(account_sid="AC" + "5" * 32, auth_token="t", speed=0, refuse_first=3) as busy:
        busy.own("+15125550101")
        assert len(numbers.owned(Account("AC" + "5" * 32, "t", busy.base_url))) == 1
