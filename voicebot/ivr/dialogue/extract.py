"""Values in what a caller said, each with the words that it rests on. Pure functions, one per kind of field.

`direct`: the words are the answer to a question for just this. Volunteered words need a cue, or an unmistakable shape.
`tongue`: the caller's language by its two letters. The words are in `values.toml` beside this file.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from voicebot import phone
from voicebot.errors import InvalidInput
from voicebot.ivr import prompts
from voicebot.ivr.dialogue import hearing
from voicebot.ivr.dialogue.digits import runs
from voicebot.ivr.dialogue.words import word_list

# Value, words for it, key.
Option = tuple[str, Sequence[str], str | None]
WORD = r"[^\W\d_][\w'-]*"


@dataclass(frozen=True, slots=True)
class Found:
    """A value and the caller's words for it."""

    value: str
    quote: str


def find(kind: str, text: str, digits: str, options: Sequence[Option], language: str, *, direct: bool) -> Found | None:
    """The value of a field of this kind in `text` or in the keys pressed; None where there is none.

    In: `options` of a choice; `language` as `en-US`. Total: never raises for any text.
    """
    if digits and direct:
        return _from_keys(kind, digits, options)
    tongue = prompts.letters(language)
    match kind:
        case "zip":
            return zip_code(text, tongue, direct=direct)
        case "phone":
            return callback_number(text, tongue)
        case "name":
            return name(text, tongue, direct=direct)
        case "when":
            return when(text, tongue, direct=direct)
        case "choice":
            return choice(text, options)
        case "service":
            return service(text, tongue) or (free_text(text, tongue) if direct else None)
    return free_text(text, tongue) if direct else None


def zip_code(text: str, tongue: str, *, direct: bool) -> Found | None:
    """A zip code of five digits, in figures or spoken."""
    for run in runs(text, tongue):
        before = text[: run.start].rstrip()
        cued = _words("zip_cue", tongue).search(before[-40:]) or _words("place_cue", tongue, end="$").search(before)
        if len(run.digits) == 5 and (direct or cued) and not before.endswith("$"):
            return Found(run.digits, text[run.start : run.end])
    return None


def callback_number(text: str, tongue: str) -> Found | None:
    """A telephone number as E.164, or `calling number` for "this number"."""
    for run in runs(text, tongue):
        if len(run.digits) == 10 or (len(run.digits) == 11 and run.digits[0] == "1"):
            try:
                return Found(phone.parse_e164(run.digits), text[run.start : run.end])
            except InvalidInput:
                continue
    own = _words("own_number", tongue).search(text)
    return Found("calling number", own.group()) if own else None


def name(text: str, tongue: str, *, direct: bool) -> Found | None:
    """The caller's name, in capitals where the recogniser wrote none."""
    for match in _name_after_cue(tongue).finditer(text):
        if match["name"].split()[0].lower() not in word_list("no_name", tongue):
            return Found(_capitals(match["name"]), match.group())
    bare = _fillers(tongue).sub("", text).strip(" .,!?")
    words = bare.split()
    fits = 1 <= len(words) <= 4 and all(re.fullmatch(WORD, word.rstrip(".,")) for word in words)
    if not direct or not fits or words[0].lower() in word_list("no_name", tongue) or _is_no_answer(text, tongue):
        return None
    return Found(_capitals(bare), text.strip())


def when(text: str, tongue: str, *, direct: bool) -> Found | None:
    """When the caller would like it, in their own words."""
    loose = () if direct else word_list("loose_times", tongue)
    found = [match for match in _times(tongue).finditer(text) if match.group().lower() not in loose]
    if not found:
        return None
    last = found[0]
    for match in found[1:]:
        if len(text[last.end() : match.start()].split()) > 2:
            break
        last = match
    quote = text[found[0].start() : last.end()]
    return Found(quote.lower(), quote)


def choice(text: str, options: Sequence[Option]) -> Found | None:
    """One of the options; the one that is named first."""
    found = [
        (match.start(), value, match.group())
        for value, words, _ in options
        for word in (value, *words)
        if (match := re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE))
    ]
    return Found(*min(found)[1:]) if found else None


def service(text: str, tongue: str) -> Found | None:
    """What the caller needs, as a short phrase of their own."""
    ends = word_list("service_end", tongue)
    match = _service_after_cue(tongue).search(text)
    while match:
        words = match["what"].split()
        stop = next((index for index, word in enumerate(words) if word.lower() in ends), len(words))
        short = " ".join(words[:stop])
        if short and short.split()[0].lower() not in word_list("no_service", tongue):
            return Found(short.lower(), short)
        # "looking for an estimate for a roof": the next cue may stand in what followed this one.
        match = _service_after_cue(tongue).search(text, match.start("what"))
    return None


def free_text(text: str, tongue: str) -> Found | None:
    """Whatever was said, without the words that only lead up to it."""
    if _is_no_answer(text, tongue):
        return None
    value = _fillers(tongue).sub("", text).strip(" .,") or text.strip()
    return Found(value[:200], text.strip()[:400]) if re.search(r"\w", value) else None


def _is_no_answer(text: str, tongue: str) -> bool:
    return hearing.is_noise(text, tongue) or bool(hearing.intents(text, tongue) - {hearing.Intent.YES})


def _from_keys(kind: str, digits: str, options: Sequence[Option]) -> Found | None:
    pressed = f"pressed {digits}"
    match kind:
        case "zip" if len(digits) == 5 and digits.isdecimal():
            return Found(digits, pressed)
        case "phone" if len(digits) == 10 and digits.isdecimal():
            return Found(f"+1{digits}", pressed)
        case "choice":
            return next((Found(value, pressed) for value, _, key in options if key == digits), None)
    return None


def _capitals(text: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in text.split())


@cache
def _words(name: str, tongue: str, end: str = "") -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(word_list(name, tongue))})\b{end}", re.IGNORECASE)


@cache
def _name_after_cue(tongue: str) -> re.Pattern[str]:
    cue = "|".join(word_list("name_cue", tongue))
    return re.compile(rf"\b(?i:{cue})\s+(?P<name>{WORD}(?:\s+[A-ZÁÉÍÓÚÑ][\w'-]+){{0,2}})")


@cache
def _fillers(tongue: str) -> re.Pattern[str]:
    return re.compile(rf"^(?:\s*(?:{'|'.join(word_list('fillers', tongue))})\b[\s,.]*)+", re.IGNORECASE)


@cache
def _times(tongue: str) -> re.Pattern[str]:
    day = f"(?:{'|'.join(word_list('day', tongue))})"
    spoken = [word for names in word_list("units", tongue) for word in names.split()]
    hour = f"(?:{'|'.join([*spoken, word_list('tens', tongue)[0], *word_list('teens', tongue)[:2]])})"
    times = "|".join(word_list("time", tongue)).replace("DAY", day).replace("HOUR", hour)
    return re.compile(rf"(?<!\w)(?:{times})(?!\w)", re.IGNORECASE)


@cache
def _service_after_cue(tongue: str) -> re.Pattern[str]:
    cue, articles = "|".join(word_list("service_cue", tongue)), "|".join(word_list("service_articles", tongue))
    return re.compile(rf"\b(?:{cue}) (?:(?:{articles}) )*(?P<what>{WORD}(?: {WORD}){{0,3}})", re.IGNORECASE)
