"""Number rent by the campaign a number stood for."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from voicebot.reports.costs import rent_of
from voicebot.reports.days import Days, cents
from voicebot.tables import NumberAssignment, TrackingNumber

ZONE = ZoneInfo("America/Chicago")
JUNE = Days(date(2026, 6, 1), date(2026, 6, 30))


def number(rented_on: date = date(2026, 1, 1), released_on: date | None = None) -> TrackingNumber:
    return TrackingNumber(
        company_id=1, number="+15125550100", destination_id=1, call_flow_id=1, monthly_rent=Decimal("3.00"),
        rented_on=rented_on, released_on=released_on,
    )  # fmt: skip


def stood_for(campaign_id: int, first: date, after: date | None) -> NumberAssignment:
    def local(day: date) -> datetime:
        return datetime(day.year, day.month, day.day, 10, tzinfo=ZONE).astimezone(UTC)

    return NumberAssignment(
        tracking_number_id=1, campaign_id=campaign_id, starts_at=local(first), ends_at=local(after) if after else None
    )


def shown(found: object) -> dict[int | None, str]:
    assert isinstance(found, dict)
    return {key: str(cents(amount)) for key, amount in found.items()}


def test_a_month_for_one_campaign_is_all_its_own() -> None:
    assert shown(rent_of(number(), [stood_for(7, date(2026, 1, 1), None)], JUNE, ZONE)) == {7: "3.00"}


def test_a_number_handed_over_mid_month_is_shared_by_days_without_overlap() -> None:
    handed = [stood_for(7, date(2026, 1, 1), date(2026, 6, 11)), stood_for(8, date(2026, 6, 11), None)]
    assert shown(rent_of(number(), handed, JUNE, ZONE)) == {7: "1.00", 8: "2.00"}


def test_days_on_which_it_stood_for_nothing_belong_to_no_campaign() -> None:
    assert shown(rent_of(number(), [stood_for(7, date(2026, 6, 21), None)], JUNE, ZONE)) == {7: "1.00", None: "2.00"}


def test_a_number_costs_nothing_before_it_is_rented_and_after_it_is_released() -> None:
    short = number(rented_on=date(2026, 6, 11), released_on=date(2026, 6, 21))
    assert shown(rent_of(short, [stood_for(7, date(2026, 1, 1), None)], JUNE, ZONE)) == {7: "1.00"}
    gone = number(released_on=date(2026, 5, 1))
    assert shown(rent_of(gone, [stood_for(7, date(2026, 1, 1), None)], JUNE, ZONE)) == {}
