"""Sources and source groups, and when two sources agree. The data is `taxonomy.toml` beside this file."""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from voicebot.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Source:
    """A leaf of the taxonomy.

    `covers`: the leaves that this unspecific answer agrees with; `step`: a step on the way to the business, not an
    origin; `none`: the caller named nothing (`unknown`, `declined`, `not_stated`).
    """

    id: str
    label: str
    group: str
    group_label: str
    covers: frozenset[str] = frozenset()
    step: bool = False
    none: bool = False

    @property
    def unspecific(self) -> bool:
        """Whether other leaves lie under this one."""
        return bool(self.covers)


class Agreement(StrEnum):
    """How one stated source stands to another."""

    SAME = "same"  # the same leaf
    COVERED = "covered"  # one is an unspecific form of the other
    STEP = "step"  # one of them is only a step on the way
    DIFFERENT = "different"


@cache
def sources() -> dict[str, Source]:
    """Every leaf by its id, in the order of the taxonomy file."""
    document = tomllib.loads(files("voicebot").joinpath("taxonomy.toml").read_text(encoding="utf-8"))
    members = {group["id"]: [leaf["id"] for leaf in group["leaves"]] for group in document["group"]}
    leaves: dict[str, Source] = {}
    for group in document["group"]:
        for leaf in group["leaves"]:
            covered = [name for entry in leaf.get("covers", []) for name in members.get(entry, [entry])]
            leaves[leaf["id"]] = Source(
                id=leaf["id"],
                label=leaf["label"],
                group=group["id"],
                group_label=group["label"],
                covers=frozenset(covered),
                step=leaf.get("step", False),
                none=leaf.get("none", False),
            )
    return leaves


def source(source_id: str) -> Source:
    """The leaf with this id. Raises InvalidInput for an id that the taxonomy does not have."""
    try:
        return sources()[source_id]
    except KeyError:
        raise InvalidInput(f"{source_id!r} is not a source. Sources: {', '.join(sources())}.") from None


def label(source_id: str | None) -> str:
    """A source's name for people; "Not known" where there is none."""
    return sources()[source_id].label if source_id in sources() else "Not known"


@cache
def agreement(a: str, b: str) -> Agreement:
    """How two leaves stand to each other. Symmetric; raises InvalidInput for an unknown id."""
    one, other = source(a), source(b)
    if one.id == other.id:
        return Agreement.SAME
    if other.id in one.covers or one.id in other.covers or one.covers & other.covers:
        return Agreement.COVERED
    if one.step or other.step:
        return Agreement.STEP
    return Agreement.DIFFERENT


def agrees(a: str, b: str) -> bool:
    """Whether the two can both be true answers to "how did you find us?" for one and the same touch."""
    return agreement(a, b) in (Agreement.SAME, Agreement.COVERED)


def more_specific(a: str, b: str) -> str:
    """The narrower of two agreeing leaves; `a` where neither is narrower."""
    return b if source(a).unspecific and not source(b).unspecific else a
