"""The dialogue: `(flow, state, heard) -> (state, reply)`. Pure: no database, no web framework, no clock.

Every transport uses `begin`, `answer`, `resume`, `rotate`, `not_connected` and `after_message`, and knows the steps of
a flow by no other way. It knows nothing of TwiML.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from voicebot.ivr.dialogue import hearing, menu, qualify, source, walk
from voicebot.ivr.dialogue.acts import (
    LONGEST_SAID,
    MENU,
    RECORDING,
    SOURCE,
    Ask,
    Caller,
    End,
    Forward,
    Heard,
    Note,
    Notice,
    Refuse,
    Reply,
    Speech,
    State,
    TakeMessage,
    Understand,
)
from voicebot.ivr.dialogue.hearing import Intent
from voicebot.ivr.dialogue.screening import ground_to_refuse
from voicebot.ivr.dialogue.speaking import flow_words, own_words
from voicebot.ivr.flow import Dial, Flow, Menu, Qualification, RecordingNotice, Reject, SourceQuestion

__all__ = [
    "MENU",
    "RECORDING",
    "SOURCE",
    "AgentMessage",
    "Ask",
    "Caller",
    "End",
    "Forward",
    "Heard",
    "Note",
    "Notice",
    "Refuse",
    "Reply",
    "Speech",
    "State",
    "TakeMessage",
    "Understand",
    "after_message",
    "agent_message",
    "answer",
    "begin",
    "not_connected",
    "resume",
    "rotate",
]


def begin(flow: Flow, caller: Caller) -> tuple[State, Reply]:
    """A call has come in: everything up to the first question or the forwarding, or the refusal of spam."""
    state = State(
        language=flow.language,
        first_call=caller.first_call,
        at=caller.at.isoformat(),
        call_sid=caller.call_sid,
        excluded=caller.excluded,
    )
    first = flow.steps[0]
    ground = ground_to_refuse(first, caller) if isinstance(first, Reject) else None
    if ground is not None and isinstance(first, Reject):
        return state, Reply(Refuse(first.reason, ground))
    return walk.run(flow, state)


def answer(
    flow: Flow, state: State, heard: Heard, understand: Understand, offers: Sequence[str] = ()
) -> tuple[State, Reply]:
    """The caller has answered, or stayed silent, at the question of `state`. Total: anything heard moves on.

    In: `offers`, the sources of the company's running campaigns, the likeliest first, for a confirming question.
    """
    state = replace(state, language=state.language or flow.language)
    if state.question == RECORDING:
        return _after_notice(flow, state, heard)
    if _qualifies(flow):
        # Only then: what a caller said is kept where it is needed, and nowhere else.
        state = replace(state, said=f"{state.said} {heard.text}".strip()[:LONGEST_SAID])
    switched = _language_switch(flow, state, heard)
    if switched is not None:
        return _start_over_in(flow, switched)
    state, say = _declined_recording(flow, state, heard)
    after, reply = _answer_at_step(flow, state, heard, understand, offers)
    return after, replace(reply, say=(*say, *reply.say))


def resume(flow: Flow, state: State) -> tuple[State, Reply]:
    """What a caller who is already at `state` should meet now: the question again, or the business."""
    state = replace(state, language=state.language or flow.language)
    step = walk.step_at(flow, state)
    if state.turn <= 0 and state.question:
        # They may not have heard the opening.
        fresh = replace(state, path=State().path, question="", turn=-1, noticed=False)
        return walk.run(flow, fresh)
    ask = None
    match step:
        case SourceQuestion() if state.question == SOURCE:
            ask = source.repeat(flow, step, state)
        case Menu() if state.question == MENU:
            ask = menu.repeat(flow, step, state)
        case Qualification() if state.question:
            ask = qualify.repeat(flow, step, state)
    return (state, Reply(ask)) if ask is not None else walk.run(flow, replace(state, question=""))


def rotate(flow: Flow, state: State, reply: Reply, turn: int) -> tuple[State, Reply]:
    """A round robin's turn was taken, the `turn`-th of its place: the destinations begin with the next one."""
    step = walk.step_at(flow, state)
    if not isinstance(step, Dial) or not isinstance(reply.act, Forward):
        return state, reply
    usable = [label for label in step.to or ("",) if label not in state.excluded]
    rotation = turn % len(usable)
    return replace(state, rotation=rotation), replace(
        reply, act=replace(reply.act, to=(usable[rotation],), rotates=None)
    )


def not_connected(flow: Flow, state: State) -> tuple[State, Reply]:
    """Nobody took the call: the next destination, and after the last one what the flow says comes next."""
    state = replace(state, language=state.language or flow.language, question="", hurry=True)
    if isinstance(walk.step_at(flow, state), Dial):
        state = replace(state, attempt=state.attempt + 1)
    return walk.run(flow, state)


def after_message(flow: Flow, state: State) -> Reply:
    """A voicemail was left."""
    return Reply(End((own_words(flow, state.language or flow.language, "after_message"),)))


