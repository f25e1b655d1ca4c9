"""Spans of days and money spread over them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.errors import InvalidInput
from voicebot.reports.days import Days, cents, local_day, minutes_cost, rent, spread, zone_of

CHICAGO = ZoneInfo("America/Chicago")
DAY = st.dates(date(2020, 1, 1), date(2030, 12, 31))
SPAN = st.tuples(DAY, st.integers(0, 400)).map(lambda pair: Days(pair[0], pair[0] + timedelta(days=pair[1])))
AMOUNT = st.decimals(Decimal(0), Decimal(10**6), places=2)


def test_a_day_begins_at_midnight_in_the_companys_zone() -> None:
    start, end = Days(date(2026, 11, 23), date(2026, 11, 23)).bounds(CHICAGO)
    assert start == datetime(2026, 11, 23, 6, tzinfo=UTC)
    assert end == datetime(2026, 11, 24, 6, tzinfo=UTC)


def test_the_day_the_clocks_go_back_has_25_hours() -> None:
    start, end = Days(date(2026, 11, 1), date(2026, 11, 1)).bounds(CHICAGO)
    assert end - start == timedelta(hours=25)


def test_a_call_before_midnight_utc_belongs_to_the_local_day() -> None:
    assert local_day(datetime(2026, 11, 24, 4, tzinfo=UTC), CHICAGO) == date(2026, 11, 23)


def test_a_span_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(InvalidInput, match="before the first"):
        Days(date(2026, 2, 2), date(2026, 2, 1))


def test_an_unknown_time_zone_is_named() -> None:
    with pytest.raises(InvalidInput, match="Mars/Base"):
        zone_of("Mars/Base")


def test_half_of_the_days_carry_half_of_the_spend() -> None:
    june = Days(date(2026, 6, 1), date(2026, 6, 30))
    assert spread(Decimal(900), june, Days(date(2026, 6, 16), date(2026, 7, 31))) == Decimal(450)


@given(SPAN, AMOUNT, st.integers(0, 400))
def test_spend_cut_at_any_day_adds_up_to_itself(over: Days, amount: Decimal, cut: int) -> None:
    middle = over.first + timedelta(days=cut)
    before = Days(over.first - timedelta(days=5), middle)
    after = Days(middle + timedelta(days=1), max(over.last, middle + timedelta(days=1)))
    assert cents(spread(amount, over, before) + spread(amount, over, after)) == cents(amount)


def test_a_whole_month_costs_the_monthly_rent_whatever_its_length() -> None:
    for month, last in ((2, 28), (4, 30), (12, 31)):
        whole = Days(date(2026, month, 1), date(2026, month, last))
        assert cents(rent(Decimal("1.15"), whole, whole)) == Decimal("1.15")


def test_a_number_rented_on_the_16th_costs_half_of_june() -> None:
    rented = Days(date(2026, 6, 16), date.max)
    assert cents(rent(Decimal("3.00"), rented, Days(date(2026, 6, 1), date(2026, 6, 30)))) == Decimal("1.50")


@given(SPAN, SPAN, AMOUNT)
def test_rent_is_never_negative_and_never_beyond_its_months(rented: Days, within: Days, monthly: Decimal) -> None:
    months = Decimal(len(within)) / 28 + 1
    assert Decimal(0) <= rent(monthly, rented, within) <= monthly * months


@pytest.mark.parametrize(("seconds", "minutes"), [(None, 0), (0, 0), (1, 1), (60, 1), (61, 2), (3600, 60)])
def test_every_started_minute_is_billed(seconds: int | None, minutes: int) -> None:
    assert minutes_cost(seconds, Decimal("0.024")) == Decimal("0.024") * minutes
