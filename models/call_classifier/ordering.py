"""The part that tells which of several touches came first: its data, cross-validation over writers, and the fit."""

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from answering import Case
from folding import Fold

from voicebot.classify import conversation, hearing, meaning, roundabout
from voicebot.classify.calls import doc_of, pipeline
from voicebot.classify.corpus import LabelledCall
from voicebot.classify.touches import Comparing, Touch, Weights, signs
from voicebot.classify.tuned import Tuned
from voicebot.learning.newton import newton

# The price of squared weights, and how many pairs a sign must be seen in.
RIDGE, FEWEST = 0.005, 10
ANSWERS, CALLS = "answers", "calls"
# The order of telling, but for what the rules say of two in one turn.
BY_RULE = Comparing(*[Weights({"told_first": 1.0, "rule": 10.0})] * 2)


@dataclass(frozen=True, slots=True)
class Several:
    """The touches of one caller, the earliest first: who wrote them, and in what, answers or calls."""

    writer: str
    kind: str
    touches: tuple[Touch, ...]

    def pairs(self) -> list[tuple[dict[str, float], bool]]:
        """Of every two: the signs, and whether the one told first came first."""
        found = []
        for early, late in itertools.combinations(self.touches, 2):
            if early.told != late.told:
                in_order = early.told < late.told
                found.append((signs(early, late) if in_order else signs(late, early), in_order))
        return found


def of_answers(cases: Sequence[Case]) -> list[Several]:
    """The answers with several sources, each at the words that it is heard from."""
    found = []
    for case in cases:
        one = case.example
        if one.said is None and len(one.labels) > 1:
            places = [hearing.place_of(one.answer, case.by_rule, case.reading, i) for i in roundabout.index(one.labels)]
            touched = tuple(hearing.touch(one.answer, case.meant, place) for place in places)
            found.append(Several(one.writer, ANSWERS, touched))
    return found


def of_calls(calls: Mapping[str, Sequence[LabelledCall]], folds: Sequence[Fold]) -> list[Several]:
    """The calls, or pieces of calls, whose writer marked the words of each of several sources."""
    nlp, found = pipeline(), []
    by_writer = {name: fold.tuned for fold in folds for name in fold.writers}
    for writer, written in calls.items():
        for call in written:
            told = call.touches()
            if len(told) > 1:
                doc = doc_of(nlp, call.turns)
                places = [(one.turn, one.start, one.end) for one in told]
                heard = {turn: conversation.turn_of(doc, call.turns, turn) for turn, _, _ in places}
                early = _earliness(by_writer[writer], call, places)
                touched = [
                    Touch(name, turn, heard[turn].words, *_words(heard[turn], start, end), value)
                    for name, (turn, start, end), value in zip(call.sources, places, early, strict=True)
                ]
                found.append(Several(writer, CALLS, tuple(touched)))
    return found


def _earliness(tuned: Tuned, call: LabelledCall, places: Sequence[tuple[int, int, int]]) -> list[float | None]:
    page = tuned.page(call.turns)
    return [
        None if meaning.spanish(call.turns[turn].text) else tuned.earliness(page, turn, start, end)
        for turn, start, end in places
    ]


def _words(turn: conversation.CallerTurn, start: int, end: int) -> tuple[int, int]:
    """The range of the words that letters `start` to `end` of a turn touch, without the stops behind them."""
    inside = [i for i, (a, b) in enumerate(turn.answer.offsets) if a < end and b > start] or [0]
    while len(inside) > 1 and not turn.words[inside[-1]][0].isalnum():
        inside.pop()
    return inside[0], inside[-1] + 1


def without_meaning(found: Sequence[Several]) -> list[Several]:
    """The same touches as they are compared where there is no encoder."""
    return [replace(one, touches=tuple(replace(touch, earliness=None) for touch in one.touches)) for one in found]


def fit(found: Sequence[Several]) -> Comparing:
    """Weights of the signs: by words from all, and with the encoder's from what it has seen."""
    seen = [one for one in found if all(touch.earliness is not None for touch in one.touches)]
    return Comparing(_weights(without_meaning(found)), _weights(seen))


def _weights(found: Sequence[Several]) -> Weights:
    """The weight of every sign that enough pairs have."""
    pairs = [pair for one in found for pair in one.pairs()]
    seen = Counter(name for told, _ in pairs for name in told)
    columns = {name: at for at, name in enumerate(sorted(name for name in seen if seen[name] >= FEWEST))}
    inputs = np.zeros((len(pairs), len(columns)))
    for row, (told, _) in enumerate(pairs):
        for name in told.keys() & columns.keys():
            inputs[row, columns[name]] = told[name]
    weights = newton(inputs, np.array([float(in_order) for _, in_order in pairs]), RIDGE)
    return Weights({name: float(weights[at]) for name, at in columns.items()})


def of_folds(found: Sequence[Several], folds: Sequence[Fold]) -> list[Comparing]:
    """What compares the touches of each fold without having seen its writers."""
    return [fit([one for one in found if one.writer not in fold.writers]) for fold in folds]


def timed(cases: Sequence[Case], compared: Sequence[Comparing], folds: Sequence[Fold]) -> list[Case]:
    """The cases, each with what puts its sources in order without having seen its writer."""
    by_writer = {name: one for one, fold in zip(compared, folds, strict=True) for name in fold.writers}
    return [replace(case, comparing=by_writer[case.example.writer]) for case in cases]


def cross_validation(found: Sequence[Several], folds: Sequence[Fold]) -> dict[str, dict[str, float]]:
    """Of answers and of calls, over writers that nothing has seen: pairs, whole lists and first touches in order."""
    bare, learned = without_meaning(found), of_folds(found, folds)
    ways = {"rules": (bare, [BY_RULE for _ in folds]), "words": (bare, learned), "both": (found, learned)}
    return {
        f"{kind} by {name}": _scores([one for one in several if one.kind == kind], compared, folds)
        for kind in (ANSWERS, CALLS)
        for name, (several, compared) in ways.items()
    }


def _scores(found: Sequence[Several], compared: Sequence[Comparing], folds: Sequence[Fold]) -> dict[str, float]:
    by_writer = {name: one for one, fold in zip(compared, folds, strict=True) for name in fold.writers}
    hits: dict[str, list[bool]] = {"pairs": [], "as_told": [], "otherwise": [], "list": [], "first": []}
    for one in found:
        mine = by_writer[one.writer]
        order = mine.order(one.touches)
        hits["list"].append(order == sorted(order))
        hits["first"].append(order[0] == 0)
        for (early, first), (late, second) in itertools.combinations(enumerate(one.touches), 2):
            right = order.index(early) < order.index(late)
            hits["pairs"].append(right)
            hits["as_told" if first.told <= second.told else "otherwise"].append(right)
    figures = {name: round(float(np.mean(right)), 3) for name, right in hits.items()}
    return figures | {"callers": len(found), "told_otherwise": len(hits["otherwise"])}
