"""What is worth knowing of a call beside its disposition: value types, each with the words that it rests on."""

from dataclasses import asdict, dataclass
from typing import Any

from voicebot.terms import Urgency


@dataclass(frozen=True, slots=True)
class Words:
    """A place in the conversation: `quote` is the turn's text from `start_char` to `end_char`."""

    turn: int
    start_char: int
    end_char: int
    quote: str


@dataclass(frozen=True, slots=True)
class Fact:
    """Something the conversation says, as a plain value, with its words."""

    value: str
    words: Words


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a lead scores as it does: in words, the points it adds or takes, and what was said."""

    text: str
    points: int
    words: Words | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """`lead_score` from 0 to 100, None where the call is nobody's inquiry; `summary` is in order of the talk."""

    caller_name: Fact | None = None
    zip: Fact | None = None
    service: Fact | None = None
    callback_number: Fact | None = None
    address: Fact | None = None
    times: tuple[Fact, ...] = ()
    urgency: Urgency | None = None
    urgency_words: Words | None = None
    booked_words: Words | None = None
    booked_probability: float | None = None
    lead_score: int | None = None
    reasons: tuple[Reason, ...] = ()
    summary: tuple[Words, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """What `voicebot classify` adds to a call's line."""
        return {
            "booked_probability": self.booked_probability,
            "lead_score": self.lead_score,
            "urgency": str(self.urgency) if self.urgency else None,
            "callback_number": self.callback_number.value if self.callback_number else None,
            "address": self.address.value if self.address else None,
            **self.evidence(),
        }

    def evidence(self) -> dict[str, Any]:
        """All that has words, as JSON: fact to its place, the times, the reasons and the summary."""
        named = ("caller_name", "zip", "service", "callback_number", "address")
        facts: dict[str, Fact | None] = {name: getattr(self, name) for name in named}
        places = {name: fact.words for name, fact in facts.items() if fact}
        places |= {name: words for name, words in self._places() if words}
        return {
            "places": {name: asdict(words) for name, words in places.items()},
            "times": [asdict(fact) for fact in self.times],
            "reasons": [asdict(reason) for reason in self.reasons],
            "summary": [asdict(words) for words in self.summary],
        }

    def _places(self) -> tuple[tuple[str, Words | None], ...]:
        return ("urgency", self.urgency_words), ("booked", self.booked_words)
