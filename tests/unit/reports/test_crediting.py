"""Where a lead's credit goes."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from voicebot import taxonomy
from voicebot.reports.crediting import (
    CampaignFacts,
    LeadFacts,
    Place,
    corrected_credit,
    places_of,
    tracked_credit,
)
from voicebot.terms import CreditModel, VerdictKind

DAY = date(2026, 11, 23)
BILLBOARD = CampaignFacts(1, "Billboard on I-35", "billboard", date(2026, 1, 1), None)
RADIO = CampaignFacts(2, "Radio spots", "radio", date(2026, 1, 1), None)
OVER = CampaignFacts(3, "Old flyers", "flyer", date(2025, 1, 1), date(2025, 12, 31))
GOOGLE = CampaignFacts(4, "Google", "google_unspecified", date(2026, 1, 1), None)
CAMPAIGNS = {campaign.id: campaign for campaign in (BILLBOARD, RADIO, OVER, GOOGLE)}
LAST, FIRST, SPLIT = CreditModel.LAST_TOUCH, CreditModel.FIRST_TOUCH, CreditModel.SPLIT


def lead(
    kind: VerdictKind, source: str | None, *touches: str, campaign_id: int | None = 1, won: str | None = None
) -> LeadFacts:
    value = Decimal(won) if won else None
    return LeadFacts(campaign_id, DAY, kind, source, touches or ((source,) if source else ()), value)


def test_a_confirmed_lead_stays_with_its_campaign() -> None:
    assert places_of(lead(VerdictKind.CONFIRMED, "billboard"), CAMPAIGNS, LAST) == {Place(1): 1.0}


def test_a_lead_without_a_source_stays_where_it_was_tracked() -> None:
    assert places_of(lead(VerdictKind.SILENT, None), CAMPAIGNS, LAST) == {Place(1): 1.0}


def test_a_corrected_lead_moves_to_the_running_campaign_of_its_source() -> None:
    assert places_of(lead(VerdictKind.CORRECTED, "radio"), CAMPAIGNS, LAST) == {Place(2): 1.0}


def test_a_corrected_lead_without_such_a_campaign_moves_to_the_source_itself() -> None:
    moved = places_of(lead(VerdictKind.CORRECTED, "friend_family"), CAMPAIGNS, LAST)
    assert moved == {Place(source="friend_family"): 1.0}


def test_a_campaign_that_was_over_gets_no_lead() -> None:
    assert places_of(lead(VerdictKind.CORRECTED, "flyer"), CAMPAIGNS, LAST) == {Place(source="flyer"): 1.0}


def test_a_narrower_source_of_the_same_kind_stays_with_the_campaign() -> None:
    found = places_of(lead(VerdictKind.CONFIRMED, "google_ads", campaign_id=4), CAMPAIGNS, LAST)
    assert found == {Place(4): 1.0}


def test_two_campaigns_of_the_source_share_the_lead_equally() -> None:
    second = CampaignFacts(5, "More radio", "radio", date(2026, 1, 1), None)
    found = places_of(lead(VerdictKind.CORRECTED, "radio"), {**CAMPAIGNS, 5: second}, LAST)
    assert found == {Place(2): 0.5, Place(5): 0.5}


def test_first_touch_credits_the_radio_that_came_before_the_billboard() -> None:
    journey = lead(VerdictKind.CONFLICT, "billboard", "radio", "billboard")
    assert places_of(journey, CAMPAIGNS, FIRST) == {Place(2): 1.0}
    assert places_of(journey, CAMPAIGNS, LAST) == {Place(1): 1.0}
    assert places_of(journey, CAMPAIGNS, SPLIT) == {Place(1): 0.5, Place(2): 0.5}


def test_values_follow_the_credit_and_none_stays_none() -> None:
    leads = [
        lead(VerdictKind.CONFIRMED, "billboard", won="1000"),
        lead(VerdictKind.CORRECTED, "radio", won="300"),
        lead(VerdictKind.SILENT, "billboard"),
    ]
    tracked, corrected = tracked_credit(leads), corrected_credit(leads, CAMPAIGNS, LAST)
    assert (tracked[Place(1)].leads, tracked[Place(1)].value_won) == (3, Decimal(1300))
    assert (corrected[Place(1)].leads, corrected[Place(1)].value_won) == (2, Decimal(1000))
    assert corrected[Place(2)].value_won == Decimal(300)
    assert corrected_credit(leads[2:], CAMPAIGNS, LAST)[Place(1)].value_won is None


LEAVES = st.sampled_from(sorted(taxonomy.sources()))
LEADS = st.lists(
    st.builds(
        LeadFacts,
        st.sampled_from([None, 1, 2, 3, 4]),
        st.just(DAY),
        st.sampled_from(VerdictKind),
        st.none() | LEAVES,
        st.lists(LEAVES, max_size=4).map(tuple),
        st.none() | st.decimals(Decimal(0), Decimal(10**5), places=2),
    )
)


@given(LEADS, st.sampled_from(CreditModel))
def test_correcting_moves_credit_and_never_makes_or_loses_any(leads: list[LeadFacts], model: CreditModel) -> None:
    tracked, corrected = tracked_credit(leads), corrected_credit(leads, CAMPAIGNS, model)
    for side in (tracked, corrected):
        assert abs(sum(credit.leads for credit in side.values()) - len(leads)) < 1e-6
    values = [sum((c.value_won or Decimal(0) for c in side.values()), Decimal(0)) for side in (tracked, corrected)]
    assert abs(values[0] - values[1]) < Decimal("0.01")
