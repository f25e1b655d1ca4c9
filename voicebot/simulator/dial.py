"""`<Dial>`: the forwarded leg with its own CallSid, the agent message, the bridge and its recording.

https://www.twilio.com/docs/voice/twiml/dial and /number. A recording's first channel is always the parent leg, which
is the inbound caller.
"""

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from urllib.parse import urljoin

from voicebot.simulator import sound
from voicebot.simulator.account import CallRecord, RecordingRecord, new_sid
from voicebot.simulator.call import CallerGone, CallRun

DIAL_ATTRIBUTES = {
    "action",
    "method",
    "timeout",
    "timeLimit",
    "callerId",
    "hangupOnStar",
    "answerOnBridge",
    "record",
    "recordingStatusCallback",
    "recordingStatusCallbackMethod",
    "recordingStatusCallbackEvent",
    "recordingTrack",
    "trim",
    "ringTone",
    "sequential",
}
NUMBER_ATTRIBUTES = {
    "url",
    "method",
    "sendDigits",
    "statusCallback",
    "statusCallbackMethod",
    "statusCallbackEvent",
    "byoc",
    "machineDetection",
    "amdStatusCallback",
}
# The carrier lets the line ring this much longer than the timeout says.
TIMEOUT_BUFFER_SECONDS = 5.0
AGENT_MESSAGE_VERBS = {"Say", "Play", "Pause", "Gather", "Hangup"}


@dataclass(slots=True)
class Leg:
    """The forwarded leg to one number."""

    call: CallRun
    number: ET.Element
    base_url: str
    sid: str = field(default_factory=lambda: new_sid("CA"))
    sequence: int = 0

    def parameters(self, status: str, **more: str) -> dict[str, str]:
        """The fields of the child leg's own requests."""
        return {
            **self.call.parameters(),
            "CallSid": self.sid,
            "ParentCallSid": self.call.sid,
            "CallStatus": status,
            "Direction": "outbound-dial",
            "From": self.call.scenario.from_,
            "To": (self.number.text or "").strip(),
            "Called": (self.number.text or "").strip(),
            **more,
        }

    def report(self, event: str, status: str, **more: str) -> None:
        """The leg's status callback, when that event was asked for."""
        url = self.number.get("statusCallback")
        wanted = self.number.get("statusCallbackEvent", "completed").split()
        sequence, self.sequence = self.sequence, self.sequence + 1
        if not url or event not in wanted:
            return
        form = self.parameters(
            status,
            CallbackSource="call-progress-events",
            SequenceNumber=str(sequence),
            Timestamp=self.call.clock.stamp(),
            **more,
        )
        self.call.tell(urljoin(self.base_url, url), form)


def forward(call: CallRun, verb: ET.Element, url: str) -> dict[str, str]:
    """Carry the `<Dial>` out. Out: the fields of the request to its action."""
    numbers = _numbers(call, verb)
    leg = Leg(call, numbers[0], url)
    record = CallRecord(leg.sid, call.scenario.from_, (leg.number.text or "").strip(), call.clock.now())
    record.parent_sid, record.direction = call.sid, "outbound-dial"
    with call.account.lock:
        call.account.calls[leg.sid] = record
    leg.report("initiated", "initiated")
    leg.report("ringing", "ringing")
    status = _ring(call, verb, leg)
    if status != "answered":
        call.outcome = "not_answered"
        leg.report("completed", status, CallDuration="0", Duration="0")
        return {"DialCallStatus": status, "DialCallSid": leg.sid, "DialBridged": "false"}
    leg.report("answered", "in-progress")
    if not _accepts(call, leg):
        leg.report("completed", "completed", CallDuration="1", Duration="1")
        return {"DialCallStatus": "completed", "DialCallSid": leg.sid, "DialBridged": "false", "DialCallDuration": "1"}
    return _bridge(call, verb, leg)


