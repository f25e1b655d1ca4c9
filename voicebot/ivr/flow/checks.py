"""What a call flow promises: every caller is forwarded, taken a message from, or hung up by a step that says so.

Nothing is recorded before the notice. A fault refuses the document, a warning does not. Both name their place.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from voicebot.ivr import prompts
from voicebot.ivr.flow import timing
from voicebot.ivr.flow.steps import (
    Dial,
    HangUp,
    Menu,
    Qualification,
    RecordingNotice,
    Reject,
    Schedule,
    SourceQuestion,
    Spoken,
    Step,
    Voicemail,
    branches_of,
)

if TYPE_CHECKING:
    from voicebot.ivr.flow.document import Flow

MAIN = ""
PLACEHOLDERS = frozenset(["campaign", "answer", "details"])
BUDGET_SECONDS = 12.0
# What a caller has met on the way to a step: once each.
ONCE = {RecordingNotice: "recording_notice", SourceQuestion: "source_question", Qualification: "qualification"}
Met = frozenset[str]


def place(branch: str, index: int) -> str:
    """Where a step stands in the document."""
    return f"steps.{index}" if branch == MAIN else f"branches.{branch}.{index}"


def every_step(flow: Flow) -> Iterator[tuple[str, Step]]:
    """Every step with its place."""
    for branch, steps in flow.lists.items():
        for index, step in enumerate(steps):
            yield place(branch, index), step


def faults(flow: Flow) -> list[str]:
    """Why the document must be refused; empty for a good one."""
    unknown = [
        f"{where}: there is no branch {name!r}"
        for where, step in every_step(flow)
        for name in branches_of(step)
        if name is not None and name not in flow.branches
    ]
    circles = [] if unknown else [f"branches.{name}: leads back to itself" for name in _circles(flow)]
    if unknown or circles:
        return unknown + circles
    return [*_misplaced(flow), *_keys_taken(flow), *_placeholders(flow), *_Walk(flow).faults()]


def warnings(flow: Flow) -> tuple[str, ...]:
    """What is allowed and should be looked at."""
    found = [*_warned_steps(flow), *_untranslated(flow)]
    if flow.first_dial() is None:
        found.append("steps: no dial step: no caller reaches the business")
    used = {name for _, step in every_step(flow) for name in branches_of(step)}
    found += [f"branches.{name}: nothing leads here" for name in flow.branches if name not in used]
    for language in (flow.language, *(offer.language for offer in flow.languages)):
        seconds = timing.worst_case_seconds(flow, language)
        if seconds > BUDGET_SECONDS:
            found.append(
                f"a caller in {language} may wait {seconds:.1f} s before it rings; {BUDGET_SECONDS:.0f} s is the aim"
            )
    return tuple(found)


def _circles(flow: Flow) -> list[str]:
    """The branches from which one can come back to where one is."""
    leads = {
        name: {goal for step in steps for goal in branches_of(step) if goal is not None}
        for name, steps in flow.lists.items()
    }
    return [name for name in flow.branches if name in _reached(leads, leads[name])]


def _reached(leads: Mapping[str, set[str]], start: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    waiting = list(start)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += leads[name]
    return seen


def _misplaced(flow: Flow) -> Iterator[str]:
    for branch, steps in flow.lists.items():
        for index, step in enumerate(steps):
            if isinstance(step, Reject) and (branch, index) != (MAIN, 0):
                yield f"{place(branch, index)}: reject comes first: it refuses the call before it is answered"
            if isinstance(step, Voicemail | HangUp) and index + 1 < len(steps):
                yield f"{place(branch, index + 1)}: is never reached, since the step before it ends the call"


def _keys_taken(flow: Flow) -> Iterator[str]:
    offered = [offer.key for offer in flow.languages if offer.key]
    if len(offered) != len(set(offered)):
        yield "languages: two languages have the same key"
    for where, step in every_step(flow):
        keys = [choice.key for choice in step.choices] if isinstance(step, SourceQuestion | Menu) else []
        keys += [step.opt_out_key] if isinstance(step, RecordingNotice) else []
        for key in sorted(set(keys) & set(offered)):
            yield f"{where}: the key {key} already chooses a language"
        if "0" in keys:
            yield f"{where}: the key 0 always connects to a person"
    notice = {step.opt_out_key for _, step in every_step(flow) if isinstance(step, RecordingNotice) and step.enabled}
    for where, step in every_step(flow):
        keys = [choice.key for choice in step.choices] if isinstance(step, SourceQuestion | Menu) else []
        for key in sorted(set(keys) & notice):
            yield f"{where}: the key {key} already declines the recording"


def _placeholders(flow: Flow) -> Iterator[str]:
    for where, step in every_step(flow):
        if not isinstance(step, Dial) or step.agent_message is None:
            continue
        texts = [step.agent_message] if isinstance(step.agent_message, str) else step.agent_message.values()
        for text in texts:
            try:
                named = {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}
            except ValueError:
                named = {text}
            if not named <= PLACEHOLDERS:
                yield f"{where}.agent_message: may hold {{campaign}}, {{answer}} and {{details}} and no other braces"


class _Walk:
    """Every way through the flow at once: for each list, what a caller has met when leaving it."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._left: dict[tuple[str, Met], frozenset[Met]] = {}
        self._faults: dict[str, None] = {}

    def faults(self) -> list[str]:
        """What is wrong on some way."""
        if self._leave(MAIN, frozenset()):
            self._faults["steps: a caller can come to the end: close it with voicemail or hang_up"] = None
        return list(self._faults)

    def _leave(self, branch: str, met: Met) -> frozenset[Met]:
        key = (branch, met)
        if key not in self._left:
            here = frozenset([met])
            for index, step in enumerate(self._flow.lists[branch]):
                here = frozenset(after for one in here for after in self._after(place(branch, index), step, one))
            self._left[key] = here
        return self._left[key]

    def _after(self, where: str, step: Step, met: Met) -> Iterable[Met]:
        self._look(where, step, met)
        if isinstance(step, Voicemail | HangUp):
            return ()
        if isinstance(step, Menu | Schedule):
            return [
                after for name in branches_of(step) for after in ([met] if name is None else self._leave(name, met))
            ]
        return [met | {ONCE[type(step)]}] if type(step) in ONCE else [met]

    def _look(self, where: str, step: Step, met: Met) -> None:
        once = ONCE.get(type(step))
        if once in met:
            self._faults[f"{where}: at most one {once} on any way through the flow"] = None
        records = isinstance(step, Voicemail) or (isinstance(step, Dial) and step.record)
        if records and "recording_notice" not in met:
            self._faults[f"{where}: records, and needs a recording_notice before it"] = None


