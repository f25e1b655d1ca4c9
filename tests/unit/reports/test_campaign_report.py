"""The report built from figures."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from voicebot.reports.campaign_report import Figures, Traffic, build
from voicebot.reports.crediting import CampaignFacts, Credit, Place
from voicebot.reports.days import Days
from voicebot.terms import CreditModel, VerdictKind

CAMPAIGN = CampaignFacts(1, "Billboard on I-35", "billboard", date(2026, 1, 1), None)
FIGURES = Figures(
    days=Days(date(2026, 11, 1), date(2026, 11, 30)),
    currency="USD",
    credit_model=CreditModel.LAST_TOUCH,
    minute_price=Decimal("0.024"),
    campaigns={1: CAMPAIGN},
    traffic={Place(1): Traffic(calls=10, answered=7, missed=3, minutes=100)},
    spend={Place(1): Decimal("996.455")},
    rent={Place(1): Decimal("1.15")},
    verdicts={Place(1): {VerdictKind.CONFIRMED: 20, VerdictKind.CORRECTED: 10}},
    tracked={Place(1): Credit(10, Decimal(4000))},
    corrected={Place(1): Credit(8, Decimal(2000)), Place(source="friend_family"): Credit(2, Decimal(2000))},
)


def test_costs_are_spend_rent_and_minutes_each_in_cents() -> None:
    row = build(FIGURES).rows[0]
    assert (row.spend, row.rent, row.minutes_cost) == (Decimal("996.46"), Decimal("1.15"), Decimal("2.40"))
    assert row.cost == Decimal("1000.01")


def test_both_sides_have_cost_per_lead_and_return() -> None:
    row = build(replace(FIGURES, spend={Place(1): Decimal("996.45")})).rows[0]
    assert (row.tracked.cost_per_lead, row.tracked.roi) == (Decimal("100.00"), Decimal("3.0000"))
    assert (row.corrected.cost_per_lead, row.corrected.roi) == (Decimal("125.00"), Decimal("1.0000"))


def test_a_source_without_a_campaign_has_leads_and_no_claim_about_costs() -> None:
    row = build(FIGURES).rows[1]
    assert (row.name, row.campaign_id, row.source) == ("Friend or family", None, "friend_family")
    assert row.corrected.leads == 2
    assert row.corrected.cost_per_lead is None
    assert row.corrected.roi is None


def test_without_values_there_is_no_return() -> None:
    row = build(replace(FIGURES, tracked={Place(1): Credit(10)})).rows[0]
    assert row.tracked.value_won is None
    assert row.tracked.roi is None


def test_a_loss_is_a_negative_return() -> None:
    row = build(replace(FIGURES, spend={Place(1): Decimal("996.45")}, tracked={Place(1): Credit(1, Decimal(500))}))
    assert row.rows[0].tracked.roi == Decimal("-0.5000")


def test_fewer_than_thirty_verdicts_on_leads_are_marked() -> None:
    assert not build(FIGURES).rows[0].sample_too_small
    few = replace(FIGURES, verdicts={Place(1): {VerdictKind.CONFIRMED: 29}})
    assert build(few).rows[0].sample_too_small


def test_a_campaign_that_ran_without_calls_is_shown() -> None:
    quiet = replace(FIGURES, traffic={}, spend={}, rent={}, verdicts={}, tracked={}, corrected={})
    assert [row.name for row in build(quiet).rows] == ["Billboard on I-35"]
    over = replace(CAMPAIGN, ends_on=date(2026, 10, 31))
    assert build(replace(quiet, campaigns={1: over})).rows == ()


def test_the_total_is_the_sum_of_what_the_rows_show() -> None:
    thirds = {Place(key): Decimal("10.005") for key in (1, 2, 3)}
    campaigns = {key: replace(CAMPAIGN, id=key, name=f"Campaign {key}") for key in (1, 2, 3)}
    report = build(replace(FIGURES, campaigns=campaigns, spend=thirds))
    assert report.total.spend == sum(row.spend for row in report.rows)
    assert report.total.cost == sum(row.cost for row in report.rows)
    assert report.total.tracked.leads == report.total.corrected.leads == 10
