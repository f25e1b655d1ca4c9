"""The patterns of `sources.toml` as spaCy Matcher patterns."""

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from spacy.matcher import Matcher
from spacy.vocab import Vocab

from voicebot.classify.words import norm
from voicebot.errors import ModelError
from voicebot.taxonomy import sources

PUNCTUATION = [".", ",", "?", "!", ";", ":", "\n"]
_GAP = {"NORM": {"NOT_IN": PUNCTUATION}, "OP": "{0,3}"}
TokenPattern = dict[str, Any]


def token_pattern(spec: str, lists: dict[str, list[str]]) -> TokenPattern | None:
    """One token of the pattern language as spaCy's; None where nothing is left to match (a bare possessive)."""
    if spec == "~":
        return dict(_GAP)
    if spec == "<any>":
        return {"NORM": {"NOT_IN": PUNCTUATION}}
    optional = spec.endswith("?")
    words: list[str] = []
    expand = "<" in spec
    for item in spec.rstrip("?").replace("<", "").replace(">", "").split("|"):
        words.extend(lists[item] if expand and item in lists else [item])
    forms = sorted({norm(word) for word in words if word not in ("", "'s", "-")})
    if not forms:
        return None
    return {"NORM": {"IN": forms}, **({"OP": "?"} if optional else {})}


def compile_pattern(text: str, lists: dict[str, list[str]]) -> list[TokenPattern]:
    """A line of the pattern language as a Matcher pattern. A gap at either end would match nothing useful: dropped."""
    specs = text.split()
    while specs and specs[-1] == "~":
        specs.pop()
    return [token for spec in specs if (token := token_pattern(spec, lists)) is not None]


@cache
def document() -> dict[str, Any]:
    """The parsed pattern file. Raises ModelError if it names a source that the taxonomy lacks."""
    data = tomllib.loads(files("voicebot.classify").joinpath("sources.toml").read_text(encoding="utf-8"))
    strangers = set(data) - {"lists"} - set(sources())
    if strangers:
        raise ModelError(f"sources.toml names sources that the taxonomy does not have: {', '.join(sorted(strangers))}.")
    return data


def rules() -> Iterator[tuple[str, list[list[TokenPattern]]]]:
    """(key, patterns) pairs, the key being "leaf:told" or "leaf:named"."""
    data = document()
    for leaf, kinds in data.items():
        if leaf == "lists":
            continue
        for kind, lines in kinds.items():
            yield f"{leaf}:{kind}", [compiled for line in lines if (compiled := compile_pattern(line, data["lists"]))]


def build_matcher(vocab: Vocab) -> Matcher:
    """A Matcher with every pattern of every source."""
    matcher = Matcher(vocab)
    for key, patterns in rules():
        matcher.add(key, patterns)
    return matcher
