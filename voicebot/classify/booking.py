"""Was an appointment agreed, tried for in vain, or never an issue: acts of the turns, their order, and a trained model.

Each turn is read as acts (asks for an appointment, names a time, checks back, says that it is made, says that it
cannot be, takes it, refuses). A small state machine follows who proposed and what became of it; a linear model weighs
its end, the order of the acts and the last words, since people say "ten it is" where a machine says "confirmed".
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voicebot.classify import linear
from voicebot.classify.booking_acts import PATTERNS, acts_of, plain
from voicebot.classify.disposition import See, log_chances, words
from voicebot.classify.labels import Turn
from voicebot.classify.linear import Linear
from voicebot.terms import Speaker

FORMAT = "4"
NAME = "booking"
BOOKED, FAILED, NONE = "booked", "tried_failed", "none"
CLASSES = (BOOKED, FAILED, NONE)
MEANING = {BOOKED: True, FAILED: False, NONE: None}
# The last turns whose days and hours are one word, the last ones of each speaker, the last acts.
LATE, LAST_TURNS, LAST_ACTS = 6, 3, 6
# So many last turns are asked which of them decided.
DECIDING = 24
WEIGHTS = {"end": 3.0, "acts": 2.0, "pairs": 0.8, "words": 0.8, "last": 0.8, "late": 0.3}

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


def follow(turns: Sequence[Turn], acts: Sequence[Sequence[str]] | None = None) -> State:
    """The state after the last turn: who proposed, who took it, and whether it was made or failed.

    `acts`: what each turn does, where that is known.
    """
    state = State()
    for place, (turn, done) in enumerate(zip(turns, acts_of(turns) if acts is None else acts, strict=True)):
        found = set(done)
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
    proposes = "check" in found or ("offer" in found and names) or "time" in found or (wanted and "details" in found)
    if "closing" not in found and proposes:
        state.offered = state.open_offer = True


def _caller(state: State, found: set[str], place: int) -> None:
    asks = "wish" in found and bool(found & {"subject", "time"})
    puts_off = bool(found & {"refuses", "later", "costly"})
    taken = state.open_offer and bool(found & {"takes", "comes", "time", "gives", "done", "echo"}) and not puts_off
    if taken or ("comes" in found and "later" not in found and (state.offered or found & {"time", "takes"})):
        state.asked = True
        if state.how != MADE:
            state.move(BOOKED, "taken by the caller", place)
    elif state.open_offer and puts_off:
        if state.how != MADE and (state.asked or state.outcome is not NONE or found & {"later", "costly"}):
            state.move(FAILED, "refused by the caller", place)
        elif state.how != MADE:
            state.how, state.open_offer = "offer declined", False
    state.asked = state.asked or asks
    state.pending, state.open_offer = asks or taken, False


def features(turns: Sequence[Turn]) -> dict[int, float]:
    """Hashed features: the state's end, acts and their order, and the words, the last ones once more."""
    acts = acts_of(turns)
    end = follow(turns, acts)
    named = [(_who(turn), found) for turn, found in zip(turns, acts, strict=True)]
    steps = [f"{who}-{'+'.join(found) or 'nothing'}" for who, found in named]
    single = [f"{who}-{act}" for who, found in named for act in found]
    into: dict[int, float] = {}
    state = [f"outcome:{end.outcome}", f"how:{end.how}", f"asked:{end.asked}", f"offered:{end.offered}"]
    linear.block([*state, f"all:{end.outcome}/{end.how}/{end.asked}/{end.offered}"], WEIGHTS["end"], into)
    linear.block([f"has:{act}" for act in dict.fromkeys(single)], WEIGHTS["acts"], into)
    tail = single[-LAST_ACTS:]
    pairs = (f"next:{a}>{b}" for a, b in itertools.pairwise(steps[-2 * LAST_ACTS :]))
    last = [f"late:{act}" for act in tail] + [f"late:{a}>{b}" for a, b in itertools.pairwise(tail)]
    linear.block([*pairs, *last], WEIGHTS["pairs"], into)
    linear.block(_phrases("all", turns), WEIGHTS["words"], into)
    linear.block(_phrases("end", _last_of_each(turns)), WEIGHTS["last"], into)
    # Any day and any hour are one word: "see you on Friday" and "see you at ten" end alike.
    undated = (Turn(turn.speaker, PATTERNS["time"].sub(" whenever ", plain(turn.text))) for turn in turns[-LATE:])
    linear.block(_phrases("late", undated), WEIGHTS["late"], into)
    return into


def _who(turn: Turn) -> str:
    return "a" if turn.speaker is Speaker.AGENT else "c"


def _last_of_each(turns: Sequence[Turn]) -> list[Turn]:
    """The last turns of each speaker, each speaker's as one."""
    sides = [[turn for turn in turns if (turn.speaker is Speaker.AGENT) is agent] for agent in (True, False)]
    return [Turn(mine[0].speaker, " ".join(turn.text for turn in mine[-LAST_TURNS:])) for mine in sides if mine]


def _phrases(name: str, turns: Iterable[Turn]) -> Iterator[str]:
    """Words and pairs of each speaker."""
    for turn in turns:
        who, said = _who(turn), words(turn.text)
        yield from (f"{name}-{who}:{word}" for word in said)
        yield from (f"{name}-{who}:{a}_{b}" for a, b in itertools.pairwise(said))


def understand(model: Linear, turns: Sequence[Turn], see: See | None = None) -> Booking:
    """Whether an appointment was agreed in the call.

    `see`: what looks at the meaning of the turns too, from the scores of the words.
    """
    if not any(turn.speaker is not Speaker.AGENT and turn.text.strip() for turn in turns):
        return Booking(None, 1.0, None)
    scores = model.scores(features(turns)) / model.temperature
    if see is not None:
        scores = see(turns, scores)
    chances = np.exp(log_chances(scores))
    likely = CLASSES[int(chances.argmax())]
    end = follow(turns)
    turn = end.turn if end.outcome == likely else deciding(model, turns, likely)
    return Booking(MEANING[likely], float(chances.max()), turn)


def deciding(model: Linear, turns: Sequence[Turn], outcome: str) -> int | None:
    """The turn without whose words the outcome is least likely by the words of the rest; None for no appointment."""
    if outcome == NONE:
        return None
    recent = list(turns[-DECIDING:])
    best, at = _chance(model, recent, outcome), None
    for place, turn in enumerate(recent):
        rest = _chance(model, [*recent[:place], Turn(turn.speaker, ""), *recent[place + 1 :]], outcome)
        if rest < best and turn.text.strip():
            best, at = rest, len(turns) - len(recent) + place
    return at


def _chance(model: Linear, turns: Sequence[Turn], outcome: str) -> float:
    return float(log_chances(model.scores(features(turns)))[CLASSES.index(outcome)])


def load(folder: Path) -> Linear:
    """The trained model. Raises ModelError where it is missing, damaged or of another format."""
    return linear.load(folder, NAME, FORMAT, CLASSES)
