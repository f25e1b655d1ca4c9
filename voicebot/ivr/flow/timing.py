"""How long a flow keeps a caller before the business's phone rings, at worst. Pure.

Counted: everything the bot says, and every wait for an answer that does not come. Not counted: the caller's own words,
and what a caller asks for (another language, an answer to "who is this?").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicebot.ivr import prompts
from voicebot.ivr.flow.parts import without_markup
from voicebot.ivr.flow.steps import (
    Dial,
    Menu,
    Qualification,
    RecordingNotice,
    Schedule,
    SourceQuestion,
    Spoken,
    Step,
    branches_of,
)

if TYPE_CHECKING:
    from voicebot.ivr.flow.document import Flow

# Amazon, whose voices the carrier uses, gives no rate, and an example of 22 characters in 1.1 s, 20 a second
# (https://docs.aws.amazon.com/polly/latest/dg/voice-speed-vip.html). We reckon with a slower voice.
CHARACTERS_PER_SECOND = 15.0
# The carrier's recogniser takes the first pause as the end of an answer.
PAUSE_SECONDS = 0.8
# How long the keypad is listened to after a notice that no question follows.
WINDOW_SECONDS = 1


def text_seconds(text: str) -> float:
    """How long the bot takes to say a text."""
    return len(text) / CHARACTERS_PER_SECOND


def spoken_seconds(step: Spoken, default: str | None, language: str) -> float:
    """How long a step's text or sound takes. `default`: the bot's own words for a step without any."""
    if step.sound is not None:
        return step.sound_seconds
    text = own_text(step.text, default, language)
    return text_seconds(without_markup(text) if step.ssml else text)


def own_text(text: prompts.Text | None, default: str | None, language: str) -> str:
    """The flow's text in this language, or the bot's own words named `default`."""
    if text is not None:
        return prompts.in_language(text, language)
    return prompts.prompt(default, language) if default else ""


def worst_case_seconds(flow: Flow, language: str) -> float:
    """The longest that any caller of this language waits before it rings, or before a message is taken."""
    return round(_Longest(flow, language).of_list("")[0], 2)


class _Longest:
    def __init__(self, flow: Flow, language: str) -> None:
        self._flow = flow
        self._language = language
        self._known: dict[str, tuple[float, float | None]] = {}

    def of_list(self, name: str) -> tuple[float, float | None]:
        """The longest until it rings or ends inside this list, and the longest until its end is passed (or None)."""
        if name not in self._known:
            rings, spent = 0.0, 0.0 + (self._offers() if name == "" else 0.0)
            passed: float | None = spent
            for index, step in enumerate(self._flow.lists[name]):
                if passed is None:
                    break
                inside, through = self._of_step(step, self._flow.lists[name][index + 1 :])
                rings = max(rings, passed + inside)
                passed = None if through is None else passed + through
            self._known[name] = (max(rings, passed or 0.0), passed)
        return self._known[name]

    def _of_step(self, step: Step, following: tuple[Step, ...]) -> tuple[float, float | None]:
        """The longest until it rings inside the step, and the longest through it; None where nobody comes through."""
        if isinstance(step, Dial):
            return 0.0, None
        if isinstance(step, Menu | Schedule):
            own = self._menu(step) if isinstance(step, Menu) else 0.0
            ways = [(0.0, 0.0) if name is None else self.of_list(name) for name in branches_of(step)]
            through = [passed for _, passed in ways if passed is not None]
            return own + max(inside for inside, _ in ways), own + max(through) if through else None
        seconds = self._own(step, following)
        ends = step.type in ("voicemail", "hang_up")
        return seconds, None if ends else seconds

    def _own(self, step: Step, following: tuple[Step, ...]) -> float:
        match step:
            case RecordingNotice():
                if not step.enabled:
                    return 0.0
                listens = any(isinstance(one, SourceQuestion | Menu) for one in following)
                return spoken_seconds(step, "notice", self._language) + (0 if listens else WINDOW_SECONDS)
            case SourceQuestion():
                return self._source(step)
            case Qualification():
                longest = sorted((self._text(field.text) for field in step.fields), reverse=True)[: step.max_questions]
                return sum(longest) + len(longest) * step.timeout_seconds
            case Spoken():
                return spoken_seconds(step, _DEFAULTS.get(step.type), self._language)
        return 0.0

    def _source(self, step: SourceQuestion) -> float:
        if step.ask == "never":
            return 0.0
        opening = self._text(step.text, "question")
        again = self._text(step.reprompt, "reprompt") + sum(
            text_seconds(
                prompts.prompt("press", self._language, spoken=prompts.in_language(c.spoken, self._language), key=c.key)
            )
            for c in step.choices
        )
        wait, more = step.timeout_seconds, step.attempts - 1
        silent = opening + wait + more * (again + wait)
        if not more or step.confirm_below == 0:
            return silent
        unsure = opening + (more - 1) * (wait + again) + PAUSE_SECONDS + self._confirmation(step) + wait
        return max(silent, unsure)

    def _confirmation(self, step: SourceQuestion) -> float:
        names = {
            name for source in prompts.sources() if (name := prompts.source_name(source, self._language, step.names))
        }
        longest = sorted(names, key=len, reverse=True)[:2]
        return text_seconds(prompts.prompt("confirm", self._language, first=longest[0], second=longest[1]))

    def _menu(self, step: Menu) -> float:
        return step.attempts * (self._text(step.text) + step.timeout_seconds)

    def _offers(self) -> float:
        return sum(
            text_seconds(
                own_text(offer.text, None, offer.language)
                or prompts.prompt("offer_language", offer.language, key=offer.key)
            )
            for offer in self._flow.languages
            if offer.announce and offer.key
        )

    def _text(self, text: prompts.Text | None, default: str | None = None) -> float:
        return text_seconds(own_text(text, default, self._language))


_DEFAULTS = {"voicemail": "voicemail"}
