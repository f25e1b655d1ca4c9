"""A conversation written out for the sentence encoder, and as it is seen: a vector for every word in its place.

One pass for the whole call, each turn behind the name of who speaks. What a sentence means is the mean of its words'
vectors, which have seen the sentences around it: "the letter" of a customer with a bill is another than a stranger's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from voicebot.classify.labels import Turn
from voicebot.errors import ModelError
from voicebot.terms import Speaker

# An answer to the machine's question is written out as a call of two turns.
QUESTION = Turn(Speaker.AGENT, "How did you hear about us?")
# A longer call is seen in windows that share some tokens; attention costs the square of a window.
WINDOW, SHARED = 320, 64
# What became of an appointment is said in the last tokens of a call.
ENDING = 160
NAMES = {True: "agent", False: "caller"}
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Layout:
    """Tokens of a call: ids, and of each the index of its turn and its place there; names of speakers have no letters.

    `caller`: whose words they are.
    """

    ids: list[int]
    turns: Places
    starts: Places
    ends: Places
    caller: NDArray[np.bool_]

    def inside(self, turn: int, start: int, end: int) -> tuple[int, int]:
        """The range of the tokens that touch letters `start` to `end` of a turn; the speaker's name where none does."""
        found = np.flatnonzero(
            (self.turns == turn) & (self.ends > start) & (self.starts < end) & (self.ends > self.starts)
        )
        if not len(found):
            first = int(np.searchsorted(self.turns, turn))
            return first, first + 1
        return int(found[0]), int(found[-1]) + 1


@dataclass(frozen=True, slots=True)
class Page:
    """A call as the encoder sees it: one row a token."""

    layout: Layout
    rows: NDArray[np.float32]

    def of(self, turn: int, start: int, end: int) -> NDArray[np.float32]:
        """What letters `start` to `end` of a turn mean within the call."""
        first, last = self.layout.inside(turn, start, end)
        mean: NDArray[np.float32] = self.rows[first:last].mean(axis=0)
        return mean

    def beginning(self) -> NDArray[np.float32]:
        """What the first window means: of the caller, and of the agent behind the greeting."""
        return self._part(*beginning(self.layout, min(len(self.layout.ids), WINDOW - 1)))

    def ending(self) -> NDArray[np.float32]:
        """What the last tokens mean: of the caller, and of the agent."""
        return self._part(*ending(self.layout, len(self.layout.ids)))

    def _part(self, own: NDArray[np.bool_], other: NDArray[np.bool_]) -> NDArray[np.float32]:
        rows = self.rows[: len(own)]
        return np.concatenate([_mean(rows[own]), _mean(rows[other])])


@dataclass(frozen=True, slots=True)
class Place:
    """Where words were said: the call by meaning, the turn, and the letter of it where they begin."""

    page: Page
    turn: int
    start: int


def _mean(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    mean: NDArray[np.float32] = rows.mean(axis=0) if len(rows) else np.zeros(rows.shape[1], dtype=np.float32)
    return mean


def beginning(layout: Layout, size: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which of the first tokens are the caller's, and which the agent's without the greeting that opens the call."""
    own = layout.caller[:size]
    return own, ~own & (layout.turns[:size] > 0)


def ending(layout: Layout, size: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which of the first tokens are among the last of the call: the caller's, and the agent's."""
    own, late = layout.caller[:size], np.arange(size) >= len(layout.ids) - ENDING
    return own & late, ~own & late


def known(tokenizer: Tokenizer, word: str) -> int:
    """The id of a word that the encoder knows. Raises ModelError where it does not."""
    found = tokenizer.token_to_id(word)
    if found is None:
        raise ModelError(f"The encoder does not know {word!r}.")
    return found


def laid_out(tokenizer: Tokenizer, turns: Sequence[Turn]) -> Layout:
    """The tokens of a call, without the mark that opens a window. Whoever is no agent is a caller."""
    ids: list[int] = []
    rows: list[tuple[int, int, int, bool]] = []
    stop = known(tokenizer, "[SEP]")
    found = tokenizer.encode_batch([turn.text for turn in turns], add_special_tokens=False)
    for index, (turn, one) in enumerate(zip(turns, found, strict=True)):
        agent = turn.speaker is Speaker.AGENT
        ids += [known(tokenizer, NAMES[agent]), *one.ids, stop]
        rows += [(index, *place, not agent) for place in ((0, 0), *one.offsets, (0, 0))]
    places = np.array([row[:3] for row in rows], dtype=np.int64).reshape(-1, 3)
    return Layout(ids, places[:, 0], places[:, 1], places[:, 2], np.array([row[3] for row in rows], dtype=np.bool_))


def seen(layout: Layout, begin: int, hidden: Callable[[list[int]], NDArray[np.float32]]) -> Page:
    """The page: windows one after the other, each with some tokens of the one before it.

    In: `begin`, the id of the mark that opens a window; `hidden`, ids to one row each.
    """
    parts: list[NDArray[np.float32]] = []
    done = 0
    # A call without a turn is one window without a row.
    while done < len(layout.ids) or not parts:
        first = max(0, done - SHARED) if done else 0
        rows = hidden([begin, *layout.ids[first : first + WINDOW - 1]])[1:]
        parts.append(rows[done - first :])
        done = first + len(rows)
    return Page(layout, np.concatenate(parts))
