"""Recordings made by the network: begun, finished or found to be absent, each step told to who asked for it.

https://www.twilio.com/docs/voice/api/recording and the `recordingStatusCallback` of Dial, Record and Recording.
Channel 1 of two is always the parent leg, which is the inbound caller.
"""

import xml.etree.ElementTree as ET
from dataclasses import dataclass

from voicebot.simulator import sound
from voicebot.simulator.account import RecordingRecord, new_sid
from voicebot.simulator.call import CallRun, address
from voicebot.simulator.clock import stamp
from voicebot.simulator.sound import Samples

TOO_SHORT, SILENT = 16101, 16102
SHORTEST_SECONDS = 0.5


@dataclass(slots=True)
class Recorder:
    """One recording under way. `verb` is the element that asked for it, `began` the call's second it starts at."""

    call: CallRun
    verb: ET.Element
    base_url: str
    record: RecordingRecord
    began: float

    def finish(self, samples: Samples) -> None:
        """Keep what was recorded, shape (channels, n); nothing to be heard makes it absent."""
        record = self.record
        record.error_code = self._fault(samples)
        if record.error_code is None:
            record.wav = sound.wav(samples)
            record.duration_seconds = max(1, round(sound.seconds(samples)))
        spoilt = self.call.switches.recording
        record.status = "absent" if record.error_code else "failed" if spoilt == "failed" else "completed"
        folder = self.call.account.folder
        if folder is not None and record.wav:
            (folder / f"{record.sid}.wav").write_bytes(record.wav)
        self._tell(record.status)

    def announce(self) -> None:
        """Say that it has begun."""
        self._tell("in-progress")

    def url(self) -> str:
        """The address that requests name; it has no extension, and its host is the carrier's public one."""
        return (
            f"https://api.twilio.com/2010-04-01/Accounts/{self.call.account.account_sid}/Recordings/{self.record.sid}"
        )

    def _fault(self, samples: Samples) -> int | None:
        if self.call.switches.recording == "absent":
            return SILENT
        if sound.seconds(samples) < SHORTEST_SECONDS:
            return TOO_SHORT
        return SILENT if sound.is_silent(samples) else None

    def _tell(self, status: str) -> None:
        url = address(self.verb, "recordingStatusCallback", self.base_url)
        # A failed one is told to who asks for finished ones: there is no event of that name to ask for.
        event = "completed" if status == "failed" else status
        if url is None or event not in self.verb.get("recordingStatusCallbackEvent", "completed").split():
            return
        method = self.verb.get("recordingStatusCallbackMethod", "POST")
        # Finished recordings need some time at the carrier: they are told after the call's own end.
        post = self.call.callbacks.post if status == "in-progress" else self.call.callbacks.hold
        post("recording", url, self._parameters(status), method)

    def _parameters(self, status: str) -> dict[str, str]:
        record = self.record
        duration = {} if record.duration_seconds is None else {"RecordingDuration": str(record.duration_seconds)}
        return {
            "AccountSid": self.call.account.account_sid,
            "CallSid": self.call.sid,
            "RecordingSid": record.sid,
            "RecordingUrl": self.url(),
            "RecordingStatus": status,
            "RecordingChannels": str(record.channels),
            "RecordingStartTime": stamp(record.started_at),
            "RecordingSource": record.source,
            "RecordingTrack": "both",
            "ErrorCode": str(record.error_code or 0),
            **duration,
        }


def begin(call: CallRun, verb: ET.Element, base_url: str, *, source: str, channels: int) -> Recorder:
    """Begin a recording now, and announce it."""
    record = RecordingRecord(
        sid=new_sid("RE"),
        call_sid=call.sid,
        source=source,
        channels=channels,
        started_at=call.clock.now(),
        missing_gets=call.switches.media_missing_gets,
    )
    with call.account.lock:
        call.account.recordings[record.sid] = record
    call.recording_sids.append(record.sid)
    recorder = Recorder(call, verb, base_url, record, call.clock.elapsed)
    recorder.announce()
    return recorder
