"""Which dates are of somebody's birth. Pure."""

from collections.abc import Iterator, Sequence

from voicebot.transcribe.redact.cues import Cue
from voicebot.transcribe.redact.dates import Dated, dates, years
from voicebot.transcribe.redact.stream import Sign, Token, stretches

# How far a word of birth reaches, in words of both and in seconds.
BIRTH_WORDS = 45
BIRTH_SECONDS = 35.0
AGAIN_WORDS = 18
# How far from day and month the year may stand.
YEAR_WORDS = 10
# What was asked together with it.
TOGETHER_WORDS = 12
OTHER_DATES = frozenset({Cue.DATE, Cue.EXPIRY})
FORMAL = ("date of birth", "birth date", "birthdate", "dob", "d o b", "nacimiento", "born", "nac")


def births(words: Sequence[Token], signs: Sequence[Sign]) -> Iterator[Token]:
    """The words of each date soon after, or in the same breath before, a word of birth."""
    answered: dict[Sign, Token] = {}
    found = _in_order(words)
    dated_words = {token for own, dated in found for token in own[dated.first : dated.last + 1]}
    alone = [token for token in words if token not in dated_words]
    for own, dated in found:
        begin, end = own[dated.first], own[dated.last]
        asked = _asked(begin, signs)
        if asked in answered and not _is_again(begin, answered[asked]):
            asked = None
        direct = asked is not None and asked not in answered and any(word in asked.text for word in FORMAL)
        if asked is not None and dated.spoken and not _is_nearest(asked, begin, signs, answered.get(asked)):
            asked = None
        partial = asked is not None and asked not in answered and not dated.has_year
        year = _year_apart(begin, end, alone, signs) if partial else ()
        if (dated.has_year and (asked or _behind(end, signs))) or (direct and asked) or year:
            if asked:
                answered[asked] = year[-1] if year and year[-1].order > end.order else end
            yield from own[dated.first : dated.last + 1]
            yield from year


def _year_apart(begin: Token, end: Token, words: Sequence[Token], signs: Sequence[Sign]) -> tuple[Token, ...]:
    """The year that was said by itself near day and month: "The fifth of October. - Year? - Sixty eight."."""
    around = range(begin.order - YEAR_WORDS, end.order + YEAR_WORDS + 1)
    free = [token for token in words if token.speaker is end.speaker and token.order in around]
    for first, last in years([token.text for token in free]):
        near = (free[last].order, begin.order) if free[last].order < begin.order else (end.order, free[first].order)
        if not any(
            near[0] < sign.first < near[1] for sign in signs if sign.cue is not Cue.BIRTH and "year" not in sign.text
        ):
            return tuple(free[first : last + 1])
    return ()


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


def _is_nearest(asked: Sign, begin: Token, signs: Sequence[Sign], answer: Token | None) -> bool:
    """Whether nothing else was announced since, but in one breath with the birth and before any answer."""
    since = [s for s in signs if asked.last < s.first and s.last < begin.order]
    together = asked.last + TOGETHER_WORDS if answer is None else min(asked.last + TOGETHER_WORDS, answer.order)
    return all(sign.first <= together for sign in since)


def _behind(end: Token, signs: Sequence[Sign]) -> bool:
    here = [s for s in signs if s.cue is Cue.BIRTH and s.utterance == end.utterance]
    return any(end.order < s.first <= end.order + 4 for s in here)