def _warned_steps(flow: Flow) -> Iterator[str]:
    for where, step in every_step(flow):
        if isinstance(step, RecordingNotice) and not step.enabled:
            yield f"{where}: calls are recorded without a notice; in many places that is against the law"
        if isinstance(step, RecordingNotice) and step.enabled and not _names_both(step):
            yield f"{where}: the notice should say that calls are recorded and that they are transcribed by machine"
        if isinstance(step, Dial) and step.accept and step.agent_message is None:
            yield f"{where}: without an agent_message the agent only hears which key to press"
        if isinstance(step, Dial) and step.accept and step.strategy == "simultaneous" and len(step.to) > 1:
            yield f"{where}: the first phone that is picked up, by a machine too, stops the others; use in_order"


def _names_both(step: RecordingNotice) -> bool:
    texts = [] if step.text is None else [step.text] if isinstance(step.text, str) else list(step.text.values())
    return all(("record" in text.lower() or "grab" in text.lower()) and "transcri" in text.lower() for text in texts)


def _untranslated(flow: Flow) -> Iterator[str]:
    for offer in flow.languages:
        for where, step in every_step(flow):
            for name in _texts_of(step):
                if prompts.lacks(getattr(step, name), offer.language):
                    yield f"{where}.{name}: has no words in {offer.language}"


def _texts_of(step: Step) -> tuple[str, ...]:
    if isinstance(step, Spoken | Menu):
        return ("text",)
    return ("text", "reprompt") if isinstance(step, SourceQuestion) else ()
