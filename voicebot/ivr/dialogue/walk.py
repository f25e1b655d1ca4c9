"""A caller's way through the steps, up to the next act: a question, the business, a message, the end. Pure.

It ends always: steps only lead forward and branches never lead back to themselves.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from voicebot.ivr import prompts
from voicebot.ivr.dialogue import menu, qualify, source
from voicebot.ivr.dialogue.acts import (
    RECORDING,
    Ask,
    End,
    Forward,
    Note,
    Notice,
    Reply,
    Speech,
    State,
    TakeMessage,
)
from voicebot.ivr.dialogue.speaking import own_words, speech_of
from voicebot.ivr.flow import (
    Dial,
    Flow,
    Greeting,
    HangUp,
    Menu,
    Qualification,
    RecordingNotice,
    Schedule,
    SourceQuestion,
    Step,
    Tag,
    Voicemail,
    is_open,
)
from voicebot.ivr.flow.timing import WINDOW_SECONDS


def step_at(flow: Flow, state: State) -> Step | None:
    """The step where the caller is; None past the end of its list, and for a place that the flow does not have."""
    branch, index = state.path[-1]
    steps = flow.lists.get(branch, ())
    return steps[index] if 0 <= index < len(steps) else None


def onward(state: State) -> State:
    """At the next step of the same list."""
    branch, index = state.path[-1]
    return _arrived(state, (*state.path[:-1], (branch, index + 1)))


def into(state: State, branch: str | None) -> State:
    """At the beginning of a branch, or at the next step where there is none."""
    return onward(state) if branch is None else _arrived(state, (*state.path, (branch, 0)))


def at_once(flow: Flow, state: State, *, emergency: bool) -> State:
    """On the shortest way to a person: no more questions, and in an emergency the first dial step there is."""
    hurried = onward(replace(state, hurry=True))
    dial = flow.first_dial() if emergency else None
    if dial is None:
        return hurried
    return replace(_arrived(hurried, (dial,)), tags=_with(state.tags, "emergency"))


def run(flow: Flow, state: State, say: Sequence[Speech] = (), notes: Sequence[Note] = ()) -> tuple[State, Reply]:
    """Everything from where the caller is up to the next act."""
    way = _Way(flow, state, list(say), list(notes))
    act = None
    while act is None:
        act = way.step()
    reply = way.reply(act)
    return way.state, reply


def again(flow: Flow, state: State, notice: RecordingNotice | None) -> tuple[State, Reply]:
    """The present step from its beginning, after the notice where it has to be given anew."""
    tries = state.tries
    way = _Way(flow, _arrived(state, state.path), [], [])
    if notice is not None and not state.noticed:
        way.give_notice(notice)
    act = None
    while act is None:
        act = way.step()
    if isinstance(act, Ask):
        # Another language does not give another try.
        way.state = replace(way.state, tries=max(tries, 1))
    reply = way.reply(act)
    return way.state, reply


def _arrived(state: State, path: tuple[tuple[str, int], ...]) -> State:
    return replace(state, path=path, question="", tries=0, mode="", offered=(), attempt=0)


def _with(tags: tuple[str, ...], tag: str) -> tuple[str, ...]:
    return tags if tag in tags else (*tags, tag)


class _Way:
    def __init__(self, flow: Flow, state: State, say: list[Speech], notes: list[Note]) -> None:
        self.flow = flow
        self.state = state
        self._say = say
        self._notes = notes
        self._notice: Notice | None = None
        self._notice_at = 0

    def step(self) -> Ask | Forward | TakeMessage | End | None:
        """Carry out the present step. Out: its act, or None when the caller went on to another step."""
        step = step_at(self.flow, self.state)
        match step:
            case None:
                return self._come_back()
            case Dial():
                return self._dial(step)
            case Voicemail():
                return self._take_message(step)
            case HangUp():
                said = speech_of(self.flow, self.state.language, step) if step.text or step.sound else None
                return End((said,) if said else ())
            case SourceQuestion() | Menu() | Qualification():
                return self._question(step)
        self.state = self._pass(step)
        return None

    def reply(self, act: Ask | Forward | TakeMessage | End) -> Reply:
        """What was gathered on the way, with the act at its end."""
        say, window = tuple(self._say), None
        if isinstance(act, Forward) and act.record and self._notice is not None:
            # No question follows at which the caller could decline: the notice itself is listened through.
            self.state = replace(self.state, question=RECORDING, turn=self.state.turn + 1)
            window = Ask(RECORDING, self.state.turn, say[self._notice_at :], WINDOW_SECONDS, self.state.language)
            say = say[: self._notice_at]
        return Reply(act, say, window, self._notice, tuple(self._notes))

    def _come_back(self) -> End | None:
        if len(self.state.path) == 1:
            return End((own_words(self.flow, self.state.language, "not_answered"),))
        self.state = onward(replace(self.state, path=self.state.path[:-1]))
        return None

    def _pass(self, step: Step) -> State:
        """Steps that never wait for the caller."""
        match step:
            case Greeting():
                self._say.append(speech_of(self.flow, self.state.language, step))
            case RecordingNotice():
                self.give_notice(step)
            case Tag():
                return onward(replace(self.state, tags=_with(self.state.tags, step.tag)))
            case Schedule():
                is_open_now = is_open(step.hours, step.holidays, self.state.moment)
                return into(self.state, step.open if is_open_now else step.closed)
        return onward(self.state)

    def give_notice(self, step: RecordingNotice) -> None:
        """Say the notice once, and keep the proof; a notice that is switched off is no notice and no proof."""
        if step.enabled and not self.state.noticed:
            said = speech_of(self.flow, self.state.language, step, "notice")
            self._notice, self._notice_at = Notice(said.text, said.language), len(self._say)
            self._say.append(said)
        self.state = replace(self.state, noticed=True)

    def _question(self, step: SourceQuestion | Menu | Qualification) -> Ask | None:
        match step:
            case SourceQuestion():
                self.state = replace(self.state, asking=self.state.asking or _asking(step, self.state))
                asks = self.state.asking == "asked" and not self.state.hurry
                self.state, ask = source.begin(self.flow, step, self.state) if asks else (self.state, None)
            case Menu():
                if self.state.hurry:
                    self.state = into(self.state, step.otherwise)
                    return None
                self.state, ask = menu.begin(self.flow, step, self.state)
            case Qualification():
                self.state, ask, notes = qualify.begin(self.flow, step, self.state)
                self._notes += notes
        if ask is None:
            self.state = onward(self.state)
        return ask

    def _dial(self, step: Dial) -> Forward | None:
        state = self.state
        usable = [label for label in step.to or ("",) if label not in state.excluded]
        together = step.strategy == "simultaneous"
        if not usable or state.attempt >= (1 if together else len(usable)):
            self.state = onward(state)
            return None
        chosen = usable if together else [usable[(state.rotation + state.attempt) % len(usable)]]
        turns = step.strategy == "round_robin" and len(usable) > 1 and state.attempt == 0
        return Forward(
            to=tuple(chosen),
            timeout_seconds=step.timeout_seconds,
            record=step.record and state.noticed and not state.unrecorded,
            agent_message=step.agent_message is not None or step.accept,
            accept=step.accept,
            rotates=".".join(map(str, state.path[-1])) if turns else None,
        )

    def _take_message(self, step: Voicemail) -> TakeMessage:
        said = [speech_of(self.flow, self.state.language, step, "voicemail")]
        if self.state.unrecorded or not self.state.noticed:
            # They declined, or never heard the notice: whoever leaves a message now knows what becomes of it.
            said.append(own_words(self.flow, self.state.language, "recorded_message"))
        return TakeMessage(tuple(said), step.max_seconds)


def _asking(step: SourceQuestion, state: State) -> str:
    if step.ask == "never" or (step.ask == "first_time" and not state.first_call):
        return "not_eligible"
    return "held_out" if _share(state.call_sid) < step.holdout else "asked"


def _share(call_sid: str) -> float:
    """A number from 0 to 1 that a call has for ever, spread evenly over calls."""
    return int.from_bytes(hashlib.sha256(f"holdout:{call_sid}".encode()).digest()[:6]) / 2**48


def in_another_language(flow: Flow, state: State, wished: str | None) -> State | None:
    """The state of a caller who now speaks another language of the flow; None where the flow does not offer it."""
    offered = [flow.language, *(offer.language for offer in flow.languages)]
    found = next((one for one in offered if wished and prompts.letters(one) == wished), None)
    if found is None or found == state.language or state.switched:
        return None
    return replace(state, language=found, switched=True, noticed=False)
