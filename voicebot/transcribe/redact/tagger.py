"""A trained tagger: which pieces of numbers are secret, and which secret. Pure Python, since webhooks use it too.

Several looks: at each piece by itself and the words around it, then with what the look before made of the pieces around
(Cohen and Carvalho, "Stacked Sequential Learning", IJCAI 2005). Pieces of one cluster are then decided together
(Viterbi). Trained by models/redaction.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from voicebot.errors import ModelError
from voicebot.transcribe.redact.category import Category
from voicebot.transcribe.redact.context import Chances, numbers
from voicebot.transcribe.redact.evidence import evidence
from voicebot.transcribe.redact.looks import KINDS, NOTHING, Linear, Trees
from voicebot.transcribe.redact.scene import Scene
from voicebot.transcribe.redact.stream import Token

FORMAT = "redaction-1"
# What the chance of a kind is at least taken for, so that no single piece forbids what its cluster says.
LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Decision:
    """`threshold`: from which chance of being secret a piece is taken; `switch`: what a change in a cluster costs."""

    threshold: float
    switch: float


@dataclass(frozen=True, slots=True)
class Tagger:
    """The looks in order, and how it is decided in the end."""

    first: Linear
    later: Sequence[Trees]
    decision: Decision

    def marked(self, view: Scene) -> dict[Token, Category]:
        """The words of a conversation that must go."""
        chances: Chances = [self.first.chances(set(names)) for names in evidence(view)]
        for look in self.later:
            chances = [look.chances(found) for found in numbers(view, chances)]
        return decided(view, chances, self.decision)


def decided(view: Scene, chances: Chances, decision: Decision) -> dict[Token, Category]:
    """The words that must go by the chances of each piece; in Spanish, of which it learned little, by the rules."""
    if view.spanish:
        return dict(view.rules.marked)
    found: dict[Token, Category] = {}
    for mates in view.members.values():
        for place, kind in zip(mates, _path([chances[i] for i in mates], decision), strict=True):
            if kind != NOTHING:
                found.update(dict.fromkeys(view.pieces[place].tokens, Category(kind)))
    return found


def _path(chances: Sequence[Mapping[str, float]], decision: Decision) -> list[str]:
    """The likeliest kinds of pieces in a row (Viterbi)."""
    lean = math.log((1 - decision.threshold) / decision.threshold)
    best: dict[str, float] = {}
    ways: list[dict[str, str]] = []
    for chance in chances:
        gain = {kind: math.log(max(chance[kind], LEAST)) - (lean if kind == NOTHING else 0.0) for kind in KINDS}
        if best:
            top = max(KINDS, key=best.__getitem__)
            stays = {kind: best[kind] >= best[top] - decision.switch for kind in KINDS}
            ways.append({kind: kind if stays[kind] else top for kind in KINDS})
            before = {kind: best[kind] if stays[kind] else best[top] - decision.switch for kind in KINDS}
            gain = {kind: before[kind] + gain[kind] for kind in KINDS}
        best = gain
    path = [max(KINDS, key=best.__getitem__)]
    for way in reversed(ways):
        path.append(way[path[-1]])
    return path[::-1]


@cache
def load(folder: Traversable | None = None) -> Tagger:
    """The tagger in a folder, the packaged one unless told. Raises ModelError where it is missing or damaged."""
    folder = folder or files("voicebot.transcribe.redact").joinpath("trained")
    try:
        meta = json.loads(folder.joinpath("tagger.json").read_text(encoding="utf-8"))
        if meta["format"] != FORMAT or meta["kinds"] != list(KINDS):
            raise ModelError(f"The tagger in {folder} is of another version. Run `make models`.")
        first = Linear.read(folder.joinpath("first.bin").read_bytes(), meta["bias"])
        later = [Trees.read(look) for look in meta["looks"]]
        return Tagger(first, later, Decision(float(meta["threshold"]), float(meta["switch"])))
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"The tagger in {folder} cannot be loaded: {error}. Run `make models`.") from error
