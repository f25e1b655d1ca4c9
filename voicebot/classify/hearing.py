"""Answers heard with rules and trained model together, in order of touch."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from voicebot import taxonomy
from voicebot.classify import meaning, roundabout, weighing
from voicebot.classify.answers import Understood, rename, understand
from voicebot.classify.context import KIN_SOURCES, Words
from voicebot.classify.linear import Linear
from voicebot.classify.meaning import Sense
from voicebot.classify.mentions import Candidate
from voicebot.classify.page import Page, Place
from voicebot.classify.phrases import says
from voicebot.classify.roundabout import Mark, Reading
from voicebot.classify.touches import Comparing, Touch
from voicebot.classify.weighing import Weighing

LIKELY = 0.5
# Candidates as told, put in order of touch.
InTime = Callable[[Sequence[Candidate]], tuple[Candidate, ...]]


@dataclass(frozen=True, slots=True)
class Answer:
    """The words of one answer: its text, normal forms with their places in the text, and the candidates in it."""

    text: str
    words: Words
    offsets: Sequence[tuple[int, int]]
    candidates: Sequence[Candidate]
    hints: Sequence[Candidate] = ()

    def marks(self) -> list[Mark]:
        """What the lexicon found, for the trained model."""
        told = [(f"{c.source}:{'told' if c.told else 'named'}", c.start) for c in self.candidates]
        hinted = [(f"{c.source}:hint", c.start) for c in self.hints]
        return [Mark(name, self.offsets[start][0]) for name, start in (*told, *hinted)]

    def hinted(self) -> Counter[str]:
        """How many hints there are of each source."""
        return Counter(hint.source for hint in self.hints)


@dataclass(frozen=True, slots=True)
class Ear:
    """The trained parts that answers are heard with. `sense` reads their meaning, where the encoder is at hand."""

    model: Linear
    weighing: Weighing
    comparing: Comparing
    sense: Sense | None = None

    def hear(self, answer: Answer, prompted: Sequence[str] = (), *, place: Place | None = None) -> Understood:
        """What an answer states. `prompted`: the sources that were named in the question.

        `place`: where it was said in a call.
        """
        by_rule = understand(answer.words, answer.candidates, prompted)
        if not answer.words or _only_agrees(by_rule, answer.candidates):
            return by_rule
        reading = roundabout.read(self.model, answer.text, answer.marks())
        found = self.sense.weighing if self.sense else self.weighing
        meant = self.meant(answer.text, reading, place)
        chances = found.chances(signs(answer, by_rule, reading, meant))
        sort = partial(in_time, self.comparing, answer, meant)
        return decide(answer, by_rule, reading, chances, sort, surety=found.surety)

    def for_page(self, page: Page | None) -> "Ear":
        """What hears a call: by words alone where the encoder has not seen it."""
        return self if page else replace(self, sense=None)

    def attend(self, answer: Answer, place: Place | None = None) -> "Attended":
        """What a sentence that nobody asked for would state if it told how they found the business.

        `place`: where it was said in a call.
        """
        by_rule = understand(answer.words, answer.candidates)
        reading = roundabout.read(self.model, answer.text, answer.marks())
        alone = found = self.weighing.chances(signs(answer, by_rule, reading))
        meant = self.meant(answer.text, reading, place)
        if self.sense:
            found = self.sense.weighing.chances(signs(answer, by_rule, reading, meant))
        sort, surety = partial(in_time, self.comparing, answer, meant), (self.sense or self).weighing.surety
        return Attended(alone, decide(answer, by_rule, reading, found, sort, surety=surety, revealed=True))

    def meant(self, text: str, by_words: Reading, place: Place | None) -> Reading | None:
        """A text by its meaning: within the call where that is at hand, else as an answer by itself."""
        if self.sense is None:
            return None
        if place is None:
            return meaning.read(self.sense.tuned, text, by_words)
        return meaning.within(self.sense.tuned, place, text, by_words)


@dataclass(frozen=True, slots=True)
class Attended:
    """A sentence as an ear takes it: the probability of every source by the words alone, and what it would state."""

    chances: NDArray[np.float64]
    understood: Understood


def signs(answer: Answer, by_rule: Understood, reading: Reading, meant: Reading | None = None) -> NDArray[np.float64]:
    """What speaks for and against each source in an answer, for the weighing."""
    renamed = [rename(answer.words, candidate) for candidate in answer.candidates]
    return weighing.signs(by_rule, renamed, reading, answer.hinted(), meant)


def _only_agrees(understood: Understood, candidates: Sequence[Candidate]) -> bool:
    """ "Yes" to a question that named one source: there is nothing to weigh."""
    return len(understood.stated) == 1 and understood.stated[0].source not in {c.source for c in candidates}


def decide(
    answer: Answer,
    by_rule: Understood,
    reading: Reading,
    chances: NDArray[np.float64],
    sort: InTime,
    *,
    surety: tuple[float, float] = (1.0, 0.0),
    revealed: bool = False,
) -> Understood:
    """The likeliest reading: every source likelier than not, or the likeliest of all, or the likeliest "none"."""
    names = roundabout.leaves()
    none = [i for i, name in enumerate(names) if taxonomy.source(name).none]
    real = sorted((i for i in range(len(names)) if i not in none), key=lambda i: -chances[i])
    silent = max(none, key=lambda i: chances[i])
    if chances[silent] > chances[real[0]] and not (revealed or _plain(answer, by_rule)):
        sure = _surety(chances, [silent], surety)
        return Understood((), by_rule.ruled_out, names[silent], by_rule.place, sure)
    chosen = _with_words([i for i in real if chances[i] > LIKELY] or real[:1], answer, reading)
    stated = sort([place_of(answer, by_rule, reading, i) for i in chosen])
    hull = (min(c.start for c in stated), max(c.end for c in stated))
    ruled_out = tuple(c for c in by_rule.ruled_out if c.source not in {s.source for s in stated})
    return Understood(stated, ruled_out, None, hull, _surety(chances, chosen, surety))


def _with_words(chosen: Sequence[int], answer: Answer, reading: Reading) -> list[int]:
    """The chosen sources, the likeliest first, without those that rest on the clause of a likelier one alone.

    "I drive past your billboard" speaks of driving past too, but names what was passed.
    """
    named = {candidate.source for candidate in answer.candidates}
    kept: list[int] = []
    for leaf in chosen:
        shared = any(reading.best_clause(leaf) == reading.best_clause(other) for other in kept)
        if not shared or roundabout.leaves()[leaf] in named:
            kept.append(leaf)
    return kept


def _plain(answer: Answer, by_rule: Understood) -> bool:
    """ "Found you on Facebook and I need somebody today": said in so many words, whatever else is said beside it."""
    media = any(candidate.source not in KIN_SOURCES for candidate in by_rule.stated)
    return media and says("finding", answer.words)


def in_time(
    comparing: Comparing, answer: Answer, meant: Reading | None, stated: Sequence[Candidate]
) -> tuple[Candidate, ...]:
    """What an answer states, the earliest touch first. `meant`: the answer read by its meaning."""
    return tuple(stated[place] for place in comparing.order([touch(answer, meant, one) for one in stated]))


def touch(answer: Answer, meant: Reading | None, stated: Candidate) -> Touch:
    """The touch that an answer states with these words."""
    if meant is None or meant.earliness is None:
        return Touch.of(stated, 0, answer.words)
    first = answer.offsets[stated.start][0]
    clause = max((at for at, (start, _) in enumerate(meant.clauses) if start <= first), default=0)
    return Touch.of(stated, 0, answer.words, float(meant.earliness[clause]))


def place_of(answer: Answer, by_rule: Understood, reading: Reading, leaf: int) -> Candidate:
    """The words a source rests on: where the rules found it, else the clause that speaks most of it."""
    name = roundabout.leaves()[leaf]
    for candidate in (*by_rule.stated, *answer.candidates):
        if candidate.source == name:
            return candidate
    start, end = reading.best_clause(leaf)
    inside = [i for i, (a, _) in enumerate(answer.offsets) if start <= a < end] or [0]
    while len(inside) > 1 and not answer.words[inside[-1]][0].isalnum():
        inside.pop()
    return Candidate(name, inside[0], inside[-1] + 1, True)


def _surety(chances: NDArray[np.float64], chosen: Sequence[int], scale: tuple[float, float]) -> float:
    """The probability that exactly these sources are right."""
    return 1 / (1 + math.exp(-(scale[0] * fit(chances, chosen) + scale[1])))


def fit(chances: NDArray[np.float64], chosen: Sequence[int]) -> float:
    """How well a choice fits the chances: the log odds of the least likely chosen against the likeliest left out."""
    left = np.delete(chances, list(chosen)).max()
    low = chances[list(chosen)].min()
    return float(np.log(low + 1e-6) - np.log(1 - low + 1e-6) - np.log(left + 1e-6)) / 2
