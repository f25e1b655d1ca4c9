"""TwiML carried out, verb by verb. https://www.twilio.com/docs/voice/twiml"""

import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

from voicebot.simulator import dial, sound
from voicebot.simulator.call import CallerGone, CallRun
from voicebot.simulator.scenario import GatherAnswer

# A document may send the caller from one to the next; a person would have hung up long before this.
MAX_DOCUMENTS = 40
GATHER_NESTS = {"Say", "Play", "Pause"}
GATHER_ATTRIBUTES = {
    "input",
    "action",
    "method",
    "timeout",
    "speechTimeout",
    "numDigits",
    "finishOnKey",
    "hints",
    "speechModel",
    "language",
    "profanityFilter",
    "enhanced",
    "actionOnEmptyResult",
    "partialResultCallback",
    "partialResultCallbackMethod",
    "bargeIn",
    "debug",
    "maxSpeechTime",
}
RECORD_ATTRIBUTES = {
    "action",
    "method",
    "timeout",
    "finishOnKey",
    "maxLength",
    "playBeep",
    "trim",
    "recordingStatusCallback",
    "recordingStatusCallbackMethod",
    "recordingStatusCallbackEvent",
    "transcribe",
    "transcribeCallback",
}


@dataclass(frozen=True, slots=True)
class Next:
    """The next document to fetch, with what its request says beside the usual fields."""

    url: str
    method: str = "POST"
    fields: Mapping[str, str] = field(default_factory=dict)


def run(call: CallRun) -> None:
    """The whole call, from the first request to the last callback."""
    try:
        _follow(call)
    except CallerGone:
        call.note("caller", "(hangs up)")
    call.end()


def _follow(call: CallRun) -> None:
    url, method, form = call.number.voice_url, call.number.voice_method, call.parameters()
    for _ in range(MAX_DOCUMENTS):
        sent = call.fetch(url, form, method)
        following = None if sent is None else carry_out(call, sent.document(), sent.url)
        if sent is None or following is None:
            return
        url, method = urljoin(sent.url, following.url), following.method
        form = call.parameters(**following.fields)
    call.errors.append("the documents led the caller in a circle")


def carry_out(call: CallRun, document: ET.Element, url: str) -> Next | None:
    """Do what the document says. Out: the next document, None when the call is over."""
    for verb in document:
        handler = VERBS.get(verb.tag)
        if handler is None:
            call.warnings.append(f"12200: <{verb.tag}> is no verb that is known here")
            continue
        if verb.tag != "Reject":
            call.answer()
        result = handler(call, verb, url)
        if isinstance(result, Next):
            return result
        if result == "over":
            return None
    return None


def _say(call: CallRun, verb: ET.Element, _url: str) -> None:
    call.pass_time(call.say(verb), "greeting")


def _play(call: CallRun, verb: ET.Element, _url: str) -> None:
    call.note("bot", f"(plays {(verb.text or '').strip()})")
    call.pass_time(3.0, "greeting")


def _pause(call: CallRun, verb: ET.Element, _url: str) -> None:
    call.pass_time(float(verb.get("length", "1")), "greeting")


def _hang_up(call: CallRun, _verb: ET.Element, _url: str) -> str:
    call.note("bot", "(hangs up)")
    return "over"


def _reject(call: CallRun, _verb: ET.Element, _url: str) -> str:
    if call.status != "ringing":
        call.errors.append("13xxx: <Reject> after the call was answered does nothing but end it")
    call.outcome = "rejected"
    return "over"


def _redirect(_call: CallRun, verb: ET.Element, url: str) -> Next:
    return Next(urljoin(url, (verb.text or "").strip()), verb.get("method", "POST"))


