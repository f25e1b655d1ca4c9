"""The state of one call under way, and what every verb needs of it: time, talk, requests, the final callbacks."""

import json
import xml.etree.ElementTree as ET
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import quote, urljoin, urlsplit

from voicebot.simulator import document, schema
from voicebot.simulator.account import AccountState, CallRecord, OwnedNumber, new_sid
from voicebot.simulator.callbacks import Callbacks, Switches, repeated
from voicebot.simulator.clock import Clock
from voicebot.simulator.delivery import Courier, Sent
from voicebot.simulator.scenario import GatherAnswer, Scenario
from voicebot.simulator.timeline import Timeline

Phase = Literal["greeting", "ringing", "conversation"]
SPOKEN_CHARACTERS_PER_SECOND = 15.0
APOLOGY = "We are sorry, an application error has occurred. Goodbye."

MESSAGES = {
    11100: "it is no address",
    11200: "the address answered with an error",
    11205: "no connection, or no answer in time",
    11206: "the answer is no HTTP",
    11215: "too many redirects",
    11750: "the answer is too large",
    12100: "the answer is not TwiML",
    12300: "the answer's content type is none that can be carried out",
}


class CallerGone(Exception):  # noqa: N818 - not an error: what a caller does
    """The caller has hung up: nothing more of any document is carried out."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document to carry out, and the address that its relative ones hang on."""

    root: ET.Element
    url: str


