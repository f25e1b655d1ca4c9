"""Recordings: when there is one, what is in it, on which channel, and who is told."""

import io
import wave
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.unit.simulator.conftest import AGENT_HERTZ, CALLER_HERTZ
from tests.unit.simulator.receiver import ACCOUNT, BUSINESS, NUMBER, TOKEN, Receiver, call
from voicebot.errors import AudioError
from voicebot.simulator import sound
from voicebot.simulator.callbacks import Switches
from voicebot.simulator.network import Network

TALK = {"audio": "talk.wav"}
CALLBACK = 'recordingStatusCallback="/recording" recordingStatusCallbackEvent="in-progress completed absent"'


def dial(record: str) -> str:
    return f'<Dial action="/dial" record="{record}" {CALLBACK}>{BUSINESS}</Dial>'


def get(network: Network, sid: str, **params: str) -> httpx.Response:
    url = f"{network.base_url}/2010-04-01/Accounts/{ACCOUNT}/Recordings/{sid}"
    return httpx.get(url, auth=(ACCOUNT, TOKEN), params=params, trust_env=False)


def samples_of(response: httpx.Response) -> NDArray[np.int16]:
    """Shape (channels, n)."""
    assert (response.status_code, response.headers["content-type"]) == (200, "audio/x-wav")
    with wave.open(io.BytesIO(response.content)) as file:
        assert (file.getframerate(), file.getsampwidth()) == (8000, 2)
        frames = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        return frames.reshape(-1, file.getnchannels()).T


def hertz(samples: NDArray[np.int16]) -> set[int]:
    """The frequencies that stand out in the first second."""
    spectrum = np.abs(np.fft.rfft(samples[:8000]))
    return {int(one) for one in np.flatnonzero(spectrum > spectrum.max() / 3)}


def test_a_dual_recording_has_the_caller_first_and_the_agent_second(
    receiver: Receiver, network: Network, talk: Path
) -> None:
    receiver.documents(voice=dial("record-from-answer-dual"))
    result = call(network, talk, conversation=TALK)
    for name in (f"{result.recording_sids[0]}.wav", result.recording_sids[0]):
        samples = samples_of(get(network, name, RequestedChannels="2"))
        assert samples.shape == (2, 3 * 8000)
        assert [hertz(channel) for channel in samples] == [{CALLER_HERTZ}, {AGENT_HERTZ}]


def test_one_channel_of_a_dual_recording_holds_both_voices(receiver: Receiver, network: Network, talk: Path) -> None:
    receiver.documents(voice=dial("record-from-answer-dual"))
    sid = call(network, talk, conversation=TALK).recording_sids[0]
    mixed = samples_of(get(network, sid, RequestedChannels="1"))
    assert (mixed.shape[0], hertz(mixed[0])) == (1, {CALLER_HERTZ, AGENT_HERTZ})


@pytest.mark.parametrize("record", ["true", "record-from-answer"])
def test_a_recording_that_is_not_dual_has_one_channel_and_no_second(
    receiver: Receiver, network: Network, talk: Path, record: str
) -> None:
    receiver.documents(voice=dial(record))
    sid = call(network, talk, conversation=TALK).recording_sids[0]
    assert samples_of(get(network, f"{sid}.wav")).shape[0] == 1
    refused = get(network, f"{sid}.wav", RequestedChannels="2")
    assert (refused.status_code, refused.json()["status"]) == (400, 400)


def test_a_recording_from_ringing_begins_with_the_ringing(receiver: Receiver, network: Network, talk: Path) -> None:
    receiver.documents(voice=dial("record-from-ringing-dual"))
    result = call(network, talk, conversation=TALK, business={"ring_seconds": 6})
    samples = samples_of(get(network, result.recording_sids[0]))
    assert samples.shape == (2, 9 * 8000)
    assert hertz(samples[1]) == {440, 480} and not samples[0, : 6 * 8000].any()
    assert hertz(samples[0, 6 * 8000 :]) == {CALLER_HERTZ}


