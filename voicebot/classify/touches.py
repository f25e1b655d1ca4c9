"""Which of several touches came first: a trained comparison of every two, where the order of telling is a strong hint.

    comparing.order(touches)   # the places of [Touch, ...], that of the earliest touch first

Of two touches, the log odds that the one told first came first are a sum: of signs of the telling ("after" between the
two), and of signs of the one less those of the other (Bradley & Terry 1952): looking somebody up mostly comes last.
"""

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from voicebot.classify.context import CLAUSE, STOPS, Words
from voicebot.classify.mentions import Candidate
from voicebot.classify.order import comes_earlier
from voicebot.classify.phrases import says
from voicebot.errors import ModelError
from voicebot.taxonomy import source

FORM = "1"
FILE = "touches.json"
EARLINESS = "earliness"
# The encoder is surer than it is right: made so small, its sign stays one among the others when weights are fitted.
SMALL = 0.15
# Words that open a clause beside those that part it.
OPENERS = frozenset(["when", "because", "cause", "after", "before", "since", "once", "until", "till", "cuz", "cos"])
OPENERS |= frozenset(["despues", "antes", "porque", "cuando"])
PARTS = CLAUSE | OPENERS
# Of a turn: how many words between two touches are looked at, and how many before the first.
BETWEEN, OPENING = 12, 6
# Log odds for the order of telling, on top of what was learned: the project's writers were asked for callers who tell
# the later touch first, and wrote more of them than there are.
AS_TOLD = 0.3
SAYINGS = ("earlier", "past_perfect", "finding", "referral")


@dataclass(frozen=True, slots=True)
class Touch:
    """A source that was named: `start` and `end` count the `words` of its turn.

    `earliness`: what the tuned encoder says of it, where that is at hand.
    """

    source: str
    turn: int
    words: Words
    start: int
    end: int
    earliness: float | None = None

    @classmethod
    def of(cls, candidate: Candidate, turn: int, words: Words, earliness: float | None = None) -> "Touch":
        """The touch that a candidate of this turn is."""
        return cls(candidate.source, turn, words, candidate.start, candidate.end, earliness)

    @property
    def place(self) -> Candidate:
        """Where it is in its turn."""
        return Candidate(self.source, self.start, self.end, True)

    @property
    def told(self) -> tuple[int, int, int]:
        """What sorts touches by telling."""
        return self.turn, self.start, self.end


@dataclass(frozen=True, slots=True)
class Weights:
    """A weight by the name of each sign; others weigh nothing."""

    by_sign: Mapping[str, float]

    def log_odds(self, first: Touch, second: Touch) -> float:
        """The log odds that the touch that was told first came first."""
        return AS_TOLD + sum(value * self.by_sign.get(name, 0.0) for name, value in signs(first, second).items())


@dataclass(frozen=True, slots=True)
class Comparing:
    """What compares touches: by words alone, and with the sign of the tuned encoder for touches that it has seen."""

    by_words: Weights
    by_both: Weights

    def order(self, touches: Sequence[Touch]) -> list[int]:
        """The places of touches, the earliest first: by the sum of the log odds against all others, else as told."""
        weights = self.by_words if any(touch.earliness is None for touch in touches) else self.by_both
        told = sorted(range(len(touches)), key=lambda place: (touches[place].told, touches[place].source))
        early = dict.fromkeys(told, 0.0)
        for at, first in enumerate(told):
            for second in told[at + 1 :]:
                odds = weights.log_odds(touches[first], touches[second])
                early[first] += odds
                early[second] -= odds
        return sorted(told, key=lambda place: -early[place])


def signs(first: Touch, second: Touch) -> dict[str, float]:
    """What speaks for the touch told first being the earlier one, by name."""
    found = _of_telling(first, second)
    for touch, sign in ((first, 1.0), (second, -1.0)):
        for name in _of_touch(touch):
            found[name] = found.get(name, 0.0) + sign
    if first.earliness is not None and second.earliness is not None:
        found[EARLINESS] = SMALL * (first.earliness - second.earliness)
    return {name: value for name, value in found.items() if value}


def _of_telling(first: Touch, second: Touch) -> dict[str, float]:
    """Signs of the two together: where the one stands to the other, and what is said between them."""
    found = {"told_first": 1.0}
    if first.turn != second.turn:
        return found
    words, between = first.words, first.words[first.end : second.start]
    found |= {"sentences": float(bool(set(between) & STOPS))}
    found |= {"rule": -1.0 if comes_earlier(words, first.place, second.place) else 0.0}
    found |= {f"between:{word}": 1.0 for word in between[-BETWEEN:]}
    return found | {f"opening:{word}": 1.0 for word in words[max(0, first.start - OPENING) : first.start]}


def _of_touch(touch: Touch) -> set[str]:
    """Signs of one touch by itself: what it was, and how its own clause speaks of it."""
    leaf = source(touch.source)
    start, end = clause(touch)
    own = touch.words[start:end]
    return {
        f"source:{leaf.id}",
        f"group:{leaf.group}",
        *(f"clause:{word}" for word in own),
        *(f"clause:{one} {other}" for one, other in itertools.pairwise(own)),
        *(f"says:{group}" for group in SAYINGS if says(group, own)),
    }


def clause(touch: Touch) -> tuple[int, int]:
    """The range of the words of a touch's own clause, with the word that opens it."""
    words = touch.words
    start = next((i for i in range(touch.start - 1, -1, -1) if words[i] in PARTS), -1)
    if start < 0 or not words[start].isalpha():
        start += 1
    end = next((i for i in range(touch.end, len(words)) if words[i] in PARTS), len(words))
    return start, end


def save(comparing: Comparing, folder: Path) -> None:
    """Write the weights, readable and the same at every run."""
    forms = (("words", comparing.by_words), ("both", comparing.by_both))
    found = {name: {sign: round(one.by_sign[sign], 3) for sign in sorted(one.by_sign)} for name, one in forms}
    text = json.dumps({"format": FORM, **found}, indent=1, ensure_ascii=False)
    (folder / FILE).write_text(text + "\n", encoding="utf-8")


def load(folder: Path) -> Comparing:
    """Read the weights. Raises ModelError where they are missing, damaged or of another version."""
    try:
        document = json.loads((folder / FILE).read_text(encoding="utf-8"))
        if document["format"] != FORM:
            raise ModelError(f"The classifier in {folder} is of another version. Run `make models`.")
        forms = (document[name].items() for name in ("words", "both"))
        return Comparing(*(Weights({sign: float(weight) for sign, weight in form}) for form in forms))
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise ModelError(f"The classifier in {folder} cannot be loaded: {error}. Run `make models`.") from error
