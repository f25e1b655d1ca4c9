"""The source question: asked openly, then in other words; confirmed only when the answer was not sure. Pure.

Whatever is asked here counts towards the step's `attempts`: the caller is never asked more than the flow allows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from voicebot import taxonomy
from voicebot.classify.labels import HeardAnswer
from voicebot.ivr import prompts
from voicebot.ivr.dialogue import hearing, naming
from voicebot.ivr.dialogue.acts import SOURCE, Ask, Heard, Note, Speech, State, Understand
from voicebot.ivr.dialogue.hearing import Intent
from voicebot.ivr.dialogue.speaking import flow_words, language_offers, own_words
from voicebot.ivr.flow import Flow, SourceQuestion

OPEN, AGAIN, CONFIRM = "open", "again", "confirm"
NOTHING = HeardAnswer(("not_stated",), 0.99)
KEY_PROBABILITY = 0.97
# How sure the choice between two offered sources is, by how it was made.
CHOSEN, YES_TO_TWO, NEITHER = 0.9, 0.6, 0.8
# An answer must be so sure to count beside a question of the caller's own.
BESIDE_A_QUESTION = 0.8
# ... and so sure beside a cry for help or for a person: "there is water everywhere" names no source.
BESIDE_A_WISH = 0.5
SKIP_KEYS = frozenset("#0")


@dataclass(frozen=True, slots=True)
class Turn:
    """What one answer led to: the note to keep, and the next question at this step or None when it is done."""

    state: State
    note: Note
    ask: Ask | None


def begin(flow: Flow, step: SourceQuestion, state: State) -> tuple[State, Ask]:
    """The open question."""
    return _ask(flow, step, replace(state, question=SOURCE, mode=OPEN, tries=0))


def repeat(flow: Flow, step: SourceQuestion, state: State) -> Ask:
    """The question that waits for an answer, once more and under the same number."""
    return _question(flow, step, state)


def hear(
    flow: Flow, step: SourceQuestion, state: State, heard: Heard, understand: Understand, offers: Sequence[str]
) -> Turn:
    """An answer to whichever question was asked. `offers`: sources of the campaigns that run, the likeliest first."""
    answered = _confirmed(state, heard, understand) if state.mode == CONFIRM else _heard(step, state, heard, understand)
    wishes = hearing.intents(heard.text, state.language)
    asks_back, wants_out = wishes & set(hearing.QUESTIONS_BACK), wishes & hearing.AT_ONCE
    if answered.probability < (BESIDE_A_QUESTION if asks_back else BESIDE_A_WISH if wants_out else 0):
        # Who asks "am I talking to a robot?" or cries for help has not answered, whatever the words resemble.
        answered = NOTHING
    prompted = bool(set(answered.sources) & set(state.offered))
    note = Note(SOURCE, state.turn, heard, answered, prompted, quote="; ".join(answered.quotes), offered=state.offered)
    named = not taxonomy.source(answered.sources[0]).none
    if named or Intent.EMERGENCY in wishes:
        # Of an emergency the agent hears the caller's words, whether or not they name a source.
        state = replace(state, answer=_words_for_agent(step, state, heard, answered))
    follow_up = None
    if not wishes & hearing.AT_ONCE and state.tries < step.attempts and heard.digits[:1] not in (*SKIP_KEYS, "*"):
        follow_up = _follow_up(flow, step, state, heard, answered, offers)
    if follow_up is None:
        return Turn(state, note, None)
    after, ask = follow_up
    return Turn(after, note, ask)


def _follow_up(
    flow: Flow, step: SourceQuestion, state: State, heard: Heard, answered: HeardAnswer, offers: Sequence[str]
) -> tuple[State, Ask] | None:
    """Another question, where one helps: to confirm, to answer the caller's own question, or in other words."""
    if not taxonomy.source(answered.sources[0]).none:
        pair = _pair(step, state, answered, offers)
        if state.mode == CONFIRM or answered.probability >= step.confirm_below or len(pair) < 2:
            return None
        return _ask(flow, step, replace(state, mode=CONFIRM, offered=pair))
    if answered.sources != NOTHING.sources or state.mode == CONFIRM:
        return None
    asked_back = _asked_back(heard.text, state.language)
    if asked_back is None:
        return _ask(flow, step, replace(state, mode=AGAIN))
    aside = () if asked_back is Intent.REPEAT else (own_words(flow, state.language, asked_back.value),)
    return _ask(flow, step, replace(state, mode=OPEN), aside)


