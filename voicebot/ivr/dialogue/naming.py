"""An answer that is nothing but a source's name, as the bot itself says it: "a friend", "the radio". Pure.

Who repeats the very words of the offer has chosen it, however the classifier would hear them.
"""

import re
from functools import cache

from voicebot.ivr import prompts
from voicebot.ivr.flow import SourceQuestion

# What stands around a name and changes nothing of it, by language.
AROUND = {
    "en": r"(?:it was|that was|it's|i (?:heard|saw|found)(?: (?:it|you|about you))?|from|through|by|on|in|at|a|an"
    r"|the|my|our|your|one of)",
    "es": r"(?:fue|por|de|del|en|a través de|un|una|unos|el|la|los|mi|su|nuestro|nuestra|lo vi|los vi)",
}
NEVER = "(?!)"


def named(step: SourceQuestion, text: str, language: str) -> str | None:
    """The one source whose name is all that was said; None where there is more, or where two sources share the name."""
    said = _bare(text, language)
    if not said:
        return None
    choices = {_bare(prompts.in_language(one.spoken, language), language): one.source for one in step.choices}
    if said in choices:
        return choices[said]
    own = {_bare(prompts.in_language(name, language), language): source for source, name in step.names.items()}
    return own.get(said) or _catalogue(prompts.letters(language)).get(said)


@cache
def _catalogue(letters: str) -> dict[str, str]:
    """The bot's own names, those left out that stand for several sources."""
    names: dict[str, list[str]] = {}
    for source in prompts.sources():
        names.setdefault(_bare(prompts.source_name(source, letters) or "", letters), []).append(source)
    return {name: sources[0] for name, sources in names.items() if name and len(sources) == 1}


def _bare(text: str, language: str) -> str:
    """Without case, points and the little words before the name."""
    words = " ".join(re.sub(r"[^\w'’ ]+", " ", text.lower()).replace("’", "'").split())
    around = AROUND.get(prompts.letters(language), NEVER)
    return re.sub(rf"^(?:{around}\s+)+", "", words)
