"""What the words around a candidate make of it: denial, correction, a name in passing, somebody else's finding.

Pure functions over the normal forms of one turn; candidates carry token positions in it.
"""

from collections.abc import Sequence

from voicebot.classify.mentions import Candidate
from voicebot.classify.phrases import compiled, places, says

Words = Sequence[str]
STOPS = frozenset(".?!;")
CLAUSE = frozenset([*STOPS, ",", ":", "-", "—", "but", "and", "then", "though", "so", "pero", "y", "luego", "sino"])
NEGATORS = frozenset(
    [
        "not",
        "no",
        "never",
        "nor",
        "neither",
        "wasn't",
        "isn't",
        "weren't",
        "didn't",
        "don't",
        "doesn't",
        "ain't",
        "haven't",
        "hadn't",
        "can't",
        "couldn't",
        "without",
        "wasnt",
        "isnt",
        "werent",
        "didnt",
        "dont",
        "doesnt",
        "aint",
        "havent",
        "hadnt",
        "cant",
        "couldnt",
        "ni",
        "nunca",
        "tampoco",
        "jamas",
    ]
)
GENERIC = frozenset(
    [
        "ad",
        "ads",
        "advert",
        "adverts",
        "advertisement",
        "advertisements",
        "advertising",
        "commercial",
        "commercials",
        "spot",
        "spots",
        "promo",
        "offer",
        "your",
        "you",
        "y'all",
        "yall",
        "ya",
        "the",
        "a",
        "an",
        "that",
        "this",
        "one",
        "some",
        "those",
        "them",
        "saw",
        "seen",
        "see",
        "heard",
        "hear",
        "sign",
        "signs",
        "noticed",
        "in",
        "on",
    ]
)
KIN_SOURCES = frozenset({"friend_family", "professional_referral", "employee"})


def sentence(words: Words, candidate: Candidate) -> tuple[int, int]:
    """The token range of the sentence around `candidate`; the whole turn where nothing is punctuated."""
    start = max((i + 1 for i in range(candidate.start) if words[i] in STOPS), default=0)
    end = next((i for i in range(candidate.end, len(words)) if words[i] in STOPS), len(words))
    return start, end


def _negator_before(words: Words, start: int, floor: int = 0, reach: int = 7) -> int | None:
    for i in range(start - 1, max(floor - 1, start - 1 - reach), -1):
        if words[i] in STOPS or words[i] in {"but", ":", "—", "because", "so", "then", "pero", "sino", "porque"}:
            return None
        if words[i] == "," and words[i + 1] not in {"or", "nor"}:
            return None
        if words[i] in NEGATORS or words[i : i + 2] in (("instead", "of"), ("rather", "than"), ("other", "than")):
            return i
    return None


def _is_plain_no(words: Words, at: int) -> bool:
    """A "no" that answers rather than denies what follows: "no it was...", "no I...", "no my cousin"."""
    following = words[at + 1] if at + 1 < len(words) else ""
    return words[at] == "no" and following in {
        "it",
        "i",
        "my",
        "that",
        "we",
        "you",
        "a",
        "she",
        "he",
        "the",
        ",",
        "pues",
        "mi",
        "me",
    }


def denied(words: Words, candidate: Candidate, limit: int | None = None, floor: int = 0) -> bool:
    """Whether the caller rules this source out.

    `limit`: where the next candidate starts; `floor`: where the one before it ends, unless "or" joins the two: "not
    the billboard my neighbor told me" denies the billboard alone.
    """
    at = _negator_before(words, candidate.start, floor)
    inside = any(words[i] in NEGATORS for i in range(candidate.start, candidate.end))
    if at is not None and not _is_plain_no(words, at):
        following = set(words[at + 1 : at + 3])
        unsure = any(start <= at < end for start, end in places("unsure", words))
        if not following & {"only", "just", "sure", "certain", "until", "till", "long", "wonder"} and not unsure:
            return True
    if inside and candidate.source not in {"google_organic", "repeat_customer", "storefront"}:
        return True
    behind = " ".join(words[candidate.end : min(limit or len(words), candidate.end + 7)])
    return behind.startswith(
        ("had nothing", "wasn't it", "was not it", "has nothing", ", not ", "? no", "? nope", "? nah")
    )


def floor_of(words: Words, candidates: Sequence[Candidate], index: int) -> int:
    """Where a denial of the candidate at `index` may begin at the earliest."""
    if index == 0:
        return 0
    before, here = candidates[index - 1], candidates[index]
    joined = {"or", "nor", "and", "either"} & set(words[before.end : here.start])
    return 0 if joined else before.end


def corrected(words: Words, first: Candidate, second: Candidate) -> bool:
    """Whether the words between two candidates take the first one back ("the radio, no wait, the TV")."""
    between = words[first.end : second.start]
    return 0 < len(between) <= 12 and says("correction", between)


def uncertain(words: Words, candidate: Candidate) -> bool:
    """Whether it stands under "I don't remember if it was ...": neither claimed nor denied."""
    start, _ = sentence(words, candidate)
    for _, end in places("unsure", words):
        if start <= end <= candidate.start and set(words[end : candidate.start]) & {"if", "whether"}:
            return True
    return False


def passing(words: Words, candidate: Candidate) -> bool:
    """Whether the name is only said in passing: an employer, a tool, a thing that broke."""
    start, end = sentence(words, candidate)
    before, behind = " ".join(words[start : candidate.start]), " ".join(words[candidate.end : candidate.end + 6])
    if candidate.source not in KIN_SOURCES:
        if _ends_with("passing_before", before) and not before.endswith(("my", "and", "on my")):
            return True
        if candidate.source == "vehicle_wrap" and _ends_with("passing_my", before):
            return True
        if compiled("passing_after").match(behind):
            return True
    own_words = words[start:end]
    if says("how_to", own_words) and not says("finding", own_words):
        return True
    return candidate.source in KIN_SOURCES and not candidate.told and _ends_with("passing_before", before)


def _ends_with(group: str, text: str) -> bool:
    return any(match.end() >= len(text.rstrip()) for match in compiled(group).finditer(text))


def proxy(words: Words, person: Candidate, others: Sequence[Candidate]) -> bool:
    """Whether `person` is only the member of the household who met the source ("my wife saw the billboard").

    Also a person who posts on a platform: the platform is then where the caller met the business.
    """
    if person.source not in KIN_SOURCES:
        return False
    for other in others:
        if other == person or other.source in KIN_SOURCES:
            continue
        low, high = min(person.end, other.end), max(person.start, other.start)
        between = words[low:high]
        if set(between) & STOPS or len(between) > 12:
            continue
        if _met_it(words, person, other, between) or _posted_it(other, between):
            return True
    return False


def _met_it(words: Words, person: Candidate, other: Candidate, between: Words) -> bool:
    if other.start < person.start or "and then" in " ".join(between):
        return False
    own = words[person.start : other.end]
    shared = words[person.end : person.end + 2] in (("and", "i"), ("and", "me"))
    return shared or (says("finder", words[person.end : other.end]) and not says("telling", own))


def _posted_it(other: Candidate, between: Words) -> bool:
    platforms = {"facebook", "instagram", "tiktok", "nextdoor", "linkedin", "reddit", "x", "youtube", "yelp"}
    joined = set(between) & {"then", "and", "so", "but", ",", "after", "i"}
    return other.source in platforms and not joined and (len(between) <= 3 or says("tagging", between))


def weak(words: Words, candidate: Candidate) -> bool:
    """Whether only general words name it ("your ad", "your commercial"): any other medium says it better."""
    return all(word in GENERIC for word in words[candidate.start : candidate.end])
