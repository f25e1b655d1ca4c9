"""Carrier forms as typed events."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.errors import InvalidInput
from voicebot.ivr import requests

FORM = {"CallSid": "CA1", "AccountSid": "AC1", "From": "+15125550142", "To": "+15125550101", "FromCity": ""}


def test_blank_places_and_anonymous_callers_are_taken_as_they_come() -> None:
    call = requests.incoming_call({**FORM, "From": "anonymous"})
    assert (call.from_number, call.city) == ("anonymous", "")


@pytest.mark.parametrize("sid", ["", "../../etc", "CA 1", "C" * 65])
def test_a_request_without_a_usable_call_sid_is_refused(sid: str) -> None:
    with pytest.raises(InvalidInput, match="CallSid"):
        requests.incoming_call({**FORM, "CallSid": sid})


def test_bridged_is_believed_over_the_dial_status() -> None:
    result = requests.dial_result(
        {**FORM, "DialCallStatus": "completed", "DialBridged": "false", "DialCallDuration": "3"}
    )
    assert not result.bridged


def test_without_the_bridged_field_a_talk_time_says_the_same() -> None:
    assert requests.dial_result({**FORM, "DialCallStatus": "completed", "DialCallDuration": "31"}).bridged
    assert not requests.dial_result({**FORM, "DialCallStatus": "no-answer"}).bridged


def test_statuses_rank_in_the_order_of_a_call_and_final_ones_are_equal() -> None:
    ranks = [requests.status_change({**FORM, "CallStatus": s}).rank for s in ("ringing", "in-progress", "completed")]
    assert ranks == sorted(ranks)
    assert requests.status_change({**FORM, "CallStatus": "busy"}).rank == ranks[-1]


def test_an_undocumented_status_is_refused() -> None:
    with pytest.raises(InvalidInput, match="CallStatus"):
        requests.status_change({**FORM, "CallStatus": "exploded"})


def test_a_recording_callback_gives_seconds_channels_and_utc_start() -> None:
    change = requests.recording_change(
        {
            **FORM,
            "RecordingSid": "RE1",
            "RecordingStatus": "completed",
            "RecordingDuration": "31",
            "RecordingChannels": "2",
            "RecordingStartTime": "Sun, 25 Mar 2018 09:53:19 +0000",
        }
    )
    assert (change.seconds, change.channels) == (31.0, 2)
    assert change.started_at == datetime(2018, 3, 25, 9, 53, 19, tzinfo=UTC)


@given(
    form=st.dictionaries(
        st.sampled_from(
            [
                "CallStatus",
                "Confidence",
                "DialCallDuration",
                "RecordingDuration",
                "RecordingStartTime",
                "RecordingChannels",
                "ErrorCode",
                "From",
                "To",
            ]
        ),
        st.text(max_size=40),
    )
)
def test_garbage_in_any_field_is_refused_in_words_or_taken_and_never_crashes(form: dict[str, str]) -> None:
    full = {"CallSid": "CA1", "RecordingSid": "RE1", **form}
    requests.incoming_call(full)
    requests.dial_result(full)
    requests.recording_change(full)
    value = requests.confidence(full)
    assert value is None or 0 <= value <= 1
    try:
        requests.status_change(full)
    except InvalidInput as error:
        assert "CallStatus" in str(error)
