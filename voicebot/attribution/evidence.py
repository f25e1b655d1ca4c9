"""Witnesses: the pieces of evidence for how a caller found the business. Value types, no I/O."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from voicebot import taxonomy
from voicebot.classify.labels import HeardAnswer, SourceMention
from voicebot.terms import WitnessKind


@dataclass(frozen=True, slots=True)
class Witness:
    """One piece of evidence.

    `source`: a leaf of the taxonomy; `probability` (0 to 1): how sure we are that this was really said or dialled;
    `quote`: the words; `prompted`: bot or agent named the source first; `denied`: the caller ruled the source out;
    `at_seconds`: from the start of the recording, None for the call flow; `position`: order of touch within its kind.
    """

    kind: WitnessKind
    source: str
    probability: float
    quote: str = ""
    prompted: bool = False
    denied: bool = False
    at_seconds: float | None = None
    position: int = 0


@dataclass(frozen=True, slots=True)
class TrackedCampaign:
    """The campaign that the dialled number had when it rang. Dates are the company's; `ends_on` is included.

    `number_copied`: the number is known to stand in other places than the campaign's (directories, old flyers).
    """

    campaign_id: int
    name: str
    source: str
    starts_on: date
    ends_on: date | None
    called_on: date
    number_copied: bool = False

    @property
    def not_yet_running(self) -> bool:
        """Whether the call came before the campaign began."""
        return self.called_on < self.starts_on

    @property
    def already_over(self) -> bool:
        """Whether the call came after the campaign ended."""
        return self.ends_on is not None and self.called_on > self.ends_on


def witnesses_from_answer(answer: HeardAnswer, *, quote: str = "", prompted: bool = False) -> tuple[Witness, ...]:
    """An answer in the call flow as `asked` witnesses, in order of touch, denials last."""
    stated = [
        Witness(WitnessKind.ASKED, source, answer.probability, quote, prompted=prompted, position=position)
        for position, source in enumerate(answer.sources)
    ]
    denied = [
        Witness(WitnessKind.ASKED, source, answer.probability, quote, denied=True, position=len(stated) + position)
        for position, source in enumerate(answer.denied)
    ]
    return (*stated, *denied)


def witnesses_from_mentions(
    mentions: Iterable[SourceMention], *, at_seconds: float | None = None, position: int = 0
) -> tuple[Witness, ...]:
    """Mentions in the conversation as `heard` witnesses, in the order given, which is the order of touch."""
    return tuple(
        Witness(
            WitnessKind.HEARD,
            mention.source,
            mention.probability,
            mention.quote,
            prompted=mention.prompted,
            denied=mention.denied,
            at_seconds=at_seconds,
            position=position + offset,
        )
        for offset, mention in enumerate(mentions)
    )


def names_a_source(witness: Witness) -> bool:
    """Whether the witness says how the caller found the business: "I don't remember" does not."""
    return not taxonomy.source(witness.source).none