@dataclass(frozen=True, slots=True)
class AgentMessage:
    """What the agent hears before the caller is connected, and whether a key must accept the call."""

    say: tuple[Speech, ...]
    accept: bool


def agent_message(flow: Flow, state: State, campaign: str) -> AgentMessage:
    """The agent message of the dial step where the call is, in the flow's own language."""
    step = walk.step_at(flow, state)
    if not isinstance(step, Dial):
        return AgentMessage((), accept=False)
    said = own_words(flow, flow.language, "said", answer=state.answer).text if state.answer else ""
    details = " ".join(f"{name.replace('_', ' ')}: {value}." for name, value in state.details.items())
    template = flow_words(flow, flow.language, step.agent_message) if step.agent_message else None
    say = []
    if template is not None:
        text = template.text.format(campaign=campaign or "an unknown campaign", answer=said, details=details)
        say.append(replace(template, text=" ".join(text.split())))
    if step.accept:
        say.append(own_words(flow, flow.language, "accept"))
    return AgentMessage(tuple(say), step.accept)


def _answer_at_step(
    flow: Flow, state: State, heard: Heard, understand: Understand, offers: Sequence[str]
) -> tuple[State, Reply]:
    step = walk.step_at(flow, state)
    wishes = hearing.intents(heard.text, state.language)
    person = bool(wishes & hearing.AT_ONCE) or heard.digits[:1] == "0"
    emergency = Intent.EMERGENCY in wishes
    if isinstance(step, Menu) and not emergency:
        chosen = menu.hear(flow, step, state, heard)
        if chosen.ask is not None:
            return chosen.state, Reply(chosen.ask, notes=(chosen.note,))
        after = replace(chosen.state, hurry=chosen.state.hurry or person)
        return walk.run(flow, walk.into(after, chosen.branch), notes=(chosen.note,))
    notes: tuple[Note, ...] = ()
    ask = None
    if isinstance(step, SourceQuestion):
        turn = source.hear(flow, step, state, heard, understand, offers)
        state, ask, notes = turn.state, turn.ask, (turn.note,)
    elif isinstance(step, Qualification):
        filled = qualify.hear(flow, step, state, heard)
        state, ask, notes = filled.state, filled.ask, tuple(filled.notes)
    if ask is not None:
        return state, Reply(ask, notes=notes)
    if not state.question:
        # No question waits here: an answer that came twice, or to a flow that changed under the call.
        return walk.run(flow, state, notes=notes)
    after = walk.at_once(flow, state, emergency=emergency) if person or emergency else walk.onward(state)
    return walk.run(flow, after, notes=notes)


def _qualifies(flow: Flow) -> bool:
    return any(isinstance(step, Qualification) for steps in flow.lists.values() for step in steps)


def _after_notice(flow: Flow, state: State, heard: Heard) -> tuple[State, Reply]:
    """Something was heard while the notice was read: a refusal connects unrecorded; anything else hears it again."""
    state = replace(state, question="")
    if _declines(flow, heard, state.language):
        return walk.run(flow, replace(state, unrecorded=True), [own_words(flow, state.language, "not_recorded")])
    wished = walk.in_another_language(flow, state, hearing.language_wished(heard.text, state.language))
    after, reply = _start_over_in(flow, wished or replace(state, noticed=False))
    # Read once more where nobody can talk over it: no second window.
    window = reply.window.say if reply.window else ()
    return replace(after, question=""), replace(reply, say=(*reply.say, *window), window=None)


def _declines(flow: Flow, heard: Heard, language: str) -> bool:
    keys = {step.opt_out_key for steps in flow.lists.values() for step in steps if isinstance(step, RecordingNotice)}
    return (heard.digits in keys) or Intent.NO_RECORDING in hearing.intents(heard.text, language)


def _declined_recording(flow: Flow, state: State, heard: Heard) -> tuple[State, tuple[Speech, ...]]:
    records = any(isinstance(step, RecordingNotice) for steps in flow.lists.values() for step in steps)
    if not records or state.unrecorded or not _declines(flow, heard, state.language):
        return state, ()
    return replace(state, unrecorded=True), (own_words(flow, state.language, "not_recorded"),)


def _language_switch(flow: Flow, state: State, heard: Heard) -> State | None:
    # Between two offered sources the keys choose a source.
    keys = () if state.mode == source.CONFIRM else flow.languages
    by_key = next((offer.language for offer in keys if offer.key and offer.key == heard.digits), None)
    wished = by_key[:2] if by_key else hearing.language_wished(heard.text, state.language)
    return walk.in_another_language(flow, state, wished)


def _start_over_in(flow: Flow, state: State) -> tuple[State, Reply]:
    """The notice in the new language, then the present step from its beginning."""
    notice = next((step for steps in flow.lists.values() for step in steps if isinstance(step, RecordingNotice)), None)
    return walk.again(flow, state, notice)
