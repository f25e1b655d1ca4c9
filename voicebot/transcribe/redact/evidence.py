"""What speaks for or against each piece of a number being secret, as names of features: how it was written, the words
around it, what the rules say of it (names that begin with `RULED`). Pure.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from voicebot.transcribe.redact.cards import lengths, luhn
from voicebot.transcribe.redact.pieces import ENDS, Piece
from voicebot.transcribe.redact.rules import routing
from voicebot.transcribe.redact.scene import Scene
from voicebot.transcribe.redact.stream import Sign

# What the rules make of a piece: hidden in training where the rules were made to fit the text.
RULED = "r:"
BOUNDS = (0, 1, 2, 3, 5, 8, 13, 22, 40, 80)
# What a call is about is said in its first words, and what a long number is in more words around than a short one.
OPENING_WORDS = 30
LONG, LONG_WORDS = 7, 60
MOST_BETWEEN = 4
# How many clusters of digits away an echo is looked for.
ECHO_CLUSTERS = 40


def bucket(count: float) -> int:
    """A count or distance in coarse steps."""
    return sum(count > bound for bound in BOUNDS)


def evidence(view: Scene) -> Iterator[list[str]]:
    """The features of each piece by itself, in the order of the pieces."""
    voicemail = len({token.speaker for token in view.words}) == 1
    for place, piece in enumerate(view.pieces):
        names = [f"spanish={view.spanish}", f"alone={voicemail}"]
        names += _shape(piece)
        names += _cluster(view, place)
        names += _ruled(view, piece)
        names += _announced(view, place)
        names += _around(view, place)
        names += _echoes(view, place)
        yield names


def _shape(piece: Piece) -> Iterator[str]:
    size = len(piece.digits)
    yield f"size={size}"
    yield f"shape={piece.shape}"
    yield f"amount={piece.amount}"
    yield f"zero={piece.digits[:1] == '0'}&{min(size, 5)}"
    if size == 4 and piece.digits[:2] in ("19", "20"):
        yield f"year={piece.digits[:3]}"
    if piece.digits[-2:] == "00":
        yield f"round&{min(size, 5)}"
    if piece.digits[:3] == "555":
        yield "fiction"


def _cluster(view: Scene, place: int) -> Iterator[str]:
    mates = [view.pieces[i] for i in view.mates(place)]
    sizes = [len(mate.digits) for mate in mates]
    digits = "".join(mate.digits for mate in mates)
    at = view.mates(place).index(place)
    pattern = ",".join(map(str, _chunks(mates)))
    yield f"pattern={pattern}"
    yield f"pieces={bucket(len(mates))}"
    yield f"total={min(len(digits), 20)}"
    yield f"sizes={','.join(map(str, sizes[:8]))}"
    yield f"done={min(sum(sizes[:at]), 20)}"
    yield f"left={min(sum(sizes[at:]), 20)}"
    yield f"done={bucket(sum(sizes[:at]))}&left={bucket(sum(sizes[at:]))}"
    yield f"month={any(m.shape == 'month' for m in mates)}&ordinal={any(m.shape == 'ordinal' for m in mates)}"
    yield f"amounts={any(m.amount for m in mates)}"
    if len(digits) >= 13:
        yield f"luhn={luhn(digits)}&{len(digits)}"
    if len(digits) == 9:
        yield f"routing={routing(digits)}"
    if len(digits) >= 4:
        yield f"card={len(digits) in lengths(digits)}"
    if "555" in digits:
        yield f"fiction&{min(len(digits), 11)}&{digits.index('555')}"
    begun = view.words[mates[0].first - 1] if mates[0].first else None
    yield f"begins={begun is None or begun.utterance != mates[0].tokens[0].utterance or begun.text[-1:] in ENDS}"
    yield f"bare={_is_whole(view, mates)}&{min(len(digits), 20)}"


def _is_whole(view: Scene, mates: Sequence[Piece]) -> bool:
    """Whether the cluster is all that was said in its utterance."""
    line = view.lines[mates[0].tokens[0].utterance]
    return line[0] == mates[0].first and line[-1] == mates[-1].last


def _chunks(mates: Sequence[Piece]) -> list[int]:
    sizes = [len(mates[0].digits)]
    for before, mate in pairwise(mates):
        apart = mate.first - before.last > 1 or before.tokens[-1].text[-1:] in (",", ";", "-")
        if apart:
            sizes.append(0)
        sizes[-1] += len(mate.digits)
    return sizes


def _ruled(view: Scene, piece: Piece) -> Iterator[str]:
    category = view.rule(piece)
    yield f"r:rule={category}"
    run = next((view.runs[token] for token in piece.tokens if token in view.runs), None)
    slot = next((view.slots[token] for token in piece.tokens if token in view.slots), None)
    cue = slot.cue if slot else None
    yield f"r:slot={cue}"
    yield f"r:slot={cue}&rule={category}"
    if run is not None:
        size = min(len(run.digits), 20)
        done = sum(len(part.digits) for part in run.parts if part.tokens[0].order < piece.first)
        yield f"run={size}"
        yield f"r:run={size}&slot={cue}"
        yield f"run={size}&bare={run.bare}"
        yield f"quantity={run.quantity}&bare={run.bare}"
        yield f"r:corrects={run.corrects}&slot={cue}"
        yield f"chunks={','.join(map(str, run.chunks[:8]))}"
        yield f"run_done={min(done, 20)}&run={size}"
        if slot is not None:
            said = slot.said_by(run.speaker)
            yield f"r:said={min(len(said), 20)}&slot={cue}"
            yield f"r:most={min(len(slot.most()), 20)}&slot={cue}"


def _announced(view: Scene, place: int) -> Iterator[str]:
    piece = view.pieces[view.mates(place)[0]]
    mine = piece.tokens[0]
    size = min(sum(len(view.pieces[i].digits) for i in view.mates(place)), 20)
    before = view.signs_before(piece.first)
    for back, sign in enumerate(reversed(before[-3:])):
        who = "own" if sign.speaker is mine.speaker else "other"
        far = bucket(piece.first - sign.last - 1)
        yield f"cue{back}={sign.cue}"
        yield f"cue{back}={sign.cue}&{who}&{far}"
        yield f"cue{back}={sign.cue}&size={size}"
        yield f"cue{back}={sign.cue}&between={_between(view, sign, place)}"
        if back == 0:
            yield f"heard={sign.cue}:{sign.text}"
    if len(before) > 1:
        yield f"cues={before[-1].cue},{before[-2].cue}"
    near: dict[str, int] = {}
    for sign in before:
        near[sign.cue] = piece.first - sign.last
    for cue, far in near.items():
        yield f"since:{cue}={bucket(far)}"
        yield f"since:{cue}&size={size}" if far < 60 else f"long:{cue}"
    last = view.pieces[view.mates(place)[-1]].tokens[-1]
    for ahead, sign in enumerate(view.signs_behind(last.order)[:2]):
        far = bucket(sign.first - last.order - 1)
        same = sign.utterance == last.utterance and sign.speaker is mine.speaker
        yield f"next{ahead}={sign.cue}&{far}&{same}"
        yield f"next{ahead}={sign.cue}&size={size}"


def _between(view: Scene, sign: Sign, place: int) -> int:
    """How many other clusters of digits stand between an announcement and a piece, at most `MOST_BETWEEN`."""
    since: set[int] = set()
    for at in range(view.mates(place)[0] - 1, -1, -1):
        if view.pieces[at].first <= sign.last or len(since) == MOST_BETWEEN:
            break
        since.add(view.cluster[at])
    return len(since - {view.cluster[place]})


def _around(view: Scene, place: int) -> Iterator[str]:
    """The words before and behind the piece's cluster, and what the others said last and next."""
    mates = view.mates(place)
    first, last = view.pieces[mates[0]].tokens[0], view.pieces[mates[-1]].tokens[-1]
    line = view.lines[first.utterance]
    size = sum(len(view.pieces[i].digits) for i in mates)
    own = [view.low[i] for i in line if i < first.order]
    yield from _words("b", own[-10:][::-1], size)
    behind = [view.low[i] for i in line if i > last.order]
    yield from _words("a", behind[:8], size)
    piece = view.pieces[place]
    yield f"left={view.low[piece.first - 1] if piece.first > line[0] else '^'}"
    yield f"right={view.low[piece.last + 1] if piece.last < line[-1] else '$'}"
    other, earlier = view.turns_before(first)
    yield from _words("o", [view.low[i] for i in other][-14:][::-1], size)
    yield from _words("n", [view.low[i] for i in view.turn_behind(last)][:8], size)
    yield from {f"p:{view.low[i]}" for i in earlier[-10:]}
    yield f"turn={min(first.utterance, 8)}"
    yield f"opening={min(len(own), 4)}"
    yield from {f"call:{word}" for word in view.low[:OPENING_WORDS] if word[:1] != "#"}
    if size >= LONG:
        near = view.low[max(0, first.order - LONG_WORDS) : last.order + LONG_WORDS // 4]
        yield from {f"long:{word}" for word in near if word[:1] != "#"}


def _words(name: str, said: Sequence[str], size: int) -> Iterator[str]:
    """Words in their places, in pairs, and as a bag; the nearest first."""
    yield from (f"{name}{i}:{word}" for i, word in enumerate(said[:3]))
    yield from (f"{name}:{a}_{b}" for a, b in pairwise(said))
    yield from {f"{name}:{word}" for word in said}
    yield from {f"{name}:{word}&{min(size, 17)}" for word in said[:6]}
    if not said:
        yield f"{name}:none"


def _echoes(view: Scene, place: int) -> Iterator[str]:
    """What was said with the same digits, earlier and later."""
    mates = view.mates(place)
    digits = "".join(view.pieces[i].digits for i in mates)
    if len(digits) < 2:
        return
    mine = view.cluster[place]
    for number in range(mine - ECHO_CLUSTERS, mine + ECHO_CLUSTERS + 1):
        if number == mine or number not in view.members:
            continue
        others = view.members[number]
        said = "".join(view.pieces[i].digits for i in others)
        alike = "same" if said == digits else "within" if digits in said else "holds" if said in digits else ""
        if not alike or (alike == "holds" and len(said) < 3):
            continue
        when = "earlier" if number < mine else "later"
        who = view.pieces[others[0]].tokens[0].speaker is view.pieces[place].tokens[0].speaker
        rule = view.rule(view.pieces[others[0]])
        yield f"echo={alike}&{when}&{min(len(digits), 10)}"
        yield f"r:echo={alike}&{when}&own={who}&rule={rule}"
