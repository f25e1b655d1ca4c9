"""An answer to "how did you hear about us?" understood. Pure: words and candidates in, sources out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from voicebot.classify import context
from voicebot.classify.context import Words
from voicebot.classify.mentions import Candidate
from voicebot.classify.order import in_order, merged
from voicebot.classify.phrases import places, says

SHORT = 6  # words: a sentence so short is an answer by itself


@dataclass(frozen=True, slots=True)
class Understood:
    """`stated` in order of touch, `ruled_out` in order of text, `special` where nothing was stated."""

    stated: tuple[Candidate, ...]
    ruled_out: tuple[Candidate, ...]
    special: str | None
    place: tuple[int, int]
    probability: float


def understand(words: Words, candidates: Sequence[Candidate], prompted: Sequence[str] = ()) -> Understood:
    """Read one answer.

    In: its normal forms, the candidates found in it, and the sources that bot or agent named in the question (a mere
    "yes" then means the only one of them).
    """
    candidates = [rename(words, candidate) for candidate in candidates]
    relevant = [c for c in candidates if counts(words, c, candidates)]
    ruled_out = [c for i, c in enumerate(relevant) if _ruled_out(words, relevant, i)]
    open_ones = [c for c in relevant if c not in ruled_out and not context.uncertain(words, c)]
    people = [c for c in open_ones if not context.proxy(words, c, open_ones)]
    stated = merged(words, in_order(words, people))
    if stated and not _shrugs(words, stated):
        place = (stated[0].start, stated[-1].end) if stated[0].start < stated[-1].end else _hull(stated)
        return Understood(tuple(stated), tuple(ruled_out), None, place, confidence(words, stated))
    return _nothing_stated(words, ruled_out, prompted)


def _hull(stated: Sequence[Candidate]) -> tuple[int, int]:
    return min(c.start for c in stated), max(c.end for c in stated)


def rename(words: Words, candidate: Candidate) -> Candidate:
    """ "You did my sister's roof": the work was for somebody else, who then is the source."""
    follows = words[candidate.end : candidate.end + 1]
    people = {"sister", "brother", "cousin", "neighbor", "neighbour", "mom", "mother", "dad", "father", "friend"} | {
        "aunt", "uncle", "son", "daughter", "buddy", "boss", "niece", "nephew", "in", "grandma", "coworker", "parents"
    }  # fmt: skip
    if candidate.source == "repeat_customer" and set(follows) & people:
        return replace(candidate, source="friend_family", end=candidate.end + 1)
    return candidate


def counts(words: Words, candidate: Candidate, candidates: Sequence[Candidate]) -> bool:
    """Whether a candidate in a direct answer is meant as an answer at all."""
    start, end = context.sentence(words, candidate)
    own = words[start:end]
    finding = says("finding", own)
    # "I found you on Facebook and I need a quote": who says so plainly has not named it in passing.
    if context.passing(words, candidate) and not (finding and candidate.source not in context.KIN_SOURCES):
        return False
    asks = says("request", own) and not finding
    # Who was asked how they heard of the business and names a medium has answered; people are named for other reasons.
    if candidate.told or (candidate.source not in context.KIN_SOURCES and not asks):
        return True
    if end - start <= SHORT and not asks:
        return True
    return says("meeting", own) and not (asks and not _fragment(words, candidate, start))


def _fragment(words: Words, candidate: Candidate, start: int) -> bool:
    """Whether the candidate opens its sentence, or follows a comma: "the radio, can you come Monday"."""
    return candidate.start - start <= 2


def _ruled_out(words: Words, relevant: Sequence[Candidate], index: int) -> bool:
    candidate = relevant[index]
    following = relevant[index + 1] if index + 1 < len(relevant) else None
    floor = context.floor_of(words, relevant, index)
    if context.denied(words, candidate, following.start if following else None, floor):
        return True
    return following is not None and context.corrected(words, candidate, following)


def _shrugs(words: Words, stated: Sequence[Candidate]) -> bool:
    """Only a bare person beside "I don't know": "no idea, my wife handles that"."""
    bare = all(c.source in context.KIN_SOURCES and not c.told for c in stated)
    return bare and says("unsure", words) and not says("telling", words)


def confidence(words: Words, stated: Sequence[Candidate]) -> float:
    """A first probability: lower for hedges, for long answers and for each further source."""
    value = 0.93 if stated[0].told or len(words) <= SHORT else 0.88
    if set(words) & {"maybe", "probably", "might", "guess", "think", "possibly", "suppose", "reckon"}:
        value -= 0.15
    return max(0.4, value - 0.06 * (len(stated) - 1) - (0.1 if len(words) > 40 else 0.0))


def _nothing_stated(words: Words, ruled_out: Sequence[Candidate], prompted: Sequence[str]) -> Understood:
    leaf = prompted[0] if len(prompted) == 1 else None
    start = tuple(words[:6])
    if leaf and says("yes", start) and not says("no", start):
        end = places("yes", start)[0][1]
        return Understood((Candidate(leaf, 0, end, False),), tuple(ruled_out), None, (0, end), 0.7)
    if leaf and says("no", start[:2]):
        end = places("no", start)[0][1]
        ruled_out = [*ruled_out, Candidate(leaf, 0, end, False)]
    for group, special, value in (("refusing", "declined", 0.85), ("unsure", "unknown", 0.88)):
        if found := places(group, words):
            return Understood((), tuple(ruled_out), special, found[0], value)
    found = places("finding", words)
    if found and not ruled_out and not says("request", words):
        return Understood((Candidate("other", *found[0], True),), (), None, found[0], 0.5)
    return Understood((), tuple(ruled_out), "not_stated", (0, 0), 0.75)
