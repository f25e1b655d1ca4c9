"""What speaks for each kind at the second look, as numbers: chances of the first look around a piece, digits said so
far of each kind, echoes, and announcements. Pure.
"""

from collections.abc import Iterator, Mapping, Sequence

from voicebot.transcribe.redact.cards import lengths, luhn
from voicebot.transcribe.redact.category import Category
from voicebot.transcribe.redact.cues import Cue
from voicebot.transcribe.redact.pieces import ENDS, Piece
from voicebot.transcribe.redact.rules import routing
from voicebot.transcribe.redact.scene import Scene

# The chances of each piece, by kind.
Chances = Sequence[Mapping[str, float]]
SECRET = tuple(map(str, Category))
FAR = 99.0
NEAR_WORDS = 45
# How many clusters of digits away an echo is looked for.
ECHO_CLUSTERS = 40
AROUND = (-3, -2, -1, 1, 2, 3)


class Looked:
    """A conversation after a look: chances and digits by cluster."""

    def __init__(self, view: Scene, chances: Chances) -> None:
        self.view, self.chances = view, chances
        self.numbers = list(view.members)
        self.place = {number: place for place, number in enumerate(self.numbers)}
        self.digits = ["".join(view.pieces[i].digits for i in view.members[n]) for n in self.numbers]
        self.mean = [self._mean(view.members[n]) for n in self.numbers]
        self.speaker = [view.pieces[view.members[n][0]].tokens[0].speaker for n in self.numbers]
        self.first = [view.pieces[view.members[n][0]].first for n in self.numbers]
        self.last = [view.pieces[view.members[n][-1]].last for n in self.numbers]
        best = [max(chance, key=chance.__getitem__) for chance in chances]
        # The digits of each kind that each cluster holds, by the likeliest kind of each piece.
        self.held = [
            {k: "".join(view.pieces[i].digits for i in view.members[n] if best[i] == k) for k in SECRET}
            for n in self.numbers
        ]

    def around(self, at: int) -> range:
        """The clusters near one, itself included."""
        return range(max(0, at - ECHO_CLUSTERS), min(len(self.numbers), at + ECHO_CLUSTERS + 1))

    def _mean(self, mates: Sequence[int]) -> dict[str, float]:
        sizes = [max(1, len(self.view.pieces[i].digits)) for i in mates]
        return {
            kind: sum(self.chances[i][kind] * size for i, size in zip(mates, sizes, strict=True)) / sum(sizes)
            for kind in self.chances[mates[0]]
        }


def numbers(view: Scene, chances: Chances) -> Iterator[dict[str, float]]:
    """The named numbers of each piece, in the order of the pieces."""
    looked = Looked(view, chances)
    shared = [_of_cluster(looked, at) for at in range(len(looked.numbers))]
    for place, piece in enumerate(view.pieces):
        at = looked.place[view.cluster[place]]
        found = dict(shared[at])
        found.update({f"own:{kind}": chance for kind, chance in chances[place].items()})
        found.update(_piece(looked, place, piece))
        yield found


def _piece(looked: Looked, place: int, piece: Piece) -> Iterator[tuple[str, float]]:
    view = looked.view
    mates = view.mates(place)
    at = mates.index(place)
    sizes = [len(view.pieces[i].digits) for i in mates]
    yield "size", len(piece.digits)
    yield "done", sum(sizes[:at])
    yield "left", sum(sizes[at:])
    yield "at", at
    yield "amount", piece.amount
    yield "words", piece.shape == "words"
    yield "month", piece.shape == "month"
    yield "ordinal", piece.shape == "ordinal"
    yield "mixed", piece.shape == "mixed"
    yield "slash", "/" in piece.shape
    yield "comma", "," in piece.shape
    yield "dash", "-" in piece.shape
    yield "zero", piece.digits[:1] == "0"
    yield "value", int(piece.digits[:5] or -1)
    rule = view.rule(piece)
    for kind in SECRET:
        yield f"r:{kind}", rule == kind
    slot = next((view.slots[token] for token in piece.tokens if token in view.slots), None)
    yield "r:slot", float(list(Cue).index(slot.cue)) if slot else -1.0
    for step in AROUND:
        there = place + step
        inside = 0 <= there < len(view.pieces)
        same = inside and view.cluster[there] == view.cluster[place]
        yield f"mate{step}", same
        for kind in (*SECRET, "nothing"):
            yield f"near{step}:{kind}", looked.chances[there][kind] if inside else -1.0


def _of_cluster(looked: Looked, at: int) -> dict[str, float]:
    view, digits = looked.view, looked.digits[at]
    mates = [view.pieces[i] for i in view.members[looked.numbers[at]]]
    line = view.lines[mates[0].tokens[0].utterance]
    found: dict[str, float] = {f"mean:{kind}": chance for kind, chance in looked.mean[at].items()}
    found |= {
        "total": len(digits),
        "mates": len(mates),
        "whole": line[0] == mates[0].first and line[-1] == mates[-1].last,
        "before_words": mates[0].first - line[0],
        "behind_words": line[-1] - mates[-1].last,
        "luhn": luhn(digits) if len(digits) >= 13 else -1.0,
        "issuer": len(digits) in lengths(digits) if len(digits) > 12 else -1.0,
        "begins_card": bool(lengths(digits)),
        "routing": routing(digits) if len(digits) == 9 else -1.0,
        "social": [len(m.digits) for m in mates] == [3, 2, 4],
        "fiction": digits.find("555") if len(digits) in (7, 10, 11) else -1.0,
        "amounts": any(m.amount for m in mates),
        "months": any(m.shape == "month" for m in mates),
        "ended": mates[-1].tokens[-1].text[-1:] in ENDS,
        "agent": str(looked.speaker[at]) == "agent",
        "unknown": str(looked.speaker[at]) == "unknown",
        "turn": mates[0].tokens[0].utterance,
        "turns": len(view.lines),
    }
    found.update(_cues(looked, at))
    found.update(_around(looked, at))
    for kind in SECRET:
        found.update(_of_kind(looked, at, kind))
    return found


