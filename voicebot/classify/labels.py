"""What the classifier says of a call: value types that know nothing of spaCy."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from voicebot.classify.findings import Findings
from voicebot.terms import Disposition, Speaker


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a conversation as the classifier reads it."""

    speaker: Speaker
    text: str


@dataclass(frozen=True, slots=True)
class SourceMention:
    """A source that the caller named, with the words it rests on.

    `source`: a leaf of the taxonomy; `probability` from 0 to 1 that the caller really named it as how they found the
    business; `quote`: the words, copied from the turn; `turn`: index of the turn; `start_char`/`end_char`: the quote's
    place in that turn's text; `denied`: the caller said it was NOT this source; `prompted`: bot or agent named the
    source first.
    """

    source: str
    probability: float
    quote: str
    turn: int
    start_char: int = 0
    end_char: int = 0
    denied: bool = False
    prompted: bool = False


@dataclass(frozen=True, slots=True)
class Classification:
    """What a call was. `mentions` are in order of first touch (the earliest way the caller met the business first).

    `disposition_probabilities` has every disposition and sums to 1. `booked`: True when an appointment was agreed,
    False when one was asked for or discussed and not agreed, None when it never came up.
    """

    disposition: Disposition
    disposition_probabilities: Mapping[Disposition, float]
    mentions: tuple[SourceMention, ...] = field(default=())
    booked: bool | None = None
    caller_name: str | None = None
    zip: str | None = None
    service: str | None = None
    findings: Findings = field(default_factory=Findings)

    @property
    def stated(self) -> tuple[SourceMention, ...]:
        """The mentions that the caller affirmed."""
        return tuple(mention for mention in self.mentions if not mention.denied)

    def as_json(self, call_id: str) -> dict[str, Any]:
        """One line of `voicebot classify --json`."""
        return {
            "id": call_id,
            "disposition": str(self.disposition),
            "disposition_probabilities": {str(k): v for k, v in self.disposition_probabilities.items()},
            "sources": [
                {"source": m.source, "probability": m.probability, "quote": m.quote, "turn": m.turn}
                for m in self.stated
            ],
            "booked": self.booked,
            "caller_name": self.caller_name,
            "zip": self.zip,
            "service": self.service,
            **self.findings.as_json(),
        }


@dataclass(frozen=True, slots=True)
class HeardAnswer:
    """An answer to "how did you hear about us?" understood.

    `sources`: leaf ids in order of first touch, or exactly one of `unknown`, `declined`, `not_stated`;
    `denied`: sources the caller ruled out; `probability` from 0 to 1 that `sources` is right.
    """

    sources: tuple[str, ...]
    probability: float
    denied: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
