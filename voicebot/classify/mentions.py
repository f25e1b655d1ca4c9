"""Candidates for a source: every place where words of the taxonomy were said, before anything is believed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc

from voicebot.classify.lexicon import Lexicon, lexicon
from voicebot.classify.words import norms, register_extensions

register_extensions()


@dataclass(frozen=True, slots=True)
class Candidate:
    """Words that may name a source: tokens `start` to `end`; `told` when they say by themselves how they met."""

    source: str
    start: int
    end: int
    told: bool


# What may be driven past instead of the place itself.
PASSED = frozenset({"billboard", "yard_sign", "vehicle_wrap", "transit"})


def longest(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Candidates without overlap, in order of text: longer first, then those that tell."""
    found = list(candidates)
    kept: list[Candidate] = []
    taken: set[int] = set()
    for candidate in sorted(
        (c for c in found if not _passes_another(c, found)),
        key=lambda c: (c.start - c.end, not c.told, c.start, c.source),
    ):
        place = range(candidate.start, candidate.end)
        if taken.isdisjoint(place):
            taken.update(place)
            kept.append(candidate)
    return sorted(kept, key=lambda c: c.start)


def _passes_another(candidate: Candidate, found: Sequence[Candidate]) -> bool:
    """ "Past your billboard every day" passes the billboard, not the storefront."""
    return candidate.source == "storefront" and any(
        other.source in PASSED and candidate.start < other.start <= candidate.end + 1 for other in found
    )


class SourceFinder:
    """spaCy component: fills `doc._.candidates` and `doc._.hints`."""

    def __init__(self, patterns: Lexicon) -> None:
        self.patterns = patterns

    def __call__(self, doc: Doc) -> Doc:
        found = [(p.kind, Candidate(p.source, a, b, p.kind == "told")) for p, a, b in self.patterns.matches(norms(doc))]
        doc._.candidates = tuple(longest({candidate for kind, candidate in found if kind != "hint"}))
        hints = {candidate for kind, candidate in found if kind == "hint"}
        doc._.hints = tuple(sorted(hints, key=lambda hint: (hint.start, hint.end, hint.source)))
        return doc


@Language.factory("voicebot_sources", assigns=["doc._.candidates", "doc._.hints"])
def create_source_finder(nlp: Language, name: str) -> SourceFinder:
    """Registered factory of the component; `name` is the pipe's name."""
    return SourceFinder(lexicon())
