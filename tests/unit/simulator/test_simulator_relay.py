"""ConversationRelay: the handshake, what is said and heard in turns, barge-in, how a session ends, and what is told."""

import time

import pytest
from twilio.request_validator import RequestValidator

from tests.unit.simulator.bot import Bot, Script, Talk, bot
from tests.unit.simulator.receiver import ACCOUNT, CALLER, NUMBER, TOKEN, Receiver, call
from voicebot.simulator.network import CallResult, Network

# Fifteen characters a second: four seconds long.
LONG = "x" * 60


def relay(
    receiver: Receiver, one: Bot, attributes: str = "", inside: str = "", action: str = 'action="/after"'
) -> None:
    receiver.documents(
        voice=f'<Connect {action}><ConversationRelay url="{one.url}" {attributes}>{inside}</ConversationRelay>'
        "</Connect><Say>Next verb.</Say>",
        after="<Say>Handed over.</Say>",
    )


def asks_and_ends(talk: Talk) -> None:
    talk.hear("setup")
    talk.say("How did you find us?")
    talk.hear("prompt")
    talk.send(type="end", handoffData='{"answer": "billboard"}')


def play(
    receiver: Receiver, network: Network, script: Script, attributes: str = "", inside: str = "", **keys: object
) -> tuple[CallResult, Talk]:
    with bot(script) as made:
        relay(receiver, made, attributes, inside)
        result = call(network, **keys)
        until = time.monotonic() + 3
        while made.talk.closed_with is None and time.monotonic() < until:
            time.sleep(0.005)
    return result, made.talk


def test_a_session_is_set_up_with_the_call_and_the_parameters_and_signed_over_its_own_address(
    receiver: Receiver, network: Network
) -> None:
    inside = '<Language code="es-US" voice="Lupe"/><Parameter name="flow" value="7"/>'
    result, talk = play(receiver, network, asks_and_ends, inside=inside, answers=[{"say": "a billboard"}])
    setup = talk.got[0]
    assert (setup["callSid"], setup["from"], setup["to"], setup["accountSid"]) == (
        result.call_sid, CALLER, NUMBER, ACCOUNT,
    )  # fmt: skip
    assert (setup["sessionId"][:2], setup["callType"], setup["callStatus"]) == ("VX", "PSTN", "RINGING")
    assert setup["customParameters"] == {"flow": "7"}
    host = talk.headers["host"] if "host" in talk.headers else talk.headers["Host"]
    signature = talk.headers.get("X-Twilio-Signature") or talk.headers["x-twilio-signature"]
    assert RequestValidator(TOKEN).compute_signature(f"ws://{host}{talk.path}", {}) == signature
    assert result.warnings == ()


def test_an_ended_session_goes_on_at_the_action_with_what_was_handed_over(receiver: Receiver, network: Network) -> None:
    result, talk = play(receiver, network, asks_and_ends, answers=[{"say": "a billboard", "language": "es-US"}])
    assert talk.of("prompt") == [{"type": "prompt", "voicePrompt": "a billboard", "lang": "es-US", "last": True}]
    (form,) = receiver.forms("/after")
    assert (form["SessionStatus"], form["HandoffData"], form["CallStatus"]) == (
        "ended", '{"answer": "billboard"}', "in-progress",
    )  # fmt: skip
    assert form["SessionId"] == talk.got[0]["sessionId"] and int(form["SessionDuration"]) >= 2
    assert (result.said, talk.closed_with) == (("How did you find us?", "Handed over."), 1000)
    assert [kind for kind, _ in result.frames] == ["to", "from", "to", "from"]


def test_without_an_action_the_next_verb_follows(receiver: Receiver, network: Network) -> None:
    with bot(asks_and_ends) as made:
        relay(receiver, made, action="")
        assert call(network, answers=[{"say": "yes"}]).said[-1] == "Next verb."


def test_words_that_come_in_pieces_are_one_utterance_and_partial_prompts_grow(
    receiver: Receiver, network: Network
) -> None:
    def script(talk: Talk) -> None:
        talk.hear("setup")
        for token in ("How ", "did you ", "find us?"):
            talk.send(type="text", token=token, last=False)
        talk.send(type="text", token="", last=True)
        while not talk.hear("prompt")["last"]:
            pass
        talk.send(type="end")

    result, talk = play(receiver, network, script, 'partialPrompts="true"', answers=[{"say": "your truck, I think"}])
    assert result.said[0] == "How did you find us?"
    assert [(one["voicePrompt"], one["last"]) for one in talk.of("prompt")] == [
        ("your", False), ("your truck,", False), ("your truck, I", False), ("your truck, I think", True),
    ]  # fmt: skip
    assert "HandoffData" not in receiver.forms("/after")[0]


