"""Which dates are of somebody's birth. Pure."""

from collections.abc import Iterator, Sequence

from voicebot.transcribe.redact.cues import Cue
from voicebot.transcribe.redact.dates import Dated, dates
from voicebot.transcribe.redact.stream import Sign, Token, stretches

# How far a word of birth reaches, in words of both and in seconds.
BIRTH_WORDS = 45
BIRTH_SECONDS = 35.0
AGAIN_WORDS = 18
# What was asked together with it.
TOGETHER_WORDS = 12
OTHER_DATES = frozenset({Cue.DATE, Cue.EXPIRY})
FORMAL = ("date of birth", "dob", "d o b", "nacimiento", "born", "nac")


def births(words: Sequence[Token], signs: Sequence[Sign]) -> Iterator[Token]:
    """The words of each date soon after, or in the same breath before, a word of birth."""
    answered: dict[Sign, Token] = {}
    for own, dated in _in_order(words):
        begin, end = own[dated.first], own[dated.last]
        asked = _asked(begin, signs)
        if asked in answered and not _is_again(begin, answered[asked]):
            asked = None
        direct = asked is not None and asked not in answered and any(word in asked.text for word in FORMAL)
        if asked is not None and dated.spoken and not _is_nearest(asked, begin, signs):
            asked = None
        if (dated.has_year and (asked or _behind(end, signs))) or (direct and asked):
            if asked:
                answered[asked] = end
            yield from own[dated.first : dated.last + 1]


def _is_again(begin: Token, before: Token) -> bool:
    """Whether a date may be another birth, or the one before read back."""
    return begin.order - before.order <= AGAIN_WORDS


def _in_order(words: Sequence[Token]) -> list[tuple[list[Token], Dated]]:
    found: list[tuple[list[Token], Dated]] = []
    for own in stretches(words):
        found += [(own, dated) for dated in dates([token.text for token in own])]
    return sorted(found, key=lambda item: item[0][item[1].first].order)


def _asked(begin: Token, signs: Sequence[Sign]) -> Sign | None:
    """The word of birth that reaches to a date, no other kind of date having been spoken of since."""
    for sign in reversed([s for s in signs if s.last < begin.order]):
        if begin.order - sign.last > BIRTH_WORDS or begin.start - sign.end > BIRTH_SECONDS or sign.cue in OTHER_DATES:
            return None
        if sign.cue is Cue.BIRTH:
            return sign
    return None


def _is_nearest(asked: Sign, begin: Token, signs: Sequence[Sign]) -> bool:
    since = [s for s in signs if asked.last < s.first and s.last < begin.order]
    return all(sign.first - asked.last <= TOGETHER_WORDS for sign in since)


def _behind(end: Token, signs: Sequence[Sign]) -> bool:
    return any(s.cue is Cue.BIRTH and s.speaker is end.speaker and end.order < s.first <= end.order + 4 for s in signs)
