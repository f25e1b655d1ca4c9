"""Findings taken out of the text: a label stays where the words were. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from voicebot.terms import Speaker
from voicebot.transcribe.redact.category import Category
from voicebot.transcribe.redact.dates import MONTHS
from voicebot.transcribe.redact.findings import Finding, find
from voicebot.transcribe.redact.numerals import numerals, plain
from voicebot.transcribe.transcript import Utterance, Word

MANY = frozenset(Category)
FEWEST_DIGITS = 3
SECONDS_A_WORD = 0.4


def redacted(utterances: Sequence[Utterance], findings: Sequence[Finding]) -> tuple[Utterance, ...]:
    """The utterances without what was found: one label for each span, with the span's times."""
    by_utterance: dict[int, list[Finding]] = {}
    for found in findings:
        by_utterance.setdefault(found.utterance, []).append(found)
    return tuple(
        _without(utterance, by_utterance[index]) if index in by_utterance else utterance
        for index, utterance in enumerate(utterances)
    )


def may_hold(text: str) -> bool:
    """Whether it is worth looking: three digits or more in any form, or a month. Costs microseconds."""
    parts = text.split()
    return sum(len(found.digits) for found in numerals(parts)) >= FEWEST_DIGITS or not MONTHS.isdisjoint(
        map(plain, parts)
    )


def redact_text(text: str, categories: Iterable[Category] = MANY, *, before: str = "", asked: str = "") -> str:
    """A text without times, as an answer in the call flow, redacted the same way.

    In: `before`, what the same caller had said; `asked`, the question that this answers: they tell what a number is.
    """
    if not may_hold(text):
        return text
    spoken = [(Speaker.CALLER, before), (Speaker.AGENT, asked), (Speaker.CALLER, text)]
    said: list[Utterance] = []
    for speaker, words in spoken:
        said.append(_untimed(speaker, words, said[-1].end if said else 0.0))
    findings = [found for found in find(said, categories) if found.utterance == len(said) - 1]
    return redacted(said, findings)[-1].text if findings else text


def _untimed(speaker: Speaker, text: str, start: float) -> Utterance:
    """Words at the pace at which people speak."""
    parts = text.split()
    places = [start + at * SECONDS_A_WORD for at in range(len(parts) + 1)]
    words = tuple(Word(part, places[at], places[at + 1], 1.0) for at, part in enumerate(parts))
    return Utterance(speaker, start, places[-1], text, words)


def _without(utterance: Utterance, findings: Sequence[Finding]) -> Utterance:
    words: list[Word] = []
    spans = {found.first: found for found in findings}
    at = 0
    while at < len(utterance.words):
        found = spans.get(at)
        if found is None:
            words.append(utterance.words[at])
            at += 1
            continue
        taken = utterance.words[found.first : found.last + 1]
        likely = sum(word.probability for word in taken) / len(taken)
        words.append(Word(found.category.label, taken[0].start, taken[-1].end, likely))
        at = found.last + 1
    return replace(utterance, text=" ".join(word.text for word in words), words=tuple(words))
