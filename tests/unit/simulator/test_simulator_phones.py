"""The business's phones: several that do different things, machines, agents who hesitate, and phones that send back."""

from pathlib import Path

import pytest

from tests.unit.simulator.receiver import BUSINESS, CALLER, NUMBER, Receiver, call
from voicebot.simulator.network import Network

SECOND, THIRD = "+15125550198", "+15125550197"
EVENTS = 'statusCallback="/leg"'


def dial(*numbers: str, attributes: str = "", number: str = "") -> str:
    inside = "".join(f"<Number {EVENTS} {number}>{one}</Number>" for one in numbers or (BUSINESS,))
    return f'<Dial action="/dial" {attributes}>{inside}</Dial>'


def screened(receiver: Receiver, *, timeout: int = 5) -> None:
    """The agent is asked twice to press one, and declined then."""
    ask = f'<Gather numDigits="1" timeout="{timeout}" action="/pressed"><Say>Press one.</Say></Gather>'
    receiver.documents(voice=dial(number='url="/message"'), message=f"{ask}<Hangup/>", pressed="")


def phones(*fates: tuple[str, str, float]) -> list[dict[str, object]]:
    return [{"number": number, "outcome": outcome, "ring_seconds": after} for number, outcome, after in fates]


def ends(receiver: Receiver) -> dict[str, str]:
    return {one["To"]: one["CallStatus"] for one in receiver.forms("/leg")}


def test_of_phones_that_ring_together_the_first_to_be_picked_up_wins(receiver: Receiver, network: Network) -> None:
    receiver.documents(voice=dial(BUSINESS, SECOND, THIRD))
    asked = phones((BUSINESS, "busy", 0), (SECOND, "answered", 9), (THIRD, "answered", 4))
    result = call(network, phones=asked)
    assert ends(receiver) == {BUSINESS: "busy", SECOND: "canceled", THIRD: "completed"}
    assert (result.outcome, result.duration_seconds) == ("forwarded", pytest.approx(4 + 2))


@pytest.mark.parametrize(
    ("fates", "status", "seconds"),
    [(("busy", "no-answer"), "no-answer", 15), (("busy", "failed"), "busy", 1), (("failed", "failed"), "failed", 1)],
)
def test_phones_that_nobody_picks_up_end_each_in_its_own_way(
    receiver: Receiver, network: Network, fates: tuple[str, str], status: str, seconds: float
) -> None:
    receiver.documents(voice=dial(BUSINESS, SECOND, attributes='timeout="10"'))
    result = call(network, phones=phones((BUSINESS, fates[0], 0), (SECOND, fates[1], 0)))
    assert receiver.forms("/dial")[0]["DialCallStatus"] == status
    assert ends(receiver) == {BUSINESS: fates[0], SECOND: fates[1]}
    assert result.duration_seconds == pytest.approx(seconds)


def test_phones_in_order_are_tried_until_one_is_picked_up(receiver: Receiver, network: Network) -> None:
    receiver.documents(voice=dial(BUSINESS, SECOND, THIRD, attributes='sequential="true" timeout="10"'))
    asked = phones((BUSINESS, "busy", 0), (SECOND, "no-answer", 0), (THIRD, "answered", 3))
    assert call(network, phones=asked).duration_seconds == pytest.approx(1 + 15 + 3 + 2)
    assert ends(receiver) == {BUSINESS: "busy", SECOND: "no-answer", THIRD: "completed"}


def test_a_phone_that_the_scenario_does_not_know_is_picked_up_by_nobody(receiver: Receiver, network: Network) -> None:
    receiver.documents(voice=dial(THIRD))
    assert call(network, phones=phones((BUSINESS, "answered", 1))).outcome == "not_answered"


def test_a_machine_that_is_connected_takes_the_callers_words_and_nobody_has_heard_them(
    receiver: Receiver, network: Network, talk: Path
) -> None:
    receiver.documents(voice=dial())
    message = {"audio": "message.wav", "text": "Please call me back."}
    result = call(network, talk, business={"outcome": "machine"}, voicemail=message)
    assert (result.outcome, result.machine_recorded) == ("machine", ("Please call me back.",))
    assert any(who == "machine" for who, _ in result.transcript)
    # The caller has hung up on the machine, so the action is never asked.
    assert (receiver.to("/dial"), ends(receiver)) == ([], {BUSINESS: "completed"})


def test_a_machine_presses_no_key_and_is_not_connected(receiver: Receiver, network: Network) -> None:
    screened(receiver, timeout=20)
    result = call(network, business={"outcome": "machine", "greeting": "Hi."})
    form = receiver.forms("/dial")[0]
    assert (form["DialCallStatus"], form["DialBridged"], result.outcome) == ("completed", "false", "not_answered")
    assert result.machine_recorded == ("Press one.",)


