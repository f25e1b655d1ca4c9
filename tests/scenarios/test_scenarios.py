"""Every misbehaviour of the network and of people, through the whole product: what became of it, and what is kept.

One scenario file each, beside this module. Said for all of them: no TwiML is ever invalid, and each webhook that the
product answered is stored exactly once.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import SettingsEnvironment
from tests.scenarios.product import Product, as_key, kind_of, running
from voicebot.ivr.flow import shipped
from voicebot.simulator.delivery import Sent
from voicebot.simulator.network import CallResult
from voicebot.simulator.scenario import load
from voicebot.terms import CallOutcome

FOLDER = Path(__file__).parent
COMPLETED, ABSENT, FAILED = ("completed",), ("absent",), ("failed",)
ANSWERED, VOICEMAIL, MISSED = CallOutcome.ANSWERED, CallOutcome.VOICEMAIL, CallOutcome.MISSED
ABANDONED, IN_PROGRESS, REJECTED = CallOutcome.ABANDONED, CallOutcome.IN_PROGRESS, CallOutcome.REJECTED


@dataclass(frozen=True)
class Case:
    """What is to become of a call: for the network, for the product; recordings it knows; the carrier's codes.

    `kept` None: the callbacks cannot tell, the carrier's records do later.
    """

    outcome: str = "forwarded"
    kept: CallOutcome | None = ANSWERED
    recordings: tuple[str, ...] = COMPLETED
    codes: tuple[str, ...] = ()
    flow: str = "shipped"


MESSAGE = Case("voicemail", VOICEMAIL)


def saved(code: str) -> Case:
    """Forwarded by the fallback, without the notice and so without a recording, after the carrier's error."""
    return Case(kept=None, recordings=(), codes=(code,))


# A call that comes back is answered by our own voicemail: all that its first leg can tell is that it was picked up.
SENT_BACK = Case("voicemail", ANSWERED, ABSENT)
CASES = {
    "answered": Case(),
    "documents-twice": Case(),
    "callbacks-twice": Case(),
    "twice-at-once": Case(),
    "callbacks-late": Case(),
    "callbacks-disordered": Case(),
    "callbacks-disordered-and-twice": Case(),
    "status-lost": Case(),
    "recording-lost": Case(recordings=()),
    "legs-lost": Case(),
    "callbacks-lost": Case(recordings=()),
    "media-missing": Case(),
    "recording-absent": Case(recordings=ABSENT),
    "recording-failed": Case(recordings=FAILED),
    "slow-way": Case(),
    "one-connection-fails": Case(),
    "unreachable": saved("11205"),
    "no-answer-in-time": saved("11205"),
    "answer-lost": saved("11205"),
    "later-answer-lost": saved("11205"),
    "bad-gateway": saved("11200"),
    "page-gone": saved("11200"),
    "maintenance-page": saved("12100"),
    "wrong-type": saved("12300"),
    "too-large": saved("11750"),
    "redirected-by-302": Case(),
    "redirected-by-307": Case(),
    "redirected-for-ever": saved("11215"),
    "asked-by-get": Case(),
    "signed-by-sha-256": Case(),
    "rest-refuses": Case(),
    "anonymous": Case(),
    "unknown-caller": Case(),
    "odd-caller": Case(),
    "unicode-caller": Case(),
    "fields-missing": Case(),
    "attested-a": Case(),
    "attested-b": Case(),
    "attested-c": Case(),
    "attestation-failed": Case(),
    "attestation-diverted": Case(),
    "silent": Case(),
    "hangs-up-at-the-question": Case("hung_up", ABANDONED, ()),
    "hangs-up-while-ringing": Case("hung_up", MISSED, ()),
    "hangs-up-in-the-talk": Case(),
    "nobody-answers": MESSAGE,
    "nobody-answers-no-message": Case("not_answered", MISSED, ABSENT),
    "busy": MESSAGE,
    "failed": MESSAGE,
    "machine": Case("machine"),
    "machine-pressed-by-nobody": Case("voicemail", VOICEMAIL, flow="accept"),
    "machine-callbacks-disordered": Case("voicemail", VOICEMAIL, flow="accept"),
    "agent-accepts": Case(flow="accept"),
    "agent-accepts-late": Case("voicemail", VOICEMAIL, flow="accept"),
    "agent-presses-another-key": Case("voicemail", VOICEMAIL, flow="accept"),
    "agent-hangs-up": Case("voicemail", VOICEMAIL, flow="accept"),
    "phones-together": Case(flow="together"),
    "phones-in-order": Case(flow="in_order"),
    "phones-unanswered": Case("voicemail", VOICEMAIL, flow="together"),
    "relay-answered": Case(flow="relay"),
    "relay-interrupted": Case(flow="relay"),
    "relay-dropped": Case(codes=("64105",), flow="relay"),
    "relay-refused": Case(codes=("64102",), flow="relay"),
    "relay-silent": Case(flow="relay"),
    "relay-hangs-up": Case("hung_up", ABANDONED, (), flow="relay"),
    "relay-signed-by-sha-256": Case(flow="relay"),
    "relay-end-cuts": Case(flow="relay"),
    "relay-spanish": Case(flow="relay"),
    "sent-back": SENT_BACK,
    "sent-back-silently": SENT_BACK,
}


