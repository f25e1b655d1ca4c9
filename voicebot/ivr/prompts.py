"""What the bot says where a call flow has no words of its own, by language: the data is `prompts.toml`.

Pure: no database, no web framework.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

# What a text may be: one for every caller, or one for each language by its two letters.
Text = str | Mapping[str, str]


@cache
def _catalogue() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files("voicebot.ivr").joinpath("prompts.toml").read_text(encoding="utf-8"))


def languages() -> tuple[str, ...]:
    """The languages that the bot has words in, by their two letters."""
    return tuple(_catalogue())


def sources() -> tuple[str, ...]:
    """The sources that can be offered aloud."""
    return tuple(_catalogue()["en"]["sources"])


def letters(language: str) -> str:
    """The two letters of a BCP 47 language: `es` of `es-US`."""
    return language.split("-", 1)[0].lower()


def prompt(name: str, language: str, **values: str) -> str:
    """The bot's own words, in English where it has none in this language."""
    catalogue = _catalogue()
    own = catalogue.get(letters(language), catalogue["en"])
    return str(own.get(name, catalogue["en"][name])).format(**values)


def source_name(source: str, language: str, own: Mapping[str, Text] | None = None) -> str | None:
    """How a source is called aloud, a flow's `own` names first; None for what cannot be offered ("not stated")."""
    if own and source in own:
        return in_language(own[source], language)
    names = _catalogue().get(letters(language), _catalogue()["en"])["sources"]
    found = names.get(source)
    return str(found) if found else None


def in_language(text: Text, language: str) -> str:
    """A flow's text for a caller of this language: the first one there is where that language is missing."""
    if isinstance(text, str):
        return text
    return text.get(letters(language)) or next(iter(text.values()))


def lacks(text: Text | None, language: str) -> bool:
    """Whether a flow's own text has no words in this language. The bot's own words have them."""
    if text is None:
        return letters(language) not in languages()
    return isinstance(text, str) or letters(language) not in text
