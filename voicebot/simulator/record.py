"""`<Record>`, the voicemail, and `<Start><Recording>`, a recording of the rest of the call.

https://www.twilio.com/docs/voice/twiml/record and /recording.
"""

import xml.etree.ElementTree as ET

from voicebot.simulator import recordings, sound
from voicebot.simulator.call import CallerGone, CallRun, address, number
from voicebot.simulator.flow import Next
from voicebot.simulator.schema import allowed
from voicebot.simulator.timeline import PARENT

BEEP_SECONDS = 0.5


def record(call: CallRun, verb: ET.Element, url: str) -> Next | None:
    """Take the caller's message. Out: the request to the action where the line went on; None where nothing was said.

    Raises CallerGone after the message: the caller hangs up, the action is requested once more and its answer ignored.
    """
    call.answer()
    call.pass_time(0.0 if verb.get("playBeep") == "false" else BEEP_SECONDS, "greeting")
    recorder = recordings.begin(call, verb, url, source="RecordVerb", channels=1)
    samples = _message(call, verb)
    recorder.finish(samples)
    if recorder.record.status == "absent":
        return None
    call.outcome = "voicemail"
    action, method = address(verb, "action", url) or url, verb.get("method", "POST")
    fields = {
        "RecordingUrl": recorder.url(),
        "RecordingSid": recorder.record.sid,
        "RecordingDuration": str(recorder.record.duration_seconds),
    }
    if sound.seconds(samples) >= number(verb, "maxLength", 3600.0):
        return Next(action, method, fields)
    sent, found = call.request(action, call.parameters(CallStatus="completed", Digits="hangup", **fields), method)
    if found.error:
        call.errors.append(f"{found.error}: the voicemail's action {sent.url} got {sent.status or 'no answer'}")
    raise CallerGone


def _message(call: CallRun, verb: ET.Element) -> sound.Samples:
    """What the caller says after the tone, as long as it is listened to; silence where the scenario has no message."""
    voicemail = call.scenario.voicemail
    if voicemail is None:
        samples = sound.silence(number(verb, "timeout", 5.0), 1)
        call.note("caller", "(leaves no message)")
    else:
        whole = sound.decode(call.scenario.audio_file(voicemail.audio), 1)
        samples = whole[:, : round(number(verb, "maxLength", 3600.0) * sound.RATE)]
        call.note("caller", voicemail.text)
    call.timeline.lay(call.clock.elapsed, samples, PARENT)
    call.clock.wait(sound.seconds(samples))
    return samples


def start(call: CallRun, verb: ET.Element, url: str) -> None:
    """Begin to record everything from here to the end of the call."""
    call.answer()
    for noun in allowed(verb):
        channels = 1 if noun.get("channels") == "mono" else 2
        recorder = recordings.begin(call, noun, url, source="StartCallRecordingAPI", channels=channels)

        def finish(recorder: recordings.Recorder = recorder) -> None:
            cut = call.timeline.cut if recorder.record.channels == 2 else call.timeline.cut_mono
            recorder.finish(cut(recorder.began, call.clock.elapsed))

        call.at_end.append(finish)