def test_a_caller_who_speaks_early_cuts_off_what_was_said_and_what_was_still_to_be_said(
    receiver: Receiver, network: Network
) -> None:
    def script(talk: Talk) -> None:
        talk.hear("setup")
        talk.say(LONG)
        talk.say("This is never heard.")
        talk.hear("prompt")
        talk.send(type="end")

    events = 'events="tokens-played speaker-events"'
    result, talk = play(receiver, network, script, events, answers=[{"say": "yes", "after_seconds": 2}])
    (cut,) = talk.of("interrupt")
    assert (cut["utteranceUntilInterrupt"], cut["durationUntilInterruptMs"]) == ("x" * 30, 2000)
    assert result.said == ("x" * 30 + "...", "Handed over.")
    told = [(one["name"], one["value"]) for one in talk.of("info")]
    assert told == [
        ("agentSpeaking", "on"), ("tokensPlayed", "x" * 30), ("agentSpeaking", "off"),
        ("clientSpeaking", "on"), ("clientSpeaking", "off"),
    ]  # fmt: skip
    assert [one["type"] for one in talk.got if one["type"] in ("interrupt", "prompt")] == ["interrupt", "prompt"]


@pytest.mark.parametrize("attributes", ['interruptible="none"', 'interruptible="dtmf"'])
def test_a_caller_who_may_not_interrupt_is_not_heard_while_the_bot_speaks(
    receiver: Receiver, network: Network, attributes: str
) -> None:
    def script(talk: Talk) -> None:
        talk.hear("setup")
        talk.say(LONG)
        time.sleep(0.3)
        talk.say("And now?")
        talk.hear("prompt")
        talk.send(type="end")

    answers = [{"say": "lost", "after_seconds": 2}, {"say": "heard"}]
    result, talk = play(receiver, network, script, attributes, answers=answers)
    assert [one["voicePrompt"] for one in talk.of("prompt")] == ["heard"]
    assert result.said == (LONG, "And now?", "Handed over.") and talk.of("interrupt") == []


def test_a_message_may_forbid_what_the_session_allows_and_input_may_be_told_without_interrupting(
    receiver: Receiver, network: Network
) -> None:
    def script(talk: Talk) -> None:
        talk.hear("setup")
        talk.say(LONG, interruptible=False)
        talk.hear("prompt")
        talk.send(type="end")

    attributes = 'reportInputDuringAgentSpeech="any"'
    result, talk = play(receiver, network, script, attributes, answers=[{"say": "early", "after_seconds": 2}])
    assert [one["voicePrompt"] for one in talk.of("prompt")] == ["early"] and talk.of("interrupt") == []
    assert result.said[:2] == ("x" * 30 + "...", "x" * 30)


def test_keys_are_told_one_by_one_where_they_were_asked_for(receiver: Receiver, network: Network) -> None:
    def script(talk: Talk) -> None:
        talk.hear("setup")
        talk.say(LONG)
        talk.hear("dtmf")
        talk.hear("dtmf")
        talk.send(type="sendDigits", digits="1w#")
        talk.send(type="play", source="https://example.com/thanks.mp3")
        talk.send(type="end")

    _, talk = play(
        receiver, network, script, 'dtmfDetection="true"', answers=[{"digits": "42", "after_seconds": 1}]
    )  # fmt: skip
    assert [one["digit"] for one in talk.of("dtmf")] == ["4", "2"]
    assert talk.of("interrupt")[0]["durationUntilInterruptMs"] == 1000


def test_the_welcome_greeting_is_spoken_without_the_bot(receiver: Receiver, network: Network) -> None:
    def script(talk: Talk) -> None:
        talk.hear("prompt")
        talk.send(type="language", ttsLanguage="es-US", transcriptionLanguage="es-US")
        talk.say("¿Cómo nos encontró?")
        talk.hear("prompt")
        talk.send(type="end")

    answers = [{"say": "para español"}, {"say": "un amigo"}]
    result, talk = play(receiver, network, script, 'welcomeGreeting="Hello." language="en-US"', answers=answers)
    assert result.said[:2] == ("Hello.", "¿Cómo nos encontró?")
    assert [one["lang"] for one in talk.of("prompt")] == ["en-US", "es-US"]


def test_what_may_be_cut_gives_way_to_the_next_words(receiver: Receiver, network: Network) -> None:
    def script(talk: Talk) -> None:
        talk.hear("setup")
        talk.say("One moment, please.", preemptible=True)
        talk.say("Was it the billboard?")
        talk.hear("prompt")
        talk.send(type="end")

    result, _ = play(receiver, network, script, answers=[{"say": "yes"}])
    assert result.said == ("Was it the billboard?", "Handed over.")


