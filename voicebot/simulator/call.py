"""One call: the number rings, documents are fetched and carried out verb by verb, and the callbacks are sent."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote

from voicebot import logs
from voicebot.simulator import sound
from voicebot.simulator.account import AccountState, CallRecord, OwnedNumber, RecordingRecord, new_sid
from voicebot.simulator.clock import Clock
from voicebot.simulator.delivery import Line, Sent
from voicebot.simulator.scenario import GatherAnswer, Scenario

log = logs.get(__name__)

MESSAGES = {
    11200: "the address could not be fetched",
    11205: "the connection took too long",
    11215: "too many redirects",
    11750: "the answer is too large",
    12100: "the answer is not TwiML",
}


class CallerGone(Exception):  # noqa: N818 - not an error: what a caller does
    """The caller has hung up: nothing more of any document is carried out."""


@dataclass(slots=True)
class Switches:
    """How the network misbehaves; all off unless set."""

    duplicate_callbacks: bool = False
    callbacks_out_of_order: bool = False
    media_missing_gets: int = 0


@dataclass(slots=True)
class CallRun:
    """The state of a call under way."""

    scenario: Scenario
    account: AccountState
    number: OwnedNumber
    clock: Clock
    switches: Switches = field(default_factory=Switches)
    sid: str = field(default_factory=lambda: new_sid("CA"))
    status: str = "ringing"
    outcome: str = "hung_up"
    said: list[str] = field(default_factory=list)
    transcript: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    # Callbacks that the carrier sends some time after the fact, and not in the call's own flow.
    later: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    recording_sids: list[str] = field(default_factory=list)
    answered_gathers: int = 0
    hung_up_at: datetime | None = None
    line: Line = field(init=False)
    record: CallRecord = field(init=False)

    def __post_init__(self) -> None:
        self.line = Line(self.account.auth_token)
        self.record = CallRecord(self.sid, self.scenario.from_, self.scenario.to, self.clock.now())
        with self.account.lock:
            self.account.calls[self.sid] = self.record

    def note(self, who: str, text: str) -> None:
        """A line of the call's story."""
        self.transcript.append((who, text))

    def parameters(self, **more: str) -> dict[str, str]:
        """The fields of every voice request, blank ones and old aliases included."""
        caller, to, from_ = self.scenario.caller, self.scenario.to, self.scenario.from_
        place = {"City": caller.city, "State": caller.state, "Zip": caller.zip, "Country": caller.country}
        token = quote('{"parentCallInfoToken":"' + self.sid + '","identityHeaderTokens":[]}')
        return {
            "AccountSid": self.account.account_sid,
            "ApiVersion": "2010-04-01",
            "CallSid": self.sid,
            "CallStatus": self.status,
            "CallToken": token,
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
            **more,
        }

    def next_answer(self) -> GatherAnswer:
        """What the caller does at the next question; silence when the scenario says no more."""
        answers = self.scenario.answers
        index, self.answered_gathers = self.answered_gathers, self.answered_gathers + 1
        return answers[index] if index < len(answers) else GatherAnswer(silence=True)

    def fetch(self, url: str, form: Mapping[str, str], method: str) -> Sent | None:
        """A document, or the fallback's, or None when the caller hears an application error and is dropped."""
        if not url:
            self.outcome = "dropped"
            self.errors.append("the number has no voice address: the call fails at once")
            return None
        sent = self.line.ask(url, form, method)
        if not sent.error:
            return sent
        self.errors.append(f"{sent.error}: {MESSAGES.get(sent.error, 'error')} ({sent.status} from {url})")
        if self.number.voice_fallback_url:
            extra = {"ErrorCode": str(sent.error), "ErrorUrl": url}
            again = self.line.ask(self.number.voice_fallback_url, {**form, **extra}, self.number.voice_fallback_method)
            if not again.error:
                return again
            self.errors.append(f"{again.error}: the fallback failed too")
        self.outcome = "dropped"
        self.note("network", "We are sorry, an application error has occurred. Goodbye.")
        return None

    def answer(self) -> None:
        """Take the call: from the first verb that needs a line on, it is in progress and billed."""
        if self.status == "ringing":
            self.status = self.record.status = "in-progress"

    def pass_time(self, seconds: float, what: str) -> None:
        """Let time pass, during which the caller may hang up."""
        gives_up = self.scenario.hang_up
        if gives_up is not None and gives_up.during == what and gives_up.after_seconds <= seconds:
            self.clock.wait(gives_up.after_seconds)
            raise CallerGone
        self.clock.wait(seconds)

    def say(self, element: ET.Element, *, who: str = "bot") -> float:
        """The seconds a `<Say>` takes, at some fifteen characters a second."""
        text = "".join(element.itertext()).strip()
        self.note(who, text)
        if who == "bot":
            self.said.append(text)
        return max(0.3, len(text) / 15.0)

    def keep_recording(self, samples: sound.Samples, source: str, started_at: datetime) -> RecordingRecord:
        """Store a recording in the account, as the carrier would serve it."""
        mixed = sound.mono(samples)
        made = RecordingRecord(
            sid=new_sid("RE"),
            call_sid=self.sid,
            media=sound.wav(samples),
            mono_media=sound.wav(mixed),
            channels=int(samples.shape[0]),
            duration_seconds=max(1, round(sound.seconds(samples))),
            started_at=started_at,
            source=source,
            missing_gets=self.switches.media_missing_gets,
        )
        with self.account.lock:
            self.account.recordings[made.sid] = made
        self.recording_sids.append(made.sid)
        return made

    def recording_url(self, recording: RecordingRecord) -> str:
        """The address that callbacks name; it has no extension."""
        base = "https://api.twilio.com/2010-04-01/Accounts"
        return f"{base}/{self.account.account_sid}/Recordings/{recording.sid}"

    def tell_later(self, url: str, form: dict[str, str]) -> None:
        """A callback to be sent when the call is over."""
        self.later.append((url, form))

    def tell(self, url: str, form: Mapping[str, str]) -> None:
        """Send a callback, twice where the network duplicates."""
        for _ in range(2 if self.switches.duplicate_callbacks else 1):
            sent = self.line.tell(url, form)
            if sent.error:
                self.warnings.append(f"{sent.error}: callback to {url} answered {sent.status}")

    def end(self) -> None:
        """Both sides have hung up: the final status, then every callback that was kept for later."""
        self.hung_up_at = datetime.now(UTC)
        answered = self.status == "in-progress"
        self.status = "completed" if answered else {"rejected": "busy"}.get(self.outcome, "no-answer")
        duration = round(self.clock.elapsed) if answered else 0
        with self.account.lock:
            self.record.status, self.record.ended_at = self.status, self.clock.now()
            self.record.duration_seconds = duration
        callbacks = list(self.later)
        if self.number.status_callback:
            minutes = str(-(-duration // 60))
            form = self.parameters(
                CallDuration=str(duration), Duration=minutes, Timestamp=self.clock.stamp(), SequenceNumber="0"
            )
            form["CallbackSource"] = "call-progress-events"
            callbacks.insert(0, (self.number.status_callback, form))
        if self.switches.callbacks_out_of_order:
            callbacks.reverse()
        for url, form in callbacks:
            self.tell(url, form)