def _cues(looked: Looked, at: int) -> Iterator[tuple[str, float]]:
    view = looked.view
    near = dict.fromkeys(Cue, FAR)
    before = view.signs_before(looked.first[at])
    for sign in before:
        near[sign.cue] = looked.first[at] - sign.last
    for cue, far in near.items():
        yield f"since:{cue}", min(far, FAR)
    for back in (1, 2):
        known = len(before) >= back
        yield f"cue{back}", float(list(Cue).index(before[-back].cue)) if known else -1.0
        yield f"cue{back}:own", before[-back].speaker is looked.speaker[at] if known else -1.0
    behind = view.signs_behind(looked.last[at])
    yield "next", float(list(Cue).index(behind[0].cue)) if behind else -1.0
    yield "next:far", min(behind[0].first - looked.last[at], FAR) if behind else FAR


def _around(looked: Looked, at: int) -> Iterator[tuple[str, float]]:
    for step in AROUND:
        there = at + step
        inside = 0 <= there < len(looked.numbers)
        yield f"cluster{step}:size", len(looked.digits[there]) if inside else -1.0
        yield f"cluster{step}:own", looked.speaker[there] is looked.speaker[at] if inside else -1.0
        far = (looked.first[there] - looked.last[at]) if step > 0 and inside else 0
        far = (looked.first[at] - looked.last[there]) if step < 0 and inside else far
        yield f"cluster{step}:far", min(far, FAR) if inside else FAR
        for kind in (*SECRET, "nothing"):
            yield f"cluster{step}:{kind}", looked.mean[there][kind] if inside else -1.0


def _of_kind(looked: Looked, at: int, kind: str) -> Iterator[tuple[str, float]]:
    """How far a number of one kind has come before this cluster, and which of its digits are said here again."""
    digits, mine = looked.digits[at], looked.speaker[at]
    others = [p for p in looked.around(at) if p != at]
    held = [place for place in others if looked.held[place][kind]]
    before = [place for place in held if place < at]
    behind = [place for place in held if place > at]
    near = [p for p in before if looked.first[at] - looked.last[p] <= NEAR_WORDS]
    yield f"{kind}:own_before", sum(len(looked.held[p][kind]) for p in near if looked.speaker[p] is mine)
    yield f"{kind}:their_before", sum(len(looked.held[p][kind]) for p in near if looked.speaker[p] is not mine)
    yield f"{kind}:chain", len(_chain([looked.held[p][kind] for p in near]))
    yield f"{kind}:far_before", min(looked.first[at] - looked.last[before[-1]], FAR) if before else FAR
    yield f"{kind}:far_behind", min(looked.first[behind[0]] - looked.last[at], FAR) if behind else FAR
    after = [p for p in behind if looked.first[p] - looked.last[at] <= NEAR_WORDS]
    yield f"{kind}:behind", len(_chain([looked.held[p][kind] for p in after]))
    yield f"{kind}:clusters", len(held)
    same = [looked.mean[p][kind] for p in others if looked.digits[p] == digits and len(digits) > 1]
    yield f"{kind}:same", max(same, default=-1.0)
    holds = [looked.mean[p][kind] for p in others if len(digits) > 1 and digits in looked.digits[p]]
    yield f"{kind}:within", max(holds, default=-1.0)
    part = [looked.mean[p][kind] for p in others if len(looked.digits[p]) > 2 and looked.digits[p] in digits]
    yield f"{kind}:holds", max(part, default=-1.0)
    said = "".join(looked.held[p][kind] for p in held)
    own = "".join(looked.held[p][kind] for p in held if looked.speaker[p] is mine)
    yield f"{kind}:said", (digits in said) + (digits in own) if len(digits) > 1 else -1.0
    alike = [
        looked.mean[p][kind]
        for p in others
        if len(digits) > 2 and len(looked.digits[p]) == len(digits) and _is_alike(digits, looked.digits[p])
    ]
    yield f"{kind}:alike", max(alike, default=-1.0)


def _chain(said: Sequence[str]) -> str:
    """The digits of a number said in pieces, what was repeated being left out."""
    whole = ""
    for digits in said:
        if digits not in whole:
            whole = digits if whole in digits else whole + digits
    return whole


def _is_alike(one: str, other: str) -> bool:
    """Whether one is the other with a digit wrong or two in the wrong order."""
    differ = [i for i in range(len(one)) if one[i] != other[i]]
    return len(differ) == 1 or (len(differ) == 2 and sorted(one) == sorted(other))
