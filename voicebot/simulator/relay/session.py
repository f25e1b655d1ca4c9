"""One relay from its setup to its end: the bot speaks, the caller answers, in turns."""

import time
from dataclasses import dataclass, field

from voicebot.simulator.account import new_sid
from voicebot.simulator.call import CallerGone, CallRun
from voicebot.simulator.gather import CALLER_CHARACTERS_PER_SECOND, REACTION_SECONDS, SECONDS_PER_KEY
from voicebot.simulator.parts import GatherAnswer
from voicebot.simulator.relay.line import ABNORMAL, Line, LineClosed
from voicebot.simulator.relay.messages import End, Language, Message, Play, SendDigits, Text
from voicebot.simulator.relay.settings import DTMF, KINDS, SPEECH, RelaySettings
from voicebot.simulator.relay.speech import PLAY_SECONDS, Mouth, Utterance

# A bot may ask and ask; a person would have hung up long before this.
MAX_TURNS = 40
# What belongs to one turn comes in one go: this much real silence after its last word ends it.
GRACE_SECONDS = 0.06


@dataclass(slots=True)
class Session:
    """The talk of one caller with one bot over an open line."""

    call: CallRun
    settings: RelaySettings
    line: Line
    sid: str = field(default_factory=lambda: new_sid("VX"))
    _mouth: Mouth = field(init=False)
    _words: str = ""
    _end: End | None = None
    _language: str = ""
    _was_silent: bool = False

    def __post_init__(self) -> None:
        self._mouth = Mouth(self.call, self._tell_played)
        self._language = self.settings.language

    def run(self, call_status: str) -> End:
        """Talk until the bot ends it. Raises CallerGone, or LineClosed when the socket is no more."""
        self._set_up(call_status)
        for turn in range(MAX_TURNS):
            self._listen_to_bot()
            if turn == self.call.scenario.relay.drop_after_turns:
                self.line.drop()
                raise LineClosed(ABNORMAL)
            if self._end is not None:
                if not self.call.scenario.relay.end_cuts:
                    self._mouth.speak()
                return self._end
            self._take_turn()
        self.call.errors.append(f"the relay was stopped after {MAX_TURNS} turns: it leads in a circle")
        raise LineClosed(ABNORMAL)

    def _set_up(self, call_status: str) -> None:
        fields = self.call.parameters()
        self.line.send(
            type="setup",
            sessionId=self.sid,
            callSid=self.call.sid,
            parentCallSid="",
            accountSid=self.call.account.account_sid,
            **{"from": fields.get("From", "")},
            to=fields.get("To", ""),
            forwardedFrom=fields.get("ForwardedFrom", ""),
            callerName=fields.get("CallerName", ""),
            direction="inbound",
            callType="PSTN",
            callStatus=call_status,
            customParameters=self.settings.parameters,
        )
        if self.settings.greeting:
            self._mouth.add(Utterance(self.settings.greeting, self.settings.greeting_interruptible))

    def _listen_to_bot(self) -> None:
        """Take in what the bot says, until its turn is over, it ends the session, or it has been silent too long."""
        began = time.monotonic()
        until = began + self.call.scenario.relay.patience_seconds
        while self._end is None:
            is_over = bool(self._mouth.queue) and not self._words
            message = self.line.receive(GRACE_SECONDS if is_over else max(0.0, until - time.monotonic()))
            if message is None:
                break
            self._take_in(message)
        if self._was_silent:
            # Here it is the bot's own patience that ran out, in real time: the caller has waited as long.
            self.call.clock.elapsed += time.monotonic() - began
        if self._end is None and not self._mouth.queue:
            self.call.note("caller", "(hears nothing)")
            raise CallerGone

    def _take_in(self, message: Message) -> None:
        match message:
            case Text():
                self._words += message.token
                if message.last:
                    self._say(message, self._words.strip())
                    self._words = ""
            case Play():
                self._say(message, f"(plays {message.source})", PLAY_SECONDS * (message.loop or 1000))
            case SendDigits():
                self.call.note("bot", f"(presses {message.digits})")
            case Language():
                self._language = message.transcription_language or self._language
            case End():
                self._end = message

    def _say(self, message: Text | Play, text: str, seconds: float = 0.0) -> None:
        if not text:
            return
        asked, preemptible = message.interruptible, message.preemptible
        kinds = self.settings.interruptible if asked is None else KINDS["any" if asked else "none"]
        preemptible = self.settings.preemptible if preemptible is None else preemptible
        self._mouth.add(Utterance(text, kinds, preemptible, seconds))

    def _take_turn(self) -> None:
        heard, whole = self.call.next_answer(), self._mouth.seconds
        self._was_silent = heard.silence
        if heard.silence:
            self._mouth.speak()
            self.call.note("caller", "(says nothing)")
            return
        acts_at = whole + REACTION_SECONDS if heard.after_seconds is None else heard.after_seconds
        said = self._mouth.at(acts_at)
        if heard.hang_up:
            self._mouth.speak(min(acts_at, whole))
            self.call.pass_time(max(0.0, acts_at - whole), "greeting")
            raise CallerGone
        kind = DTMF if heard.digits is not None else SPEECH
        if said is None or not (kind in said.interruptible or kind in self.settings.reports):
            self._mouth.speak()
            self.call.pass_time(max(0.0, acts_at - whole), "greeting")
            if said is not None:
                self.call.note("caller", "(speaks, and is not heard)")
                self._was_silent = True
                return
        elif kind in said.interruptible:
            self._interrupt(acts_at)
        else:
            self._mouth.speak(acts_at)
        self._deliver(heard)

    def _interrupt(self, second: float) -> None:
        """The caller cuts the bot short: whatever else it wanted to say is never said."""
        heard = self._mouth.speak(second)
        self._mouth.queue.clear()
        self.line.send(type="interrupt", utteranceUntilInterrupt=heard, durationUntilInterruptMs=round(second * 1000))

    def _deliver(self, heard: GatherAnswer) -> None:
        if heard.digits is not None:
            self._press(heard.digits)
            return
        text = (heard.say or "").strip()
        self.call.note("caller", text)
        self._tell("clientSpeaking", "on", "speaker-events")
        self.call.pass_time(len(text) / CALLER_CHARACTERS_PER_SECOND + REACTION_SECONDS, "greeting")
        self._tell("clientSpeaking", "off", "speaker-events")
        language, words = heard.language or self._language, text.split()
        for count in range(1, len(words)) if self.settings.tells_partials else ():
            self.line.send(type="prompt", voicePrompt=" ".join(words[:count]), lang=language, last=False)
        if text:
            self.line.send(type="prompt", voicePrompt=text, lang=language, last=True)

    def _press(self, digits: str) -> None:
        self.call.note("caller", f"(presses {digits})")
        for digit in digits:
            self.call.pass_time(SECONDS_PER_KEY, "greeting")
            if self.settings.hears_keys:
                self.line.send(type="dtmf", digit=digit)

    def _tell_played(self, text: str) -> None:
        self._tell("agentSpeaking", "on", "speaker-events")
        self._tell("tokensPlayed", text, "tokens-played")
        self._tell("agentSpeaking", "off", "speaker-events")

    def _tell(self, name: str, value: str, event: str) -> None:
        if event in self.settings.events:
            self.line.send(type="info", name=name, value=value)
