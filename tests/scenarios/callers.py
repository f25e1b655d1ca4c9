"""Random callers: what they say, when they give up, what the business's phones do, and how the network misbehaves."""

from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tests.scenarios.product import PHONES
from voicebot.simulator.scenario import Scenario

Keys = dict[str, Any]
SAID = (
    "I saw your billboard on I thirty five", "my neighbor saw your truck and then I googled you", "who is this?",
    "just let me talk to a person", "emergency", "don't record me", "para español", "yes", "no", "uh", "sales",
    "seven eight seven oh one", "this is Maria", "WHY DO YOU ASK ME THAT", "vi su anuncio en la radio", "",
    "屋根 & <b>",
)  # fmt: skip
NUMBERS = ("anonymous", "", "+15125550142", "+15125550143", "+442079460010", "unknown", PHONES[""])
VERSTATS = (
    "",
    "No-TN-Validation",
    "TN-Validation-Passed-A",
    "TN-Validation-Passed-C",
    "TN-Validation-Failed-B-Diverted",
)
FOLDER = Path(__file__).parent

answers = st.lists(
    st.one_of(
        st.fixed_dictionaries({"say": st.sampled_from(SAID)}, optional={"after_seconds": st.floats(0, 12)}),
        st.builds(lambda keys: {"digits": keys}, st.text("0123456789*#", min_size=1, max_size=3)),
        st.just({"silence": True}),
        st.just({"hang_up": True}),
    ),
    max_size=8,
)


def phone(number: str) -> st.SearchStrategy[Keys]:
    """What one phone of the business does."""
    outcomes = ("answered", "no-answer", "busy", "failed", "machine")
    optional = {
        "ring_seconds": st.integers(0, 40),
        "presses": st.sampled_from(["", "1", "7"]),
        "presses_after_seconds": st.integers(0, 8),
        "hangs_up_after_seconds": st.integers(0, 20),
    }
    fixed = {"number": st.just(number), "outcome": st.sampled_from(outcomes)}
    return st.fixed_dictionaries(fixed, optional=optional)


phones = st.tuples(*(phone(number) for number in PHONES.values())).map(list)
gives_up = st.fixed_dictionaries(
    {"while": st.sampled_from(["greeting", "ringing", "conversation"]), "after_seconds": st.integers(0, 30)}
)
failures = st.fixed_dictionaries(
    {"kind": st.sampled_from(["unreachable", "answer_lost", "bad_gateway", "html_page", "redirect_307"]),
     "document": st.integers(1, 5)},
    optional={"tries": st.just(1)},
)  # fmt: skip
networks = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("duplicate_documents", "duplicate_callbacks", "at_once"), st.booleans()),
        **dict.fromkeys(("late_callbacks", "callbacks_out_of_order"), st.booleans()),
        "lost_callbacks": st.lists(st.sampled_from(["status", "leg", "recording"]), unique=True, max_size=2),
        "recording": st.sampled_from(["completed", "absent", "failed"]),
        "method": st.sampled_from(["GET", "POST"]),
        "failures": st.lists(failures, max_size=1),
    },
)
MESSAGE = {"audio": "../../voicebot/simulator/scenarios/voicemail-newspaper.opus"}


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """One call of one caller. The number that is called is the test's to fill in."""
    optional = {"hang_up": gives_up, "voicemail": st.just(MESSAGE), "network": networks}
    keys = draw(
        st.fixed_dictionaries(
            {
                "from": st.sampled_from(NUMBERS),
                "caller": st.builds(lambda mark: {"stir_verstat": mark}, st.sampled_from(VERSTATS)),
                "answers": answers,
                "phones": phones,
            },
            optional=optional,
        )
    )
    base = {"name": "somebody", "title": "Somebody", "to": "+15125550101", "folder": FOLDER}
    return Scenario.model_validate({**base, **keys})
