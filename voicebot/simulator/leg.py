"""The forwarded leg to one number: its own CallSid, its status callbacks, and the agent message it hears.

https://www.twilio.com/docs/voice/twiml/number. The agent message runs after the answer and before the bridge; its
requests carry the child leg's fields.
"""

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

from voicebot.simulator.account import CallRecord, new_sid
from voicebot.simulator.call import CallRun, address, address_of_text, number, speaking_seconds, spoken
from voicebot.simulator.flow import OVER, Next, Over, Result
from voicebot.simulator.gather import press
from voicebot.simulator.parts import Business
from voicebot.simulator.schema import allowed

MAX_DOCUMENTS = 10
# What the far end's network answered, as far as captures show it.
SIP_CODES = {"busy": "486", "no-answer": "487", "canceled": "487"}


class _AgentGone(Exception):  # noqa: N818 - not an error: what an agent does
    """The agent has hung up during the agent message."""


@dataclass(slots=True)
class Leg:
    """One child leg. `noun` is its `<Number>`, `base_url` the document's address, `phone` what the phone there does."""

    call: CallRun
    noun: ET.Element
    base_url: str
    phone: Business
    sid: str = field(default_factory=lambda: new_sid("CA"))
    record: CallRecord = field(init=False)
    _answered_at: float | None = None
    _sequence: int = 0
    _questions: int = 0

    def __post_init__(self) -> None:
        self.record = CallRecord(
            self.sid,
            self.call.scenario.from_,
            self.phone_number,
            self.call.clock.now(),
            status="queued",
            parent_sid=self.call.sid,
            direction="outbound-dial",
        )
        with self.call.account.lock:
            self.call.account.calls[self.sid] = self.record

    @property
    def phone_number(self) -> str:
        """The number as the document gives it."""
        return (self.noun.text or "").strip()

    @property
    def seconds(self) -> int:
        """How long it has been answered, whole seconds."""
        return round(self._seconds_since())

    def start(self) -> None:
        """Dial the number and let it ring."""
        self._report("initiated", "initiated")
        self._report("ringing", "ringing")

    def answer(self) -> None:
        """Somebody, or something, picked up."""
        self._answered_at = self.call.clock.elapsed
        self._report("answered", "in-progress")

    def end(self, status: str) -> None:
        """The leg is over, with its final status."""
        with self.call.account.lock:
            self.record.ended_at, self.record.duration_seconds = self.call.clock.now(), self.seconds
        sip = {"SipResponseCode": SIP_CODES[status]} if status in SIP_CODES else {}
        minutes = str(-(-self.seconds // 60))
        self._report("completed", status, CallDuration=str(self.seconds), Duration=minutes, **sip)

    def parameters(self, status: str, **more: str) -> dict[str, str]:
        """The fields of the leg's own requests."""
        return {
            **self.call.parameters(),
            "CallSid": self.sid,
            "ParentCallSid": self.call.sid,
            "CallStatus": status,
            "Direction": "outbound-dial",
            "To": self.phone_number,
            "Called": self.phone_number,
            **more,
        }

    def accepts(self) -> bool:
        """Play the agent message. Out: whether the caller is connected.

        `<Hangup>` declines, a broken message too, and so does an agent who hangs up.
        """
        try:
            return self._accepts()
        except _AgentGone:
            self.call.note("agent", "(hangs up)")
            return False

    def _accepts(self) -> bool:
        url, method = address(self.noun, "url", self.base_url), self.noun.get("method", "POST")
        params = self.parameters("in-progress")
        for _ in range(MAX_DOCUMENTS):
            if url is None:
                return True
            sent, found = self.call.request(url, params, method, "ringing")
            if found.error:
                self.call.errors.append(f"{found.error}: the agent message could not be had from {sent.url}")
                return False
            self.call.review(found.root)
            result = self._carry_out(found.root, sent.url)
            if not isinstance(result, Next):
                return not isinstance(result, Over)
            url, method, params = result.url, result.method, self.parameters("in-progress", **result.fields)
        self.call.errors.append("the agent message led the agent in a circle")
        return False

    def _carry_out(self, root: ET.Element, url: str) -> Result:
        for verb in allowed(root):
            result = self._step(verb, url)
            if result is not None:
                return result
        return None

    def _step(self, verb: ET.Element, url: str) -> Result:
        match verb.tag:
            case "Say" | "Play" | "Pause":
                self._hear(verb)
            case "Gather":
                return self._gather(verb, url)
            case "Redirect":
                return Next(address_of_text(verb, url), verb.get("method", "POST"))
            case "Hangup":
                return OVER
            case "Dial":
                self.call.errors.append("13201: an agent message cannot dial")
                return OVER
            case _:
                self.call.errors.append(f"12200: <{verb.tag}> may not stand in an agent message")
        return None

    def _hear(self, verb: ET.Element) -> None:
        text, seconds = spoken(verb)
        if text:
            self.call.note("to the agent", text)
        self._pass(seconds)
        if text and self.phone.outcome == "machine" and self._seconds_since() > speaking_seconds(self.phone.greeting):
            self.call.machine_recorded.append(text)

    def _gather(self, verb: ET.Element, url: str) -> Next | None:
        for prompt in allowed(verb):
            self._hear(prompt)
        keys, timeout = self.phone.keys(self._questions), number(verb, "timeout", 5.0)
        self._questions += 1
        is_listened_for = "dtmf" in verb.get("input", "dtmf").split() and self.phone.presses_after_seconds <= timeout
        if keys and is_listened_for:
            self._pass(self.phone.presses_after_seconds)
            self.call.note("agent", f"(presses {keys})")
            fields = press(self.call, verb, keys, "ringing")
        else:
            self._pass(timeout)
            fields = {"Digits": ""} if verb.get("actionOnEmptyResult") == "true" else {}
        return Next(address(verb, "action", url) or url, verb.get("method", "POST"), fields) if fields else None

    def _seconds_since(self) -> float:
        """How long ago somebody, or something, picked up."""
        return 0.0 if self._answered_at is None else self.call.clock.elapsed - self._answered_at

    def _pass(self, seconds: float) -> None:
        """Let time pass in the agent message. Raises _AgentGone at the second at which the agent hangs up."""
        gives_up = self.phone.hangs_up_after_seconds
        left = None if gives_up is None else gives_up - self._seconds_since()
        if left is not None and left <= seconds:
            self.call.pass_time(max(0.0, left), "ringing")
            raise _AgentGone
        self.call.pass_time(seconds, "ringing")

    def _report(self, event: str, status: str, **more: str) -> None:
        sequence, self._sequence = self._sequence, self._sequence + 1
        with self.call.account.lock:
            self.record.status = status
        url = address(self.noun, "statusCallback", self.base_url)
        if url is None or event not in self.noun.get("statusCallbackEvent", "completed").split():
            return
        params = self.parameters(
            status,
            CallbackSource="call-progress-events",
            SequenceNumber=str(sequence),
            Timestamp=self.call.clock.stamp(),
            **more,
        )
        self.call.callbacks.post("leg", url, params, self.noun.get("statusCallbackMethod", "POST"))