def test_silence_is_left_to_the_bot_who_may_ask_again(receiver: Receiver, network: Network) -> None:
    def script(talk: Talk) -> None:
        talk.hear("setup")
        talk.say("How did you find us?")
        time.sleep(0.3)
        talk.say("A billboard, or our website?")
        talk.hear("prompt")
        talk.send(type="end")

    result, _ = play(receiver, network, script, answers=[{"silence": True}, {"say": "the website"}])
    assert result.said == ("How did you find us?", "A billboard, or our website?", "Handed over.")


def test_a_bot_that_says_nothing_loses_the_caller_after_a_while(receiver: Receiver, network: Network) -> None:
    result, talk = play(receiver, network, lambda talk: talk.hear("prompt"), relay={"patience_seconds": 0.2})
    assert (result.outcome, talk.closed_with) == ("hung_up", 1000)


@pytest.mark.parametrize(
    "keys", [{"answers": [{"hang_up": True}]}, {"hang_up": {"while": "greeting", "after_seconds": 1}}]
)
def test_a_caller_who_hangs_up_ends_the_session_and_the_action_is_told(
    receiver: Receiver, network: Network, keys: dict[str, object]
) -> None:
    result, talk = play(receiver, network, asks_and_ends, **keys)
    (form,) = receiver.forms("/after")
    assert (form["SessionStatus"], form["CallStatus"], talk.closed_with) == ("completed", "completed", 1000)
    assert (result.outcome, "Handed over." in result.said) == ("hung_up", False)


def test_a_socket_that_drops_is_told_as_failed_and_the_call_goes_on(receiver: Receiver, network: Network) -> None:
    result, talk = play(receiver, network, asks_and_ends, relay={"drop_after_turns": 0})
    (form,) = receiver.forms("/after")
    assert (form["SessionStatus"], form["ErrorCode"], form["ErrorMessage"], form["CallStatus"]) == (
        "failed", "64105", "Websocket ended", "in-progress",
    )  # fmt: skip
    assert (talk.closed_with, result.said[-1]) == (1006, "Handed over.")
    assert result.errors == ("64105: Websocket ended",)


def test_a_bot_that_closes_without_a_word_of_ending_has_failed_too(receiver: Receiver, network: Network) -> None:
    def script(talk: Talk) -> None:
        talk.hear("setup")
        talk.socket.close(1011)

    play(receiver, network, script)
    assert receiver.forms("/after")[0]["ErrorCode"] == "64105"


def test_a_bot_that_cannot_be_reached_is_told_to_the_action(receiver: Receiver, network: Network) -> None:
    with bot(asks_and_ends) as made:
        relay(receiver, made)
        call(network, relay={"refused": True})
        assert made.talks == []
    call(network)
    assert [form["ErrorCode"] for form in receiver.forms("/after")] == ["64102", "64102"]
    receiver.documents(
        voice='<Connect action="/after"><ConversationRelay url="https://example.com"/></Connect>', after=""
    )
    call(network)
    assert receiver.forms("/after")[-1]["ErrorCode"] == "64101"


def test_a_frame_that_is_none_is_told_and_passed_over_and_ten_in_a_row_end_the_session(
    receiver: Receiver, network: Network
) -> None:
    bad = ["no json", '{"type": "shout", "token": "x"}', '{"type": "text", "token": 7}', "[]"]

    def script(talk: Talk) -> None:
        talk.hear("setup")
        for frame in bad:
            talk.socket.send(frame)
            talk.hear("error")
        talk.say("How did you find us?")
        talk.hear("prompt")
        for _ in range(10):
            talk.socket.send("still no json")

    result, talk = play(receiver, network, script, answers=[{"say": "a billboard"}])
    assert [error[:5] for error in result.errors] == ["64107"] * 14 + ["64105"]
    assert "shout" in talk.of("error")[1]["description"]
    assert (talk.closed_with, result.said[0]) == (1007, "How did you find us?")


def test_the_end_may_cut_what_was_sent_and_not_yet_spoken(receiver: Receiver, network: Network) -> None:
    def script(talk: Talk) -> None:
        talk.hear("setup")
        talk.say("I connect you now.")
        talk.send(type="end")

    assert play(receiver, network, script)[0].said == ("I connect you now.", "Handed over.")
    assert play(receiver, network, script, relay={"end_cuts": True})[0].said == ("Handed over.",)


def test_a_session_may_be_signed_with_a_shared_key(receiver: Receiver, network: Network) -> None:
    with bot(asks_and_ends) as made:
        relay(receiver, made)
        call(network, answers=[{"say": "yes"}], network={"signature": "sha256"})
        talk = made.talk
    headers = {name.lower(): value for name, value in talk.headers.items()}
    assert headers["x-twilio-webhooks-signature-settings"].endswith(",algorithm=HMAC_SHA256")
    expected = RequestValidator(TOKEN).compute_signature(f"ws://{headers['host']}/relay", {}, "HMAC_SHA256")
    assert headers["x-twilio-signature"] == expected