def document(flow: str) -> dict[str, object]:
    """The shipped flow, or one whose dial step is another."""
    dials = {
        "shipped": {},
        "relay": {},
        "accept": {"accept": True},
        "together": {"to": ["main", "second", "third"], "strategy": "simultaneous"},
        "in_order": {"to": ["main", "second", "third"], "strategy": "in_order"},
    }
    made = shipped("Lakeside Roofing") | ({"transport": "relay"} if flow == "relay" else {})
    for step in made["steps"]:
        step.update(dials[flow] if step["type"] == "dial" else {})
    return made


@pytest.fixture(scope="module")
def product(environment: SettingsEnvironment) -> Iterator[Product]:
    documents = {name: document(case.flow) for name, case in CASES.items()}
    with running(environment, documents | {"sent-back-again": document("shipped")}) as made:
        yield made


def test_every_scenario_file_is_played() -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_a_call_comes_to_what_it_should(product: Product, name: str) -> None:
    case = CASES[name]
    result = product.place(load(FOLDER / f"{name}.yaml"), name)
    story = "\n".join(f"{who}: {text}" for who, text in result.transcript)
    assert (result.outcome, result.warnings) == (case.outcome, ()), story
    assert tuple(error[:5] for error in result.errors) == case.codes
    kept = product.kept(result.call_sid)
    assert (case.kept or kept.outcome, case.recordings) == (kept.outcome, kept.recordings), story
    stored_once(product, result)


def test_a_business_phone_that_sends_back_and_says_so_is_not_dialled_again(product: Product) -> None:
    result = product.place(load(FOLDER / "sent-back.yaml"), "sent-back-again")
    (back,) = result.forwarded_back
    assert (back.outcome, back.forwarded_back) == ("voicemail", ())
    assert product.kept(back.call_sid).outcome is VOICEMAIL


def stored_once(product: Product, result: CallResult) -> None:
    """Each request that the product answered is one event, however often it came; one that was lost at most one."""
    sent = [(one.url, kind_of(one), as_key(dict(one.params)), _is_answered(one)) for one in result.requests]
    answered, possible = (
        Counter((kind, form) for _, kind, form in {one[:3] for one in sent if one[3] or not only_answered})
        for only_answered in (True, False)
    )
    # A relay's turns come over its socket: two silent ones are alike.
    stored = Counter(event for event in product.events(result.call_sid) if event[0] != "relay-turn")
    assert answered - stored == Counter(), "lost"
    assert stored - possible == Counter(), "stored more than once"


def _is_answered(sent: Sent) -> bool:
    return 200 <= sent.status < 300 and not sent.error and not sent.is_spoilt