@pytest.mark.parametrize("record", ["do-not-record", "false"])
def test_a_call_that_was_not_to_be_recorded_is_not(
    receiver: Receiver, network: Network, talk: Path, record: str
) -> None:
    receiver.documents(voice=dial(record))
    result = call(network, talk, conversation=TALK)
    assert (result.outcome, result.recording_sids, receiver.to("/recording")) == ("forwarded", (), [])


def test_a_recording_is_told_when_it_begins_and_after_the_call_when_it_is_there(
    receiver: Receiver, network: Network, talk: Path
) -> None:
    receiver.documents(voice=dial("record-from-answer-dual"))
    result = call(network, talk, conversation=TALK, business={"ring_seconds": 6})
    begun, done = receiver.forms("/recording")
    assert (begun["RecordingStatus"], "RecordingDuration" in begun) == ("in-progress", False)
    assert (done["RecordingStatus"], done["RecordingDuration"], done["RecordingChannels"]) == ("completed", "3", "2")
    assert (done["RecordingSource"], done["CallSid"]) == ("DialVerb", result.call_sid)
    assert done["RecordingUrl"].endswith(f"/Accounts/{ACCOUNT}/Recordings/{result.recording_sids[0]}")
    assert receiver.forms("/dial")[0]["RecordingUrl"] == done["RecordingUrl"]
    assert "From" not in done
    began = parsedate_to_datetime(done["RecordingStartTime"])
    rang = network.account.calls[result.call_sid].started_at
    assert 5 <= (began - rang).total_seconds() <= 6
    assert [one.path for one in receiver.got][-2:] == ["/status", "/recording"]


def test_only_a_finished_recording_is_told_unless_more_was_asked_for(
    receiver: Receiver, network: Network, talk: Path
) -> None:
    receiver.documents(voice=f'<Dial record="true" recordingStatusCallback="/recording">{BUSINESS}</Dial>')
    call(network, talk, conversation=TALK)
    call(network)
    assert [one["RecordingStatus"] for one in receiver.forms("/recording")] == ["completed"]


def test_a_talk_without_a_sound_is_absent_and_its_media_never_come(receiver: Receiver, network: Network) -> None:
    receiver.documents(voice=dial("record-from-answer-dual"))
    sid = call(network).recording_sids[0]
    absent = receiver.forms("/recording")[-1]
    assert (absent["RecordingStatus"], absent["ErrorCode"], "RecordingDuration" in absent) == ("absent", "16102", False)
    assert get(network, f"{sid}.wav").status_code == 404


def test_a_talk_that_is_cut_off_at_once_is_too_short_to_be_kept(
    receiver: Receiver, network: Network, talk: Path
) -> None:
    receiver.documents(voice=dial("record-from-answer-dual"))
    call(network, talk, conversation=TALK, hang_up={"while": "conversation", "after_seconds": 0.2})
    assert receiver.forms("/recording")[-1]["ErrorCode"] == "16101"


def test_a_caller_who_hangs_up_in_the_talk_leaves_what_was_said_till_then(
    receiver: Receiver, network: Network, talk: Path
) -> None:
    receiver.documents(voice=dial("record-from-answer-dual"))
    result = call(network, talk, conversation=TALK, hang_up={"while": "conversation", "after_seconds": 2})
    assert samples_of(get(network, result.recording_sids[0])).shape == (2, 2 * 8000)
    assert (result.outcome, receiver.to("/dial")) == ("forwarded", [])


def test_nobody_answers_and_the_voicemail_is_one_channel_with_the_callers_voice(
    receiver: Receiver, network: Network, talk: Path
) -> None:
    receiver.documents(
        voice=dial("record-from-answer-dual"), dial=f'<Record action="/done" {CALLBACK}/><Say>Still there?</Say>'
    )
    result = call(network, talk, business={"outcome": "no-answer"}, voicemail={"audio": "message.wav", "text": "Hi."})
    assert receiver.forms("/dial")[0]["DialCallStatus"] == "no-answer"
    done = receiver.forms("/done")[0]
    assert (done["Digits"], done["RecordingDuration"], done["CallStatus"]) == ("hangup", "3", "completed")
    finished = receiver.forms("/recording")[-1]
    assert (finished["RecordingSource"], finished["RecordingChannels"]) == ("RecordVerb", "1")
    samples = samples_of(get(network, result.recording_sids[0]))
    assert (samples.shape[0], hertz(samples[0])) == (1, {CALLER_HERTZ})
    assert (result.outcome, result.status, result.said) == ("voicemail", "completed", ())


