"""How soon the caller needs somebody: now, soon, or whenever; with the words that say so."""

import re
from collections.abc import Sequence

from voicebot.classify.findings import Words
from voicebot.classify.labels import Turn
from voicebot.classify.places import words_at
from voicebot.terms import Speaker, Urgency

PATTERNS = {
    Urgency.WHENEVER: re.compile(
        r"\b((no|not in (a|any)|there's no|ain't no) (rush|hurry)|whenever you|no emergency|not (an? )?(emergency|urgent)|just (getting|"
        r"comparing|shopping|looking|gathering|pricing|curious|asking)|next (month|spring|summer|fall|winter|year)|down the road|"
        r"(in|by|till|until) (the )?(spring|summer|fall|winter)|thinking (about|of)|someday|eventually)\b",
        re.I,
    ),
    Urgency.NOW: re.compile(
        r"\b(emergency|right (now|away)|asap|a\.s\.a\.p|as soon as (possible|you can)|immediately|urgent(ly)?|tonight|this minute"
        r"|(pipe|line|tank|heater|main) (just )?(burst|broke|busted)|burst|flood(ed|ing)?|pouring|water (is )?(coming|running|everywhere"
        r"|all over)|smell(ing)? (of )?(gas|smoke)|gas leak|sparks?|sparking|on fire|sewage|backing up|no (heat|water|power|air|a\.?c)"
        r"|without (heat|water|power|air)|locked out|stranded|broke(n)? down|bleeding|in (a lot of|so much|terrible) pain|killing me"
        r"|can't (breathe|wait)|about to fall|fell on)\b",
        re.I,
    ),
    Urgency.SOON: re.compile(
        r"(?<!doing )(?<!are you )\b(today|tomorrow|this (morning|afternoon|evening|week|weekend)|soon|how (soon|quick|fast)|(couple|few) days|by (monday|tuesday"
        r"|wednesday|thursday|friday|saturday|sunday|the weekend)|before (it|the|my) \w+|leak(s|ing)?|getting worse|(quit|stopped) (working|"
        r"on me|cooling|heating)|earliest|first available)\b",
        re.I,
    ),
}


def urgency(turns: Sequence[Turn]) -> tuple[Urgency | None, Words | None]:
    """The strongest urgency in the caller's words, None where they say nothing of it. "No rush" outweighs the rest."""
    for level, pattern in PATTERNS.items():
        for place, turn in enumerate(turns):
            if turn.speaker is not Speaker.AGENT and (match := pattern.search(turn.text)):
                return level, words_at(turns, place, match.start(), match.end())
    return None, None
