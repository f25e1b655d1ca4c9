"""A call flow looked at without a telephone."""

from typing import Any

import pytest

from voicebot.classify.labels import HeardAnswer
from voicebot.errors import InvalidInput
from voicebot.ivr.preview import FlowPreview


def understand(text: str, language: str) -> HeardAnswer:
    return HeardAnswer(("radio",), 0.92) if "radio" in text else HeardAnswer(("not_stated",), 0.9)


PREVIEW = FlowPreview(understand)
SHIPPED = PREVIEW.shipped("Lakeside Roofing")


def said(turn: dict[str, Any], who: str = "bot") -> str:
    return " ".join(line["text"] for line in turn["lines"] if line["who"] == who)


def test_the_shipped_flow_has_no_faults_and_adds_at_most_twelve_seconds() -> None:
    checked = PREVIEW.check(SHIPPED)
    assert checked["faults"] == [] and checked["seconds"].keys() >= {"en-US", "es-US"}
    assert max(checked["seconds"].values()) <= 12
    assert PREVIEW.check(PREVIEW.as_text(checked["document"]))["document"] == checked["document"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("steps: [", "no YAML"),
        ("just words", "a document with the key steps"),
        ("version: 2\nsteps: []", "steps"),
        ("version: 2\nsteps:\n  - {type: dance}", "steps.0"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, fault: str) -> None:
    checked = PREVIEW.check(text)
    assert checked["document"] is None and fault in " ".join(checked["faults"])
    with pytest.raises(InvalidInput):
        PREVIEW.talk(text, {})


def test_a_talk_is_the_dialogue_that_callers_meet() -> None:
    begun = PREVIEW.talk(SHIPPED, {"first_call": True})
    assert begun["waits"] and "Lakeside Roofing" in said(begun) and "recorded" in said(begun)
    answered = PREVIEW.talk(SHIPPED, {"state": begun["state"], "text": "on the radio"})
    assert not answered["waits"] and answered["rings"]
    assert "Radio (97% sure)" in said(answered, "understood") and "phone rings" in said(answered, "network")
    assert "on the radio" in said(answered, "agent")
    nobody = PREVIEW.talk(SHIPPED, {"state": answered["state"], "nobody_answers": True})
    assert "message is recorded" in said(nobody, "network") and not nobody["rings"]


def test_who_has_called_before_is_not_asked_and_keys_are_heard() -> None:
    assert PREVIEW.talk(SHIPPED, {"first_call": False})["rings"]
    begun = PREVIEW.talk(SHIPPED, {"first_call": True})
    assert PREVIEW.talk(SHIPPED, {"state": begun["state"], "digits": "0"})["rings"]


def test_a_date_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no date"):
        PREVIEW.talk(SHIPPED, {"at": "yesterday"})
