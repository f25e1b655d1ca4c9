"""The ledger: who changed what, when and why; undo; and the machine never overrules a person."""

from decimal import Decimal

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, col, select

from tests import factories as make
from voicebot import reclassifying
from voicebot.attribution import correcting, gathering, ledger
from voicebot.attribution.correcting import Correction
from voicebot.db import Database
from voicebot.errors import Conflict
from voicebot.settings import get_settings
from voicebot.stages import Tools
from voicebot.storage import get_storage
from voicebot.tables import Call, Company, LabelRow, Lead, TrackingNumber, VerdictRow
from voicebot.terms import Disposition, Speaker, Stage, VerdictKind, WitnessKind

SAID = ((WitnessKind.TRACKED, "billboard"), (WitnessKind.ASKED, "billboard"))


def judged_call(session: Session, **over: object) -> tuple[Company, Call, int]:
    """A call with a confirmed verdict, and a reviewer's user id."""
    campaign = make.campaign(session)
    call = make.call(session, make.tracking_number(session, campaign), stage=Stage.ATTRIBUTED, **over)
    make.verdict(session, call, SAID)
    return session.get_one(Company, campaign.company_id), call, make.user(session).id or 0


def rows_of(session: Session, call: Call) -> list[VerdictRow]:
    query = select(VerdictRow).where(col(VerdictRow.call_id) == call.id).order_by(col(VerdictRow.sequence))
    return list(session.exec(query))


def test_a_correction_is_a_new_row_that_says_who_when_why_and_what_it_was(session: Session) -> None:
    company, call, person = judged_call(session)
    correcting.correct(session, company, call, Correction(source="radio"), by=person, why="they said so")
    before, after = rows_of(session, call)
    assert (before.kind, before.source, before.made_by) == (VerdictKind.CONFIRMED, "billboard", None)
    assert (after.kind, after.source, after.made_by, after.why) == ("corrected", "radio", person, "they said so")
    assert after.created_at is not None and after.decided == ["source"]


def test_an_undo_restores_the_row_before_and_a_second_one_does_it_again(session: Session) -> None:
    company, call, person = judged_call(session)
    correcting.answer(session, company, call, Correction(source="radio"), by=person, blind=True)
    correcting.undo(session, company, call, by=person)
    rows = rows_of(session, call)
    assert [row.source for row in rows] == ["billboard", "radio", "billboard"]
    assert rows[-1].restores == 1 and rows[-1].made_by == person
    assert [w.kind for w, _ in ledger.witnesses_of(session, rows[-1])] == [kind for kind, _ in SAID]
    assert correcting.labels_of(session, call.id or 0) == []
    correcting.undo(session, company, call, by=person)
    assert rows_of(session, call)[-1].source == "radio"


def test_nobody_can_undo_what_they_did_not_do(session: Session) -> None:
    company, call, person = judged_call(session)
    correcting.correct(session, company, call, Correction(source="radio"), by=person, why="x")
    with pytest.raises(Conflict):
        correcting.undo(session, company, call, by=make.user(session).id or 0)


def test_disposition_booked_and_value_are_corrected_in_the_same_ledger(session: Session) -> None:
    company, call, person = judged_call(session)
    change = Correction(disposition=Disposition.NEW_LEAD, booked=True, value=Decimal("950"), currency="USD")
    row = correcting.correct(session, company, call, change, by=person, why="listened")
    assert (row.disposition, row.booked, row.value) == (Disposition.NEW_LEAD, True, Decimal("950"))
    assert row.decided == ["booked", "disposition", "value"]
    assert session.get_one(Lead, call.lead_id).value == Decimal("950")
    row = correcting.correct(session, company, call, Correction(disposition=Disposition.SPAM), by=person, why="no")
    assert (row.kind, call.lead_id, row.booked) == (VerdictKind.SILENT, None, True)


def test_a_value_or_a_booking_leaves_the_verdict_as_it_was_reached(session: Session) -> None:
    company, call, person = judged_call(session)
    before = rows_of(session, call)[-1]
    row = correcting.correct(session, company, call, Correction(booked=True), by=person, why="x")
    assert (row.kind, row.source, row.probability) == (before.kind, before.source, before.probability)
    assert [w for w, _ in ledger.witnesses_of(session, row)] == [w for w, _ in ledger.witnesses_of(session, before)]


def test_undoing_a_value_brings_the_one_entered_before_back(session: Session) -> None:
    company, call, person = judged_call(session)
    lead = make.lead(session, company, caller_key=call.caller_number, value=Decimal("100"), currency="USD")
    call.lead_id = lead.id
    correcting.correct(session, company, call, Correction(value=Decimal("950"), currency="USD"), by=person, why="x")
    assert lead.value == Decimal("950")
    correcting.undo(session, company, call, by=person)
    assert lead.value == Decimal("100")


def test_a_reviewer_who_hears_nothing_makes_the_verdict_silent(session: Session) -> None:
    company, call, person = judged_call(session)
    row = correcting.correct(session, company, call, Correction(source="not_stated"), by=person, why="x")
    assert (row.kind, row.source) == (VerdictKind.SILENT, "billboard")


