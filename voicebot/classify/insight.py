"""All findings of a call put together."""

from collections.abc import Mapping, Sequence

from voicebot.classify import contact, facts, places
from voicebot.classify.booking import Booking
from voicebot.classify.findings import Findings, Words
from voicebot.classify.labels import SourceMention, Turn
from voicebot.classify.score import score
from voicebot.classify.summary import need_of, summary
from voicebot.classify.urgency import urgency
from voicebot.terms import Disposition

# Nobody's inquiry: no score, no urgency, no service.
NO_INQUIRY = frozenset({Disposition.SPAM, Disposition.NO_CONVERSATION, Disposition.WRONG_NUMBER})
SCORED = frozenset({Disposition.NEW_LEAD, Disposition.EXISTING_CUSTOMER, Disposition.OTHER})


def findings(
    turns: Sequence[Turn], chances: Mapping[Disposition, float], booked: Booking, mentions: Sequence[SourceMention]
) -> Findings:
    """What the conversation says, with its words; the score only where somebody may buy."""
    likely = max(chances, key=lambda name: chances[name])
    inquiry = likely not in NO_INQUIRY
    level, level_words = urgency(turns) if likely in SCORED else (None, None)
    found = Findings(
        caller_name=facts.caller_name(turns),
        zip=facts.zip_code(turns),
        service=facts.service(turns) if likely is Disposition.NEW_LEAD else None,
        callback_number=contact.callback_number(turns) if inquiry else None,
        address=contact.address(turns) if inquiry else None,
        times=contact.times(turns) if inquiry else (),
        urgency=level,
        urgency_words=level_words,
        booked_words=_decided(turns, booked),
        booked_probability=round(booked.probability, 3),
        summary=summary(turns, mentions, booked.turn) if likely is not Disposition.NO_CONVERSATION else (),
    )
    if likely not in SCORED:
        return found
    return score(turns, chances[Disposition.NEW_LEAD], need_of(turns), booked.agreed, found)


def _decided(turns: Sequence[Turn], booked: Booking) -> Words | None:
    if booked.turn is None or not turns[booked.turn].text.strip():
        return None
    return places.words_at(turns, booked.turn, 0, len(turns[booked.turn].text))