@pytest.mark.parametrize("voicemail", [None, {"audio": "quiet.wav"}])
def test_a_caller_who_leaves_no_message_goes_on_to_the_next_verb(
    receiver: Receiver, network: Network, talk: Path, voicemail: dict[str, str] | None
) -> None:
    receiver.documents(voice=f'<Record action="/done" {CALLBACK}/><Say>Goodbye.</Say>')
    result = call(network, talk, voicemail=voicemail)
    assert (result.said, result.outcome, receiver.to("/done")) == (("Goodbye.",), "ended", [])
    assert [one["RecordingStatus"] for one in receiver.forms("/recording")] == ["in-progress", "absent"]


def test_a_message_is_cut_at_its_greatest_length_and_the_call_goes_on(
    receiver: Receiver, network: Network, talk: Path
) -> None:
    receiver.documents(voice='<Record action="/done" maxLength="2"/>', done="<Say>Thank you.</Say>")
    result = call(network, talk, voicemail={"audio": "message.wav"})
    assert (result.said, receiver.forms("/done")[0]["RecordingDuration"]) == (("Thank you.",), "2")
    assert "Digits" not in receiver.forms("/done")[0]


def test_a_recording_started_for_the_call_lasts_until_its_end(receiver: Receiver, network: Network, talk: Path) -> None:
    receiver.documents(
        voice=f'<Start><Recording {CALLBACK}/></Start><Pause length="2"/><Dial>{BUSINESS}</Dial><Pause length="1"/>'
    )
    result = call(network, talk, conversation=TALK, business={"ring_seconds": 1})
    samples = samples_of(get(network, result.recording_sids[0]))
    assert samples.shape == (2, (2 + 1 + 3 + 1) * 8000)
    assert hertz(samples[0, 3 * 8000 :]) == {CALLER_HERTZ}


def test_media_can_be_missing_for_a_while_and_are_kept_in_a_folder_too(
    receiver: Receiver, talk: Path, tmp_path: Path
) -> None:
    receiver.documents(voice=dial("record-from-answer-dual"))
    switches = Switches(media_missing_gets=2)
    folder = tmp_path / "kept"
    with Network(account_sid=ACCOUNT, auth_token=TOKEN, speed=0, switches=switches, folder=folder) as network:
        network.own(NUMBER, f"{receiver.url}/voice")
        sid = call(network, talk, conversation=TALK).recording_sids[0]
        answers = [get(network, f"{sid}.wav") for _ in range(3)]
    assert [one.status_code for one in answers] == [404, 404, 200]
    assert (folder / f"{sid}.wav").read_bytes() == answers[-1].content


def test_telephone_coding_gives_the_standards_own_values() -> None:
    # The decoder's outputs of ITU-T G.711 mu-law, 16-bit: the ends of each chord and the smallest steps.
    levels = np.array([0, 8, 16, 120, 132, 372, 396, 876, 924, 1884, 1980, 3900, 4092, 7932, 8316, 15996, 16764, 32124])
    both = np.concatenate([levels, -levels]).astype(np.int16)[np.newaxis, :]
    assert (sound.through_telephone(both) == both).all()
    everything = np.arange(-32768, 32768).astype(np.int16)[np.newaxis, :]
    coded = sound.through_telephone(everything)
    assert len(np.unique(coded)) == 255
    assert (sound.through_telephone(coded) == coded).all()


def test_sound_that_does_not_fit_is_refused_with_its_name(talk: Path, tmp_path: Path) -> None:
    (tmp_path / "noise.opus").write_bytes(b"no sound at all")
    with pytest.raises(AudioError, match=r"noise\.opus"):
        sound.decode(tmp_path / "noise.opus", 1)
    with pytest.raises(AudioError, match=r"message\.wav has 1 channels, not 2"):
        sound.decode(talk / "message.wav", 2)
