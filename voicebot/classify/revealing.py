"""Whether a sentence in the middle of a call reveals how the caller found the business.

Nobody asked, so a name alone means nothing: "my radio is broken" and "I hear you on the radio" both name one. A small
logistic regression over signs: what the ear makes of the sentence, and how it speaks of finding and of the business.
"""

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voicebot import taxonomy
from voicebot.classify.answers import Understood
from voicebot.classify.context import KIN_SOURCES, STOPS, passing
from voicebot.classify.hearing import Answer, Attended, Ear
from voicebot.classify.labels import Turn
from voicebot.classify.meaning import seen
from voicebot.classify.mentions import Candidate
from voicebot.classify.page import Page, Place
from voicebot.classify.phrases import says
from voicebot.classify.roundabout import leaves
from voicebot.errors import ModelError
from voicebot.terms import Disposition

FORM = "5"
FILE = "revealing.json"
# The same with the signs that the tuned encoder gives of the sentence within the call.
MEANT, SURE, BOTH_FILE = "meant", "sure", "revealing_both.json"
YOU = frozenset(["you", "your", "yours", "y'all", "yall", "ya", "youse", "ye", "ustedes", "usted"])
MEETING = frozenset(
    [
        "saw",
        "seen",
        "see",
        "found",
        "find",
        "heard",
        "hear",
        "noticed",
        "recommended",
        "told",
        "said",
        "referred",
        "gave",
        "sent",
        "googled",
        "looked",
        "searched",
        "clicked",
        "passed",
        "drove",
        "drive",
        "pass",
        "got",
        "watched",
        "listening",
        "read",
        "came",
        "come",
        "spotted",
        "vi",
        "oi",
        "dijo",
    ]
)
TITLES = frozenset(["dr", "mr", "mrs", "ms", "st", "sra", "sr"])
INQUIRIES = (Disposition.NEW_LEAD, Disposition.EXISTING_CUSTOMER)
# Weight, mean and spread of every sign.
Weights = dict[str, tuple[float, float, float]]
# The probability of every disposition.
Chances = Mapping[Disposition, float]
GROUPS = ("finding", "referral", "met_through", "request", "meeting")
# Chosen in cross-validation over writers: where stated and not stated are told apart best, and where a sentence beside
# the most revealing one is more often a further source than not.
THRESHOLD, FURTHER = 0.25, 0.4


@dataclass(frozen=True, slots=True)
class Listener:
    """The trained parts that a conversation is heard with: the ear, and the weights of the signs by name.

    An ear with a sense wants the weights with the sign of meaning, and `by_words`, those without, for what the encoder
    does not know: Spanish.
    """

    ear: Ear
    weights: Weights
    by_words: Weights | None = None

    def page(self, turns: Sequence[Turn]) -> Page | None:
        """The call as the tuned encoder sees it, where that is at hand and knows the language."""
        if self.ear.sense is None:
            return None
        tuned = self.ear.sense.tuned
        return seen(tuned, turns) if self.by_words else tuned.page(turns)

    def seeing(self, page: Page | None) -> "Listener":
        """What hears this call: by words alone where the encoder has not seen it."""
        return self if page else replace(self, ear=self.ear.for_page(page))

    def listen(
        self, sentence: Answer, order: tuple[int, int], call: Chances, place: Place | None
    ) -> tuple[float, Understood]:
        """The probability that a sentence tells how the caller found the business, and what it then states.

        In: `order`, which sentence it is and of how many; `call`, what the call is likely to be; `place`, where it is
        said, if the call is seen by meaning.
        """
        attended = self.ear.attend(sentence, place)
        found = signs(sentence, attended, order, call, meaning(sentence, self.ear, place))
        weights = self.weights if MEANT in found or not self.by_words else self.by_words
        score = sum(w * (found[name] - mean) / spread for name, (w, mean, spread) in weights.items())
        return float(1 / (1 + np.exp(-score))), attended.understood


def meaning(sentence: Answer, ear: Ear, place: Place | None) -> float | None:
    """The log odds by the tuned encoder that a sentence reveals a source, where the call is seen by meaning."""
    if place is None or ear.sense is None:
        return None
    return ear.sense.tuned.reveals(place.page, place.turn, place.start, place.start + len(sentence.text))


def _odds(chance: float) -> float:
    return float(np.log(chance + 1e-4) - np.log(1 - chance + 1e-4))


