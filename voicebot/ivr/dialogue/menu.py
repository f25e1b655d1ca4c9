"""A menu: keys or words lead into branches. Pure."""

import re
from dataclasses import dataclass, replace

from voicebot.ivr.dialogue import hearing
from voicebot.ivr.dialogue.acts import MENU, Ask, Heard, Note, State
from voicebot.ivr.dialogue.speaking import flow_words, language_offers
from voicebot.ivr.flow import Flow, Menu


@dataclass(frozen=True, slots=True)
class Turn:
    """What one answer led to: where to go (`chosen` or not), or the same question once more."""

    state: State
    note: Note
    ask: Ask | None = None
    branch: str | None = None


def begin(flow: Flow, step: Menu, state: State) -> tuple[State, Ask]:
    """The menu for the first time."""
    return _ask(flow, step, replace(state, question=MENU, tries=0))


def repeat(flow: Flow, step: Menu, state: State) -> Ask:
    """The menu once more, under the same number."""
    offers = language_offers(flow, state.language) if state.turn == 0 and not state.switched else ()
    said = (*offers, flow_words(flow, state.language, step.text))
    return Ask(MENU, state.turn, said, step.timeout_seconds, state.language)


def hear(flow: Flow, step: Menu, state: State, heard: Heard) -> Turn:
    """A key, words, or neither."""
    branch, quote = _chosen(step, heard)
    note = Note(MENU, state.turn, heard, value=branch, quote=quote)
    if branch is not None:
        return Turn(state, note, branch=branch)
    wishes = hearing.intents(heard.text, state.language)
    if wishes & hearing.AT_ONCE or heard.digits[:1] in ("0", "#") or state.tries >= step.attempts:
        return Turn(state, note, branch=step.otherwise)
    after, ask = _ask(flow, step, state)
    return Turn(after, note, ask)


def _ask(flow: Flow, step: Menu, state: State) -> tuple[State, Ask]:
    after = replace(state, turn=state.turn + 1, tries=state.tries + 1)
    return after, repeat(flow, step, after)


def _chosen(step: Menu, heard: Heard) -> tuple[str | None, str]:
    """The branch, with the words or the key that chose it: of several that are named, the first."""
    if heard.digits:
        return next(((choice.go, heard.digits) for choice in step.choices if choice.key == heard.digits), (None, ""))
    found = [
        (match.start(), choice.go, match.group())
        for choice in step.choices
        for word in choice.say
        if (match := re.search(rf"(?<!\w){re.escape(word)}(?!\w)", heard.text, re.IGNORECASE))
    ]
    return min(found)[1:] if found else (None, "")
