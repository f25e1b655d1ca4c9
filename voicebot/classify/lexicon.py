"""The patterns of the lexicon, and a matcher that tries only those whose rarest word was said."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from voicebot.classify.words import norm
from voicebot.errors import ModelError
from voicebot.taxonomy import sources

FILES = ("sources.toml", "fuentes.toml", "hints.toml")
PUNCTUATION = frozenset(".,?!;:\n")
GAP = 3  # the most words that "~" stands for


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a pattern: the words that fit (None: any word), and how often it may be filled."""

    words: frozenset[str] | None
    least: int = 1
    most: int = 1

    def takes(self, word: str) -> bool:
        """Whether `word` may stand here."""
        return word not in PUNCTUATION if self.words is None else word in self.words


@dataclass(frozen=True, slots=True)
class Pattern:
    """A line of the pattern language for one source.

    `kind`: `told` says by itself how they met, `named` only names the medium, `hint` only smells of it.
    """

    source: str
    kind: str
    places: tuple[Place, ...]

    def end(self, words: Sequence[str], at: int, place: int = 0) -> int | None:
        """Where the longest match that begins at word `at` ends; None where none does."""
        if place == len(self.places):
            return at
        here, best = self.places[place], None
        for count in range(here.most + 1):
            if count >= here.least:
                found = self.end(words, at + count, place + 1)
                best = found if best is None or (found is not None and found > best) else best
            if at + count >= len(words) or not here.takes(words[at + count]):
                break
        return best

    def anchor(self) -> tuple[frozenset[str], int, int]:
        """The rarest words it cannot do without, and how many words may stand before them."""
        least = most = 0
        best: tuple[frozenset[str], int, int] | None = None
        for place in self.places:
            if place.words is not None and place.least and (best is None or len(place.words) < len(best[0])):
                best = (place.words, least, most)
            least, most = least + place.least, most + place.most
        if best is None:
            raise ModelError(f"A pattern of {self.source} has no word that must be said.")
        return best


class Lexicon:
    """All patterns, by the words that call for them."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._by_word: dict[str, list[tuple[Pattern, int, int]]] = {}
        for pattern in patterns:
            words, least, most = pattern.anchor()
            for word in words:
                self._by_word.setdefault(word, []).append((pattern, least, most))

    def matches(self, words: Sequence[str]) -> Iterator[tuple[Pattern, int, int]]:
        """Every pattern that fits somewhere, with the first word and the word behind the last."""
        for at, word in enumerate(words):
            for pattern, least, most in self._by_word.get(word, ()):
                for start in range(max(0, at - most), at - least + 1):
                    end = pattern.end(words, start)
                    if end is not None and end > at:
                        yield pattern, start, end


def token_place(spec: str, lists: dict[str, list[str]]) -> Place | None:
    """One word of the pattern language; None where nothing is left to match (a bare possessive)."""
    if spec == "~":
        return Place(None, 0, GAP)
    if spec == "<any>":
        return Place(None)
    words: list[str] = []
    expand = "<" in spec
    for item in spec.rstrip("?").replace("<", "").replace(">", "").split("|"):
        words.extend(lists[item] if expand and item in lists else [item])
    forms = frozenset(norm(word) for word in words if word not in ("", "'s", "-"))
    return Place(forms, 0 if spec.endswith("?") else 1) if forms else None


def compile_pattern(source: str, kind: str, text: str, lists: dict[str, list[str]]) -> Pattern:
    """A line of the pattern language. A gap at either end would match nothing useful: dropped."""
    specs = text.split()
    while specs and specs[-1] == "~":
        specs.pop()
    places = (token_place(spec, lists) for spec in specs)
    return Pattern(source, kind, tuple(place for place in places if place is not None))


@cache
def document(name: str) -> dict[str, Any]:
    """A parsed pattern file. Raises ModelError if it names a source that the taxonomy lacks."""
    data = tomllib.loads(files("voicebot.classify").joinpath(name).read_text(encoding="utf-8"))
    strangers = set(data) - {"lists"} - set(sources())
    if strangers:
        raise ModelError(f"{name} names sources that the taxonomy does not have: {', '.join(sorted(strangers))}.")
    return data


@cache
def lexicon() -> Lexicon:
    """Every pattern of every source, English and Spanish together: callers mix them."""
    found = []
    for name in FILES:
        data = document(name)
        for leaf, kinds in data.items():
            if leaf != "lists":
                lines = ((kind, line) for kind, lines in kinds.items() for line in lines)
                found += [compile_pattern(leaf, kind, line, data["lists"]) for kind, line in lines]
    return Lexicon([pattern for pattern in found if pattern.places])
