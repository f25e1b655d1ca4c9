"""How often each witness is wrong: the stated priors, and the form that measured rates take. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from voicebot.terms import WitnessKind

# How much more common than the rest these are among callers of local businesses: people pass numbers on by word of
# mouth, and look up on the web what they have seen elsewhere. Stated, like the rates, until reviewed calls say better.
COMMON = {
    "friend_family": 10.0,
    "google_organic": 4.0,
    "google_business_profile": 4.0,
    "google_ads": 3.0,
    "professional_referral": 3.0,
    "repeat_customer": 3.0,
    "website": 3.0,
    "facebook": 2.0,
    "yelp": 2.0,
    "storefront": 2.0,
}


@dataclass(frozen=True)
class ErrorRates:
    """How often each witness is wrong. The defaults are stated priors; `rates.measure` gives measured ones.

    `by_group`: (kind, source group) -> rate where reviewed calls are many enough to tell groups apart; for `tracked`
    the group of the campaign, for `asked` and `heard` that of the true source. `common`: weight of each leaf among
    true sources of a number that is not theirs and among wrong answers; leaves that are missing weigh 1.
    """

    # The number dialled names the wrong last touch: copied by directories, shared by media, passed on by a friend.
    tracked: float = 0.1
    # The same where the number is known to be copied elsewhere.
    tracked_copied: float = 0.5
    # The same where the campaign's dates exclude it.
    tracked_outside_dates: float = 0.7
    # Callers invent an answer rather than admit that they do not know, or name an earlier touch.
    asked: float = 0.3
    # Unasked words in the conversation are given for a reason, and still may name an earlier touch.
    heard: float = 0.25
    # A caller agrees to a source that bot or agent named and that is not theirs, out of politeness or false memory.
    prompted: float = 0.3
    # Of callers who say something and came another way, the share that rules the campaign dialled out...
    denies: float = 0.25
    # ... and of those whom it did bring.
    false_denial: float = 0.01
    # The second telling repeats the first, right or wrong: one memory.
    one_memory: float = 0.5
    by_group: Mapping[tuple[WitnessKind, str], float] = field(default_factory=dict)
    common: Mapping[str, float] = field(default_factory=lambda: COMMON)

    def of_group(self, kind: WitnessKind, group: str) -> float:
        """The error rate of a kind for a source group; the kind's own where the group has none."""
        own = {WitnessKind.TRACKED: self.tracked, WitnessKind.ASKED: self.asked, WitnessKind.HEARD: self.heard}
        return self.by_group.get((kind, group), own[kind])


STATED_PRIORS = ErrorRates()
