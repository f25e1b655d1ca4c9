"""Qualification: ask only for what the caller has not said yet, and for no more than the flow allows. Pure."""

from dataclasses import dataclass, replace

from voicebot.ivr.dialogue import extract, hearing
from voicebot.ivr.dialogue.acts import Ask, Heard, Note, State
from voicebot.ivr.dialogue.speaking import flow_words
from voicebot.ivr.flow import FieldToFill, Flow, Qualification

PREFIX = "field-"


@dataclass(frozen=True, slots=True)
class Turn:
    """What one answer led to: notes to keep, and the next question or None when enough is known."""

    state: State
    notes: list[Note]
    ask: Ask | None


def begin(flow: Flow, step: Qualification, state: State) -> tuple[State, Ask | None, list[Note]]:
    """Fill in what was said before; ask for the first thing that is missing."""
    heard = Heard(state.said)
    known, notes = _filled(step, state, heard, asked=None) if state.said else (state, [])
    after, ask = _next(flow, step, known)
    return after, ask, notes


def repeat(flow: Flow, step: Qualification, state: State) -> Ask | None:
    """The question that waits for an answer, under the same number."""
    field = _field(step, state.question)
    return _ask(flow, step, state, field) if field else None


def hear(flow: Flow, step: Qualification, state: State, heard: Heard) -> Turn:
    """An answer to one field's question, which may fill others too."""
    known, notes = _filled(step, state, heard, asked=_field(step, state.question))
    if hearing.intents(heard.text, state.language) & hearing.AT_ONCE or heard.digits[:1] == "0":
        return Turn(known, notes, None)
    after, ask = _next(flow, step, known)
    return Turn(after, notes, ask)


def _next(flow: Flow, step: Qualification, state: State) -> tuple[State, Ask | None]:
    eligible = step.ask == "always" or (step.ask == "first_time" and state.first_call)
    if not eligible or state.hurry or len(state.asked_fields) >= step.max_questions:
        return state, None
    missing = (field for field in step.fields if field.name not in (*state.details, *state.asked_fields))
    field = next(missing, None)
    if field is None:
        return state, None
    after = replace(
        state,
        question=f"{PREFIX}{field.name}",
        turn=state.turn + 1,
        tries=state.tries + 1,
        asked_fields=(*state.asked_fields, field.name),
    )
    return after, _ask(flow, step, after, field)


def _ask(flow: Flow, step: Qualification, state: State, field: FieldToFill) -> Ask:
    digits = {"zip": 5, "phone": 10}.get(field.kind, 1)
    said = (flow_words(flow, state.language, field.text),)
    return Ask(state.question, state.turn, said, step.timeout_seconds, state.language, digits=digits)


def _field(step: Qualification, question: str) -> FieldToFill | None:
    return next((field for field in step.fields if f"{PREFIX}{field.name}" == question), None)


def _filled(step: Qualification, state: State, heard: Heard, asked: FieldToFill | None) -> tuple[State, list[Note]]:
    """Every field that these words fill; the one that was `asked` is noted even when nothing was understood."""
    notes, details = [], dict(state.details)
    for field in step.fields:
        if field.name in details:
            continue
        options = tuple((option.value, option.say, option.key) for option in field.options)
        found = extract.find(field.kind, heard.text, heard.digits, options, state.language, direct=field is asked)
        if found is not None:
            details[field.name] = found.value
        if found is not None or field is asked:
            value, quote = (found.value, found.quote) if found else (None, "")
            notes.append(Note(field.name, state.turn, heard, value=value, quote=quote))
    return replace(state, details=details), notes
