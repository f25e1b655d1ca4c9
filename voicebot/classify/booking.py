"""Was an appointment agreed, tried for in vain, or never an issue: acts of the turns, their order, and a trained model.

Each turn is read as acts (asks for an appointment, names a time, checks back, says that it is made, says that it
cannot be, takes it, refuses). A small state machine follows who proposed and what became of it; a linear model weighs
its end, the order of the acts and the last words, since people say "ten it is" where a machine says "confirmed".
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from voicebot.classify import linear
from voicebot.classify.booking_acts import acts
from voicebot.classify.disposition import words
from voicebot.classify.labels import Turn
from voicebot.classify.linear import Linear
from voicebot.terms import Speaker

FORMAT = "2"
NAME = "booking"
BOOKED, FAILED, NONE = "booked", "tried_failed", "none"
CLASSES = (BOOKED, FAILED, NONE)
MEANING = {BOOKED: True, FAILED: False, NONE: None}
LAST_TURNS, LAST_ACTS = 3, 6
WEIGHTS = {"end": 1.5, "acts": 1.0, "pairs": 0.8, "last": 0.8, "words": 1.0}

# Once it is said to be made, what else is refused later does not unmake it.
MADE = "said to be made"


@dataclass(slots=True)
class State:
    """What became of an appointment so far. `asked`: by the caller; `turn`: of the last change."""

    asked: bool = False
    offered: bool = False
    open_offer: bool = False
    pending: bool = False
    outcome: str = NONE
    how: str = ""
    turn: int | None = None

    def move(self, outcome: str, how: str, turn: int) -> None:
        """Note a change and what it rests on."""
        self.outcome, self.how, self.turn, self.open_offer = outcome, how, turn, False


@dataclass(frozen=True, slots=True)
class Booking:
    """Whether an appointment was agreed (None: never came up), how probable, and the turn where it was decided."""

    agreed: bool | None
    probability: float
    turn: int | None


def follow(turns: Sequence[Turn]) -> State:
    """The state after the last turn: who proposed, who took it, and whether it was made or failed."""
    state = State()
    for place, turn in enumerate(turns):
        found = set(acts(turn))
        if turn.speaker is Speaker.AGENT:
            _agent(state, found, place)
        else:
            _caller(state, found, place)
    return state


def _agent(state: State, found: set[str], place: int) -> None:
    wanted = state.asked or state.offered
    if wanted and "done" in found and "fail" not in found:
        state.move(BOOKED, MADE, place)
    elif wanted and "fail" in found and (state.pending or found & {"subject", "time"}) and state.how != MADE:
        state.move(FAILED, "refused by the agent", place)
    names = found & {"subject", "time"}
    if "closing" not in found and ("check" in found or ("offer" in found and names) or (wanted and "time" in found)):
        state.offered = state.open_offer = True


def _caller(state: State, found: set[str], place: int) -> None:
    asks = "wish" in found and bool(found & {"subject", "time"})
    taken = state.open_offer and bool(found & {"takes", "time", "done"}) and not found & {"refuses", "later"}
    if taken:
        state.asked = True
        if state.how != MADE:
            state.move(BOOKED, "taken by the caller", place)
    elif state.open_offer and found & {"refuses", "later"} and "takes" not in found:
        if state.how != MADE and (state.asked or state.outcome is not NONE):
            state.move(FAILED, "refused by the caller", place)
        elif state.how != MADE:
            state.how, state.open_offer = "offer declined", False
    state.asked = state.asked or asks
    state.pending, state.open_offer = asks or taken, False


def features(turns: Sequence[Turn]) -> dict[int, float]:
    """Hashed features: the state's end, acts and their order, and the last words of both."""
    end = follow(turns)
    names = [(("a" if turn.speaker is Speaker.AGENT else "c"), acts(turn)) for turn in turns]
    steps = [f"{who}-{'+'.join(found) or 'nothing'}" for who, found in names]
    single = [f"{who}-{act}" for who, found in names for act in found]
    into: dict[int, float] = {}
    state = [f"outcome:{end.outcome}", f"how:{end.how}", f"asked:{end.asked}", f"offered:{end.offered}"]
    linear.block([*state, f"all:{end.outcome}/{end.how}/{end.asked}/{end.offered}"], WEIGHTS["end"], into)
    linear.block([f"has:{act}" for act in dict.fromkeys(single)], WEIGHTS["acts"], into)
    tail = single[-LAST_ACTS:]
    pairs = (f"next:{a}>{b}" for a, b in itertools.pairwise(steps[-2 * LAST_ACTS :]))
    last = [f"late:{act}" for act in tail] + [f"late:{a}>{b}" for a, b in itertools.pairwise(tail)]
    linear.block([*pairs, *last], WEIGHTS["pairs"], into)
    linear.block(_last_words(turns), WEIGHTS["last"], into)
    linear.block(_all_words(turns), WEIGHTS["words"], into)
    return into


def _last_words(turns: Sequence[Turn]) -> Iterator[str]:
    """Words and pairs of the last turns of each speaker."""
    for who, agent in (("a", True), ("c", False)):
        mine = [turn.text for turn in turns if (turn.speaker is Speaker.AGENT) is agent]
        said = words(" ".join(mine[-LAST_TURNS:]))
        yield from (f"end-{who}:{word}" for word in said)
        yield from (f"end-{who}:{a}_{b}" for a, b in itertools.pairwise(said))


def _all_words(turns: Sequence[Turn]) -> Iterator[str]:
    for turn in turns:
        who, said = ("a" if turn.speaker is Speaker.AGENT else "c"), words(turn.text)
        yield from (f"all-{who}:{word}" for word in said)
        yield from (f"all-{who}:{a}_{b}" for a, b in itertools.pairwise(said))


def understand(model: Linear, turns: Sequence[Turn]) -> Booking:
    """Whether an appointment was agreed in the call."""
    if not any(turn.speaker is not Speaker.AGENT and turn.text.strip() for turn in turns):
        return Booking(None, 1.0, None)
    chances = model.chances(features(turns))
    likely = max(chances, key=lambda name: chances[name])
    end = follow(turns)
    return Booking(MEANING[likely], chances[likely], end.turn if end.outcome == likely else None)


def load(folder: Path) -> Linear:
    """The trained model. Raises ModelError where it is missing, damaged or of another format."""
    return linear.load(folder, NAME, FORMAT, CLASSES)
