"""Which language is spoken: one that was named, one of several, or any. Pure functions.

A setting is an ISO 639-1 code (`en`), several of which the first is the usual one (`en,es`), or `auto`.
"""

from collections.abc import Mapping, Sequence

AUTO = "auto"
# ISO 639's code for a recording in which nobody speaks.
UNDETERMINED = "und"
# Telephone English is taken for Welsh or Latin now and then: another language than the usual one must be this much
# of what Whisper believes of the allowed ones.
SURE = 0.7


def allowed(setting: str) -> tuple[str, ...] | None:
    """The languages of a setting, the usual one first; None when it may be any."""
    codes = tuple(code.strip().lower() for code in setting.split(",") if code.strip())
    return None if AUTO in codes or not codes else codes


def likeliest(guesses: Sequence[tuple[Mapping[str, float], float]], among: Sequence[str] | None) -> str:
    """The language of a recording.

    In: for each window the probability of each language and the window's seconds; the allowed languages, the usual
    one first, or None for any.
    """
    believed: dict[str, float] = {}
    for chances, seconds in guesses:
        total = sum(chance for code, chance in chances.items() if among is None or code in among) or 1.0
        for code, chance in chances.items():
            if among is None or code in among:
                believed[code] = believed.get(code, 0.0) + seconds * chance / total
    if not believed:
        return among[0] if among else UNDETERMINED
    best = max(believed, key=lambda code: believed[code])
    if among is not None and best != among[0] and believed[best] < SURE * sum(believed.values()):
        return among[0]
    return best
