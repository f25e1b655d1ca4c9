"""Facts of a call by rule: who called, from which zip code, for which service."""

import re
from collections.abc import Sequence

from voicebot.classify.labels import Turn
from voicebot.terms import Speaker

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
