"""Precision and recall of redaction on marked conversations. Pure.

A conversation is lines of "C: ..." (caller), "A: ..." (agent) or "U: ..." (unknown, a mono recording), what must go
marked as <card_number>4111 ...</card_number>. Conversations are apart by blank lines; "#" begins a comment.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from voicebot.errors import InvalidInput
from voicebot.terms import Speaker
from voicebot.transcribe.redact.category import Category
from voicebot.transcribe.redact.findings import Finding, find
from voicebot.transcribe.redact.numerals import numerals
from voicebot.transcribe.transcript import Utterance, Word

SPEAKERS = {"C": Speaker.CALLER, "A": Speaker.AGENT, "U": Speaker.UNKNOWN}
MARK = re.compile(r"<(/?)([a-z_]+)>")
# How fast people speak, and how long they wait for each other, where a text has no times.
SECONDS_A_WORD, PAUSE = 0.4, 0.5


@dataclass(frozen=True, slots=True)
class Marked:
    """A conversation with the spans that must go, as (category, utterance, first word, last word)."""

    utterances: tuple[Utterance, ...]
    spans: tuple[tuple[Category, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """`found` of `wanted` spans are covered whole; `right` of `made` findings lie on a wanted one."""

    wanted: int = 0
    found: int = 0
    made: int = 0
    right: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(
            self.wanted + other.wanted, self.found + other.found, self.made + other.made, self.right + other.right
        )


def parse(text: str) -> list[Marked]:
    """The conversations of a file. Raises InvalidInput with the line that is none."""
    blocks: list[list[str]] = [[]]
    for line in text.splitlines():
        if not line.strip():
            blocks.append([])
        elif not line.startswith("#"):
            blocks[-1].append(line)
    return [_conversation(block) for block in blocks if block]


def tally(marked: Marked, findings: Sequence[Finding] | None = None) -> dict[Category, Tally]:
    """What redaction makes of one conversation, by category; or what was made of it, the findings being given."""
    findings = find(marked.utterances) if findings is None else findings
    return {category: _tally(marked, findings, category) for category in Category}


def faults(marked: Marked) -> Iterator[str]:
    """What was missed and what was taken wrongly, for people to read."""
    findings = find(marked.utterances)
    for category, utterance, first, last in marked.spans:
        if not _covered(marked, findings, category, utterance, first, last):
            yield f"missed {category}: {_words(marked, utterance, first, last)}"
    for finding in findings:
        if not _is_wanted(marked, finding):
            words = _words(marked, finding.utterance, finding.first, finding.last)
            yield f"wrongly {finding.category}: {words}"


def _tally(marked: Marked, findings: Sequence[Finding], category: Category) -> Tally:
    spans = [span for span in marked.spans if span[0] is category]
    mine = [finding for finding in findings if finding.category is category]
    return Tally(
        wanted=len(spans),
        found=sum(_covered(marked, findings, *span) for span in spans),
        made=len(mine),
        right=sum(_is_wanted(marked, finding) for finding in mine),
    )


def _covered(
    marked: Marked, findings: Iterable[Finding], category: Category, utterance: int, first: int, last: int
) -> bool:
    """Whether every word that says a number or a date in the span is gone; small words may stay."""
    words = [word.text for word in marked.utterances[utterance].words[first : last + 1]]
    telling = {first + i for numeral in numerals(words) for i in range(numeral.first, numeral.last + 1)}
    gone = {
        place
        for finding in findings
        if finding.utterance == utterance
        for place in range(finding.first, finding.last + 1)
    }
    return telling <= gone


def _is_wanted(marked: Marked, finding: Finding) -> bool:
    return any(
        category is finding.category
        and utterance == finding.utterance
        and first <= finding.last
        and last >= finding.first
        for category, utterance, first, last in marked.spans
    )


def _words(marked: Marked, utterance: int, first: int, last: int) -> str:
    return " ".join(word.text for word in marked.utterances[utterance].words[first : last + 1])


def _conversation(lines: Sequence[str]) -> Marked:
    utterances: list[Utterance] = []
    spans: list[tuple[Category, int, int, int]] = []
    clock = 0.0
    for line in lines:
        speaker, _, text = line.partition(":")
        if speaker.strip() not in SPEAKERS or not text.strip():
            raise InvalidInput(f"A line begins with C:, A: or U:, and this does not: {line[:80]!r}.")
        words, marks = _marked_words(text)
        spans += [(category, len(utterances), first, last) for category, first, last in marks]
        said = [
            Word(word, clock + i * SECONDS_A_WORD, clock + (i + 1) * SECONDS_A_WORD, 0.9)
            for i, word in enumerate(words)
        ]
        utterances.append(
            Utterance(SPEAKERS[speaker.strip()], clock, said[-1].end if said else clock, " ".join(words), tuple(said))
        )
        clock += len(words) * SECONDS_A_WORD + PAUSE
    return Marked(tuple(utterances), tuple(spans))


def _marked_words(text: str) -> tuple[list[str], list[tuple[Category, int, int]]]:
    words: list[str] = []
    spans: list[tuple[Category, int, int]] = []
    begun: tuple[Category, int] | None = None
    at = 0
    for mark in MARK.finditer(text):
        words += text[at : mark.start()].split()
        at = mark.end()
        if mark[1] and begun is not None:
            spans.append((*begun, len(words) - 1))
            begun = None
        else:
            begun = (_category(mark[2]), len(words))
    words += text[at:].split()
    return words, spans


def _category(name: str) -> Category:
    try:
        return Category(name)
    except ValueError as error:
        raise InvalidInput(f"<{name}> is none of {', '.join(Category)}.") from error
