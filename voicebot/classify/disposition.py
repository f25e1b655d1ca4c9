"""What a call was: a linear model over what caller and agent say, where they say it, and a few exact marks."""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voicebot.classify import linear, marks
from voicebot.classify.labels import Turn
from voicebot.classify.linear import Linear
from voicebot.terms import Disposition, Speaker

# Raise it when features or marks change: weights of another version are refused.
FORMAT = "3"
NAME = "disposition"
LEARNED = tuple(Disposition)
LEAST = -9.0  # log chances below say no more
See = Callable[[Sequence[Turn], NDArray[np.float64]], NDArray[np.float64]]
WORD = re.compile(r"[a-z0-9']+")
# What a careful typist notes of sounds: "[dog barking]".
SOUND = re.compile(r"\[[^\]]*\]|\([^)]*\)")
GREETING = re.compile(
    r"(hello|hi|hey|yes|yeah|what|can|you|hear|me|uh|um|is|anybody|anyone|there|sorry|okay|ok|i|i'll|call|back|hold|on|later"
    r"|bye|oh|no|nothing|wait|a|minute|who's|this|be|right)"
)
DIGITS = re.compile(r"\d+")
NEGATION = re.compile(r"^(not|no|never|nothing|without|ain't|\w+n't)$")
# The beginning of a call says what it is; an hour of talk must not drown it.
OPENING_TURNS, OPENING_WORDS, ALL_WORDS, NEGATED = 3, 60, 400, 3
WEIGHTS = {"first": 1.0, "letters": 0.7, "caller": 0.8, "agent": 0.6, "marks": 0.8, "marks of all": 0.4, "shape": 0.3}


def features(turns: Sequence[Turn]) -> dict[int, float]:
    """Hashed features of a call, by bucket: each block has a length of its own, whatever the length of the call."""
    # A chat's lines are turns.
    caller = [line for turn in turns if turn.speaker is not Speaker.AGENT for line in turn.text.splitlines()]
    # The agent's greeting tells what the business is, not what the call is.
    spoken_first = bool(turns) and turns[0].speaker is Speaker.AGENT
    agent = words(" ".join(turn.text for turn in turns[spoken_first:] if turn.speaker is Speaker.AGENT))
    first, everything = words(" ".join(caller[:OPENING_TURNS]))[:OPENING_WORDS], words(" ".join(caller))
    into: dict[int, float] = {}
    linear.block(_named("f", _phrases(first)), WEIGHTS["first"], into)
    linear.block(_named("l", _letters(first)), WEIGHTS["letters"], into)
    linear.block(_named("c", _phrases(everything[:ALL_WORDS])), WEIGHTS["caller"], into)
    linear.block(_named("a", _phrases(agent[:ALL_WORDS])), WEIGHTS["agent"], into)
    linear.block(_named("m", marks.found(" ".join(first))), WEIGHTS["marks"], into)
    linear.block(_named("n", marks.found(" ".join(everything))), WEIGHTS["marks of all"], into)
    linear.block(_shape(turns, everything), WEIGHTS["shape"], into)
    return into


def words(text: str) -> list[str]:
    """Lower-case words without noted sounds; figures keep their number of digits only."""
    spoken = SOUND.sub(" ", text.lower().replace("’", "'"))
    return [DIGITS.sub(lambda m: "0" * len(m[0]), word) for word in WORD.findall(spoken)]


def _named(prefix: str, names: Iterator[str] | Sequence[str]) -> Iterator[str]:
    return (f"{prefix}:{name}" for name in names)


def _phrases(said: Sequence[str]) -> Iterator[str]:
    """Words, pairs and threes, and the words under a negation once more as such."""
    yield from said
    yield from (f"{a}_{b}" for a, b in itertools.pairwise(said))
    yield from (f"{a}_{b}_{c}" for a, b, c in zip(said, said[1:], said[2:], strict=False))
    for place, word in enumerate(said):
        if NEGATION.match(word):
            yield from (f"not_{other}" for other in said[place + 1 : place + 1 + NEGATED])


def _letters(said: Sequence[str]) -> Iterator[str]:
    """Pieces of words: a misheard or unseen form of a word shares most of them."""
    for word in said:
        edged = f"<{word}>"
        for size in (4, 5):
            yield from (edged[start : start + size] for start in range(len(edged) - size + 1))


def _shape(turns: Sequence[Turn], said: Sequence[str]) -> list[str]:
    """How much was said, how often the agent spoke, and how much of the caller's is more than greeting: rough steps."""
    exchanges = sum(turn.speaker is Speaker.AGENT for turn in turns)
    content = sum(not GREETING.fullmatch(word) for word in said)
    return [f"length:{min(len(said).bit_length(), 10)}", f"answers:{min(exchanges, 4)}", f"content:{min(content, 4)}"]


def probabilities(model: Linear, turns: Sequence[Turn], see: See | None = None) -> Mapping[Disposition, float]:
    """The probability of every disposition; they sum to 1. A call without a caller's words is `no_conversation`.

    `see`: what looks at the meaning of the turns too, from the scores of the words.
    """
    if not any(words(turn.text) for turn in turns if turn.speaker is not Speaker.AGENT):
        return {d: float(d is Disposition.NO_CONVERSATION) for d in Disposition}
    scores = model.scores(features(turns)) / model.temperature
    if see is not None:
        scores = see(turns, scores)
    chances = np.exp(scores - scores.max())
    return dict(zip(LEARNED, (chances / chances.sum()).tolist(), strict=True))


def log_chances(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scores of the classes as logarithms of their probabilities, the least ones cut."""
    scores = scores - scores.max()
    logs: NDArray[np.float64] = scores - np.log(np.exp(scores).sum())
    return np.maximum(logs, LEAST)


def load(folder: Path) -> Linear:
    """The trained model. Raises ModelError where it is missing, damaged or of another format."""
    return linear.load(folder, NAME, FORMAT, LEARNED)