@pytest.mark.parametrize(
    ("agent", "bridged", "pressed"),
    [
        ({"presses": "1"}, "true", ["1"]),
        ({"presses": "1", "presses_after_seconds": 4}, "true", ["1"]),
        ({"presses": "1", "presses_after_seconds": 6}, "false", []),
        ({"presses": "1", "hangs_up_after_seconds": 0.2}, "false", []),
        ({"hangs_up_after_seconds": 3}, "false", []),
        ({"presses": ["", "1"]}, "false", []),
    ],
)
def test_an_agent_may_press_late_or_hang_up_during_the_message(
    receiver: Receiver, network: Network, agent: dict[str, object], bridged: str, pressed: list[str]
) -> None:
    screened(receiver)
    result = call(network, business=agent)
    form = receiver.forms("/dial")[0]
    assert (form["DialCallStatus"], form["DialBridged"]) == ("completed", bridged)
    assert [one["Digits"] for one in receiver.forms("/pressed")] == pressed
    assert result.outcome == ("forwarded" if bridged == "true" else "not_answered")


def test_an_agent_who_presses_another_key_first_may_be_asked_again(receiver: Receiver, network: Network) -> None:
    screened(receiver)
    receiver.documents(pressed='<Gather numDigits="1" action="/again"/><Hangup/>', again="")
    call(network, business={"presses": ["9", "1"]})
    assert [receiver.forms(path)[0]["Digits"] for path in ("/pressed", "/again")] == ["9", "1"]
    assert receiver.forms("/dial")[0]["DialBridged"] == "true"


@pytest.mark.parametrize("tells", [True, False])
def test_a_phone_that_sends_back_makes_a_new_call_which_says_where_it_comes_from_if_it_may(
    receiver: Receiver, network: Network, tells: bool
) -> None:
    receiver.replies["/voice"] = [receiver.reply(dial()), receiver.reply("<Reject/>")]
    result = call(network, business={"outcome": "forwards_back", "tells_forwarding": tells})
    first, second = receiver.forms("/voice")
    assert second["CallSid"] != first["CallSid"] and (second["From"], second["To"]) == (CALLER, NUMBER)
    assert second.get("ForwardedFrom") == (BUSINESS if tells else None)
    assert [one.outcome for one in result.forwarded_back] == ["rejected"]
    assert (result.outcome, receiver.forms("/dial")[0]["DialCallStatus"]) == ("not_answered", "no-answer")


def test_a_call_that_is_answered_where_it_came_back_to_is_the_callers_call_too(
    receiver: Receiver, network: Network, talk: Path
) -> None:
    receiver.replies["/voice"] = [receiver.reply(dial()), receiver.reply('<Record action="/done"/>')]
    message = {"audio": "message.wav", "text": "Hello?"}
    result = call(network, talk, business={"outcome": "forwards_back"}, voicemail=message)
    assert (result.outcome, result.forwarded_back[0].outcome) == ("voicemail", "voicemail")
    assert receiver.forms("/dial")[0]["DialBridged"] == "true"


def test_a_number_of_the_account_that_is_dialled_rings_there(receiver: Receiver, network: Network) -> None:
    network.own(SECOND, f"{receiver.url}/second")
    receiver.documents(voice=dial(SECOND), second="<Say>Another line.</Say>")
    result = call(network)
    assert receiver.forms("/second")[0]["To"] == SECOND and "ForwardedFrom" not in receiver.forms("/second")[0]
    assert result.forwarded_back[0].said == ("Another line.",)


@pytest.mark.parametrize(("shown", "codes"), [(CALLER, []), (NUMBER, []), ("+15125550177", ["13214"])])
def test_only_a_number_of_the_call_or_of_the_account_may_be_shown(
    receiver: Receiver, network: Network, shown: str, codes: list[str]
) -> None:
    receiver.documents(voice=dial(attributes=f'callerId="{shown}"'))
    result = call(network)
    assert [error[:5] for error in result.errors] == codes
    assert result.outcome == ("not_answered" if codes else "forwarded")


def test_a_call_that_comes_back_again_and_again_is_stopped(receiver: Receiver, network: Network) -> None:
    receiver.documents(voice=dial())
    result = call(network, business={"outcome": "forwards_back"})
    assert len(receiver.to("/voice")) == 6
    depth, deepest = 0, result
    while deepest.forwarded_back:
        depth, deepest = depth + 1, deepest.forwarded_back[0]
    assert depth == 5 and "circle" in deepest.errors[-1]
