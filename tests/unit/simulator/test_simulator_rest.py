"""The REST interface, asked through the carrier's own library and, for what that hides, plain HTTP."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from twilio.rest import Client

from tests.unit.simulator import openapi
from tests.unit.simulator.receiver import ACCOUNT, BUSINESS, CALLER, NUMBER, TOKEN, Receiver, call
from tests.unit.simulator.rest import get, refusal
from voicebot.errors import VoicebotError
from voicebot.simulator.network import CallResult, Network

TALK = {"audio": "talk.wav"}


@pytest.fixture
def client(network: Network) -> Client:
    made = Client(ACCOUNT, TOKEN)
    made.api.base_url = network.base_url
    return made


@pytest.fixture
def recorded(receiver: Receiver, network: Network, talk: Path) -> CallResult:
    receiver.documents(voice=f'<Dial record="record-from-answer-dual">{BUSINESS}</Dial>')
    return call(network, talk, conversation=TALK)


def test_the_account_says_that_it_is_active(client: Client) -> None:
    account = client.api.v2010.accounts(ACCOUNT).fetch()
    assert (account.sid, account.status) == (ACCOUNT, "active")


def test_numbers_are_listed_over_several_pages_and_found_by_number(network: Network, client: Client) -> None:
    wanted = [NUMBER, *(f"+1512555020{digit}" for digit in range(6))]
    for number in wanted[1:]:
        network.own(number)
    listed = client.incoming_phone_numbers.list(page_size=3)
    assert [one.phone_number for one in listed] == wanted
    found = client.incoming_phone_numbers.list(phone_number="+15125550203", page_size=1)
    assert [one.phone_number for one in found] == ["+15125550203"]


def test_the_pages_of_a_list_keep_its_filters(network: Network) -> None:
    for digit in range(3):
        network.own(f"+1512555020{digit}")
    first = get(network, "/IncomingPhoneNumbers.json?PhoneNumber=%2B1512555020&PageSize=2").json()
    assert (first["page"], first["start"], first["end"], len(first["incoming_phone_numbers"])) == (0, 0, 1, 2)
    path = first["next_page_uri"].removeprefix(f"/2010-04-01/Accounts/{ACCOUNT}")
    last = get(network, path).json()
    assert [one["phone_number"] for one in last["incoming_phone_numbers"]] == ["+15125550202"]
    assert last["next_page_uri"] is None and last["previous_page_uri"]


def test_a_number_is_configured_field_by_field(receiver: Receiver, network: Network, client: Client) -> None:
    sid = network.own(NUMBER, "http://127.0.0.1:1/old", "http://127.0.0.1:1/fallback").sid
    changed = client.incoming_phone_numbers(sid).update(
        voice_url=f"{receiver.url}/new", voice_method="POST", status_callback="", friendly_name="Billboard"
    )
    assert (changed.voice_url, changed.voice_fallback_url) == (f"{receiver.url}/new", "http://127.0.0.1:1/fallback")
    assert client.incoming_phone_numbers(sid).fetch().friendly_name == "Billboard"
    call(network)
    assert [one.path for one in receiver.got] == ["/new"]


def test_a_number_refuses_what_is_no_address_and_keeps_what_it_had(network: Network, client: Client) -> None:
    number = network.own(NUMBER, "http://127.0.0.1:1/voice")
    assert refusal(lambda: client.incoming_phone_numbers(number.sid).update(voice_url="calls.example.com"))[0] == 400
    assert refusal(lambda: client.incoming_phone_numbers(number.sid).update(voice_method="PATCH"))[0] == 400
    assert (number.voice_url, number.voice_method) == ("http://127.0.0.1:1/voice", "POST")


def test_a_call_and_its_leg_are_told_apart(client: Client, recorded: CallResult) -> None:
    parent = client.calls(recorded.call_sid).fetch()
    assert (parent.status, parent.direction, parent._from, parent.to) == ("completed", "inbound", CALLER, NUMBER)
    assert parent.duration == "9" and parent.start_time < parent.end_time
    (leg,) = client.calls.list(parent_call_sid=recorded.call_sid)
    assert (leg.direction, leg.to, leg.duration) == ("outbound-dial", BUSINESS, "3")


def test_calls_are_found_by_number_status_and_time(receiver: Receiver, network: Network, client: Client) -> None:
    first = call(network)
    receiver.documents(voice="<Reject/>")
    second = call(network, **{"from": "anonymous"})
    sids = lambda **filters: {one.sid for one in client.calls.list(**filters)}  # noqa: E731
    assert sids(to=NUMBER) == {first.call_sid, second.call_sid}
    assert sids(from_="anonymous") == sids(status="no-answer") == {second.call_sid}
    now = datetime.now(UTC)
    assert sids(start_time_after=now - timedelta(minutes=5)) == {first.call_sid, second.call_sid}
    assert sids(start_time_before=now - timedelta(minutes=5)) == set()


def test_calls_are_found_by_the_day_they_began_and_the_moment_they_ended(network: Network, client: Client) -> None:
    sid = call(network).call_sid
    now = datetime.now(UTC)
    yesterday, hour = now.date() - timedelta(days=1), timedelta(hours=1)
    sids = lambda **filters: [one.sid for one in client.calls.list(**filters)]  # noqa: E731
    assert sids(start_time=now.date()) == sids(end_time_after=now - hour) == sids(end_time_before=now + hour) == [sid]
    assert sids(start_time=yesterday) == sids(end_time_before=yesterday) == sids(end_time_after=now + hour) == []
    assert refusal(lambda: client.calls.list(start_time="soon"))[0] == 400


def test_a_page_begins_after_the_last_row_of_the_one_before_whatever_has_come_since(
    network: Network, client: Client
) -> None:
    sids = [call(network).call_sid for _ in range(5)][::-1]
    first = client.calls.page(page_size=2)
    assert [one.sid for one in first] == sids[:2]
    call(network)
    second = first.next_page()
    assert [one.sid for one in second] == sids[2:4]
    assert [one.sid for one in second.next_page()] == sids[4:]
    assert [one.sid for one in second.previous_page()] == sids[:2]
    assert [one.sid for one in client.calls.list(page_size=2)][1:] == sids


def test_recordings_are_found_by_when_they_were_made(client: Client, recorded: CallResult) -> None:
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    sids = lambda **filters: [one.sid for one in client.recordings.list(**filters)]  # noqa: E731
    assert sids(date_created_after=now - hour) == sids(date_created=now.date()) == list(recorded.recording_sids)
    assert sids(date_created_after=now + hour) == sids(date_created_before=now - hour) == []


def test_calls_and_recordings_are_as_the_carriers_public_description_has_them(
    network: Network, recorded: CallResult
) -> None:
    for path, key, schema in (
        ("/Calls.json", "calls", openapi.CALL), ("/Recordings.json", "recordings", openapi.RECORDING),
    ):  # fmt: skip
        page = get(network, path).json()
        rows = page.pop(key)
        assert rows and [openapi.faults(schema, row) for row in rows] == [[]] * len(rows)
        assert openapi.faults(openapi.PAGE, page) == []
    assert openapi.faults(openapi.CALL, get(network, f"/Calls/{recorded.call_sid}.json").json()) == []


def test_recordings_are_found_by_call_in_both_ways(client: Client, recorded: CallResult) -> None:
    by_filter = client.recordings.list(call_sid=recorded.call_sid)
    by_call = client.calls(recorded.call_sid).recordings.list()
    assert [one.sid for one in by_filter] == [one.sid for one in by_call] == list(recorded.recording_sids)
    one = client.recordings(recorded.recording_sids[0]).fetch()
    assert (one.status, one.channels, one.duration, one.source) == ("completed", 2, "3", "DialVerb")
    assert client.recordings.list(call_sid="CA" + "0" * 32) == []


def test_a_deleted_recording_is_gone_with_its_sound(network: Network, client: Client, recorded: CallResult) -> None:
    sid = recorded.recording_sids[0]
    assert client.recordings(sid).delete() is True
    assert refusal(lambda: client.recordings(sid).fetch()) == (404, 20404)
    assert refusal(lambda: client.recordings(sid).delete()) == (404, 20404)
    assert get(network, f"/Recordings/{sid}.wav").status_code == 404
    assert client.recordings.list() == []
    assert [one.status for one in client.recordings.list(include_soft_deleted=True)] == ["deleted"]
    assert client.recordings(sid).fetch(include_soft_deleted=True).status == "deleted"


def test_sound_is_served_as_wav_only_and_says_so(network: Network, recorded: CallResult) -> None:
    refused = get(network, f"/Recordings/{recorded.recording_sids[0]}.mp3")
    assert refused.status_code == 406 and ".wav" in refused.json()["message"]
    assert get(network, f"/Recordings/{recorded.recording_sids[0]}?RequestedChannels=5").status_code == 400


@pytest.mark.parametrize("path", [".json", "/Calls.json", "/Recordings/RE1.wav", "/IncomingPhoneNumbers.json"])
@pytest.mark.parametrize("auth", [None, (ACCOUNT, "wrong"), ("AC" + "9" * 32, TOKEN)])
def test_nothing_is_given_without_the_accounts_own_credentials(
    network: Network, path: str, auth: tuple[str, str] | None
) -> None:
    refused = get(network, path, auth)
    assert (refused.status_code, refused.json()["code"]) == (401, 20003)


def test_another_accounts_resources_are_not_there(network: Network) -> None:
    url = f"{network.base_url}/2010-04-01/Accounts/AC{'9' * 32}/Calls.json"
    assert httpx.get(url, auth=(ACCOUNT, TOKEN), trust_env=False).status_code == 404


@pytest.mark.parametrize("path", ["/Calls/CA1.json", "/Recordings/RE1.json", "/IncomingPhoneNumbers/PN1.json", "/Oops"])
def test_what_is_not_there_is_an_error_in_the_carriers_shape(network: Network, path: str) -> None:
    missing = get(network, path)
    assert missing.status_code == 404
    assert set(missing.json()) == {"code", "message", "more_info", "status"}
    assert (missing.json()["code"], missing.json()["status"]) == (20404, 404)


def test_the_first_requests_can_be_refused_as_too_many() -> None:
    with Network(account_sid=ACCOUNT, auth_token=TOKEN, speed=0, refuse_first=2) as network:
        answers = [get(network, "/Calls.json") for _ in range(3)]
    assert [one.status_code for one in answers] == [429, 429, 200]
    assert answers[0].json()["code"] == 20429


def test_several_calls_run_at_once_and_keep_apart(receiver: Receiver, network: Network, talk: Path) -> None:
    receiver.documents(voice=f'<Dial record="record-from-answer-dual" action="/dial">{BUSINESS}</Dial>')
    results: list[CallResult] = []
    threads = [
        threading.Thread(target=lambda: results.append(call(network, talk, conversation=TALK))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len({one.call_sid for one in results}) == 8
    for one in results:
        assert {form["CallSid"] for form in (sent.params for sent in one.requests)} == {one.call_sid}
        assert [network.account.recordings[sid].call_sid for sid in one.recording_sids] == [one.call_sid]


def test_a_number_that_nobody_owns_cannot_be_called_and_a_taken_port_is_said(network: Network) -> None:
    with pytest.raises(VoicebotError, match="no number of the account"):
        call(network, to="+15125550999")
    port = int(network.base_url.rpartition(":")[2])
    with pytest.raises(VoicebotError, match="port"), Network(account_sid=ACCOUNT, auth_token=TOKEN, port=port):
        pass
