"""A reply as TwiML, through the carrier's own library. Pure.

Facts behind the attributes: https://www.twilio.com/docs/voice/twiml (Gather, Dial, Number, Record).
"""

import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from twilio.twiml import TwiML
from twilio.twiml.voice_response import Connect, Dial, Gather, VoiceResponse

from voicebot.ivr import prompts
from voicebot.ivr.addresses import FALLBACK_DIAL, PREFIX, sound_address
from voicebot.ivr.dialogue import Ask, End, Forward, Refuse, Reply, Speech, TakeMessage
from voicebot.ivr.flow.parts import UNSPEAKABLE

# The longest a forwarded call may last, in seconds: a line left open must not bill for ever.
TIME_LIMIT_SECONDS = 4 * 3600
# How long an agent may take to accept a call.
ACCEPT_SECONDS = 6
RECORDING_EVENTS = "completed absent"
# The carrier refuses longer lists, and longer documents.
MOST_HINTS = 500
RELAY_PROVIDERS = {"Polly": "Amazon", "Google": "Google"}
FALLBACK_LANGUAGE = "en-US"


@dataclass(frozen=True, slots=True)
class RelayTo:
    """Asks over a websocket instead of by `<Gather>`: its address, and the voice of every language (None: any)."""

    url: str
    voices: Mapping[str, str | None]


def render(
    reply: Reply,
    *,
    base: str,
    destinations: Mapping[str, str],
    hints: Sequence[str] = (),
    relay: RelayTo | None = None,
) -> str:
    """The TwiML document of a reply.

    In: `base`, the webhooks' absolute address without a trailing slash; `destinations`, E.164 by label, "" the
    tracking number's own; `hints`, words that the carrier's recogniser should expect; `relay`, where questions are
    asked over a websocket.
    """
    response = VoiceResponse()
    _speak(response, reply.say, base)
    if reply.window is not None:
        # Whoever keeps silent falls through to what follows: no request, no wait.
        response.append(_gather(reply.window, base, (), waits_for_answer=False))
    match reply.act:
        case Ask() as ask if relay is not None:
            response.append(_connect(ask, base, hints, relay))
        case Ask() as ask:
            response.append(_gather(ask, base, hints, waits_for_answer=True))
        case Forward() as forward:
            response.append(_dial(forward, base, destinations))
        case TakeMessage() as message:
            _record(response, message, base)
        case End() as end:
            _speak(response, end.say, base)
            response.hangup()
        case Refuse() as refuse:
            response.reject(reason=refuse.reason)
    return str(response)


def forward_only(destination: str, base: str | None, *, timeout_seconds: int = 25) -> str:
    """What a caller gets when anything on our side is broken: the business, unrecorded since no notice is sure.

    In: `base`, where a message is taken when nobody answers; None for a document that must do without us.
    """
    response = VoiceResponse()
    action = {"action": f"{base}/{FALLBACK_DIAL}", "method": "POST"} if base is not None else {}
    response.dial(destination, timeout=timeout_seconds, time_limit=TIME_LIMIT_SECONDS, **action)
    return str(response)


def take_message(base: str, language: str = FALLBACK_LANGUAGE) -> str:
    """Voicemail outside the flow, in the bot's own words of this language: says itself that it records."""
    words = tuple(Speech(prompts.prompt(name, language), language) for name in ("voicemail", "recorded_message"))
    response = VoiceResponse()
    _record(response, TakeMessage(words, 120), base)
    return str(response)


def goodbye(language: str = FALLBACK_LANGUAGE) -> str:
    """A last word to a caller who has been served."""
    return apologise(prompts.prompt("goodbye", language), language)


def apologise(text: str, language: str = FALLBACK_LANGUAGE) -> str:
    """A last word where there is nobody to forward to."""
    response = VoiceResponse()
    response.say(text, language=language)
    response.hangup()
    return str(response)


def agent_message(message: Sequence[Speech], base: str, *, accept: bool) -> str:
    """What the agent hears alone before the caller is connected; with `accept`, only a 1 connects."""
    response = VoiceResponse()
    if not accept:
        _speak(response, message, base)
        return str(response)
    gather = Gather(input="dtmf", action=f"{base}/accept", method="POST", num_digits=1, timeout=ACCEPT_SECONDS)
    _speak(gather, message, base)
    response.append(gather)
    # A machine presses nothing.
    response.hangup()
    return str(response)


def hang_up() -> str:
    """The end of this leg."""
    response = VoiceResponse()
    response.hangup()
    return str(response)


