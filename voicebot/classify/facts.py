"""Facts of a call by rule: was an appointment agreed, who called, from which zip code, for which service."""

import re
from collections.abc import Sequence

from voicebot.classify.labels import Turn
from voicebot.terms import Speaker

DAY = (
    r"(today|tomorrow|tonight|monday|tuesday|wednesday|thursday|friday|saturday|sunday|next week|this (afternoon|morning|week)"
    r"|the (first|second|third|\w+th|\d+(st|nd|rd|th)))"
)
HOUR = r"((at|by|around|between|after) (\d{1,2}(:\d\d)?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|noon))"
TIME = re.compile(rf"\b({DAY}|{HOUR}|\d{{1,2}}(:\d\d)? ?(am|pm|a\.m\.|p\.m\.)|o'clock)\b", re.IGNORECASE)
SUBJECT = re.compile(
    r"\b(appointment|schedul\w+|book(ed|ing)?|reserv\w+|come (out|by|over|in)|estimate|consultation|visit|available|availability"
    r"|opening|slot|see (you|somebody|someone)|send (somebody|someone|a|an|our|one)|inspect\w*|set (it|that|you) up|table for)\b",
    re.IGNORECASE,
)
ACCEPT = re.compile(
    r"\b(works?( (great|fine|well|perfectly))?( for (me|us))?|perfect|sounds (good|great|fine)|that('s| is| would be|'ll be)"
    r" (good|great|fine|perfect|okay|ok)|is (good|fine|perfect|great)|see (you|y'all|ya)|i'll (be there|take (it|that))|"
    r"(yes|yeah|okay|ok|sure|great|alright)\b)",
    re.IGNORECASE,
)
OFFER = re.compile(r"\b((i|we)('ve| have| can| could)|how about|what about|would|does)\b", re.IGNORECASE)
REFUSE = re.compile(
    r"\b(no(t| one| thanks| thank)|can't|cannot|won't|doesn't work|don't (have|want|think|need)|booked|full|unable|sorry"
    r"|call (you )?back|think about it|let you know|another time|too (late|far|long|expensive))\b",
    re.IGNORECASE,
)
DONE = re.compile(
    r"\b(you('re| are) (all set|booked|scheduled|confirmed|down)|(is|has been|it's|that's) (booked|scheduled|confirmed|reserved|made)"
    r"|(appointment|reservation|visit|table) (is|has been|was) (\w+ )?(booked|confirmed|made|set|scheduled|reserved)|see you (then|on|at"
    r"|tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|sunday)|i('ve| have) (booked|scheduled|reserved|put you down)"
    r"|we('ll| will) (see you|be there|put you))\b",
    re.IGNORECASE,
)
NAME = re.compile(
    r"\b(?:(?i:my name(?: is|'s)|name's|the name is)|(?i:this is|it's|i'm|i am)(?= [A-Z])) (?P<name>[A-Za-z][\w'’-]+(?: [A-Z][\w'’-]+){0,2})"
)
NO_NAMES = frozenset(
    [
        "the",
        "a",
        "an",
        "calling",
        "looking",
        "not",
        "just",
        "from",
        "your",
        "with",
        "here",
        "at",
        "on",
        "in",
        "trying",
        "going",
        "interested",
        "sorry",
        "wondering",
        "having",
        "about",
        "an",
        "very",
        "really",
        "also",
        "so",
        "good",
        "fine",
        "okay",
        "ok",
        "sure",
        "yes",
        "no",
        "and",
        "but",
        "home",
        "me",
        "my",
        "for",
    ]
)
ZIP_DIGITS = re.compile(r"\b(\d(?:[\s,-]*\d){4})\b(?![\s,-]*\d)")
ZIP_CUE = re.compile(r"\bzip( code)?\b|\bpostal code\b", re.IGNORECASE)
SPOKEN = {
    "zero": "0",
    "oh": "0",
    "o": "0",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
} | {"seven": "7", "eight": "8", "nine": "9"}
THING = (
    r"(?P<what>(?:(?:a|an|my|our|the|some|new) )*[a-z][\w-]+(?: (?!and\b|but\b|because\b|so\b|that\b|for\b|on\b|in\b|at\b|to\b"
    r"|is\b|it\b|please\b|before\b|after\b)[a-z][\w-]+){0,3})"
)
SERVICES = tuple(
    re.compile(cue + THING, re.IGNORECASE)
    for cue in (
        r"\b(?:quote|estimate|price|bid) (?:for|on|to) ",
        r"\b(?:need|needs|want|wanted|get|looking for|interested in|have)(?: (?:somebody|someone|you|a guy) to"
        r"| to (?:get|have|schedule|book|replace))? ",
    )
)
EMPTY_SERVICE = frozenset(
    [
        "it",
        "that",
        "this",
        "them",
        "you",
        "one",
        "some",
        "help",
        "information",
        "somebody",
        "someone",
        "know",
        "a",
        "an",
        "to",
        "be",
        "quote",
        "estimate",
        "price",
        "bid",
    ]
)


def booked(turns: Sequence[Turn]) -> bool | None:
    """True: an appointment was agreed; False: one was asked for or discussed and not agreed; None: never came up."""
    proposed = False
    agreed: bool | None = None
    for index, turn in enumerate(turns):
        if DONE.search(turn.text):
            agreed = True
        if proposed and index and turns[index - 1].speaker is not turn.speaker and TIME.search(turns[index - 1].text):
            answer = turn.text
            if REFUSE.search(answer) and not DONE.search(answer):
                agreed = agreed or False
            elif ACCEPT.search(answer):
                agreed = True
        if SUBJECT.search(turn.text) or (OFFER.search(turn.text) and TIME.search(turn.text)):
            proposed = True
    return agreed if agreed is not None else (False if proposed else None)


def caller_name(turns: Sequence[Turn]) -> str | None:
    """The caller's name in their own words."""
    for turn in turns:
        if turn.speaker is Speaker.AGENT:
            continue
        for match in NAME.finditer(turn.text):
            words = match.group("name").split()
            if words[0].lower() not in NO_NAMES:
                return " ".join(words).strip("'’-.,")
    return None


def zip_code(turns: Sequence[Turn]) -> str | None:
    """A five-digit zip code, in digits or spoken, given beside the words "zip code" or as the answer to them."""
    asked = False
    for turn in turns:
        cue = ZIP_CUE.search(turn.text)
        if turn.speaker is not Speaker.AGENT and (asked or cue):
            found = ZIP_DIGITS.search(_digits(turn.text[cue.end() :] if cue else turn.text))
            if found:
                return re.sub(r"\D", "", found.group())
        asked = turn.speaker is Speaker.AGENT and cue is not None
    return None


def _digits(text: str) -> str:
    """Spoken digits as figures."""
    return re.sub(r"[A-Za-z]+", lambda m: SPOKEN.get(m.group().lower(), m.group()), text)


def service(turns: Sequence[Turn]) -> str | None:
    """What the caller wants, as a short phrase of their own."""
    for turn in turns:
        if turn.speaker is Speaker.AGENT:
            continue
        for match in (found for pattern in SERVICES for found in pattern.finditer(turn.text)):
            words = re.sub(r"^((a|an|my|our|the|some) )+", "", match.group("what"), flags=re.IGNORECASE)
            if words.split()[0].lower() not in EMPTY_SERVICE:
                return words.lower()
    return None
