"""Where and when: callback number, address and times, by rule, each with its words."""

import re
from collections.abc import Sequence

from voicebot.classify.findings import Fact
from voicebot.classify.labels import Turn
from voicebot.classify.places import words_at
from voicebot.classify.spoken import Number, numbers
from voicebot.terms import Speaker

PHONE_CUE = re.compile(
    r"\b(number|phone|cell|mobile|call(ing)? (me|him|her|us)?|call ?back|reach (me|us|you|him|her)|text|dial|area code|contact)\b",
    re.I,
)
OTHER_NUMBER = re.compile(
    r"\b(account|policy|order|confirmation|claim|invoice|case|member|reference|card|social|vin|serial|ticket)\b", re.I
)
AREA, LOCAL = 10, 7
STREET = (
    r"(street|st|avenue|ave|road|rd|drive|dr|lane|ln|court|ct|boulevard|blvd|way|place|circle|terrace|trail|highway|hwy|parkway"
    r"|pkwy|loop|route|square|alley|crescent|pike|run|ridge|cove|bend|crossing)"
)
UNIT = r"(,? (apartment|apt|unit|suite|number|lot|#)\.? ?\w+)?"
AFTER_NUMBER = re.compile(
    rf"[ ,]+((north|south|east|west|n|s|e|w)\.? )?([A-Za-z][\w'’.]*[ ,]+){{1,3}}?{STREET}\b\.?{UNIT}", re.I
)
CAPITALS = re.compile(rf"[ ,]+(?!(?:AM|PM|Am|Pm)\b)[A-Z][\w'’]+( [A-Z][\w'’]+){{0,2}}{UNIT}")
ADDRESS_CUE = re.compile(r"\b(address|where (are|is|do) (you|it|that|this)|what street|where at|located)\b", re.I)
HOUSE_DIGITS = 6
DAY = (
    r"(today|tomorrow|tonight|(next |this )?(monday|tuesday|wednesday|thursday|friday|saturday|sunday)s?|next week|next month"
    r"|this (afternoon|morning|evening|week|weekend)|(on )?the (\w+teenth|\w+tieth|twenty[ -]\w+|first|second|third|fourth|fifth|sixth"
    r"|seventh|eighth|ninth|tenth|eleventh|twelfth|\d{1,2}(st|nd|rd|th))|(january|february|march|april|may|june|july|august|september"
    r"|october|november|december) \d{1,2}(st|nd|rd|th)?)"
)
CLOCK = (
    r"(\d{1,2}(:\d\d)?( ?[ap]\.?m\b\.?)?|noon|midnight|(half past |quarter (to|past|after) )?(one|two|three|four|five|six|seven|eight|nine"
    r"|ten|eleven|twelve)( thirty| fifteen| forty five| o'clock)?( in the (morning|afternoon|evening))?)"
)
PART = r"( (morning|afternoon|evening|night))"
TIME = re.compile(
    rf"\b({DAY}{PART}?(,? (at|around|by|between|before|after|from|about) {CLOCK}( (and|to|or|till) {CLOCK})?)?"
    rf"|(at|around|by|between|before|after) {CLOCK}( (and|to|or) {CLOCK})?(,? {DAY}{PART}?)?(?! (percent|dollars|bucks|hundred|years?|feet|miles))"
    r"|\d{1,2}(:\d\d)? ?[ap]\.?m\b\.?)",
    re.I,
)
MOST_TIMES = 6


def callback_number(turns: Sequence[Turn]) -> Fact | None:
    """The number to call the caller back on: ten digits, or seven beside words that say so, spoken or in figures."""
    asked = False
    for place, turn in enumerate(turns):
        if turn.speaker is Speaker.AGENT:
            asked = bool(PHONE_CUE.search(turn.text))
            continue
        for number in numbers(turn.text):
            before = turn.text[max(0, number.start - 60) : number.start]
            if _is_phone(number, asked or bool(PHONE_CUE.search(before))) and not OTHER_NUMBER.search(before[-30:]):
                return Fact(_grouped(number.digits), words_at(turns, place, number.start, number.end))
    return None


def _is_phone(number: Number, cued: bool) -> bool:
    digits = number.digits.removeprefix("1") if len(number.digits) == AREA + 1 else number.digits
    return len(digits) == AREA or (cued and len(digits) == LOCAL)


def _grouped(digits: str) -> str:
    digits = digits[-AREA:]
    return "-".join(part for part in (digits[:-LOCAL], digits[-LOCAL:-4], digits[-4:]) if part)


def address(turns: Sequence[Turn]) -> Fact | None:
    """A street address that the caller gives: house number and street, or what answers a question for it."""
    asked = False
    for place, turn in enumerate(turns):
        if turn.speaker is Speaker.AGENT:
            asked = bool(ADDRESS_CUE.search(turn.text))
            continue
        for number in numbers(turn.text):
            rest = AFTER_NUMBER.match(turn.text, number.end) or (asked and CAPITALS.match(turn.text, number.end))
            if rest and len(number.digits) <= HOUSE_DIGITS:
                words = words_at(turns, place, number.start, rest.end())
                return Fact(f"{number.digits}{turn.text[number.end : words.end_char]}".rstrip(" .,"), words)
    return None


def times(turns: Sequence[Turn]) -> tuple[Fact, ...]:
    """Days and hours that either of them names, in order, each once."""
    found: dict[str, Fact] = {}
    for place, turn in enumerate(turns):
        for match in TIME.finditer(turn.text):
            value = " ".join(match[0].lower().replace(",", "").split())
            found.setdefault(value, Fact(value, words_at(turns, place, match.start(), match.end())))
    return tuple(found.values())[:MOST_TIMES]
