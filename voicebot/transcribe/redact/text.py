"""Findings taken out of the text: a label stays where the words were. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from voicebot.terms import Speaker
from voicebot.transcribe.redact.findings import Category, Finding, find
from voicebot.transcribe.transcript import Utterance, Word

MANY = frozenset(Category)


def redacted(utterances: Sequence[Utterance], findings: Sequence[Finding]) -> tuple[Utterance, ...]:
    """The utterances without what was found: one label for each span, with the span's times."""
    by_utterance: dict[int, list[Finding]] = {}
    for found in findings:
        by_utterance.setdefault(found.utterance, []).append(found)
    return tuple(
        _without(utterance, by_utterance[index]) if index in by_utterance else utterance
        for index, utterance in enumerate(utterances)
    )


def redact_text(text: str, categories: Iterable[Category] = MANY) -> str:
    """A text without times, as an answer in the call flow, redacted the same way."""
    parts = text.split()
    words = tuple(Word(part, float(at), float(at) + 1.0, 1.0) for at, part in enumerate(parts))
    said = Utterance(Speaker.CALLER, 0.0, float(len(parts)), text, words)
    findings = find([said], categories)
    return redacted([said], findings)[0].text if findings else text


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
