"""Where a name that the company gave as a hint may have been said though another word was written. Pure functions.

A hint is not told to Whisper beforehand: it then writes names that nobody said. It is only tried where what was written
sounds like it, and the engine is asked which of the two texts it believes (see faster_whisper.py).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

# Two spellings are worth a trial from this likeness on (difflib's ratio of their sounds, from 0 to 1).
ALIKE = 0.66
# Short names are like too many words.
SHORT, ALIKE_WHEN_SHORT = 6, 0.8
# Whisper may write a name as this many words more or fewer than it has.
MORE_OR_FEWER = 1
# What stands before a text's first letter, the text, and what stands after its last.
AROUND = re.compile(r"(\W*)(.*?)(\W*)", re.DOTALL)
# Letters that are said alike in English, so that "Kowalczyk" is near "Covalchick".
SOUNDS = (
    (r"sch|sh|tch|ch|cz", "x"),
    (r"ph|pf", "f"),
    (r"ck|[cqg]", "k"),
    ("z", "s"),
    ("[vw]", "f"),
    ("d", "t"),
    ("b", "p"),
    ("h", ""),
    ("[aeiouy]+", "a"),
    (r"(.)\1+", r"\1"),
)


@dataclass(frozen=True, slots=True)
class Trial:
    """A name instead of the words from `first` to before `last`."""

    first: int
    last: int
    name: str


def sounds(text: str) -> str:
    """How a text is said, roughly: one letter for letters that sound alike."""
    said = re.sub(r"[^a-z]", "", text.lower())
    for pattern, letter in SOUNDS:
        said = re.sub(pattern, letter, said)
    return said


def trials(words: Sequence[str], names: Sequence[str]) -> list[Trial]:
    """The names that may have been said, each at the place where it is likest, in the order of the words.

    In: the words of a window as written, the space before each included. A name that is written right is not tried,
    and of two names at one place only the likest is.
    """
    found = sorted((trial for name in names for trial in _near(words, name)), key=lambda pair: -pair[0])
    kept: list[Trial] = []
    for _, trial in found:
        if all(trial.last <= other.first or other.last <= trial.first for other in kept):
            kept.append(trial)
    return sorted(kept, key=lambda trial: trial.first)


def _near(words: Sequence[str], name: str) -> Iterator[tuple[float, Trial]]:
    wanted, length = sounds(name), len(name.split())
    if len(wanted) < 3:
        return
    matcher = SequenceMatcher(b=wanted, autojunk=False)
    enough = ALIKE if len(wanted) >= SHORT else ALIKE_WHEN_SHORT
    for count in range(max(1, length - MORE_OR_FEWER), length + MORE_OR_FEWER + 1):
        for first in range(len(words) - count + 1):
            written = "".join(words[first : first + count])
            matcher.set_seq1(sounds(written))
            if matcher.real_quick_ratio() < enough or matcher.quick_ratio() < enough:
                continue
            likeness = matcher.ratio()
            if likeness >= enough:
                # The same letters win over everything near them, so that nothing is put beside what is right.
                same = _letters(written) == _letters(name)
                yield (2.0 if same else likeness), Trial(first, first + count, name)


def put(words: Sequence[str], trial: Trial) -> list[str]:
    """The words with the name in its place, as one word; marks around what it replaces stay, and so does "'s"."""
    replaced = "".join(words[trial.first : trial.last])
    before, said, after = AROUND.fullmatch(replaced).groups()  # type: ignore[union-attr]  # it matches any text
    possessive = "'s" if said.endswith("'s") and not trial.name.endswith("s") else ""
    return [*words[: trial.first], f"{before}{trial.name}{possessive}{after}", *words[trial.last :]]


def is_right(words: Sequence[str], trial: Trial) -> bool:
    """Whether the name is what is written there already."""
    return _letters("".join(words[trial.first : trial.last])) == _letters(trial.name)


def _letters(text: str) -> str:
    return re.sub(r"\W", "", text).lower()