def _asked_back(text: str, language: str) -> Intent | None:
    wishes = hearing.intents(text, language)
    return next((intent for intent in hearing.QUESTIONS_BACK if intent in wishes), None)


def _ask(flow: Flow, step: SourceQuestion, state: State, aside: tuple[Speech, ...] = ()) -> tuple[State, Ask]:
    """The next question, with the next number of the call."""
    prompted = {AGAIN: tuple(choice.source for choice in step.choices), CONFIRM: state.offered}.get(state.mode, ())
    after = replace(state, turn=state.turn + 1, tries=state.tries + 1, offered=prompted)
    ask = _question(flow, step, after)
    return after, replace(ask, say=(*aside, *ask.say))


def _question(flow: Flow, step: SourceQuestion, state: State) -> Ask:
    language = state.language
    match state.mode:
        case "again":
            said = (flow_words(flow, language, step.reprompt, "reprompt"), *_keys(flow, step, language))
        case "confirm":
            first, second = (prompts.source_name(one, language, step.names) or one for one in state.offered[:2])
            said = (own_words(flow, language, "confirm", first=first, second=second),)
        case _:
            offers = language_offers(flow, language) if state.turn == 0 and not state.switched else ()
            said = (*offers, flow_words(flow, language, step.text, "question"))
    return Ask(SOURCE, state.turn, said, step.timeout_seconds, language, state.offered)


def _keys(flow: Flow, step: SourceQuestion, language: str) -> tuple[Speech, ...]:
    return tuple(
        own_words(flow, language, "press", spoken=prompts.in_language(choice.spoken, language), key=choice.key)
        for choice in step.choices
    )


def _heard(step: SourceQuestion, state: State, heard: Heard, understand: Understand) -> HeardAnswer:
    if heard.digits:
        for choice in step.choices:
            if heard.digits == choice.key:
                return HeardAnswer((choice.source,), KEY_PROBABILITY)
        return HeardAnswer(("declined",), 0.99) if heard.digits[:1] in SKIP_KEYS else NOTHING
    if hearing.is_noise(heard.text, state.language):
        return NOTHING
    name = naming.named(step, heard.text, state.language)
    if name is not None:
        return HeardAnswer((name,), KEY_PROBABILITY, quotes=(heard.text.strip(),))
    return understand(heard.text, state.language)


def _confirmed(state: State, heard: Heard, understand: Understand) -> HeardAnswer:
    """Which of the two offered sources it was; another one where the caller names it."""
    first, second = state.offered[:2]
    if heard.digits in ("1", "2"):
        return HeardAnswer((first if heard.digits == "1" else second,), KEY_PROBABILITY)
    if heard.digits or hearing.is_noise(heard.text, state.language):
        return NOTHING
    understood = understand(heard.text, state.language)
    wishes = hearing.intents(heard.text, state.language)
    if _one_of(understood, state):
        return replace(understood, probability=max(understood.probability, CHOSEN))
    # "The second one" names nothing, though the classifier may take it for something: it is only sure of real names.
    if understood.probability < CHOSEN:
        for intent, source in ((Intent.FIRST, first), (Intent.SECOND, second)):
            if intent in wishes:
                return HeardAnswer((source,), CHOSEN, quotes=(heard.text,))
    if not taxonomy.source(understood.sources[0]).none:
        return understood
    if Intent.NO in wishes:
        return HeardAnswer(("unknown",), NEITHER, denied=(first, second), quotes=(heard.text,))
    if Intent.YES in wishes:
        return HeardAnswer((first,), YES_TO_TWO, quotes=(heard.text,))
    return understood


def _one_of(understood: HeardAnswer, state: State) -> bool:
    return set(understood.sources) <= set(state.offered)


def _pair(step: SourceQuestion, state: State, answered: HeardAnswer, offers: Sequence[str]) -> tuple[str, ...]:
    """The two sources to choose from: what was understood, then a campaign's that is really another thing."""
    chosen: list[str] = []
    for source in (answered.sources[0], *offers):
        name = prompts.source_name(source, state.language, step.names)
        others = [prompts.source_name(one, state.language, step.names) for one in chosen]
        if name and name not in others and not any(taxonomy.agrees(source, one) for one in chosen):
            chosen.append(source)
    return tuple(chosen[:2])


def _words_for_agent(step: SourceQuestion, state: State, heard: Heard, answered: HeardAnswer) -> str:
    """The caller's own words, where they say it; else how the source is called."""
    if state.mode != CONFIRM and heard.text.strip():
        return heard.text.strip()
    names = [prompts.source_name(source, state.language, step.names) or source for source in answered.sources]
    return ", ".join(names)
