"""Random callers in random flows, through the whole product and a network that misbehaves.

Whatever they do: no TwiML is ever invalid, nobody is led in a circle or left without an answer, each webhook is stored
once, and every call ends forwarded, in voicemail, rejected by rule, hung up by the flow where it may, or by the caller.
`CALLERS=200 pytest tests/scenarios/test_random_callers.py` tries as many flows, other ones each time.
"""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.conftest import SettingsEnvironment
from tests.scenarios import callers, flows
from tests.scenarios.product import Product, running
from tests.scenarios.test_scenarios import stored_once
from voicebot.ivr.flow import parse, shipped
from voicebot.simulator.network import CallResult
from voicebot.simulator.scenario import Scenario

NUMBERS = ("first", "second")
LOOKING = "CALLERS" in os.environ
EXAMPLES = int(os.environ.get("CALLERS", "14"))
# Codes that the network was told to cause; a code of ours would be another.
CAUSED = ("11200", "11205", "12100")


@pytest.fixture(scope="module")
def product(environment: SettingsEnvironment) -> Iterator[Product]:
    with running(environment, dict.fromkeys(NUMBERS, shipped("Lakeside Roofing"))) as made:
        yield made


class Callers(RuleBasedStateMachine):
    """Two numbers with a flow each; callers come, come again, and meet flows that have changed meanwhile."""

    product: Product

    @initialize(first=flows.documents(), second=flows.documents())
    def begin(self, first: flows.Document, second: flows.Document) -> None:
        """A flow each."""
        for name, document in zip(NUMBERS, (first, second), strict=True):
            self.change_flow(name, document)

    @rule(name=st.sampled_from(NUMBERS), document=flows.documents())
    def change_flow(self, name: str, document: flows.Document) -> None:
        """The company edits a flow."""
        parse(document)
        note(f"{name}: {document}")
        self.product.change_flow(name, document)

    @rule(name=st.sampled_from(NUMBERS), scenario=callers.scenarios())
    def call(self, name: str, scenario: Scenario) -> None:
        """Somebody calls."""
        result = self.product.place(scenario, name)
        note("\n".join(f"{who}: {text}" for who, text in result.transcript))
        note("\n".join(sent.twiml for sent in result.requests if sent.twiml))
        _nothing_is_invalid(result)
        _ends_well(result, scenario)
        stored_once(self.product, result)

    # Most calls meet the flow that the one before met: three rules for one.
    again = once_more = rule(name=st.sampled_from(NUMBERS), scenario=callers.scenarios())(
        lambda self, name, scenario: Callers.call.hypothesis_stateful_rule.function(self, name, scenario)
    )


def _nothing_is_invalid(result: CallResult) -> None:
    assert result.warnings == ()
    assert [error for error in result.errors if not error.startswith(CAUSED)] == []


def _ends_well(result: CallResult, scenario: Scenario) -> None:
    may = {"forwarded", "voicemail", "rejected", "hung_up", "machine", "not_answered", "ended"}
    assert result.outcome in may
    if result.outcome in ("not_answered", "ended"):
        # The flow's own last words, or a caller who had nothing to say to the tone. What saves a call whose document
        # could not be had dials the business, and no more.
        assert ("bot", "(hangs up)") in result.transcript or result.errors


def test_random_callers_in_random_flows_always_end_well(product: Product) -> None:
    Callers.product = product
    run_state_machine_as_test(
        Callers,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=8,
            deadline=None,
            # Making a failure small takes minutes: for who goes looking for one.
            phases=list(Phase) if LOOKING else [Phase.generate],
            derandomize=not LOOKING,
            suppress_health_check=list(HealthCheck),
        ),
    )
