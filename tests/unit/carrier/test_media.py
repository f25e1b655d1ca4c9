"""Downloading a recording: whole or an error, whatever the carrier does."""

import hashlib
import io
import struct

import pytest

from tests.unit.carrier.loopback import SID, Loopback, Reply, refusal
from voicebot.carrier import media
from voicebot.carrier.recordings import Media, download
from voicebot.errors import CarrierError

RECORDING = "RE" + "1" * 32
AUDIO = {"Content-Type": "audio/x-wav"}


def wav(channels: int = 2, seconds: float = 0.5) -> bytes:
    sound = b"\x01\x00" * int(8000 * seconds) * channels
    form = struct.pack("<HHIIHH", 1, channels, 8000, 16000 * channels, 2 * channels, 16)
    chunks = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(sound)) + sound
    return b"RIFF" + struct.pack("<I", len(chunks)) + chunks


def fetched(*replies: Reply) -> tuple[Media, bytes, Loopback]:
    target = io.BytesIO()
    with Loopback(*replies) as carrier:
        found = download(carrier.account(), RECORDING, target)
    return found, target.getvalue(), carrier


def fault(*replies: Reply, timeout_seconds: float = 5.0) -> CarrierError:
    with Loopback(*replies) as carrier, pytest.raises(CarrierError) as raised:
        download(carrier.account(timeout_seconds), RECORDING, io.BytesIO())
    return raised.value


def test_a_recording_arrives_whole_with_its_checksum_and_channels() -> None:
    sound = wav()
    found, written, carrier = fetched(Reply(sound, headers=AUDIO))
    assert written == sound
    assert found == Media(len(sound), hashlib.sha256(sound).hexdigest(), 2, "audio/x-wav")
    (got,) = carrier.got
    assert got.path == f"/2010-04-01/Accounts/{SID}/Recordings/{RECORDING}.wav?RequestedChannels=2"
    assert got.headers["authorization"].startswith("Basic ")


def test_one_channel_is_asked_for_where_two_are_refused() -> None:
    found, written, carrier = fetched(refusal(400, 20001), Reply(wav(1), headers=AUDIO))
    assert (found.channels, written) == (1, wav(1))
    assert [got.path.rpartition("?")[2] for got in carrier.got] == ["RequestedChannels=2", "RequestedChannels=1"]


def test_the_file_itself_says_how_many_channels_it_has() -> None:
    found, _, _ = fetched(Reply(wav(1)))
    assert found.channels == 1


def test_a_recording_that_is_refused_with_one_channel_too_is_an_error() -> None:
    assert fault(refusal(400, 20001)).permanent


def test_what_the_target_held_before_is_gone() -> None:
    target = io.BytesIO(b"x" * 100_000)
    target.seek(50)
    with Loopback(Reply(wav())) as carrier:
        download(carrier.account(), RECORDING, target)
    assert target.getvalue() == wav()


def test_a_recording_that_is_not_there_yet_can_be_asked_for_again() -> None:
    error = fault(refusal(404, 20404))
    assert (error.code, error.permanent) == (20404, False)
    found, _, _ = fetched(Reply(wav()))
    assert found.size == len(wav())


@pytest.mark.parametrize("status", [401, 403])
def test_wrong_credentials_are_a_permanent_fault(status: int) -> None:
    error = fault(refusal(status))
    assert (error.code, error.permanent) == (20003, True)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_carrier_in_trouble_is_no_permanent_fault(status: int) -> None:
    assert not fault(refusal(status)).permanent


@pytest.mark.parametrize(
    "reply",
    [
        Reply(wav()[:3000], states=len(wav())),
        Reply(wav()[:3000], states=None),
        Reply(b"", headers=AUDIO),
        Reply(b"<html>Please log in</html>", headers=AUDIO),
        Reply(b"RIFF", headers=AUDIO),
    ],
    ids=["cut short", "cut short without a stated length", "empty", "a page", "only a start"],
)
def test_what_is_not_a_whole_wav_file_is_an_error_that_may_pass(reply: Reply) -> None:
    assert not fault(reply).permanent


def test_a_file_without_a_stated_length_is_taken_when_its_header_is_satisfied_or_says_nothing() -> None:
    unknown = b"RIFF\xff\xff\xff\xff" + wav()[8:]
    assert fetched(Reply(wav(), states=None))[1] == wav()
    assert fetched(Reply(unknown, states=None))[1] == unknown


def test_a_carrier_that_hangs_is_given_up_in_time() -> None:
    assert not fault(Reply(wav(), waits=1.0), timeout_seconds=0.1).permanent


def test_an_endless_recording_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "MOST_BYTES", 1000)
    assert "too large" in str(fault(Reply(wav())))


def test_credentials_are_not_sent_on_to_another_host() -> None:
    with Loopback(Reply(wav())) as store:
        elsewhere = store.url.replace("127.0.0.1", "localhost") + "/sound.wav"
        found, _, _ = fetched(Reply(status=302, headers={"Location": elsewhere}))
    assert found.size == len(wav())
    assert "authorization" not in store.got[0].headers


@pytest.mark.parametrize("sid", ["", "../Calls/CA1", "RE1.mp3?x=", "RE1/../RE2"])
def test_what_is_no_identifier_is_never_fetched(sid: str) -> None:
    with Loopback(Reply(wav())) as carrier, pytest.raises(CarrierError, match="no identifier"):
        download(carrier.account(), sid, io.BytesIO())
    assert carrier.got == []
