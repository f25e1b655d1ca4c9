"""Numbers searched, bought and given back at the simulated carrier, by the commands, on both databases."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlmodel import col, select
from typer.testing import CliRunner, Result

from tests import factories as make
from tests.conftest import SettingsEnvironment
from tests.integration.carrier.conftest import SID, TOKEN
from tests.unit.carrier.loopback import Got, Loopback, Reply, refusal, said
from voicebot.carrier import numbers as carrier_numbers
from voicebot.carrier import offers, prices
from voicebot.carrier.account import Account
from voicebot.carrier.offers import Question
from voicebot.columns import utc_now
from voicebot.commands.numbers import app
from voicebot.db import get_database
from voicebot.errors import CarrierError, Conflict, InvalidInput, VoicebotError
from voicebot.ivr import flow, lookup
from voicebot.ivr.snapshot import Snapshot
from voicebot.settings import get_settings
from voicebot.simulator.market import MAGIC_GONE, MAGIC_INVALID
from voicebot.simulator.network import Network
from voicebot.tables import Campaign, Company, NumberAssignment, TrackingNumber

AUSTIN, TOLL_FREE, LONDON = "+15125550110", "+18665550110", "+442079460010"
COMMAND = CliRunner()


def run(*arguments: str, typed: str | None = None) -> Result:
    return COMMAND.invoke(app, list(arguments), input=typed, catch_exceptions=False)


@pytest.fixture
def company(installation: SettingsEnvironment) -> Company:
    """A company with one destination, one call flow and a campaign, and no number yet."""
    with get_database().writing() as session:
        made = make.company(session)
        make.campaign(session, made, name="Billboard")
        make.destination(session, made)
        make.call_flow(session, made, flow.shipped("Roofing"))
        return made


def rows() -> list[tuple[TrackingNumber, str | None]]:
    """Every number here with the campaign it stands for now."""
    with get_database().reading() as session:
        query = (
            select(TrackingNumber, Campaign.name)
            .outerjoin(NumberAssignment, col(NumberAssignment.tracking_number_id) == col(TrackingNumber.id))
            .outerjoin(Campaign, col(Campaign.id) == col(NumberAssignment.campaign_id))
        )
        return [(row, name) for row, name in session.exec(query)]


@pytest.mark.parametrize(
    ("options", "begins"),
    [
        (("--area-code", "512"), "+1512"),
        (("--city", "San Antonio", "--region", "tx"), "+1210"),
        (("--zip", "78664"), "+1512"),
        (("--pattern", "31255501**"), "+1312"),
        (("--near", "(512) 555-0110"), "+1"),
        (("--toll-free", "--area-code", "866"), "+1866"),
        (("--country", "gb"), "+44"),
    ],
)
def test_search_finds_by_place_and_pattern_and_shows_the_monthly_price(
    company: Company, options: tuple[str, ...], begins: str
) -> None:
    lines = run("search", *options, "--limit", "4").output.splitlines()
    assert 1 < len(lines) <= 5
    assert all(line.startswith(begins) for line in lines[:-1])
    assert lines[-1] == f"Each costs {'2.15' if '--toll-free' in options else '1.15'} USD a month."


def test_search_gives_programs_the_same_in_json(company: Company) -> None:
    found = json.loads(run("search", "--area-code", "512", "--limit", "2", "--json").output)
    assert found["price"] == {"monthly": "1.15", "currency": "USD", "note": ""}
    assert found["numbers"][0] == {
        "number": AUSTIN, "kind": "local", "city": "Austin", "region": "TX", "postal_code": "78701",
        "needs_address": False,
    }  # fmt: skip


def test_search_says_so_when_nothing_is_for_sale(company: Company) -> None:
    assert "None is for sale" in run("search", "--area-code", "907").output
    with pytest.raises(CarrierError, match="sells no local numbers in DE"):
        run("search", "--country", "DE")


@pytest.mark.parametrize(
    "question",
    [
        Question(area_code="51"),
        Question(contains="roof&leak"),
        Question(kind="toll_free", city="Austin"),
        Question(country="GB", area_code="512"),
    ],
)
def test_what_the_carrier_would_not_understand_is_refused_before_it_is_asked(question: Question) -> None:
    with pytest.raises(InvalidInput):
        question.filters()


def test_a_number_is_bought_configured_registered_and_assigned_in_one_step(
    product: None, carrier: Network, company: Company
) -> None:
    shown = run("buy", AUSTIN, "--campaign", "billboard", typed="y\n").output
    assert "(512) 555-0110 (+15125550110) costs 1.15 USD a month." in shown and "Buy it for" in shown
    bought, public = carrier.account.numbers[AUSTIN], get_settings().web.public_url
    assert (bought.voice_url, bought.voice_fallback_url, bought.status_callback) == (
        f"{public}/webhooks/voice", f"{public}/webhooks/fallback", f"{public}/webhooks/status",
    )  # fmt: skip
    ((row, campaign),) = rows()
    assert (row.number, row.company_id, row.kind, str(row.monthly_rent)) == (AUSTIN, company.id, "local", "1.15")
    assert campaign == "Billboard"
    assert "No number differs." in run("sync").output


def test_one_request_buys_and_configures(account: Account) -> None:
    wanted = {"voice_url": "https://calls.example/v", "voice_method": "POST", "trunk_sid": ""}
    row = {"sid": "PN" + "1" * 32, "phone_number": AUSTIN, "voice_url": "https://calls.example/v"}
    with Loopback(said(row, 201)) as carrier:
        carrier_numbers.buy(carrier.account(), AUSTIN, wanted, address_sid="AD1", bundle_sid="")
    (got,) = carrier.got
    assert dict(got.form) == {
        "PhoneNumber": AUSTIN, "VoiceUrl": "https://calls.example/v", "VoiceMethod": "POST", "AddressSid": "AD1",
    }  # fmt: skip


def test_a_toll_free_number_costs_its_own_price(product: None, carrier: Network, company: Company) -> None:
    run("buy", TOLL_FREE, "--campaign", "Billboard", "--yes")
    assert [(row.kind, str(row.monthly_rent)) for row, _ in rows()] == [("toll_free", "2.15")]


def test_nothing_is_bought_without_a_yes(product: None, carrier: Network, company: Company) -> None:
    assert run("buy", AUSTIN, "--campaign", "Billboard", typed="n\n").exit_code == 1
    assert (carrier.account.numbers, rows()) == ({}, [])


def test_nothing_is_bought_while_the_product_does_not_answer_at_its_public_address(
    carrier: Network, company: Company
) -> None:
    with pytest.raises(CarrierError, match="is the product running"):
        run("buy", AUSTIN, "--campaign", "Billboard", "--yes")
    assert carrier.account.numbers == {}


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        (MAGIC_GONE, 21422, "no longer available"),
        (MAGIC_INVALID, 21421, "not valid"),
        (LONDON, 21631, "--address-sid"),
    ],
)
def test_the_carriers_refusals_are_said_in_plain_words_with_its_code(
    product: None, carrier: Network, company: Company, number: str, code: int, words: str
) -> None:
    with pytest.raises(CarrierError, match=words) as raised:
        run("buy", number, "--campaign", "Billboard", "--yes")
    assert raised.value.code == code and str(code) in str(raised.value)
    assert rows() == []


def test_a_country_that_asks_for_papers_gets_them(product: None, carrier: Network, company: Company) -> None:
    address = ("--address-sid", "AD" + "0" * 32)
    with pytest.raises(CarrierError, match="--bundle-sid") as raised:
        run("buy", LONDON, "--campaign", "Billboard", "--yes", *address)
    assert raised.value.code == 21649
    run("buy", LONDON, "--campaign", "Billboard", "--yes", *address, "--bundle-sid", "BU" + "0" * 32)
    assert [row.number for row, _ in rows()] == [LONDON]


def test_too_many_requests_are_tried_again_since_they_were_never_processed(
    product: None, carrier: Network, company: Company
) -> None:
    carrier.account.faults.too_many = 3
    run("buy", AUSTIN, "--campaign", "Billboard", "--yes", "--monthly-rent", "1.00")
    assert list(carrier.account.numbers) == [AUSTIN]


def test_a_number_whose_purchase_was_not_confirmed_is_looked_for_and_not_bought_twice() -> None:
    row = {"sid": "PN" + "1" * 32, "phone_number": AUSTIN, "voice_url": ""}
    asked: list[str] = []

    def answer(got: Got) -> Reply:
        asked.append(f"{got.method} {'list' if 'PhoneNumbers.json' in got.path else 'one'}")
        return {
            "POST list": refusal(503), "GET list": said({"incoming_phone_numbers": [row], "uri": "/"}),
            "POST one": said(row | {"voice_url": "https://calls.example/v"}),
        }[asked[-1]]  # fmt: skip

    with Loopback(answer) as carrier:
        found = carrier_numbers.buy(carrier.account(), AUSTIN, {"voice_url": "https://calls.example/v"})
    assert found.number == AUSTIN
    assert asked == ["POST list", "GET list", "POST one"]


def test_a_number_that_was_bought_and_could_not_be_registered_is_never_forgotten(
    product: None, carrier: Network, company: Company
) -> None:
    with refusing_rows(), pytest.raises(VoicebotError) as raised:
        run("buy", AUSTIN, "--campaign", "Billboard", "--yes")
    assert "was bought and costs rent" in str(raised.value)
    assert f"numbers import {AUSTIN}" in str(raised.value)
    assert list(carrier.account.numbers) == [AUSTIN] and rows() == []


@contextmanager
def refusing_rows() -> Iterator[None]:
    """The database takes no row of a tracking number, as a full disk would not."""
    drop = "DROP TRIGGER full_disk" + ("" if get_database().is_sqlite else " ON tracking_number")
    made = "CREATE TRIGGER full_disk BEFORE INSERT ON tracking_number "
    if get_database().is_sqlite:
        made += "BEGIN SELECT RAISE(ABORT, 'full'); END"
    else:
        made = (
            "CREATE FUNCTION full_disk() RETURNS trigger AS $$ BEGIN RAISE 'full'; END $$ LANGUAGE plpgsql; "
            f"{made} FOR EACH ROW EXECUTE FUNCTION full_disk()"
        )
    with get_database().writing() as session:
        session.connection().exec_driver_sql(made)
    yield
    with get_database().writing() as session:
        session.connection().exec_driver_sql(drop)


def test_a_number_in_use_is_not_bought_again(product: None, carrier: Network, company: Company) -> None:
    run("buy", AUSTIN, "--campaign", "Billboard", "--yes")
    with pytest.raises(Conflict, match="registered here already"):
        run("buy", AUSTIN, "--campaign", "Billboard", "--yes")


def test_nothing_is_bought_for_a_campaign_that_is_over(product: None, carrier: Network, company: Company) -> None:
    with get_database().writing() as session:
        make.campaign(session, company, name="Fair", ends_on=make.STARTED)
    with pytest.raises(Conflict, match="Fair ended on 2026-01-01"):
        run("buy", AUSTIN, "--campaign", "Fair", "--yes")
    assert carrier.account.numbers == {}


def test_without_a_price_list_the_published_price_is_shown_with_why(account: Account) -> None:
    with Loopback(refusal(404, 20404)) as carrier:
        found = prices.monthly(carrier.account(), "US", offers.TOLL_FREE)
        unknown = prices.monthly(carrier.account(), "GB", offers.LOCAL)
    assert str(found).startswith(
        "2.15 USD a month (the published price of 2026; the carrier's price list cannot be had"
    )
    assert unknown.monthly is None and "an unknown price" in str(unknown)


def test_prices_come_from_the_carriers_own_host_and_no_region_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from voicebot.carrier.account import client

    monkeypatch.setenv("TWILIO_REGION", "au1")
    monkeypatch.setenv("TWILIO_EDGE", "sydney")
    assert client(Account(SID, TOKEN)).pricing.base_url == "https://pricing.twilio.com"
    listed = {
        "country": "United States", "iso_country": "US", "price_unit": "usd", "url": "",
        "phone_number_prices": [{"number_type": "local", "base_price": "1.15", "current_price": "1.00"}],
    }  # fmt: skip
    with Loopback(said(listed)) as carrier:
        assert str(prices.monthly(carrier.account(), "US", offers.LOCAL)) == "1.00 USD a month"
    assert carrier.got[0].path == "/v1/PhoneNumbers/Countries/US"


def test_a_released_number_is_gone_at_the_carrier_and_keeps_its_history_here(
    product: None, carrier: Network, company: Company
) -> None:
    run("buy", AUSTIN, "--campaign", "Billboard", "--yes")
    with get_database().writing() as session:
        make.call(session, session.get_one(TrackingNumber, rows()[0][0].id))
    assert "0 calls in the last 30 days" in run("release", AUSTIN, typed="n\n").output
    assert AUSTIN in carrier.account.numbers
    run("release", AUSTIN, "--yes")
    assert carrier.account.numbers == {}
    ((row, campaign),) = rows()
    assert row.released_on is not None and campaign == "Billboard"
    assert "did not have it any more" in run("release", AUSTIN, "--yes").output


def test_whoever_still_rings_on_a_released_number_reaches_the_business(
    product: None, carrier: Network, company: Company, tmp_path: Path
) -> None:
    run("buy", AUSTIN, "--campaign", "Billboard", "--yes")
    run("release", AUSTIN, "--yes")
    with get_database().reading() as session:
        dialled = lookup.dialled(session, AUSTIN, None, utc_now())
    assert dialled is not None and (dialled.destination, dialled.campaign_id) == ("+15125550199", None)
    snapshot = Snapshot(get_database(), tmp_path / "numbers.json", get_settings().carrier)
    snapshot.refresh()
    assert snapshot.destination(AUSTIN) == "+15125550199"


def test_a_number_that_was_released_can_be_bought_again_with_its_history(
    product: None, carrier: Network, company: Company
) -> None:
    run("buy", AUSTIN, "--campaign", "Billboard", "--yes")
    run("release", AUSTIN, "--yes")
    run("buy", AUSTIN, "--campaign", "Billboard", "--yes")
    assert [row.released_on for row, _ in rows()] == [None, None]


def test_while_the_carrier_does_not_take_a_number_back_it_stays_registered(
    product: None, carrier: Network, company: Company
) -> None:
    run("buy", AUSTIN, "--campaign", "Billboard", "--yes")
    carrier.account.faults.server_errors = 20
    with pytest.raises(CarrierError):
        run("release", AUSTIN, "--yes")
    assert rows()[0][0].released_on is None
