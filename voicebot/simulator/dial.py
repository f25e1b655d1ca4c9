"""`<Dial>`: the business's phones ring, one answers, hears the agent message and is bridged to the caller.

https://www.twilio.com/docs/voice/twiml/dial.
"""

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

from voicebot.simulator import recordings, sound
from voicebot.simulator.call import CallerGone, CallRun, number
from voicebot.simulator.leg import Leg
from voicebot.simulator.recordings import Recorder
from voicebot.simulator.schema import allowed
from voicebot.simulator.timeline import CHILD

# The carrier lets the line ring this much longer than the timeout says.
TIMEOUT_BUFFER_SECONDS = 5.0
TONE_SECONDS = 1.0
SILENT_TALK_SECONDS = 2.0


@dataclass(slots=True)
class Dialling:
    """One `<Dial>` carried out; `url` is its document's address."""

    call: CallRun
    verb: ET.Element
    url: str
    _recorder: Recorder | None = field(default=None, init=False)

    def run(self) -> dict[str, str]:
        """Ring, answer, bridge, record. Out: the fields of the request to the action.

        Raises CallerGone when the caller hangs up; a recording ends there, and is kept.
        """
        legs = self._legs()
        if self.verb.get("answerOnBridge") != "true":
            self.call.answer()
        try:
            if self._record_mode().startswith("record-from-ringing"):
                self._begin_recording()
            fields = self._connect(legs)
        finally:
            self._finish_recording()
        return fields | ({"RecordingUrl": self._recorder.url()} if self._recorder else {})

    def _legs(self) -> list[Leg]:
        nouns = allowed(self.verb)
        if not nouns:
            noun = ET.Element("Number")
            noun.text = self.verb.text
            nouns = [noun]
        return [Leg(self.call, noun, self.url) for noun in nouns[:10]]

    def _connect(self, legs: list[Leg]) -> dict[str, str]:
        if any(not leg.phone_number for leg in legs):
            self.call.errors.append("13224: <Dial> names no number")
            for leg in legs:
                leg.end("failed")
            return self._unanswered(legs[0], "failed")
        for ringing in [[leg] for leg in legs] if self.verb.get("sequential") == "true" else [legs]:
            phone, status = self._ring(ringing, self._phone_of(legs))
            if status == "answered":
                return self._talk(phone)
        return self._unanswered(phone, status)

    def _phone_of(self, legs: list[Leg]) -> Leg:
        """The leg to the phone that the scenario speaks of."""
        wanted = self.call.scenario.business.number
        return next((leg for leg in legs if leg.phone_number == wanted), legs[0])

    def _unanswered(self, leg: Leg, status: str) -> dict[str, str]:
        self.call.outcome = "not_answered"
        return {"DialCallStatus": status, "DialCallSid": leg.sid, "DialBridged": "false"}

    def _ring(self, legs: list[Leg], phone: Leg) -> tuple[Leg, str]:
        """Let the phones ring together. Out: the leg to go by, and `answered` or why not, in the carrier's words."""
        patience = number(self.verb, "timeout", 30.0) + TIMEOUT_BUFFER_SECONDS
        status, seconds = self._what_happens(patience) if phone in legs else ("no-answer", patience)
        for leg in legs:
            leg.start()
            self.call.note("network", f"(the business's phone {leg.phone_number} rings)")
        self.call.timeline.lay(self.call.clock.elapsed, sound.ringback(seconds), CHILD)
        try:
            self.call.pass_time(seconds, "ringing")
        except CallerGone:
            for leg in legs:
                leg.end("canceled")
            raise
        ours = phone if phone in legs else legs[0]
        for leg in legs:
            if leg is not ours:
                leg.end("canceled" if status == "answered" else "no-answer")
            elif status != "answered":
                leg.end(status)
        return ours, status

    def _what_happens(self, patience: float) -> tuple[str, float]:
        business = self.call.scenario.business
        match business.outcome:
            case "answered" if business.ring_seconds <= patience:
                return "answered", business.ring_seconds
            case "busy" | "failed":
                return business.outcome, TONE_SECONDS
        return "no-answer", patience

    def _talk(self, leg: Leg) -> dict[str, str]:
        leg.answer()
        try:
            bridged = leg.accepts()
            if bridged:
                self._bridge()
        finally:
            leg.end("completed")
        if bridged and self._ended_by_caller():
            raise CallerGone
        return {
            "DialCallStatus": "completed",
            "DialCallSid": leg.sid,
            "DialCallDuration": str(leg.seconds),
            "DialBridged": "true" if bridged else "false",
        }

    def _bridge(self) -> None:
        self.call.answer()
        self.call.outcome = "forwarded"
        if self._recorder is None and self._record_mode() != "do-not-record":
            self._begin_recording()
        conversation = self.call.scenario.conversation
        samples = sound.silence(SILENT_TALK_SECONDS, 2)
        if conversation is not None:
            samples = sound.decode(self.call.scenario.audio_file(conversation.audio), 2)
            for turn in conversation.turns:
                self.call.note(turn.speaker, turn.text)
        self.call.timeline.lay(self.call.clock.elapsed, samples)
        limit = number(self.verb, "timeLimit", 14_400.0)
        self.call.pass_time(min(limit, sound.seconds(samples)), "conversation")

    def _ended_by_caller(self) -> bool:
        conversation = self.call.scenario.conversation
        return conversation is not None and conversation.ended_by == "caller"

    def _record_mode(self) -> str:
        given = self.verb.get("record", "do-not-record")
        return {"true": "record-from-answer", "false": "do-not-record"}.get(given, given)

    def _begin_recording(self) -> None:
        channels = 2 if self._record_mode().endswith("-dual") else 1
        self._recorder = recordings.begin(self.call, self.verb, self.url, source="DialVerb", channels=channels)

    def _finish_recording(self) -> None:
        if self._recorder is not None:
            timeline = self.call.timeline
            cut = timeline.cut if self._recorder.record.channels == 2 else timeline.cut_mono
            self._recorder.finish(cut(self._recorder.began, self.call.clock.elapsed))
