"""Random flows and random callers: nobody is ever stuck, nothing is recorded before the notice, TwiML is valid."""

import xml.etree.ElementTree as ET
from collections import Counter
from datetime import datetime
from typing import Any

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from tests.unit.ivr.callers import understand
from voicebot.errors import InvalidInput
from voicebot.ivr import dialogue, twiml
from voicebot.ivr import flow as flows
from voicebot.ivr.dialogue import SOURCE, Ask, Caller, End, Forward, Heard, Refuse, Reply, State, TakeMessage
from voicebot.ivr.dialogue.qualify import PREFIX
from voicebot.ivr.flow import Flow, Menu, Qualification, RecordingNotice, SourceQuestion
from voicebot.simulator.schema import review

BASE = "https://calls.example.com/webhooks"
LABELS = ("Desk", "Mobile", "Answering service")
NUMBERS = {"": "+15125550190", "Desk": "+15125550191", "Mobile": "+15125550192", "Answering service": "+15125550193"}
# The carrier refuses longer documents (error 11750).
MOST_BYTES = 64 * 1024
# A window after the notice, and one change of the language.
BESIDE_QUESTIONS = 2

spoken = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), min_size=1, max_size=60)
texts = st.one_of(spoken, st.fixed_dictionaries({"en": spoken, "es": spoken}))
greetings = st.fixed_dictionaries(
    {"type": st.just("greeting"), "text": texts}, optional={"sound": st.just("hello.wav")}
)
tags = st.fixed_dictionaries({"type": st.just("tag"), "tag": st.sampled_from(["sales", "late"])})
dials = st.fixed_dictionaries(
    {
        "type": st.just("dial"),
        "to": st.lists(st.sampled_from(LABELS), unique=True, max_size=3),
        "strategy": st.sampled_from(["simultaneous", "in_order", "round_robin"]),
        "record": st.booleans(),
        "accept": st.booleans(),
    }
)
ends = st.sampled_from([{"type": "voicemail"}, {"type": "hang_up"}, {"type": "hang_up", "text": "Goodbye."}])
notices = st.fixed_dictionaries({"type": st.just("recording_notice"), "enabled": st.sampled_from([True, True, False])})
sources = st.fixed_dictionaries(
    {
        "type": st.just("source_question"),
        "ask": st.sampled_from(["first_time", "always", "never"]),
        "holdout": st.sampled_from([0.0, 0.5]),
        "attempts": st.integers(1, 3),
        "choices": st.sampled_from([[], [{"key": "1", "source": "billboard", "spoken": "a billboard"}]]),
    }
)
FIELDS = [
    {"name": "zip", "kind": "zip", "text": "Your zip code?"},
    {"name": "callback", "kind": "phone", "text": "Your number?"},
    {"name": "caller", "kind": "name", "text": "Your name?"},
    {"name": "day", "kind": "when", "text": "When?"},
    {"name": "service", "kind": "service", "text": "What do you need?"},
    {"name": "kind", "kind": "choice", "text": "Roof or gutters?", "options": [{"value": "roof", "key": "1"}]},
    {"name": "note", "kind": "text", "text": "Anything else?"},
]
qualifications = st.fixed_dictionaries(
    {
        "type": st.just("qualification"),
        "ask": st.sampled_from(["first_time", "always"]),
        "fields": st.lists(st.sampled_from(FIELDS), min_size=1, max_size=5, unique_by=lambda field: field["name"]),
        "max_questions": st.integers(0, 5),
    }
)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A document that mostly keeps the promises; the others are passed over."""
    names = ["a", "b", "c"][: draw(st.integers(0, 3))]

    def forks(after: int) -> st.SearchStrategy[dict[str, Any]]:
        later = st.sampled_from(names[after:])
        menu = st.fixed_dictionaries(
            {
                "type": st.just("menu"),
                "text": texts,
                "attempts": st.integers(1, 3),
                "choices": st.lists(later, min_size=1, max_size=3).map(
                    lambda goals: [
                        {"key": str(key), "say": [["one", "two", "three"][key - 3]], "go": goal}
                        for key, goal in enumerate(goals, start=3)
                    ]
                ),
            },
            optional={"otherwise": later},
        )
        clock = st.fixed_dictionaries(
            {"type": st.just("schedule"), "hours": st.just({"mon-fri": "08:00-17:00"}), "closed": later},
            optional={"open": later},
        )
        return st.one_of(menu, clock)

    def middle(after: int) -> st.SearchStrategy[dict[str, Any]]:
        plain = st.one_of(greetings, tags, dials)
        return st.one_of(plain, forks(after)) if names[after:] else plain

    branches = {
        name: [*draw(st.lists(middle(index + 1), max_size=3)), *draw(st.lists(ends, max_size=1))] or [draw(ends)]
        for index, name in enumerate(names)
    }
    reject = {"type": "reject", "max_calls": 5, "attestation": ["C", "failed"]}
    steps = [
        *draw(st.sampled_from([[], [reject]])),
        *draw(st.lists(greetings, max_size=1)),
        draw(notices),
        *draw(st.lists(sources, max_size=1)),
        *draw(st.lists(qualifications, max_size=1)),
        *draw(st.lists(middle(0), max_size=4)),
        draw(dials),
        draw(ends),
    ]
    languages = draw(st.sampled_from([[], [{"language": "es-US", "key": "2"}], [{"language": "es-US"}]]))
    return {"version": 2, "steps": steps, "branches": branches, "languages": languages}


SAID = [
    "", "", "um", "the radio", "some sign", "the first one", "yes", "no", "operator", "who is this", "are you a robot",
    "emergency", "don't record me", "español", "in english please", "one", "three", "I don't remember", "rather not",
    "my name is Ana and I need a new roof in 78704 tomorrow", "call me at 512 555 0142", "this is **** stupid", "****",
    "ich verstehe nicht", "quiero hablar con una persona",
]  # fmt: skip
answers = st.one_of(
    st.builds(Heard, text=st.sampled_from(SAID)),
    st.builds(Heard, text=st.text(max_size=200)),
    st.builds(Heard, digits=st.text("0123456789*#", min_size=1, max_size=11)),
)
callers = st.builds(
    Caller,
    call_sid=st.text("CA0123456789", min_size=1, max_size=8),
    first_call=st.booleans(),
    at=st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)),
    blocked=st.booleans(),
    recent_calls=st.integers(0, 8),
    stir_verstat=st.sampled_from(["", "TN-Validation-Passed-C", "TN-Validation-Failed-A", "No-TN-Validation"]),
    excluded=st.lists(st.sampled_from(["", *LABELS]), max_size=4, unique=True).map(tuple),
)


def most_questions(flow: Flow) -> int:
    """How often this flow may ask anybody anything, at most."""
    steps = [step for steps in flow.lists.values() for step in steps]
    asks = sum(step.attempts for step in steps if isinstance(step, SourceQuestion | Menu))
    fields = sum(step.max_questions for step in steps if isinstance(step, Qualification))
    # A branch may be entered by more than one way.
    return (asks + fields) * 2 ** len(flow.branches) + BESIDE_QUESTIONS


def asked_no_more_than_allowed(flow: Flow, asked: Counter[str]) -> None:
    """The source question's own limit, and the qualification's; a change of the language asks the same once more."""
    steps = [step for steps in flow.lists.values() for step in steps]
    attempts = sum(step.attempts for step in steps if isinstance(step, SourceQuestion))
    fields = sum(step.max_questions for step in steps if isinstance(step, Qualification))
    assert asked[SOURCE] <= attempts + 1 if attempts else asked[SOURCE] == 0
    assert sum(count for name, count in asked.items() if name.startswith(PREFIX)) <= fields + 1


def check_reply(flow: Flow, reply: Reply) -> None:
    """The carrier can carry it out."""
    document = twiml.render(reply, base=BASE, destinations=NUMBERS, hints=("billboard",))
    assert len(document.encode()) <= MOST_BYTES
    warnings, errors = review(ET.fromstring(document))
    assert (warnings, errors) == ([], [])


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(document=documents(), caller=callers, said=st.lists(answers, max_size=60), bridged=st.lists(st.booleans()))
def test_no_caller_of_any_flow_is_ever_stuck(
    document: dict[str, Any], caller: Caller, said: list[Heard], bridged: list[bool]
) -> None:
    try:
        flow = flows.parse(document)
    except InvalidInput as error:
        event(str(error)[:60])
        assume(False)
        raise
    state, reply = dialogue.begin(flow, caller)
    asked, noticed, turns, dials = Counter[str](), False, set(), 0
    silent = any(isinstance(step, RecordingNotice) and not step.enabled for step in flow.steps)
    while True:
        check_reply(flow, reply)
        noticed = noticed or reply.notice is not None
        keys = [(note.question, note.turn) for note in reply.notes]
        assert not turns & set(keys) and len(keys) == len(set(keys))
        turns |= set(keys)
        state = State.from_json(state.as_json())
        listens = reply.window if reply.window is not None and said else None
        if isinstance(reply.act, Ask) or listens is not None:
            asked[state.question] += 1
            assert asked.total() <= most_questions(flow)
            asked_no_more_than_allowed(flow, asked)
            check_reply(flow, dialogue.resume(flow, state)[1])
            heard = said.pop() if said else Heard()
            state, reply = dialogue.answer(flow, state, heard, understand, ("billboard", "radio"))
            continue
        if not isinstance(reply.act, Forward):
            break
        dials += 1
        assert dials <= 60
        assert not reply.act.record or noticed or silent
        assert not set(reply.act.to) & set(caller.excluded)
        if reply.act.rotates is not None:
            state, reply = dialogue.rotate(flow, state, reply, dials)
            check_reply(flow, reply)
        if bridged and bridged.pop():
            event("forwarded")
            return
        state, reply = dialogue.not_connected(flow, state)
    event(type(reply.act).__name__)
    assert isinstance(reply.act, TakeMessage | End | Refuse)
    assert isinstance(reply.act, Refuse) <= (flow.steps[0].type == "reject")


@given(state=st.dictionaries(st.sampled_from(["step", "turn", "answer", "tries", "attempt"]), st.integers(-3, 50)))
def test_any_stored_state_can_be_resumed_and_answered(state: dict[str, int]) -> None:
    flow = flows.parse(flows.shipped("Lakeside Roofing"))
    found = State.from_json({**state, "answer": str(state.get("answer", ""))})
    for step in (dialogue.resume(flow, found), dialogue.answer(flow, found, Heard("radio"), understand)):
        check_reply(flow, step[1])