def test_a_second_reviewers_answer_is_a_label_and_changes_nothing(session: Session) -> None:
    company, call, person = judged_call(session)
    correcting.answer(session, company, call, Correction(source="radio"), by=person, blind=True)
    other = make.user(session).id or 0
    label = correcting.answer(session, company, call, Correction(source="billboard"), by=other, blind=True)
    assert label.agrees is False and len(rows_of(session, call)) == 2
    correcting.undo(session, company, call, by=other)
    assert len(rows_of(session, call)) == 2
    assert [one.user_id for one in correcting.labels_of(session, call.id or 0)] == [person]


def test_only_random_calls_judged_before_the_verdict_teach_the_error_rates(session: Session) -> None:
    company, call, person = judged_call(session)
    company.review_share = 1.0
    correcting.answer(session, company, call, Correction(source="radio"), by=person, blind=False)
    assert gathering.measured_rates(session, company.id or 0).calls == 0
    correcting.undo(session, company, call, by=person)
    correcting.answer(session, company, call, Correction(source="radio"), by=person, blind=True)
    measured = gathering.measured_rates(session, company.id or 0)
    assert measured.calls == 1
    assert next(entry for entry in measured.table if entry.name == "tracked").errors == 1


def test_calls_that_nobody_reviewed_teach_by_how_often_their_witnesses_disagree(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "EVERY", 4)
    company, call, person = judged_call(session)
    said = ((WitnessKind.TRACKED, "billboard"), (WitnessKind.ASKED, "radio"))
    number = session.get_one(TrackingNumber, call.tracking_number_id)
    for _ in range(3):
        stated = gathering.measured_rates(session, company.id or 0)
        assert stated.unreviewed == 0
        make.verdict(session, make.call(session, number, stage=Stage.ATTRIBUTED), said)
    measured = gathering.measured_rates(session, company.id or 0)
    assert measured.unreviewed == 4
    assert measured.rates.tracked > stated.rates.tracked and measured.rates.asked > stated.rates.asked
    company.review_share = 1.0
    correcting.answer(session, company, call, Correction(source="radio"), by=person, blind=True)
    monkeypatch.setattr(gathering, "LABELS", 1)
    reviewed = gathering.measured_rates(session, company.id or 0)
    assert (reviewed.calls, reviewed.unreviewed) == (1, 3), "a reviewed call is not supposed as well"


def test_spam_and_test_calls_tell_nothing_of_the_error_rates(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "EVERY", 2)
    company, call, _ = judged_call(session)
    number = session.get_one(TrackingNumber, call.tracking_number_id)
    spam = make.call(session, number, stage=Stage.ATTRIBUTED)
    make.verdict(session, spam, SAID, disposition=Disposition.SPAM)
    make.verdict(session, make.call(session, number, stage=Stage.ATTRIBUTED, is_test=True), SAID)
    assert gathering.measured_rates(session, company.id or 0).unreviewed == 1


def test_an_offer_of_a_channel_that_never_ran_measures_false_recall(session: Session) -> None:
    company, call, _ = judged_call(session)
    for turn, (offered, sources) in enumerate(
        [(["radio"], ["radio"]), (["radio"], ["not_stated"]), (["billboard"], ["billboard"])]
    ):
        make.answer(session, call, turn=turn, offered=offered, sources=sources, prompted=True)
    assert gathering.false_recall(session, company.id or 0) == (1, 2)


def test_labels_refuse_updates(database: Database) -> None:
    with database.writing() as session:
        company, call, person = judged_call(session)
        correcting.answer(session, company, call, Correction(source="radio"), by=person, blind=True)
    with pytest.raises(DatabaseError, match="append-only"), database.writing() as session:
        session.connection().execute(update(LabelRow).values(source="tv"))


def spoken_call(session: Session) -> tuple[Company, Call, int]:
    """A judged call whose transcript names the radio, which the verdict does not know of yet."""
    company, call, person = judged_call(session)
    transcript = make.transcript(session, make.recording(session, call))
    make.utterance(
        session, transcript, position=5, text="Hi, I heard your ad on the radio and my roof leaks, I need a quote."
    )
    make.utterance(session, transcript, position=6, speaker=Speaker.AGENT, text="Sure, what is your address?")
    return company, call, person


def test_reclassify_shows_what_would_flip_before_it_writes(database: Database) -> None:
    with database.writing() as session:
        company, call, _ = spoken_call(session)
    tools = Tools(database, get_storage(), get_settings())
    [flip] = reclassifying.preview(tools, company.id)
    assert flip.flips and flip.before.kind is VerdictKind.CONFIRMED and flip.after.kind is VerdictKind.CONFLICT
    with database.reading() as session:
        assert len(rows_of(session, call)) == 1
    assert len(list(reclassifying.apply(tools, company.id))) == 1
    assert list(reclassifying.apply(tools, company.id)) == []
    with database.reading() as session:
        assert [row.kind for row in rows_of(session, call)] == ["confirmed", "conflict"]
        assert "reclassified" in rows_of(session, call)[-1].why


def test_reclassify_never_overrules_a_person(database: Database) -> None:
    with database.writing() as session:
        company, call, person = spoken_call(session)
        change = Correction(source="yard_sign", disposition=Disposition.EXISTING_CUSTOMER)
        correcting.answer(session, company, call, change, by=person, blind=False)
    tools = Tools(database, get_storage(), get_settings())
    list(reclassifying.apply(tools, company.id))
    with database.reading() as session:
        last = rows_of(session, call)[-1]
    assert (last.source, last.disposition) == ("yard_sign", Disposition.EXISTING_CUSTOMER)