@dataclass(slots=True)
class CallRun:
    """One call from its first ring on. `status` is the parent leg's, in the carrier's words.

    `answered_at` is the call's second at which it was picked up.
    """

    scenario: Scenario
    account: AccountState
    number: OwnedNumber
    clock: Clock
    switches: Switches
    sid: str = field(default_factory=lambda: new_sid("CA"))
    status: str = "ringing"
    outcome: str = "ended"
    said: list[str] = field(default_factory=list)
    transcript: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    documents: list[Sent] = field(default_factory=list)
    recording_sids: list[str] = field(default_factory=list)
    timeline: Timeline = field(default_factory=Timeline)
    # What lasts until the call ends, as a recording of all of it does.
    at_end: list[Callable[[], None]] = field(default_factory=list)
    answered_at: float | None = None
    hung_up_at: datetime | None = None
    courier: Courier = field(init=False)
    callbacks: Callbacks = field(init=False)
    record: CallRecord = field(init=False)
    # Another call to a number of the account: the next document may lead the caller back to where they came from.
    ring_again: Callable[[Scenario], "CallRun"] | None = None
    forwarded_back: list["CallRun"] = field(default_factory=list)
    machine_recorded: list[str] = field(default_factory=list)
    frames: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    _gathers: int = 0
    _requests: int = 0
    _passed: dict[Phase, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        signer = self.account.signer(self.switches.signature)
        self.courier, self.callbacks = Courier(signer), Callbacks(signer, self.switches)
        self.record = CallRecord(
            self.sid,
            self.scenario.from_,
            self.scenario.to,
            self.clock.now(),
            caller_name=self.scenario.caller.name,
            forwarded_from=self.scenario.caller.forwarded_from,
            stir_verstat=self.scenario.caller.stir_verstat,
        )
        with self.account.lock:
            self.account.calls[self.sid] = self.record

    def note(self, who: str, text: str) -> None:
        """A line of the call's story."""
        self.transcript.append((who, text))

    def next_answer(self) -> GatherAnswer:
        """What the caller does at the next question; silence when the scenario says no more."""
        answers = self.scenario.answers
        index, self._gathers = self._gathers, self._gathers + 1
        return answers[index] if index < len(answers) else GatherAnswer(silence=True)

    @property
    def answers_left(self) -> tuple[GatherAnswer, ...]:
        """What the caller has not yet said."""
        return self.scenario.answers[self._gathers :]

    def answer(self) -> None:
        """Pick up: from here on the call is in progress and billed."""
        if self.status == "ringing":
            self.status = self.record.status = "in-progress"
            self.answered_at = self.clock.elapsed

    def pass_time(self, seconds: float, phase: Phase) -> None:
        """Let time pass. Raises CallerGone at the second of the phase at which the caller gives up."""
        before = self._passed.get(phase, 0.0)
        self._passed[phase] = before + seconds
        gives_up = self.scenario.hang_up
        if gives_up is not None and gives_up.during == phase and before <= gives_up.after_seconds <= before + seconds:
            self.clock.wait(gives_up.after_seconds - before)
            raise CallerGone
        self.clock.wait(seconds)

    def parameters(self, **more: str) -> dict[str, str]:
        """The fields of every voice request of the parent leg, blank ones and old aliases included."""
        caller, to, from_ = self.scenario.caller, self.scenario.to, self.scenario.from_
        place = {"City": caller.city, "State": caller.state, "Zip": caller.zip, "Country": caller.country}
        fields = {
            "AccountSid": self.account.account_sid,
            "ApiVersion": "2010-04-01",
            "CallSid": self.sid,
            "CallStatus": self.status,
            "CallToken": self._token(),
            "Called": to,
            "Caller": from_,
            "Direction": "inbound",
            "From": from_,
            "To": to,
            "StirVerstat": caller.stir_verstat,
            **{f"From{key}": value for key, value in place.items()},
            **{f"Caller{key}": value for key, value in place.items()},
            **{f"{side}{key}": "" for side in ("To", "Called") for key in ("City", "State", "Zip")},
            **{f"{side}Country": "US" for side in ("To", "Called")},
            **({"CallerName": caller.name} if caller.name else {}),
            **({"ForwardedFrom": caller.forwarded_from} if caller.forwarded_from else {}),
            **more,
        }
        return {name: value for name, value in fields.items() if name not in caller.without}

    def request(
        self, url: str, params: Mapping[str, str], method: str, phase: Phase = "greeting"
    ) -> tuple[Sent, document.Document]:
        """Ask for a document, twice where the network duplicates. Out: the last answer, as sent and as read.

        Raises CallerGone when the caller gives up while the network waits in vain.
        """
        token, self._requests = new_sid(""), self._requests + 1
        own_host = urlsplit(self.number.voice_url).netloc
        failing = self.switches.failure_of(self._requests, is_own_host=urlsplit(url).netloc == own_host)
        delay = self.switches.delay_seconds
        sent = repeated(
            lambda: self.courier.deliver(url, params, method, token=token, failing=failing, delay_seconds=delay),
            2 if self.switches.duplicate_documents else 1,
            at_once=self.switches.at_once,
        )
        self.documents += sent
        if sent[-1].lost_seconds:
            self.pass_time(sent[-1].lost_seconds, phase)
        return sent[-1], document.read(sent[-1])

    def fetch(self, url: str, params: Mapping[str, str], method: str) -> Fetched | None:
        """A document, or the fallback's, or None when the caller hears an application error and is dropped."""
        if not url:
            self._drop("the number has no voice address: the call fails at once")
            return None
        sent, found = self.request(url, params, method)
        if found.error and self.number.voice_fallback_url:
            self._complain(sent, found.error)
            params = {**params, "ErrorCode": str(found.error), "ErrorUrl": url}
            method = self.switches.method or self.number.voice_fallback_method
            sent, found = self.request(self.number.voice_fallback_url, params, method)
        if found.error:
            self._complain(sent, found.error)
            self._drop("application error")
            self.note("network", APOLOGY)
            self.said.append(APOLOGY)
            return None
        self.review(found.root)
        return Fetched(found.root, sent.url)

    def review(self, root: ET.Element) -> None:
        """Keep what the carrier's console would say of a document."""
        warnings, errors = schema.review(root)
        self.warnings += warnings
        self.errors += errors

    def end(self) -> None:
        """Both sides have hung up: the final status, then every callback; returns after the last one."""
        self.hung_up_at = datetime.now(UTC)
        duration = 0 if self.answered_at is None else round(self.clock.elapsed - self.answered_at)
        if self.status == "in-progress":
            self.status = "completed"
        elif self.status == "ringing":
            self.status = "failed" if self.outcome == "dropped" else "no-answer"
        for finish in self.at_end:
            finish()
        with self.account.lock:
            self.record.status, self.record.ended_at = self.status, self.clock.now()
            self.record.duration_seconds = duration
        self._report_end(duration)
        self.callbacks.finish()
        self.courier.close()
        late = [one for one in self.callbacks.sent if one.error]
        self.warnings += [f"{one.error}: the callback to {one.url} got {one.status or 'no answer'}" for one in late]

    def _report_end(self, duration: int) -> None:
        if self.number.status_callback:
            params = self.parameters(
                CallDuration=str(duration),
                Duration=str(-(-duration // 60)),
                Timestamp=self.clock.stamp(),
                SequenceNumber="0",
                CallbackSource="call-progress-events",
            )
            method = self.switches.method or self.number.status_callback_method
            self.callbacks.hold("status", self.number.status_callback, params, method, first=True)

    def _drop(self, why: str) -> None:
        self.outcome = "dropped"
        self.errors.append(why)

    def _complain(self, sent: Sent, error: int) -> None:
        self.errors.append(f"{error}: {MESSAGES.get(error, 'error')} ({sent.status or 'no answer'} from {sent.url})")

    def _token(self) -> str:
        """A CallToken in the carrier's form; its signature is none, since nobody but the carrier can check it."""
        claims = {"callSid": self.sid, "from": self.scenario.from_, "to": self.scenario.to, "iat": "0"}
        parts = [json.dumps(part).encode() for part in ({"typ": "JWT", "alg": "ES256"}, claims)]
        token = ".".join([*(urlsafe_b64encode(part).decode().rstrip("=") for part in parts), ""])
        return quote(json.dumps({"parentCallInfoToken": token, "identityHeaderTokens": []}), safe="")


def spoken(element: ET.Element) -> tuple[str, float]:
    """The text of a `<Say>` and the seconds it takes, or of a `<Play>` or `<Pause>` what stands for it."""
    if element.tag == "Say":
        text = " ".join("".join(element.itertext()).split())
        return text, speaking_seconds(text) * times(element)
    if element.tag == "Play":
        return f"(plays {(element.text or '').strip() or element.get('digits', '')})", 3.0 * times(element)
    return "", number(element, "length", 1.0)


def speaking_seconds(text: str) -> float:
    """How long a synthesiser takes to say a text."""
    return max(0.3, len(text) / SPOKEN_CHARACTERS_PER_SECOND)


def times(element: ET.Element) -> int:
    """How often a `<Say>` or `<Play>` is repeated; 0 stands for a thousand, which no caller waits for."""
    return int(number(element, "loop", 1.0)) or 1000


def number(element: ET.Element, attribute: str, usual: float) -> float:
    """An attribute's number; the usual one where it is missing, `auto` or no number."""
    try:
        return max(0.0, float(element.get(attribute, usual)))
    except ValueError:
        return usual


def address(element: ET.Element, attribute: str, base: str) -> str | None:
    """An attribute's address, absolute; None where there is none."""
    value = (element.get(attribute) or "").strip()
    return urljoin(base, value) if value else None


def address_of_text(element: ET.Element, base: str) -> str:
    """The address that stands in an element, absolute; the document's own where it is empty."""
    return urljoin(base, (element.text or "").strip())
