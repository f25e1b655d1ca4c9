"""What a call flow may say."""

from datetime import datetime

import pytest

from voicebot.errors import InvalidInput
from voicebot.ivr import flow as flows
from voicebot.ivr.flow import HangUp

GREETING = {"type": "greeting", "text": "Hello."}
NOTICE = {"type": "recording_notice"}
QUESTION = {"type": "source_question"}
DIAL = {"type": "dial"}
VOICEMAIL = {"type": "voicemail"}
HANG_UP = {"type": "hang_up"}


def document(*steps: dict, **rest: object) -> dict:
    return {"version": 2, "steps": list(steps), **rest}


def menu(**choices: str) -> dict:
    keys = [{"key": str(number), "go": branch} for number, branch in enumerate(choices.values(), start=1)]
    return {"type": "menu", "text": "Press 1.", "choices": keys}


def test_the_shipped_flow_is_valid_without_a_warning_and_survives_a_round_trip() -> None:
    shipped = flows.shipped("Lakeside Roofing")
    parsed = flows.parse(shipped)
    assert flows.as_document(parsed) == shipped
    assert parsed.warnings == ()
    kinds = [step["type"] for step in shipped["steps"]]
    assert kinds == ["greeting", "recording_notice", "source_question", "dial", "voicemail"]


@pytest.mark.parametrize("language", ["en-US", "es-US"])
def test_the_shipped_flow_adds_at_most_twelve_seconds_in_the_worst_case(language: str) -> None:
    assert flows.worst_case_seconds(flows.parse(flows.shipped("Lakeside Roofing")), language) <= flows.BUDGET_SECONDS


def test_qualification_and_press_one_to_accept_are_off_by_default() -> None:
    parsed = flows.parse(flows.shipped("Lakeside Roofing"))
    assert not any(step.type == "qualification" for step in parsed.steps)
    assert not any(step.type == "dial" and step.accept for step in parsed.steps)


@pytest.mark.parametrize(
    ("steps", "fault"),
    [
        ([GREETING, NOTICE], "steps: a caller can come to the end"),
        ([NOTICE, DIAL], "steps: a caller can come to the end"),
        ([GREETING, DIAL, VOICEMAIL], "steps.1: records, and needs a recording_notice"),
        ([{**DIAL, "record": False}, VOICEMAIL], "steps.1: records, and needs a recording_notice"),
        ([NOTICE, VOICEMAIL, DIAL], "steps.2: is never reached"),
        ([DIAL, NOTICE, VOICEMAIL], "steps.0: records, and needs"),
        ([NOTICE, NOTICE, DIAL, VOICEMAIL], "steps.1: at most one recording_notice"),
        ([NOTICE, QUESTION, QUESTION, DIAL, VOICEMAIL], "steps.2: at most one source_question"),
        ([NOTICE, {"type": "reject"}, DIAL, VOICEMAIL], "steps.1: reject comes first"),
        ([NOTICE, {**QUESTION, "choices": [{"key": "1", "source": "moon", "spoken": "x"}]}, DIAL], "moon"),
        ([NOTICE, {"type": "teleport"}, DIAL], "steps.1: Input tag 'teleport'"),
        ([NOTICE, {**DIAL, "timeout_seconds": 2}, VOICEMAIL], "steps.1.timeout_seconds"),
        ([NOTICE, {**DIAL, "agent_message": "Call from {nobody}"}, VOICEMAIL], "steps.1.agent_message"),
        ([NOTICE, {**DIAL, "agent_message": "Call from {campaign"}, VOICEMAIL], "steps.1.agent_message"),
        ([NOTICE, menu(a="nowhere"), DIAL, VOICEMAIL], "steps.1: there is no branch 'nowhere'"),
        ([{**GREETING, "ssml": True, "text": "Hello <b>you</b>"}, NOTICE, DIAL, VOICEMAIL], "no element b"),
        ([{**GREETING, "ssml": True, "text": "Hello <p>"}, NOTICE, DIAL, VOICEMAIL], "not well-formed"),
        ([{**GREETING, "text": {"english": "Hi"}}, NOTICE, DIAL, VOICEMAIL], "steps.0.text: 'english' is no language"),
        ([{**GREETING, "text": "Hello \x1f"}, NOTICE, DIAL, VOICEMAIL], "no control characters"),
        ([{**GREETING, "text": ""}, NOTICE, DIAL, VOICEMAIL], "steps.0.text: a text has 1 to 1000"),
        ([{"type": "schedule", "hours": {"mon": "8-17"}, "closed": "x"}, HANG_UP], "steps.0.hours.mon: '8-17'"),
        ([{"type": "schedule", "hours": {"mon-frei": "08:00-17:00"}, "closed": "x"}, HANG_UP], "is no day"),
        ([{"type": "schedule", "hours": {}}, HANG_UP], "needs a branch for open or for closed"),
        (
            [NOTICE, {**QUESTION, "choices": [{"key": "9", "source": "radio", "spoken": "radio"}]}, DIAL, VOICEMAIL],
            "key 9 already declines",
        ),
        (
            [NOTICE, {**QUESTION, "choices": [{"key": "0", "source": "radio", "spoken": "radio"}]}, DIAL, VOICEMAIL],
            "key 0 always connects",
        ),
        (
            [NOTICE, {**QUESTION, "choices": [{"key": "1", "source": s, "spoken": s} for s in ("radio", "tv")]}, DIAL],
            "same key",
        ),
        (
            [NOTICE, {"type": "qualification", "fields": [{"name": "x", "kind": "choice", "text": "?"}]}, DIAL],
            "options",
        ),
    ],
)
def test_a_flow_that_breaks_a_promise_is_refused_with_place_and_reason(steps: list[dict], fault: str) -> None:
    with pytest.raises(InvalidInput, match=fault):
        flows.parse(document(*steps))


