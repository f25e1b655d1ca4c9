"""What a caller wants who does not simply answer: a person, quiet, another language, to ask back. Pure.

The data is `phrases.toml` beside this file.
"""

import re
import tomllib
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from voicebot.ivr import prompts


class Intent(StrEnum):
    """What words ask for, or what they are beside an answer."""

    EMERGENCY = "emergency"
    PERSON = "person"
    ANGRY = "angry"
    NO_RECORDING = "no_recording"
    WHO = "who"
    ROBOT = "robot"
    WHY = "why"
    REPEAT = "repeat"
    YES = "yes"
    NO = "no"
    FIRST = "first"
    SECOND = "second"


# Whoever says so waits no longer.
AT_ONCE = frozenset({Intent.EMERGENCY, Intent.PERSON, Intent.ANGRY})
# What is answered in one short sentence, the most telling first.
QUESTIONS_BACK = (Intent.ROBOT, Intent.WHO, Intent.WHY, Intent.REPEAT)
# These mean nothing inside a longer sentence: "no idea what the first one was".
ALONE = {Intent.REPEAT: 6, Intent.YES: 4, Intent.NO: 5, Intent.FIRST: 6, Intent.SECOND: 6, Intent.WHY: 9}


def intents(text: str, language: str) -> frozenset[Intent]:
    """What the words ask for; empty for a mere answer. English is understood in every language."""
    words = _plain(text)
    length = len(words.split())
    spoken = {prompts.letters(language), "en"}
    return frozenset(
        intent
        for intent in Intent
        if length <= ALONE.get(intent, length)
        and any(pattern.search(words) for tongue in spoken if (pattern := _pattern(tongue, intent)))
    )


def language_wished(text: str, language: str) -> str | None:
    """The two letters of the language that the words ask for, None where they ask for none."""
    words = _plain(text).split()
    data = _data().get(prompts.letters(language), _data()["en"])
    for wished, names in data["languages"].items():
        # "A Spanish newspaper" is an answer.
        if wished != prompts.letters(language) and set(words) & set(names) and set(words) <= {*names, *data["wish"]}:
            return str(wished)
    return None


def is_noise(text: str, language: str) -> bool:
    """Whether nothing was said that could be an answer: no words, or only "uh" and "hello"."""
    words = _plain(text)
    for tongue in {prompts.letters(language), "en"}:
        words = _compiled(tuple(_data().get(tongue, {}).get("noise", ("(?!)",)))).sub(" ", words)
    return not re.search(r"\w", words)


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w*'’ ]+", " ", text.lower()).replace("’", "'").split())


@cache
def _data() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files("voicebot.ivr.dialogue").joinpath("phrases.toml").read_text(encoding="utf-8"))


def _pattern(tongue: str, intent: Intent) -> re.Pattern[str] | None:
    phrases = _data().get(tongue, {}).get(intent.value)
    return _compiled(tuple(phrases)) if phrases else None


@cache
def _compiled(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Phrases between the borders of words; `^` in a phrase holds it to the beginning."""
    return re.compile("|".join(f"{p}(?!\\w)" if p.startswith("^") else f"(?<!\\w)(?:{p})(?!\\w)" for p in phrases))
