"""What a call's conversation names, weighed as witnesses."""

from sqlmodel import Session

from tests import factories as make
from voicebot import judging
from voicebot.db import Database
from voicebot.tables import Company
from voicebot.terms import Speaker, WitnessKind


def mention(source: str, turn: int, text: str, quote: str) -> dict[str, object]:
    """A stored mention."""
    start = text.index(quote)
    place = {"turn": turn, "start_char": start, "end_char": start + len(quote)}
    return {"source": source, "probability": 0.9, "quote": quote, **place}


def weighed(session: Session) -> judging.Weighed:
    said = ["I just googled you.", "A letter of yours came last year."]
    call = make.call(session)
    make.transcript(session, of=make.recording(session, of=call), said=[(Speaker.CALLER, text) for text in said])
    told = make.classification(
        session,
        of=call,
        mentions=[
            mention("direct_mail", 1, said[1], "letter"),
            mention("google_unspecified", 0, said[0], "googled"),
        ],
    )
    return judging.weigh(session, call, session.get_one(Company, call.company_id), told)


def test_touches_of_a_verdict_stand_in_order_of_touch_not_of_telling(database: Database) -> None:
    with database.writing() as session:
        found = weighed(session)
        heard = [witness for witness in found.witnesses if witness.kind is WitnessKind.HEARD]
        assert [(w.source, w.position, w.at_seconds) for w in heard] == [
            ("direct_mail", 0, 1.25),
            ("google_unspecified", 1, 0.5),
        ]
        assert [touch.source for touch in found.verdict.touches][:2] == ["direct_mail", "google_unspecified"]
        session.rollback()