def _numbers(call: CallRun, verb: ET.Element) -> list[ET.Element]:
    call.warnings += [f"12200: <Dial> has no attribute {name}" for name in set(verb.attrib) - DIAL_ATTRIBUTES]
    numbers = [child for child in verb if child.tag == "Number"]
    for number in numbers:
        unknown = set(number.attrib) - NUMBER_ATTRIBUTES
        call.warnings += [f"12200: <Number> has no attribute {name}" for name in unknown]
    if not numbers:
        plain = ET.Element("Number")
        plain.text = (verb.text or "").strip()
        numbers = [plain]
    if not (numbers[0].text or "").strip():
        call.errors.append("13224: <Dial> names no number")
    return numbers


def _ring(call: CallRun, verb: ET.Element, leg: Leg) -> str:
    """Let the business's phone ring. Out: `answered`, or why not, in the carrier's words."""
    business = call.scenario.business
    patience = float(verb.get("timeout", "30")) + TIMEOUT_BUFFER_SECONDS
    call.note("network", f"(the business's phone {(leg.number.text or '').strip()} rings)")
    rings = {"busy": 1.0, "failed": 1.0, "no-answer": patience}.get(business.outcome, business.ring_seconds)
    try:
        call.pass_time(min(rings, patience), "ringing")
    except CallerGone:
        leg.report("completed", "canceled", CallDuration="0", Duration="0")
        raise
    if business.outcome != "answered":
        return business.outcome
    return "answered" if rings <= patience else "no-answer"


def _accepts(call: CallRun, leg: Leg) -> bool:
    """The agent message, heard by the agent alone; a `<Hangup>` in it declines the caller."""
    url = leg.number.get("url")
    if not url:
        return True
    sent = call.line.ask(urljoin(leg.base_url, url), leg.parameters("in-progress"), leg.number.get("method", "POST"))
    if sent.error:
        call.errors.append(f"{sent.error}: the agent message could not be fetched")
        return True
    for verb in sent.document():
        if verb.tag not in AGENT_MESSAGE_VERBS:
            call.errors.append(f"12100: <{verb.tag}> may not stand in an agent message")
        elif verb.tag == "Say":
            call.clock.wait(call.say(verb, who="to the agent"))
        elif verb.tag == "Hangup":
            return False
    return True


def _bridge(call: CallRun, verb: ET.Element, leg: Leg) -> dict[str, str]:
    call.outcome = "forwarded"
    started = call.clock.now()
    conversation = call.scenario.conversation
    samples = sound.silence(2.0, 2)
    if conversation is not None:
        samples = sound.decode(call.scenario.audio_file(conversation.audio), 2)
    for turn in conversation.turns if conversation is not None else ():
        call.note(turn.speaker, turn.text)
    call.clock.wait(sound.seconds(samples))
    seconds = str(max(1, round(sound.seconds(samples))))
    fields = {
        "DialCallStatus": "completed",
        "DialCallSid": leg.sid,
        "DialCallDuration": seconds,
        "DialBridged": "true",
    }
    recorded = verb.get("record", "do-not-record")
    if recorded not in ("do-not-record", "false"):
        kept = samples if recorded.endswith("-dual") else sound.mono(samples)
        recording = call.keep_recording(kept, "DialVerb", started)
        announce_recording(call, verb, recording)
        fields["RecordingUrl"] = call.recording_url(recording)
    leg.report("completed", "completed", CallDuration=seconds, Duration="1")
    if conversation is not None and conversation.ended_by == "caller":
        raise CallerGone
    return fields


def announce_recording(call: CallRun, verb: ET.Element, recording: RecordingRecord) -> None:
    """The recording status callback, sent some time after the call; only the events that were asked for."""
    url = verb.get("recordingStatusCallback")
    if not url or "completed" not in verb.get("recordingStatusCallbackEvent", "completed").split():
        return
    call.tell_later(
        url,
        {
            "AccountSid": call.account.account_sid,
            "CallSid": call.sid,
            "RecordingSid": recording.sid,
            "RecordingUrl": call.recording_url(recording),
            "RecordingStatus": "completed",
            "RecordingDuration": str(recording.duration_seconds),
            "RecordingChannels": str(recording.channels),
            "RecordingStartTime": call.clock.stamp(),
            "RecordingSource": recording.source,
            "RecordingTrack": "both",
            "ErrorCode": "0",
        },
    )
