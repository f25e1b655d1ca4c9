"""`<Dial>`: the business's phones ring, one answers, hears the agent message and is bridged to the caller.

https://www.twilio.com/docs/voice/twiml/dial.
"""

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

from voicebot.simulator import detection, recordings, ringing, sound
from voicebot.simulator.call import CallerGone, CallRun, number, speaking_seconds
from voicebot.simulator.leg import Leg
from voicebot.simulator.recordings import Recorder
from voicebot.simulator.schema import allowed
from voicebot.simulator.timeline import PARENT

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
        numbers = [(noun.text or "").strip() for noun in nouns[:10]]
        phones = [self.call.scenario.phone(one, is_first=index == 0) for index, one in enumerate(numbers)]
        return [Leg(self.call, noun, self.url, phone) for noun, phone in zip(nouns, phones, strict=False)]

    def _fault(self, legs: list[Leg]) -> str:
        """Why nobody is dialled; empty for a good dial."""
        if any(not leg.phone_number for leg in legs):
            return "13224: <Dial> names no number"
        shown, scenario = self.verb.get("callerId"), self.call.scenario
        if shown is not None and shown not in (scenario.from_, scenario.to, *self.call.account.numbers):
            # Neither on this call nor the account's own.
            return f"13214: <Dial> may not show {shown} as its caller"
        return ""

    def _connect(self, legs: list[Leg]) -> dict[str, str]:
        fault = self._fault(legs)
        if fault:
            self.call.errors.append(fault)
            for leg in legs:
                leg.end("failed")
            return self._unanswered(legs[0], "failed")
        timeout = number(self.verb, "timeout", 30.0)
        for together in [[leg] for leg in legs] if self.verb.get("sequential") == "true" else [legs]:
            rung = ringing.ring(self.call, together, timeout)
            if rung.status == "answered":
                return self._talk(rung)
        return self._unanswered(rung.leg, rung.status)

    def _unanswered(self, leg: Leg, status: str) -> dict[str, str]:
        self.call.outcome = "not_answered"
        return {"DialCallStatus": status, "DialCallSid": leg.sid, "DialBridged": "false"}

    def _talk(self, rung: ringing.Rung) -> dict[str, str]:
        leg = rung.leg
        leg.answer()
        try:
            bridged = leg.accepts()
            detection.tell(leg, bridged=bridged)
            if bridged:
                self._bridge(rung)
            else:
                self.call.outcome = "not_answered"
        finally:
            leg.end("completed")
        if bridged and self._ended_by_caller(leg):
            raise CallerGone
        return {
            "DialCallStatus": "completed",
            "DialCallSid": leg.sid,
            "DialCallDuration": str(leg.seconds),
            "DialBridged": "true" if bridged else "false",
        }

    def _bridge(self, rung: ringing.Rung) -> None:
        self.call.answer()
        if self._recorder is None and self._record_mode() != "do-not-record":
            self._begin_recording()
        if rung.leg.phone.outcome == "machine":
            self._talk_to_machine(rung.leg)
        elif rung.back is not None:
            # Whatever the caller met there is what became of this call too.
            self.call.outcome = rung.back.outcome
            self.call.pass_time(rung.back.clock.elapsed - (rung.back.answered_at or 0.0), "conversation")
        else:
            self._converse()

    def _converse(self) -> None:
        self.call.outcome = "forwarded"
        conversation = self.call.scenario.conversation
        samples = sound.silence(SILENT_TALK_SECONDS, 2)
        if conversation is not None:
            samples = sound.decode(self.call.scenario.audio_file(conversation.audio), 2)
            for turn in conversation.turns:
                self.call.note(turn.speaker, turn.text)
        self.call.timeline.lay(self.call.clock.elapsed, samples)
        limit = number(self.verb, "timeLimit", 14_400.0)
        self.call.pass_time(min(limit, sound.seconds(samples)), "conversation")

    def _talk_to_machine(self, leg: Leg) -> None:
        """The caller hears the machine out, says what there is to say, and hangs up: nobody has spoken with them."""
        self.call.outcome = "machine"
        self.call.note("machine", leg.phone.greeting)
        self.call.pass_time(max(0.0, speaking_seconds(leg.phone.greeting) - leg.seconds), "conversation")
        message = self.call.scenario.voicemail
        if message is not None:
            self.call.note("caller", message.text)
            self.call.machine_recorded.append(message.text)
            samples = sound.decode(self.call.scenario.audio_file(message.audio), 1)
            self.call.timeline.lay(self.call.clock.elapsed, samples, PARENT)
            self.call.pass_time(sound.seconds(samples), "conversation")

    def _ended_by_caller(self, leg: Leg) -> bool:
        conversation = self.call.scenario.conversation
        return leg.phone.outcome == "machine" or (conversation is not None and conversation.ended_by == "caller")

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
