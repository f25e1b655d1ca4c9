"""The lists of `values.toml`, by name and language. Pure."""

import tomllib
from functools import cache
from importlib.resources import files


@cache
def word_list(name: str, tongue: str) -> tuple[str, ...]:
    """A list of the caller's language (two letters), the English one where that language has none."""
    data = tomllib.loads(files("voicebot.ivr.dialogue").joinpath("values.toml").read_text(encoding="utf-8"))
    return tuple(data.get(tongue, data["en"])[name])