def _gather(call: CallRun, verb: ET.Element, url: str) -> Next | None:
    call.warnings += [f"12200: <Gather> has no attribute {name}" for name in set(verb.attrib) - GATHER_ATTRIBUTES]
    heard = call.next_answer()
    for nested in verb:
        if nested.tag not in GATHER_NESTS:
            call.errors.append(f"12100: <{nested.tag}> may not stand inside <Gather>")
            continue
        VERBS[nested.tag](call, nested, url)
    if heard.hang_up:
        raise CallerGone
    fields = _hear(call, verb, heard)
    action = Next(verb.get("action", url), verb.get("method", "POST"), fields)
    if fields:
        return action
    timeout = float(verb.get("timeout", "5"))
    call.note("caller", "(says nothing)")
    call.pass_time(timeout, "greeting")
    if verb.get("actionOnEmptyResult") == "true":
        speech = "speech" in verb.get("input", "dtmf")
        return Next(action.url, action.method, {"SpeechResult": ""} if speech else {"Digits": ""})
    return None


def _hear(call: CallRun, verb: ET.Element, heard: GatherAnswer) -> dict[str, str]:
    """What the carrier's own recogniser or keypad decoder makes of the caller; nothing for silence."""
    listens = verb.get("input", "dtmf").split()
    if heard.digits is not None and "dtmf" in listens:
        digits = _digits(heard.digits, verb)
        call.note("caller", f"(presses {heard.digits})")
        call.pass_time(0.5 * len(digits) + 0.5, "greeting")
        return {"Digits": digits, "FinishedOnKey": ""} if digits else {}
    if heard.say is not None and "speech" in listens:
        call.note("caller", heard.say)
        call.pass_time(len(heard.say) / 13.0 + 0.8, "greeting")
        return {
            "SpeechResult": heard.say,
            "Confidence": f"{heard.confidence:.8f}",
            "Language": verb.get("language", "en-US"),
        }
    return {}


def _digits(pressed: str, verb: ET.Element) -> str:
    """The keys that count: up to the finishing key, which is not sent, and no more than asked for."""
    finish = verb.get("finishOnKey", "#")
    for key in finish:
        pressed = pressed.split(key)[0]
    limit = verb.get("numDigits")
    return pressed[: int(limit)] if limit else pressed


def _record(call: CallRun, verb: ET.Element, url: str) -> Next | str | None:
    call.warnings += [f"12200: <Record> has no attribute {name}" for name in set(verb.attrib) - RECORD_ATTRIBUTES]
    voicemail = call.scenario.voicemail
    if voicemail is None:
        call.note("caller", "(leaves no message)")
        call.clock.wait(float(verb.get("timeout", "5")))
        return None
    call.outcome = "voicemail"
    started = call.clock.now()
    limit = int(verb.get("maxLength", "3600"))
    samples = sound.decode(call.scenario.audio_file(voicemail.audio), 1)[:, : limit * sound.RATE]
    call.note("caller", voicemail.text)
    call.clock.wait(sound.seconds(samples))
    recording = call.keep_recording(samples, "RecordVerb", started)
    dial.announce_recording(call, verb, recording)
    call.status = call.record.status = "completed"
    fields = {
        "RecordingUrl": call.recording_url(recording),
        "RecordingSid": recording.sid,
        "RecordingDuration": str(recording.duration_seconds),
        "Digits": "hangup",
    }
    # The caller hangs up after the message; the action is still requested.
    call.line.ask(urljoin(url, verb.get("action", url)), call.parameters(**fields), verb.get("method", "POST"))
    call.status = call.record.status = "in-progress"
    raise CallerGone


def _dial(call: CallRun, verb: ET.Element, url: str) -> Next | None:
    fields = dial.forward(call, verb, url)
    action = verb.get("action")
    return None if action is None else Next(urljoin(url, action), verb.get("method", "POST"), fields)


VERBS: dict[str, Callable[[CallRun, ET.Element, str], Next | str | None]] = {
    "Say": _say,
    "Play": _play,
    "Pause": _pause,
    "Gather": _gather,
    "Dial": _dial,
    "Record": _record,
    "Redirect": _redirect,
    "Reject": _reject,
    "Hangup": _hang_up,
}
