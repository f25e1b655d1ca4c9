"""What a call flow may say."""

import pytest

from voicebot.errors import InvalidInput
from voicebot.ivr import flow as flows


def document(*steps: dict) -> dict:
    return {"steps": list(steps)}


GREETING = {"type": "greeting", "text": "Hello."}
NOTICE = {"type": "recording_notice"}
QUESTION = {"type": "source_question"}
DIAL = {"type": "dial"}
VOICEMAIL = {"type": "voicemail"}


def test_the_shipped_flow_is_valid_and_survives_a_round_trip() -> None:
    shipped = flows.shipped("Lakeside Roofing")
    assert flows.parse(shipped).model_dump(mode="json") == shipped
    assert [step["type"] for step in shipped["steps"]] == [
        "greeting",
        "recording_notice",
        "source_question",
        "dial",
        "voicemail",
    ]


@pytest.mark.parametrize(
    ("steps", "fault"),
    [
        ([GREETING, NOTICE], "exactly one dial step"),
        ([NOTICE, DIAL, DIAL], "exactly one dial step"),
        ([GREETING, DIAL], "needs a recording_notice"),
        ([{**DIAL, "record": False}, VOICEMAIL], "needs a recording_notice"),
        ([NOTICE, VOICEMAIL, DIAL], "come after the dial step"),
        ([DIAL, NOTICE], "come before the dial step"),
        ([NOTICE, NOTICE, DIAL], "at most one recording_notice"),
        (
            [NOTICE, {"type": "source_question", "choices": [{"key": "1", "source": "moon", "spoken": "x"}]}, DIAL],
            "moon",
        ),
        (
            [
                NOTICE,
                {
                    "type": "source_question",
                    "choices": [
                        {"key": "1", "source": "radio", "spoken": "the radio"},
                        {"key": "1", "source": "tv", "spoken": "television"},
                    ],
                },
                DIAL,
            ],
            "same key",
        ),
        ([NOTICE, {"type": "teleport"}, DIAL], "teleport"),
        ([NOTICE, {**DIAL, "timeout_seconds": 2}, VOICEMAIL], "timeout_seconds"),
    ],
)
def test_a_flow_that_breaks_a_promise_is_refused_with_the_reason(steps: list[dict], fault: str) -> None:
    with pytest.raises(InvalidInput, match=fault):
        flows.parse(document(*steps))


def test_a_flow_that_records_nothing_needs_no_notice() -> None:
    parsed = flows.parse(document(GREETING, QUESTION, {**DIAL, "record": False}))
    assert len(parsed.steps) == 3
