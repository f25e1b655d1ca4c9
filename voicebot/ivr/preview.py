"""A call flow looked at without a telephone: its faults, its worst case in seconds, and a talk in text. Pure.

The talk runs the very dialogue that callers meet. Everything in and out is plain JSON, since it goes to a page; the web
process hands this to its pages, which know nothing of the call flow otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import yaml

from voicebot import taxonomy
from voicebot.errors import InvalidInput
from voicebot.ivr import dialogue, hiding
from voicebot.ivr.conversation import shown, turned
from voicebot.ivr.dialogue import Ask, Caller, Forward, Heard, Note, Reply, State, Understand
from voicebot.ivr.flow import Flow, as_document, parse, shipped
from voicebot.ivr.flow.timing import worst_case_seconds
from voicebot.transcribe.redact import Category

LONGEST_TEXT = 60_000
# What the agent message calls the campaign in a talk, which belongs to none.
CAMPAIGN = "your campaign"


@dataclass(frozen=True, slots=True)
class FlowPreview:
    """`understand`: the ear that callers are heard with."""

    understand: Understand

    def shipped(self, company: str) -> str:
        """The document that a new flow starts with, as YAML."""
        return as_yaml(shipped(company))

    def as_text(self, document: Mapping[str, Any]) -> str:
        """A stored document as YAML, as it was written."""
        return as_yaml(document)

    def check(self, text: str) -> dict[str, Any]:
        """Out: `document` (None when there are `faults`), `faults`, `warnings`, and `seconds` by language: how long the
        flow keeps a caller at worst before it rings."""
        try:
            flow = _read(text)
        except InvalidInput as error:
            return {"document": None, "faults": str(error).split("; "), "warnings": [], "seconds": {}}
        languages = (flow.language, *(offer.language for offer in flow.languages))
        return {
            "document": as_document(flow),
            "faults": [],
            "warnings": list(flow.warnings),
            "seconds": {language: worst_case_seconds(flow, language) for language in languages},
        }

    def talk(self, text: str, said: Mapping[str, Any]) -> dict[str, Any]:
        """One turn of a talk.

        In: `said` with `state` (None at the beginning), and `text`, `digits`, or `nobody_answers`; at the beginning
        `first_call`, `at` (ISO 8601, the company's clock) and `offers`, sources of running campaigns; `hides`, what the
        company takes out of everything that callers say. Out: the next `state`, the `lines` ({who, text}), and whether
        the bot `waits` for words or the call `rings` at the business. Raises InvalidInput for a document with faults.
        """
        flow = _read(text)
        state, reply = self._turn(flow, said)
        return {
            "state": {**state.as_json(), "offers": _strings(said, "offers")},
            "lines": [
                *(_understood(note) for note in reply.notes),
                *({"who": line.who, "text": line.text} for line in shown(flow, state, reply, CAMPAIGN)),
            ],
            "waits": isinstance(reply.act, Ask),
            "rings": isinstance(reply.act, Forward),
        }

    def _turn(self, flow: Flow, said: Mapping[str, Any]) -> tuple[State, Reply]:
        known = said.get("state")
        if not isinstance(known, Mapping):
            state, reply = dialogue.begin(flow, _caller(said))
        elif said.get("nobody_answers"):
            state, reply = dialogue.not_connected(flow, State.from_json(known))
        else:
            before = State.from_json(known)
            heard = Heard(str(said.get("text", ""))[:2000], str(said.get("digits", ""))[:20], 0.9)
            heard = hiding.without(heard, frozenset(map(Category, _strings(said, "hides"))), flow, before)
            offers = _strings(known, "offers") or _strings(said, "offers")
            state, reply = dialogue.answer(flow, before, heard, self.understand, offers)
        return turned(flow, state, reply)


def as_yaml(document: Mapping[str, Any]) -> str:
    """A document in the order in which its keys were written."""
    return yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True, width=100)


def _read(text: str) -> Flow:
    if len(text) > LONGEST_TEXT:
        raise InvalidInput("The call flow is longer than any that we can believe.")
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" in line {mark.line + 1}" if mark is not None else ""
        raise InvalidInput(f"The text is no YAML{place}: {getattr(error, 'problem', error)}") from error
    if not isinstance(document, dict):
        raise InvalidInput("A call flow is a document with the key steps.")
    return parse(document)


def _caller(said: Mapping[str, Any]) -> Caller:
    try:
        at = datetime.fromisoformat(str(said["at"])) if said.get("at") else Caller().at
    except ValueError as error:
        raise InvalidInput(f"{said['at']!r} is no date and time.") from error
    return Caller(call_sid="preview", first_call=bool(said.get("first_call", True)), at=at)


def _understood(note: Note) -> dict[str, str]:
    if note.understood is None:
        found = f"{note.question}: {note.value}" if note.value else f"{note.question}: nothing understood"
    else:
        names = ", then ".join(taxonomy.label(source) for source in note.understood.sources)
        denied = ", ".join(taxonomy.label(source) for source in note.understood.denied)
        found = f"{names} ({note.understood.probability:.0%} sure{', prompted' if note.prompted else ''})"
        found += f"; ruled out: {denied}" if denied else ""
    return {"who": "understood", "text": f"Understood: {found}."}


def _strings(fields: Mapping[str, Any], name: str) -> list[str]:
    found = fields.get(name)
    return [str(value) for value in found][:20] if isinstance(found, list) else []