def test_branches_come_back_to_the_next_step_and_may_not_lead_in_a_circle() -> None:
    branches = {"sales": [{"type": "tag", "tag": "sales"}]}
    flows.parse(document(NOTICE, menu(a="sales"), DIAL, VOICEMAIL, branches=branches))
    circle = {"sales": [menu(a="support")], "support": [menu(a="sales")]}
    with pytest.raises(InvalidInput, match="leads back to itself"):
        flows.parse(document(NOTICE, menu(a="sales"), DIAL, VOICEMAIL, branches=circle))


def test_every_way_needs_its_notice_even_the_one_through_a_branch() -> None:
    branches = {"closed": [VOICEMAIL]}
    schedule = {"type": "schedule", "hours": {"mon-fri": "08:00-17:00"}, "closed": "closed"}
    with pytest.raises(InvalidInput, match=r"branches\.closed\.0: records"):
        flows.parse(document(schedule, NOTICE, DIAL, VOICEMAIL, branches=branches))
    flows.parse(document(NOTICE, schedule, DIAL, VOICEMAIL, branches=branches))


def test_a_way_that_forgets_its_end_is_found_in_a_branch_too() -> None:
    branches = {"closed": [GREETING]}
    schedule = {"type": "schedule", "hours": {"mon": "08:00-17:00"}, "open": "closed", "closed": "closed"}
    with pytest.raises(InvalidInput, match="a caller can come to the end"):
        flows.parse(document(NOTICE, schedule, branches=branches))


def test_a_flow_that_records_nothing_needs_no_notice() -> None:
    assert len(flows.parse(document(GREETING, QUESTION, {**DIAL, "record": False}, HANG_UP)).steps) == 4


def test_a_version_1_document_is_still_read_and_its_bare_end_becomes_a_step() -> None:
    old = {"steps": [GREETING, NOTICE, QUESTION, {"type": "dial", "timeout_seconds": 20, "record": True}]}
    parsed = flows.parse(old)
    assert isinstance(parsed.steps[-1], HangUp) and parsed.version == 2


@pytest.mark.parametrize(
    ("changed", "warning"),
    [
        ({"steps": [{**NOTICE, "enabled": False}, DIAL, VOICEMAIL]}, "steps.0: calls are recorded without a notice"),
        ({"steps": [{**NOTICE, "text": "Hi there."}, DIAL, VOICEMAIL]}, "steps.0: the notice should say"),
        ({"steps": [GREETING, HANG_UP]}, "no dial step"),
        ({"branches": {"unused": [HANG_UP]}}, "branches.unused: nothing leads here"),
        ({"languages": [{"language": "es-US"}]}, "steps.0.text: has no words in es-US"),
        ({"steps": [{**GREETING, "text": "word " * 60}, NOTICE, DIAL, VOICEMAIL]}, "may wait"),
        ({"steps": [NOTICE, {**DIAL, "accept": True, "agent_message": None}, VOICEMAIL]}, "only hears which key"),
        (
            {"steps": [NOTICE, {**DIAL, "accept": True, "to": ["A", "B"], "strategy": "simultaneous"}, VOICEMAIL]},
            "stops the others",
        ),
    ],
)
def test_what_should_be_looked_at_is_a_warning_and_no_fault(changed: dict, warning: str) -> None:
    parsed = flows.parse({**document(GREETING, NOTICE, DIAL, VOICEMAIL), **changed})
    assert any(warning in one for one in parsed.warnings), parsed.warnings


def test_the_worst_case_takes_the_longest_way_and_counts_every_wait() -> None:
    branches = {"short": [GREETING], "long": [{**GREETING, "text": "x" * 150}]}
    two = document(NOTICE, menu(a="short", b="long"), DIAL, VOICEMAIL, branches=branches)
    seconds = flows.worst_case_seconds(flows.parse(two), "en-US")
    # The notice of 40 characters, the menu twice with its wait, and the longer branch, at 15 characters a second.
    assert seconds == pytest.approx(40 / 15 + 2 * (8 / 15 + 4) + 10, abs=0.01)


def test_a_recorded_greeting_takes_as_long_as_it_says() -> None:
    recorded = {**GREETING, "sound": "hello.wav", "sound_seconds": 7.5}
    without = flows.worst_case_seconds(flows.parse(document(NOTICE, DIAL, VOICEMAIL)), "en-US")
    with_it = flows.worst_case_seconds(flows.parse(document(recorded, NOTICE, DIAL, VOICEMAIL)), "en-US")
    assert with_it - without == pytest.approx(7.5, abs=0.01)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-03-02 07:59", False),  # a Monday
        ("2026-03-02 08:00", True),
        ("2026-03-02 12:30", False),
        ("2026-03-02 16:59", True),
        ("2026-03-02 17:00", False),
        ("2026-03-07 11:00", False),  # a Saturday
        ("2026-03-07 23:30", True),
        ("2026-03-08 01:59", True),  # until two on Sunday morning
        ("2026-03-08 02:00", False),
        ("2026-12-25 10:00", False),  # Christmas
        ("2026-12-24 10:00", True),  # with hours of its own
        ("2026-12-24 13:00", False),
    ],
)
def test_hours_holidays_and_nights_are_kept_by_the_given_clock(at: str, is_open: bool) -> None:
    hours = {"mon-fri": "08:00-12:00, 13:00-17:00", "sat": "22:00-02:00"}
    holidays = (
        flows.Holiday(day="2026-12-25"),  # type: ignore[arg-type]
        flows.Holiday(day="2026-12-24", hours="09:00-12:00"),  # type: ignore[arg-type]
    )
    assert flows.is_open(hours, holidays, datetime.fromisoformat(at)) is is_open
