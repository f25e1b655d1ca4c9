"""What callers tell the bot, without card numbers and the like: taken out before it is understood or stored.

So nothing that is made of it (answer, quote, dialogue, agent message, the webhook's own form) ever holds them.
"""

from dataclasses import replace

from sqlalchemy import Integer, bindparam
from sqlmodel import col

from voicebot.ivr import dialogue
from voicebot.ivr.dialogue import Ask, Heard, State
from voicebot.ivr.flow import Flow
from voicebot.ivr.flow.parts import without_markup
from voicebot.ivr.lookup import Known
from voicebot.ivr.requests import Form
from voicebot.prepared import AnySession, Query
from voicebot.tables import Company
from voicebot.transcribe.redact import Category, chosen, may_hold, redact_text

# What was said long ago announces nothing any more.
BEFORE_CHARACTERS = 300
WORDS, KEYS = "SpeechResult", "Digits"
_COMPANY = Query(
    col(Company.redacts),
    col(Company.redacted_categories),
    build=lambda statement: statement.where(col(Company.id) == bindparam("company_id", type_=Integer())),
)


def heard(session: AnySession, known: Known, state: State, said: Heard) -> Heard:
    """What was heard, without what the call's company takes out. One read, and none where no number was said."""
    if not may_hold(said.text) and not may_hold(said.digits):
        return said
    company = _COMPANY.first(session, company_id=known.call.company_id)
    return said if company is None else without(said, chosen(*company), known.flow, state)


def without(said: Heard, categories: frozenset[Category], flow: Flow, state: State) -> Heard:
    """What was heard at the question of `state`, without these. Pure."""
    if not categories:
        return said
    before, asked = state.said[-BEFORE_CHARACTERS:], _question(flow, state)
    return replace(
        said,
        text=redact_text(said.text, categories, before=before, asked=asked),
        digits=redact_text(said.digits, categories, before=before, asked=asked),
    )


def form_of(form: Form, said: Heard) -> Form:
    """The carrier's form as it may be stored."""
    return {**form, **{name: value for name, value in ((WORDS, said.text), (KEYS, said.digits)) if name in form}}


def form_alone(form: Form) -> Form:
    """The form of a webhook that could not be handled: whatever its company has chosen, nothing stays in it."""
    return {name: redact_text(value) if name in (WORDS, KEYS) else value for name, value in form.items()}


def _question(flow: Flow, state: State) -> str:
    """What the caller was asked last."""
    _, reply = dialogue.resume(flow, state)
    says = reply.act.say if isinstance(reply.act, Ask) else ()
    return " ".join(without_markup(said.text) if said.ssml else said.text for said in says)
