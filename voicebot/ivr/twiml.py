"""A reply as TwiML, through the carrier's own library. Pure.

Facts behind the attributes: https://www.twilio.com/docs/voice/twiml (Gather, Dial, Number, Record).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from voicebot.ivr.dialogue import Ask, End, Forward, Reply, TakeMessage

# The longest a forwarded call may last, in seconds: a line left open must not bill for ever.
TIME_LIMIT_SECONDS = 4 * 3600
RECORDING_EVENTS = "completed absent"


@dataclass(frozen=True, slots=True)
class Manner:
    """How texts are spoken: BCP 47 language and the carrier's voice name, the carrier's default where None."""

    language: str = "en-US"
    voice: str | None = None

    def as_attributes(self) -> dict[str, str]:
        """Attributes of `<Say>`."""
        return {"language": self.language} | ({"voice": self.voice} if self.voice else {})


def render(reply: Reply, *, base: str, destination: str, manner: Manner, hints: Sequence[str] = ()) -> str:
    """The TwiML document of a reply.

    In: `base`, the webhooks' absolute address without a trailing slash; `destination`, E.164; `hints`, words that
    the carrier's recogniser should expect (at most 500).
    """
    response = VoiceResponse()
    for text in reply.say:
        response.say(text, **manner.as_attributes())
    match reply.act:
        case Ask() as ask:
            response.append(_gather(ask, base, manner, hints))
        case Forward() as forward:
            response.append(_dial(forward, base, destination))
        case TakeMessage() as message:
            _record(response, message, base, manner)
        case End() as end:
            if end.text:
                response.say(end.text, **manner.as_attributes())
            response.hangup()
    return str(response)


def forward_only(destination: str, *, timeout_seconds: int = 25) -> str:
    """What a caller gets when anything on our side is broken: the business, unrecorded since no notice is sure."""
    response = VoiceResponse()
    response.dial(destination, timeout=timeout_seconds, time_limit=TIME_LIMIT_SECONDS)
    return str(response)


def take_message(base: str) -> str:
    """Voicemail without the database: says itself that it records."""
    message = TakeMessage("Sorry, nobody can take your call. Please leave a message: it will be recorded.", 120)
    response = VoiceResponse()
    _record(response, message, base, Manner())
    return str(response)


def apologise(text: str) -> str:
    """A last word where there is nobody to forward to."""
    response = VoiceResponse()
    response.say(text)
    response.hangup()
    return str(response)


def say(text: str, manner: Manner) -> str:
    """The agent message, heard by the agent alone before the caller is connected."""
    response = VoiceResponse()
    response.say(text, **manner.as_attributes())
    return str(response)


def nothing() -> str:
    """An empty document, where an answer is owed and nothing is to be done."""
    return str(VoiceResponse())


def _gather(ask: Ask, base: str, manner: Manner, hints: Sequence[str]) -> Gather:
    gather = Gather(
        input="speech dtmf",
        action=f"{base}/answer/{ask.question}/{ask.turn}",
        method="POST",
        timeout=ask.timeout_seconds,
        # `auto` ends at the first pause: the caller's time is the budget.
        speech_timeout="auto",
        num_digits=1,
        # The skip key must arrive as a digit, not vanish as the end of one.
        finish_on_key="",
        language=manner.language,
        # Silence must come back to us too, or the document would simply end.
        action_on_empty_result=True,
        hints=", ".join(hints[:500]) or None,
    )
    gather.say(ask.text, **manner.as_attributes())
    return gather


def _dial(forward: Forward, base: str, destination: str) -> Dial:
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
    dial.number(
        destination,
        status_callback=f"{base}/leg",
        status_callback_event="answered completed",
        **message,
    )
    return dial


def _record(response: VoiceResponse, message: TakeMessage, base: str, manner: Manner) -> None:
    response.say(message.text, **manner.as_attributes())
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
