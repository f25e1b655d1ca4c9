"""Text as the classifier reads it: words of speech with their places in the original text."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from spacy.tokens import Doc
from spacy.util import registry
from spacy.vocab import Vocab

from voicebot.classify.labels import Turn
from voicebot.terms import Speaker

BREAK = "\n"  # the token between two turns; no pattern ever matches it
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[^\w\s]|_|\n")
_FILLER = re.compile(r"(?:, *)?\b(?:uh|um|uhm|umm|er|erm|hmm|ah|eh)\b(?: *,)?|\[[a-z ]+\]", re.IGNORECASE)
_HYPHEN = re.compile(r"(?<=\w)[-‐‑](?=\w)")
_STAMMER = re.compile(r"\b(\w+),? +(?=\1\b)", re.IGNORECASE)  # never across turns


@dataclass(frozen=True, slots=True)
class TurnSpan:
    """Where a turn lies in a call's Doc: tokens `start` to `end`, and the offset of its text in the whole."""

    speaker: Speaker
    start: int
    end: int
    offset: int


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def smooth(text: str) -> str:
    """`text` with fillers, stammers and inner hyphens blanked. Same length, so every offset still holds."""
    plain = text.replace("’", "'").replace("‘", "'").replace("“", '"').replace("”", '"')
    return _HYPHEN.sub(" ", _STAMMER.sub(_blank, _FILLER.sub(_blank, plain)))


@lru_cache(maxsize=1 << 14)
def norm(word: str) -> str:
    """The form that patterns are written in: lower case, no accents, nothing behind an apostrophe."""
    spread = unicodedata.normalize("NFKD", word.lower())
    low = "".join(letter for letter in spread if not unicodedata.combining(letter))
    return low[:-2] if low.endswith("'s") and len(low) > 2 else low


class SpeechTokenizer:
    """Text -> Doc of words and punctuation, NORM as patterns know it, offsets in `doc._.offsets`."""

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        found = list(_TOKEN.finditer(smooth(text)))
        doc = Doc(self.vocab, words=[match.group() for match in found])
        for token, match in zip(doc, found, strict=True):
            token.norm_ = norm(match.group())
        doc._.offsets = tuple(match.span() for match in found)
        return doc

    # spaCy saves and loads every tokenizer; this one has no state.
    def to_bytes(self, **_: Any) -> bytes:
        return b""

    def from_bytes(self, _: bytes, **__: Any) -> "SpeechTokenizer":
        return self

    def to_disk(self, _: Path, **__: Any) -> None:
        return None

    def from_disk(self, _: Path, **__: Any) -> "SpeechTokenizer":
        return self


@registry.tokenizers("voicebot.speech.v1")  # type: ignore[untyped-decorator]
def create_speech_tokenizer() -> Any:
    """Registered factory: the pipeline's configuration names it."""
    return lambda nlp: SpeechTokenizer(nlp.vocab)


def register_extensions() -> None:
    """Our attributes on Doc; safe to call twice."""
    for name in ("offsets", "turns", "candidates", "hints"):
        Doc.set_extension(name, default=(), force=True)
    for name in ("disposition_scores", "facts"):
        Doc.set_extension(name, default=None, force=True)


def call_doc(tokenizer: SpeechTokenizer, turns: Sequence[Turn]) -> Doc:
    """One Doc for a whole call; `doc._.turns` says which words are whose."""
    texts = [turn.text.replace(BREAK, " ") for turn in turns]
    doc = tokenizer(BREAK.join(texts))
    starts = [index + 1 for index, token in enumerate(doc) if token.text == BREAK]
    bounds = [0, *starts, len(doc) + 1]
    offset, spans = 0, []
    for index, turn in enumerate(turns):
        spans.append(TurnSpan(turn.speaker, bounds[index], bounds[index + 1] - 1, offset))
        offset += len(texts[index]) + 1
    doc._.turns = tuple(spans)
    return doc


def norms(doc: Doc, start: int = 0, end: int | None = None) -> tuple[str, ...]:
    """The normal forms of tokens `start` to `end`."""
    return tuple(token.norm_ for token in doc[start : len(doc) if end is None else end])
