"""The dialogue: `(flow, state, heard) -> (state, reply)`. Pure: no database, no web framework, no clock.

Speech and keypad `<Gather>` is its first transport; it knows nothing of TwiML.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from voicebot.classify.labels import HeardAnswer
from voicebot.ivr.flow import Dial, Flow, Greeting, HangUp, RecordingNotice, SourceQuestion, Voicemail

# How an answer is understood; wired to the classifier by the web process. `prompted`: sources named to the caller.
Understand = Callable[[str], HeardAnswer]

SKIP_KEYS = frozenset("#0")
PERSON = re.compile(
    r"\b(operator|representative|emergency|receptionist|real person|human|somebody real"
    r"|(talk|speak) (to|with) (a|an|the|some) ?(person|body|one|agent|human)|(talk|speak) (to|with) some(one|body))\b",
    re.IGNORECASE,
)
SOURCE_QUESTION = "source"


@dataclass(frozen=True, slots=True)
class Heard:
    """What the caller gave at a question: words with the recogniser's confidence (0 to 1), keys, or neither."""

    text: str = ""
    digits: str = ""
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class State:
    """Where the caller is: the step's index and the turn at it. `answer`: the source answer in words so far."""

    step: int = 0
    turn: int = 0
    answer: str = ""

    def as_json(self) -> dict[str, Any]:
        """For the call's row."""
        return {"step": self.step, "turn": self.turn, "answer": self.answer}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "State":
        """Back from the call's row; a row that never met a question is the start."""
        return cls(int(document.get("step", 0)), int(document.get("turn", 0)), str(document.get("answer", "")))


@dataclass(frozen=True, slots=True)
class Ask:
    """Listen for speech or keys. `question` and `turn` name the answer; `prompted`: sources the bot has named."""

    question: str
    turn: int
    text: str
    timeout_seconds: int
    prompted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Forward:
    """Connect the caller to the business."""

    timeout_seconds: int
    record: bool
    agent_message: str | None


@dataclass(frozen=True, slots=True)
class TakeMessage:
    """Record a voicemail."""

    text: str
    max_seconds: int


@dataclass(frozen=True, slots=True)
class End:
    """Hang up, with a last word."""

    text: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """An answer to keep, as heard and as understood."""

    question: str
    turn: int
    heard: Heard
    understood: HeardAnswer
    prompted: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What happens next: texts to say, then one act. `gives_notice`: the recording notice is among the texts."""

    act: Ask | Forward | TakeMessage | End
    say: tuple[str, ...] = ()
    gives_notice: bool = False
    notes: tuple[Note, ...] = field(default=())


def begin(flow: Flow, *, first_call: bool) -> tuple[State, Reply]:
    """A call has come in: everything up to the first question or the forwarding."""
    return _run(flow, State(), first_call=first_call)


def answer(flow: Flow, state: State, heard: Heard, understand: Understand) -> tuple[State, Reply]:
    """The caller has answered, or stayed silent, at the question of `state`. Total: anything heard moves on."""
    step = flow.steps[state.step] if state.step < len(flow.steps) else None
    if not isinstance(step, SourceQuestion):
        return _run(flow, replace(state, step=min(state.step, _dial_index(flow))), first_call=False)
    understood = _understand(step, heard, understand)
    note = Note(SOURCE_QUESTION, state.turn, heard, understood, prompted=_was_prompted(step, state, heard))
    enough = understood.sources != ("not_stated",) or _wants_out(heard)
    if not enough and state.turn + 1 < step.attempts:
        again = replace(state, turn=state.turn + 1)
        return again, Reply(_ask(step, again.turn), notes=(note,))
    said = heard.text.strip() if enough and understood.sources != ("not_stated",) else ""
    onward = State(step=state.step + 1, turn=0, answer=said or state.answer)
    after, reply = _run(flow, onward, first_call=False)
    return after, replace(reply, notes=(note,))


def resume(flow: Flow, state: State) -> Reply:
    """What a caller who is already at `state` should meet now: the question again, or the business."""
    step = flow.steps[state.step] if state.step < len(flow.steps) else None
    if isinstance(step, SourceQuestion):
        opening = _run(flow, State(), first_call=True)[1]
        return opening if state.turn == 0 else Reply(_ask(step, state.turn))
    return _run(flow, replace(state, step=min(state.step, _dial_index(flow))), first_call=False)[1]


def not_connected(flow: Flow, state: State) -> tuple[State, Reply]:
    """Nobody at the business took the call: voicemail, or a last word."""
    return _run(flow, State(step=_dial_index(flow) + 1, answer=state.answer), first_call=False)


def after_message() -> Reply:
    """A voicemail was left."""
    return Reply(End("Thank you. We will call you back."))


def _run(flow: Flow, state: State, *, first_call: bool) -> tuple[State, Reply]:
    said: list[str] = []
    notice = False
    for index in range(state.step, len(flow.steps)):
        step = flow.steps[index]
        here = State(step=index, turn=0, answer=state.answer)
        match step:
            case Greeting():
                said.append(step.text)
            case RecordingNotice():
                said.append(step.text)
                notice = True
            case SourceQuestion() if _is_asked(step, first_call):
                return here, Reply(_ask(step, 0), tuple(said), notice)
            case Dial():
                act = Forward(step.timeout_seconds, step.record, step.agent_message)
                return here, Reply(act, tuple(said), notice)
            case Voicemail():
                return here, Reply(TakeMessage(step.text, step.max_seconds), tuple(said), notice)
            case HangUp():
                return here, Reply(End(step.text), tuple(said), notice)
    return State(step=len(flow.steps), answer=state.answer), Reply(End(), tuple(said), notice)


def _is_asked(step: SourceQuestion, first_call: bool) -> bool:
    return step.ask == "always" or (step.ask == "first_time" and first_call)


def _ask(step: SourceQuestion, turn: int) -> Ask:
    if turn == 0:
        return Ask(SOURCE_QUESTION, turn, step.text, step.timeout_seconds)
    offers = " ".join(f"For {choice.spoken}, press {choice.key}." for choice in step.choices)
    prompted = tuple(choice.source for choice in step.choices)
    return Ask(SOURCE_QUESTION, turn, f"{step.reprompt} {offers}".strip(), step.timeout_seconds, prompted)


def _understand(step: SourceQuestion, heard: Heard, understand: Understand) -> HeardAnswer:
    for choice in step.choices:
        if heard.digits == choice.key:
            return HeardAnswer((choice.source,), 0.97)
    if heard.text.strip():
        return understand(heard.text)
    return HeardAnswer(("declined",) if heard.digits[:1] in SKIP_KEYS and heard.digits else ("not_stated",), 0.99)


def _was_prompted(step: SourceQuestion, state: State, heard: Heard) -> bool:
    return state.turn > 0 and bool(step.choices) and bool(heard.digits or heard.text)


def _wants_out(heard: Heard) -> bool:
    return heard.digits[:1] in SKIP_KEYS if heard.digits else bool(PERSON.search(heard.text))


def _dial_index(flow: Flow) -> int:
    return next(index for index, step in enumerate(flow.steps) if isinstance(step, Dial))