def nothing() -> str:
    """An empty document, where an answer is owed and nothing is to be done."""
    return str(VoiceResponse())


def _speak(parent: Any, speeches: Sequence[Speech], base: str) -> None:
    """Into a response or a gather: both have the library's `say` and `play`."""
    for speech in speeches:
        if speech.sound:
            parent.play(sound_address(speech.sound, base.removesuffix(PREFIX)))
            continue
        manner = {"language": speech.language} | ({"voice": speech.voice} if speech.voice else {})
        if speech.ssml:
            _mark_up(parent.say("", **manner), speech.text)
        else:
            # What a caller said goes to the agent as the recogniser wrote it, whatever that was.
            parent.say(UNSPEAKABLE.sub(" ", speech.text), **manner)


def _mark_up(parent: TwiML, text: str) -> None:
    """Speech markup into the library's own elements; the flow has checked that it is well-formed."""
    root = ET.fromstring(f"<speak>{text}</speak>")  # noqa: S314 - inside an element no entity can be declared
    _copy(parent, root)


def _copy(parent: TwiML, element: ET.Element) -> None:
    if element.text:
        parent.append(element.text)
    for child in element:
        # Attributes as they are written: the library would make `interpret-as` of `interpret_as` only.
        _copy(parent.add_child(child.tag, **child.attrib), child)
        if child.tail:
            parent.append(child.tail)


def _gather(ask: Ask, base: str, hints: Sequence[str], *, waits_for_answer: bool) -> Gather:
    gather = Gather(
        input="speech dtmf",
        action=f"{base}/answer/{ask.question}/{ask.turn}",
        method="POST",
        timeout=ask.timeout_seconds,
        # `auto` ends at the first pause: the caller's time is the budget.
        speech_timeout="auto",
        num_digits=ask.digits,
        # The skip key must arrive as a digit, not vanish as the end of one.
        finish_on_key="",
        language=ask.language,
        # Silence must come back to us too, or the document would simply end.
        action_on_empty_result=waits_for_answer,
        hints=", ".join(hints[:MOST_HINTS]) or None,
    )
    _speak(gather, ask.say, base)
    return gather


def _connect(ask: Ask, base: str, hints: Sequence[str], to: RelayTo) -> Connect:
    connect = Connect(action=f"{base}/relay", method="POST")
    relay = connect.conversation_relay(
        url=to.url,
        language=ask.language,
        dtmf_detection=True,
        interruptible="any",
        # Says when the bot was heard out: from then on the caller is waited for.
        events="speaker-events",
        hints=", ".join(hints[:MOST_HINTS]) or None,
        **_relay_voice(to.voices.get(ask.language)),
    )
    for language, voice in to.voices.items():
        relay.language(code=language, **_relay_voice(voice))
    return connect


def _relay_voice(voice: str | None) -> dict[str, str]:
    """`<Say>` names provider and voice in one word; the relay has an attribute for each."""
    provider, _, name = (voice or "").partition(".")
    return {"tts_provider": RELAY_PROVIDERS[provider], "voice": name} if provider in RELAY_PROVIDERS else {}


def _dial(forward: Forward, base: str, destinations: Mapping[str, str]) -> Dial:
    recording = (
        {
            "record": "record-from-answer-dual",
            "recording_status_callback": f"{base}/recording",
            # Without asking for `absent` one never learns that a recording will not come.
            "recording_status_callback_event": RECORDING_EVENTS,
        }
        if forward.record
        else {}
    )
    dial = Dial(
        action=f"{base}/dial",
        method="POST",
        timeout=forward.timeout_seconds,
        time_limit=TIME_LIMIT_SECONDS,
        **recording,
    )
    message = {"url": f"{base}/agent-message"} if forward.agent_message else {}
    for label in forward.to:
        dial.number(
            destinations[label],
            status_callback=f"{base}/leg",
            status_callback_event="answered completed",
            **message,
        )
    return dial


def _record(response: VoiceResponse, message: TakeMessage, base: str) -> None:
    _speak(response, message.say, base)
    response.record(
        # Without an action the carrier requests this document again, for ever.
        action=f"{base}/voicemail",
        method="POST",
        max_length=message.max_seconds,
        timeout=6,
        finish_on_key="#",
        play_beep=True,
        recording_status_callback=f"{base}/recording",
        recording_status_callback_event=RECORDING_EVENTS,
    )
    # Reached only when the caller said nothing at all.
    response.hangup()
