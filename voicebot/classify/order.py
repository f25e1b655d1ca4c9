"""Which touch came first, and which candidates are one and the same touch. Pure functions."""

from collections.abc import Sequence

from voicebot.classify.context import CLAUSE, STOPS, Words, sentence, weak
from voicebot.classify.mentions import Candidate
from voicebot.classify.phrases import says
from voicebot.taxonomy import source

_LOOKUPS = frozenset({"online_unspecified", "website"})


def in_order(words: Words, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Candidates of one turn by time of touch: as told, unless words say otherwise ("after", "before", "had seen")."""
    ordered: list[Candidate] = []
    for position, candidate in enumerate(candidates):
        before = candidates[position - 1] if position else None
        if before is not None and comes_earlier(words, before, candidate):
            ordered.insert(ordered.index(before) if before in ordered else 0, candidate)
        else:
            ordered.append(candidate)
    return ordered


def comes_earlier(words: Words, first: Candidate, second: Candidate) -> bool:
    """Whether words say that of two candidates of a turn the second touched the caller first."""
    between = list(words[first.end : second.start])
    opening = list(words[max(0, first.start - 5) : first.start])
    if "before" in opening and not set(opening[opening.index("before") :]) & STOPS:
        return True
    if "then" in between:
        return False
    if "before" in between:
        return "that" in between[between.index("before") :]
    if says("after", between):
        return True
    clause = _own_clause(words, between, second)
    return says("earlier", clause) or says("past_perfect", [*between, *words[second.start : second.end]])


def _own_clause(words: Words, between: Sequence[str], second: Candidate) -> list[str]:
    """The words of the second candidate's clause: from the last clause mark before it to the next one behind it."""
    cut = max((i for i, word in enumerate(between) if word in CLAUSE), default=-1)
    behind: list[str] = []
    for word in words[second.end : second.end + 6]:
        if word in CLAUSE:
            break
        behind.append(word)
    return [*between[cut + 1 :], *behind]


def merged(words: Words, candidates: Sequence[Candidate]) -> list[Candidate]:
    """`candidates` (ordered by touch) with those dropped that only repeat or blur another one."""
    kept: list[Candidate] = []
    for candidate in candidates:
        others = [other for other in candidates if other != candidate]
        if candidate.source in {k.source for k in kept} or any(_blurred_by(words, candidate, o) for o in others):
            continue
        kept.append(candidate)
    return kept


def _blurred_by(words: Words, candidate: Candidate, other: Candidate) -> bool:
    if other.source == candidate.source:
        return False
    mine, theirs = source(candidate.source), source(other.source)
    if other.source in mine.covers:
        return True
    if candidate.source == "website" and theirs.group in {"search", "directory", "ai"}:
        return True
    if candidate.source in _LOOKUPS and candidate.told and other.start < candidate.start:
        return True
    if candidate.source == "tv" and other.source == "streaming_tv":
        return True
    together = sentence(words, candidate) == sentence(words, other)
    return (
        together
        and weak(words, candidate)
        and not weak(words, other)
        and theirs.group
        not in {
            "existing",
            "owned",
            "word_of_mouth",
            "search",
        }
    )
