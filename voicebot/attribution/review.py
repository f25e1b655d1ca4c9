"""Which calls a person should look at, and what a look is worth. Pure."""

import hashlib
from dataclasses import dataclass
from decimal import Decimal

from voicebot.terms import Disposition, VerdictKind

# Lots a call can draw: the share drawn for review is told to a hundredth of a per cent.
LOTS = 10_000
# Fewer randomly reviewed calls than this, and the error rates are called stated priors.
COLD_START = 50
# The part of silent calls in which a listener finds words about a source that the machine missed.
MISSED_WORDS = 0.1
# In the queue, so many calls by the value of a look stand between two drawn at random.
BETWEEN_DRAWS = 2


def draw_of(call_id: int) -> int:
    """The call's lot, 0 to 9999: the same for ever, and blind to everything about the call."""
    return int.from_bytes(hashlib.sha256(f"review:{call_id}".encode()).digest()[:8], "big") % LOTS


def second_draw_of(call_id: int) -> int:
    """The lot by which a reviewed call goes to a second person, independent of the first."""
    return int.from_bytes(hashlib.sha256(f"second:{call_id}".encode()).digest()[:8], "big") % LOTS


def below(lot: int, share: float) -> bool:
    """Whether a lot is among this share."""
    return lot < share * LOTS


@dataclass(frozen=True, slots=True)
class Stake:
    """What is known of a call when the queue is ordered.

    `source_probability`: of the verdict; `lead_probability`: that the caller is a new lead, by the classifier;
    `money`: the lead's value, or what a lead of this company is worth on average.
    """

    kind: VerdictKind
    disposition: Disposition
    source_probability: float
    lead_probability: float
    money: Decimal


def doubt(stake: Stake) -> float:
    """The probability that a look finds the credit in the wrong place, 0 to 1.

    A lead's credit is right when it is a lead and the source is right. A caller who is no lead takes credit from
    nobody, unless they were one. On a silent call a listener finds a statement only where the machine missed it.
    """
    if stake.disposition is not Disposition.NEW_LEAD:
        return stake.lead_probability
    wrong_source = 1.0 - stake.source_probability
    if stake.kind is VerdictKind.SILENT:
        wrong_source *= MISSED_WORDS
    return 1.0 - stake.lead_probability * (1.0 - wrong_source)


def worth(stake: Stake) -> float:
    """The value of a look: money at stake times doubt."""
    return float(stake.money) * doubt(stake)


def kappa(pairs: list[tuple[str, str]]) -> float | None:
    """Agreement of two reviewers beyond chance (J. Cohen, Educational and Psychological Measurement 20, 1960).

    In: what the first and the second said of each call. Out: 1 for full agreement, 0 for what chance would give, None
    without pairs or when both always said the same one thing.
    """
    if not pairs:
        return None
    total = len(pairs)
    seen = sum(a == b for a, b in pairs) / total
    names = {name for pair in pairs for name in pair}
    chance = sum(sum(a == name for a, _ in pairs) / total * sum(b == name for _, b in pairs) / total for name in names)
    return None if chance >= 1.0 else (seen - chance) / (1.0 - chance)
