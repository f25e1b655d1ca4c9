"""Lead score: how much a call is worth a call back, 0 to 100, with its reasons in words. Stated points, no model."""

import re
from collections.abc import Sequence
from dataclasses import replace

from voicebot.classify.findings import Findings, Reason, Words
from voicebot.classify.labels import Turn
from voicebot.classify.places import words_at
from voicebot.terms import Speaker, Urgency

# Of a caller who is surely a new lead and says nothing else.
START = 45
SAID = (
    (
        "asks for a price or a visit", 10, re.compile(
            r"\b(quote|estimate|bid|how much|what (do|would|does) (you|y'all|it|that) (charge|cost|run)|price|come (out|by|look|take)"
            r"|appointment|available|availability|opening|schedule|free consultation)\b", re.I
        ),
    ),
    (
        "is ready to go ahead", 10, re.compile(
            r"\b(let's do (it|that)|book it|go ahead|sign me up|i'll take it|ready to|put me down|do i pay|deposit|here's my card"
            r"|what do you need from me)\b", re.I
        ),
    ),
    (
        "owns the place", 5, re.compile(r"\b(my|our) (house|home|place|roof|yard|property|building|shop|business|husband and i)\b", re.I),
    ),
    (
        "is only comparing prices or not sure", -10, re.compile(
            r"\b(just (getting|comparing|shopping|looking|curious|asking|checking)|shop(ping)? around|think about it|let you know"
            r"|call (you )?back|talk to my|calling around|other (bids|quotes))\b", re.I
        ),
    ),
    (
        "finds it too dear", -10, re.compile(
            r"\b(too (much|expensive|high|steep|rich)|can't afford|cheaper|out of my (budget|range)|that's (a lot|high|crazy)|dang)\b", re.I
        ),
    ),
)  # fmt: skip
URGENT = {
    Urgency.NOW: ("needs help now", 10),
    Urgency.SOON: ("wants it soon", 5),
    Urgency.WHENEVER: ("is in no hurry", -5),
}
AGREED = {True: ("an appointment was agreed", 25), False: ("no appointment came of it", -5)}


def score(turns: Sequence[Turn], lead: float, need: Words | None, booked: bool | None, found: Findings) -> Findings:
    """`found` with score and reasons. `lead`: probability of a new lead; `need`: the sentence that says what they want."""
    reasons = [Reason(f"{lead:.0%} sure that it is a new lead", START, need), *_said(turns)]
    if booked is not None:
        reasons.append(Reason(*AGREED[booked], found.booked_words))
    if found.urgency is not None:
        reasons.append(Reason(*URGENT[found.urgency], found.urgency_words))
    for text, fact, points in (
        ("says what they need", found.service, 5),
        ("left a number to call back", found.callback_number, 5),
        ("gave an address", found.address, 5),
        ("gave a zip code", found.zip, 3),
        ("gave a name", found.caller_name, 3),
    ):
        if fact:
            reasons.append(Reason(text, points, fact.words))
    total = round(lead * min(100, max(0, sum(reason.points for reason in reasons))))
    return replace(found, lead_score=total, reasons=tuple(sorted(reasons, key=lambda reason: -abs(reason.points))))


def _said(turns: Sequence[Turn]) -> list[Reason]:
    reasons = []
    for text, points, pattern in SAID:
        for place, turn in enumerate(turns):
            match = pattern.search(turn.text) if turn.speaker is not Speaker.AGENT else None
            if match:
                reasons.append(Reason(text, points, words_at(turns, place, match.start(), match.end())))
                break
    return reasons