def signs(
    sentence: Answer, attended: Attended, order: tuple[int, int], call: Chances, meant: float | None = None
) -> dict[str, float]:
    """What speaks for and against a sentence revealing a source, by name; `meant`: what the encoder says of it.

    New customers mostly tell, those with a bill hardly ever, and a returning one is known by both together.
    """
    words = set(sentence.words)
    best, top, silent = _best(attended.chances)
    said = {group: says(group, sentence.words) for group in GROUPS}
    found = {
        "always": 1.0,
        "best": _odds(best),
        "silent": _odds(silent),
        "told": any(c.told for c in sentence.candidates),
        "named": bool(sentence.candidates),
        "you": bool(words & YOU),
        "meets": bool(words & MEETING),
        "meets_you": bool(words & YOU) and bool(words & MEETING),
        "passing": any(passing(sentence.words, c) for c in sentence.candidates),
        "asks": "?" in words,
        "length": float(np.log(len(sentence.words))),
        "hinted": bool(sentence.hints),
        "hints": float(np.log1p(max(sentence.hinted().values(), default=0))),
        "person": top in KIN_SOURCES,
        "person_referring": top in KIN_SOURCES and said["referral"],
        "customer": top == "repeat_customer",
        "first": order[0] == 0,
        "late": order[0] / max(1, order[1]),
        "number": bool(words & {"number", "name", "card"}),
        "reason": bool(words & {"i'm", "we're", "because", "cause", "so"}),
        "self": bool(words & {"i", "we"}),
    }
    found |= {f"is_{name}": call[name] for name in Disposition}
    found |= {f"customer_{name}": (top == "repeat_customer") * call[name] for name in INQUIRIES}
    found |= {f"person_{name}": (top in KIN_SOURCES) * call[name] for name in INQUIRIES}
    if meant is not None:
        # How sure the ear is of a source differs with and without the encoder.
        found |= {MEANT: meant, SURE: attended.understood.probability}
    return {name: float(value) for name, value in (found | said).items()}


def _best(chances: NDArray[np.float64]) -> tuple[float, str, float]:
    names = leaves()
    none = np.array([taxonomy.source(name).none for name in names])
    top = int(np.where(none, -1.0, chances).argmax())
    return float(chances[top]), names[top], float(chances[none].max())


def sentences(turn: Answer) -> list[tuple[int, Answer]]:
    """The sentences of a turn, each with the index of its first word."""
    ends = [i + 1 for i, word in enumerate(turn.words) if word in STOPS and not _abbreviates(turn.words, i)]
    bounds = sorted({0, *ends, len(turn.words)})
    return [(a, part(turn, a, b)) for a, b in itertools.pairwise(bounds) if b - a > 1]


def _abbreviates(words: Sequence[str], stop: int) -> bool:
    """ "Dr. Costa sent me": a stop that ends no sentence."""
    return words[stop] == "." and stop > 0 and words[stop - 1] in TITLES


def part(turn: Answer, start: int, end: int) -> Answer:
    """Words `start` to `end` of a turn as an answer of its own."""
    first, last = turn.offsets[start][0], turn.offsets[end - 1][1]
    return Answer(
        turn.text[first:last],
        turn.words[start:end],
        [(a - first, b - first) for a, b in turn.offsets[start:end]],
        _within(turn.candidates, start, end),
        _within(turn.hints, start, end),
    )


def _within(found: Sequence[Candidate], start: int, end: int) -> list[Candidate]:
    return [
        replace(one, start=one.start - start, end=min(one.end, end) - start)
        for one in found
        if start <= one.start < end
    ]


def save(weights: Weights, folder: Path) -> None:
    """Write the weights, readable and the same at every run; which file they are for is told by the sign of meaning."""
    document = {"format": FORM, "signs": {k: [round(v, 5) for v in values] for k, values in weights.items()}}
    file = folder / (BOTH_FILE if MEANT in weights else FILE)
    file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def load(folder: Path, *, both: bool = False) -> Weights:
    """Read the weights, with `both` those with the sign of meaning.

    Raises ModelError where they are missing, damaged or of another version.
    """
    try:
        document = json.loads((folder / (BOTH_FILE if both else FILE)).read_text(encoding="utf-8"))
        if document["format"] != FORM:
            raise ModelError(f"The classifier in {folder} is of another version. Run `make models`.")
        return {name: (float(w), float(m), float(s)) for name, (w, m, s) in document["signs"].items()}
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"The classifier in {folder} cannot be loaded: {error}. Run `make models`.") from error
