"""The reports' queries give the same answers on SQLite and on PostgreSQL."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from tests import factories as make
from tests.web.company import CompanyRows, make_company
from voicebot.attribution import correcting, ledger
from voicebot.db import Database
from voicebot.errors import NotFound
from voicebot.reports.call import call_detail
from voicebot.reports.calls import all_calls, count_calls, list_calls
from voicebot.reports.campaigns import list_campaigns
from voicebot.reports.days import Days, last_days
from voicebot.reports.figures import campaign_report
from voicebot.reports.filters import CallFilter
from voicebot.reports.listening import playable_recording
from voicebot.reports.overview import overview
from voicebot.reports.values import ValueLine, apply, lead_calls, match
from voicebot.tables import Call, Company, Lead, VerdictRow
from voicebot.terms import CallOutcome, Disposition, LeadOutcome, VerdictKind

ZONE = ZoneInfo("America/Chicago")
NOW = datetime(2026, 6, 20, 18, tzinfo=UTC)
JUNE = Days(NOW.date().replace(day=1), NOW.date().replace(day=30))


@pytest.fixture
def companies(database: Database) -> tuple[CompanyRows, CompanyRows]:
    """Two companies of 30 calls each, with every kind of verdict."""
    with database.writing() as session:
        made = tuple(make_company(session, name, seed, 30, NOW) for seed, name in ((1, "Ours"), (2, "Theirs")))
    return made[0], made[1]


def test_the_list_holds_each_call_once_with_its_current_verdict(
    database: Database, companies: tuple[CompanyRows, CompanyRows]
) -> None:
    ours = companies[0]
    with database.writing() as session:
        for sequence in (2, 3):
            session.add(
                VerdictRow(
                    call_id=ours.call_ids[0], sequence=sequence, kind=VerdictKind.CORRECTED, source="radio",
                    probability=0.9, disposition=Disposition.NEW_LEAD, input_hash=str(sequence) * 64,
                )
            )  # fmt: skip
    with database.reading() as session:
        lines = list_calls(session, ours.company_id, CallFilter(), ZONE)
        corrected = CallFilter(verdict=VerdictKind.CORRECTED)
        assert count_calls(session, ours.company_id, corrected, ZONE) == len(
            list_calls(session, ours.company_id, corrected, ZONE)
        )
    assert [line.id for line in lines] == ours.call_ids
    assert (lines[0].verdict, lines[0].source) == (VerdictKind.CORRECTED, "radio")


@pytest.mark.parametrize(
    "wanted",
    [
        CallFilter(search="5550003"),
        CallFilter(search="sMiTh"),
        CallFilter(disposition=Disposition.SPAM),
        CallFilter(outcome=CallOutcome.VOICEMAIL),
        CallFilter(days=last_days(2, NOW.date())),
    ],
)
def test_every_filter_narrows_and_the_export_agrees_with_the_list(
    database: Database, companies: tuple[CompanyRows, CompanyRows], wanted: CallFilter
) -> None:
    ours = companies[0].company_id
    with database.reading() as session:
        listed = list_calls(session, ours, wanted, ZONE)
        exported = list(all_calls(session, ours, wanted, ZONE))
        assert count_calls(session, ours, wanted, ZONE) == len(listed)
    assert 0 < len(listed) < 30
    assert listed == exported


def test_an_export_in_small_chunks_misses_and_repeats_nothing(
    database: Database, companies: tuple[CompanyRows, CompanyRows], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voicebot.reports.calls.EXPORT_CHUNK", 7)
    with database.reading() as session:
        lines = list(all_calls(session, companies[0].company_id, CallFilter(), ZONE))
    assert [line.id for line in lines] == companies[0].call_ids


def test_the_campaign_report_adds_up(database: Database, companies: tuple[CompanyRows, CompanyRows]) -> None:
    with database.reading() as session:
        company = session.get_one(Company, companies[0].company_id)
        report = campaign_report(session, company, JUNE, NOW.date())
    billboard = next(row for row in report.rows if row.name == "Billboard on I-35")
    # 30 days of spend from May 22 to June 20: 20 of them in June. Rent of 20 of June's 30 days, at 1.15 a month.
    assert billboard.spend == Decimal("1600.00")
    assert billboard.rent == Decimal("0.77")
    total = report.total
    assert total.calls == sum(row.calls for row in report.rows) == 28
    assert total.tracked.leads == total.corrected.leads > 10
    assert total.tracked.value_won == total.corrected.value_won
    assert sum(total.verdicts.values()) == total.tracked.leads


def test_the_overview_counts_what_the_list_shows(
    database: Database, companies: tuple[CompanyRows, CompanyRows]
) -> None:
    with database.reading() as session:
        numbers = overview(session, companies[0].company_id, JUNE, ZONE)
        lines = list_calls(session, companies[0].company_id, CallFilter(), ZONE)
    real = [line for line in lines if not line.is_test]
    assert numbers.calls == len(real)
    assert numbers.answered == sum(line.outcome is CallOutcome.ANSWERED for line in real)
    assert numbers.failed == sum(line.last_error is not None for line in real) > 0
    leads = [line for line in real if line.disposition is Disposition.NEW_LEAD]
    assert sum(numbers.verdicts.values()) == len(leads)


def test_nothing_of_another_company_is_found(database: Database, companies: tuple[CompanyRows, CompanyRows]) -> None:
    ours, theirs = companies
    with database.reading() as session:
        with pytest.raises(NotFound):
            call_detail(session, ours.company_id, theirs.call_ids[0])
        with pytest.raises(NotFound):
            playable_recording(session, ours.company_id, theirs.recording_id)
        everything = CallFilter(campaign_id=theirs.campaign_ids[0])
        assert list_calls(session, ours.company_id, everything, ZONE) == []
        campaigns = {view.campaign.id for view in list_campaigns(session, ours.company_id)}
        calls = lead_calls(session, ours.company_id, ["+17375550001"])
    assert campaigns == set(ours.campaign_ids)
    assert {call.call_id for call in calls} == {ours.call_ids[1]}


def test_a_calls_page_has_its_evidence_in_order(database: Database, companies: tuple[CompanyRows, CompanyRows]) -> None:
    ours = companies[0]
    with database.reading() as session:
        detail = call_detail(session, ours.company_id, ours.recorded_call_id)
    assert detail.current is not None
    assert [str(witness.kind) for witness in detail.current.witnesses] == ["tracked", "asked", "heard"]
    assert detail.place_of(detail.current.witnesses[2]) == (ours.recording_id, 9.2)
    assert [line.start for line in detail.recordings[0].lines] == sorted(
        line.start for line in detail.recordings[0].lines
    )
    assert len(detail.steps) == 4


def test_values_are_written_once(database: Database, companies: tuple[CompanyRows, CompanyRows]) -> None:
    ours = companies[0]
    line = ValueLine(2, "+17375550001", NOW.date(), LeadOutcome.WON, Decimal("12.34"), "USD")
    changed = []
    for _ in range(2):
        with database.writing() as session:
            matches = match([line], lead_calls(session, ours.company_id, [line.number]), 90, ZONE)
            company, person = session.get_one(Company, ours.company_id), make.user(session)
            changed.append(apply(session, company, matches, by=person.id or 0))
    assert changed == [1, 0]


def test_a_value_from_a_file_is_in_the_ledger_and_can_be_undone(
    database: Database, companies: tuple[CompanyRows, CompanyRows]
) -> None:
    line = ValueLine(2, "+17375550001", NOW.date(), LeadOutcome.WON, Decimal("12.34"), "USD")
    with database.writing() as session:
        company, person = session.get_one(Company, companies[0].company_id), make.user(session)
        [matched] = match([line], lead_calls(session, companies[0].company_id, [line.number]), 90, ZONE)
        assert matched.call is not None and person.id is not None
        call = session.get_one(Call, matched.call.call_id)
        lead = session.get_one(Lead, matched.call.lead_id)
        before = (lead.outcome, lead.value, lead.currency)
        apply(session, company, [matched], by=person.id)
        row = ledger.current(session, call.id or 0)
        assert row is not None and (row.value, row.outcome, row.made_by) == (line.value, LeadOutcome.WON, person.id)
        assert row.why == "line 2 of a file of values" and lead.outcome is LeadOutcome.WON
        correcting.undo(session, company, call, by=person.id)
        assert (lead.outcome, lead.value, lead.currency) == before
