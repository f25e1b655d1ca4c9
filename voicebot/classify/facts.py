"""Facts of a call by rule: who called, from which zip code, for which service."""

import re
from collections.abc import Sequence

from voicebot.classify.findings import Fact
from voicebot.classify.labels import Turn
from voicebot.classify.places import words_at
from voicebot.classify.spoken import numbers
from voicebot.terms import Speaker

NAME = re.compile(
    r"\b(?:(?i:my name(?: is|'s)|name's|the name is)|(?i:this is|it's|i'm|i am|put it under|it's under|under)(?= [A-Z])) (?P<name>(?:(?i:mr|mrs|miss|ms|dr)\.? )?[A-Za-z][\w'’-]+(?: [A-Z][\w'’-]+){0,2})"
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
        "it",
        "i",
        "we",
        "he",
        "she",
        "they",
        "hi",
        "hello",
        "thanks",
        "thank",
        "well",
        "um",
        "uh",
        "yeah",
        "that",
        "this",
        "what",
        "why",
        "is",
        "was",
        "mr",
        "mrs",
        "miss",
        "ms",
    ]
)
NAME_CUE = re.compile(
    r"\b(your (\w+ )?name|who am i (speaking|talking)|who('s| is) (this|calling)|name please|and you are)\b",
    re.IGNORECASE,
)
PREFIX = (
    r"(?i:yes|yeah|sure|okay|um|uh|oh|it's|it is|this is|that's|that'd be|name's|my name is|i'm|hi|the name's|name is)"
)
ANSWER = re.compile(rf"^\W*(?:{PREFIX},? )*(?P<name>[A-Z][\w'’-]+(?: [A-Z][\w'’-]+){{0,2}})")
LOWER_ANSWER = re.compile(rf"^\W*(?:{PREFIX},? )*(?P<name>[a-z][\w'’-]+(?: [a-z][\w'’-]+)?)\W*$")
# "Thursday's fine. Walter Boudreaux. There's a dog."
ALONE = re.compile(r"(?:^|[.!?,;] )(?P<name>[A-Z][\w'’-]+(?: [A-Z][\w'’-]+){1,2})(?=[.,!?;]|$)")
NOT_A_PERSON = re.compile(
    r"\b(Street|Road|Avenue|Drive|Lane|Court|Way|City|County|Park|Hill|Heights|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
    r"|January|February|March|April|June|July|August|September|October|November|December|North|South|East|West|New|San|Santa|Saint|St|Fort"
    r"|Google|Facebook|Home|Depot|Bank|Insurance|Plumbing|Roofing|Lord|God|Jesus|No|Yes|Okay|Thank|Good|Oh|And|But|What|Is|Just)\b"
)
ZIP_CUE = re.compile(r"\bzip( code)?\b|\bpostal code\b", re.IGNORECASE)
ZIP_LENGTH = 5
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


def caller_name(turns: Sequence[Turn]) -> Fact | None:
    """The caller's name in their own words: said of themselves, or the answer to being asked."""
    asked = False
    for place, turn in enumerate(turns):
        if turn.speaker is Speaker.AGENT:
            asked = bool(NAME_CUE.search(turn.text))
            continue
        for match in NAME.finditer(turn.text):
            if _is_name(match["name"]):
                return _name(turns, place, match)
        answer = (ANSWER.match(turn.text) or LOWER_ANSWER.match(turn.text)) if asked else None
        alone = (found for found in ALONE.finditer(turn.text) if not NOT_A_PERSON.search(found["name"]))
        for found in (answer, *alone):
            if found and _is_name(found["name"]):
                return _name(turns, place, found)
    return None


def _is_name(text: str) -> bool:
    return text.split()[0].lower() not in NO_NAMES


def _name(turns: Sequence[Turn], place: int, match: re.Match[str]) -> Fact:
    words = words_at(turns, place, match.start("name"), match.end("name"))
    return Fact(words.quote.strip("'’-.,"), words)


def zip_code(turns: Sequence[Turn]) -> Fact | None:
    """A five-digit zip code, in digits or spoken: beside the words "zip code", as the answer to them, or by itself."""
    asked = False
    for place, turn in enumerate(turns):
        cue = bool(ZIP_CUE.search(turn.text))
        if turn.speaker is not Speaker.AGENT:
            for number in numbers(turn.text):
                figures = turn.text[number.start : number.end].isdigit()
                if len(number.digits) == ZIP_LENGTH and (
                    asked or cue or (figures and _stands_alone(turn.text, number.end))
                ):
                    return Fact(number.digits, words_at(turns, place, number.start, number.end))
        asked = turn.speaker is Speaker.AGENT and cue
    return None


def _stands_alone(text: str, end: int) -> bool:
    """Not the number of a house: no name of a street follows."""
    return not re.match(r"[ ]+[A-Z][a-z]", text[end:])


def service(turns: Sequence[Turn]) -> Fact | None:
    """What the caller wants, as a short phrase of their own."""
    for place, turn in enumerate(turns):
        if turn.speaker is Speaker.AGENT:
            continue
        for match in (found for pattern in SERVICES for found in pattern.finditer(turn.text)):
            phrase = re.sub(r"^((a|an|my|our|the|some) )+", "", match["what"], flags=re.IGNORECASE)
            if phrase.split()[0].lower() not in EMPTY_SERVICE:
                return Fact(phrase.lower(), words_at(turns, place, match.end("what") - len(phrase), match.end("what")))
    return None
