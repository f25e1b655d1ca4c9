"""`voicebot numbers audit`: what is wrong with numbers, found and said with what to do, on both databases."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session, col, select
from typer.testing import CliRunner

from tests import factories as make
from tests.conftest import SettingsEnvironment
from voicebot.carrier import accounts
from voicebot.columns import utc_now
from voicebot.commands.numbers import FOUND, app
from voicebot.db import get_database
from voicebot.ivr.addresses import of_number
from voicebot.numbers import auditing
from voicebot.numbers.audit import Kind
from voicebot.settings import get_settings
from voicebot.simulator.network import Network
from voicebot.tables import Company, NumberAssignment, TrackingNumber
from voicebot.terms import Disposition

COMMAND = CliRunner()
Add = Callable[..., TrackingNumber]


@pytest.fixture
def company(installation: SettingsEnvironment) -> Company:
    with get_database().writing() as session:
        return make.company(session)


@pytest.fixture
def add(carrier: Network, company: Company) -> Add:
    """A number here with a campaign and a call of yesterday, at the carrier pointing here, unless told otherwise."""

    def number(
        digits: str, *, at_carrier: bool = True, calls: int = 1, campaign: bool = True, **columns: object
    ) -> TrackingNumber:
        e164, public = f"+1512555{digits}", get_settings().web.public_url
        if at_carrier:
            carrier.own(e164, *(f"{public}/webhooks/{kind}" for kind in ("voice", "fallback", "status")))
        with get_database().writing() as session:
            owner = session.get_one(Company, company.id)
            row = make.tracking_number(session, make.campaign(session, owner), number=e164, **columns)
            if not campaign:
                session.delete(held(session, row))
            for _ in range(calls):
                make.call(session, row, started_at=utc_now() - timedelta(days=1))
            return row

    return number


def held(session: Session, number: TrackingNumber) -> NumberAssignment:
    query = select(NumberAssignment).where(col(NumberAssignment.tracking_number_id) == number.id)
    return session.exec(query).one()


def audit(*options: str) -> tuple[int, dict[str, list[str]]]:
    """The exit status, and the kinds of findings by number."""
    done = COMMAND.invoke(app, ["audit", "--json", *options])
    found: dict[str, list[str]] = {}
    for one in json.loads(done.output):
        assert one["says"] and one["do"]
        found.setdefault(one["number"][-4:], []).append(one["kind"])
    return done.exit_code, found


def test_numbers_in_order_give_no_finding_and_status_0(add: Add) -> None:
    add("0101")
    add("0102", calls=0, rented_on=utc_now().date())
    assert audit() == (0, {})
    assert "Nothing is wrong" in COMMAND.invoke(app, ["audit"]).output


def test_every_fault_is_found_named_and_ends_with_a_status_of_its_own(add: Add, carrier: Network) -> None:
    for digits in ("0101", "0102", "0103", "0104"):
        add(digits)
    owned = carrier.account.numbers
    owned["+15125550101"].voice_url = ""
    owned["+15125550102"].voice_url = "https://elsewhere.example"
    owned["+15125550103"].voice_fallback_url = "https://elsewhere.example"
    owned["+15125550104"].trunk_sid = "TK" + "1" * 32
    owned["+15125550104"].status_callback = ""
    add("0105", campaign=False)
    ended = add("0106")
    with get_database().writing() as session:
        over = make.campaign(session, session.get_one(Company, ended.company_id), ends_on=make.STARTED)
        held(session, ended).campaign_id = over.id or 0
    add("0107", calls=0)
    add("0108", at_carrier=False)
    add("0109", released_on=utc_now().date())
    carrier.own("+15125550110")
    assert audit() == (
        FOUND,
        {
            "0101": ["no_address"], "0102": ["foreign_address"], "0103": ["wrong_fallback"],
            "0104": ["foreign_address", "wrong_status_callback"], "0105": ["no_campaign"], "0106": ["ended_campaign"],
            "0107": ["no_calls"], "0108": ["gone"], "0109": ["not_given_back"], "0110": ["not_registered"],
        },
    )  # fmt: skip
    shown = COMMAND.invoke(app, ["audit"]).output
    assert "+15125550101  has no voice address: callers hear an error\n    no_address: `voicebot numbers sync" in shown


@pytest.mark.parametrize(
    ("calls", "spam", "expected"), [(29, 29, False), (30, 9, False), (30, 15, True), (40, 20, True)]
)
def test_a_number_is_eaten_by_spam_when_its_share_is_surely_too_high_over_enough_calls(
    add: Add, calls: int, spam: int, expected: bool
) -> None:
    number = add("0101")
    with get_database().writing() as session:
        for index in range(calls):
            call = make.call(session, number, started_at=utc_now() - timedelta(days=2))
            make.verdict(session, call, disposition=Disposition.SPAM if index < spam else Disposition.NEW_LEAD)
    assert audit()[1] == ({"0101": ["spam"]} if expected else {})


def test_a_fallback_that_is_a_file_elsewhere_is_wanted_by_get_and_set_by_sync(
    product: None, add: Add, carrier: Network, installation: SettingsEnvironment
) -> None:
    add("0101")
    installation.set(WEB__FALLBACK_BASE_URL="https://files.example/fallback")
    assert audit()[1] == {"0101": ["wrong_fallback"]}
    COMMAND.invoke(app, ["sync", "--apply"], catch_exceptions=False)
    number = carrier.account.numbers["+15125550101"]
    assert (number.voice_fallback_url, number.voice_fallback_method) == (
        "https://files.example/fallback/15125550101.xml", "GET",
    )  # fmt: skip
    assert audit() == (0, {})


def test_calls_to_a_number_that_was_given_back_are_not_passed_over(add: Add) -> None:
    add("0101", at_carrier=False, released_on=utc_now().date() - timedelta(days=9), calls=2)
    assert audit()[1] == {"0101": ["called_after_release"]}


def test_a_carrier_that_cannot_be_asked_is_a_finding_and_the_rest_is_still_said(
    add: Add, installation: SettingsEnvironment
) -> None:
    add("0101", campaign=False)
    installation.set(CARRIER__AUTH_TOKEN="a-wrong-token")
    assert audit() == (FOUND, {"": ["not_compared"], "0101": ["no_campaign"]})
    installation.set(CARRIER__AUTH_TOKEN="")
    assert audit()[1] == {"": ["not_compared"], "0101": ["no_campaign"]}


def test_one_companys_audit_names_no_number_of_others_and_no_stranger_in_a_shared_account(
    add: Add, carrier: Network, company: Company
) -> None:
    add("0101", campaign=False)
    carrier.own("+15125550110")
    assert [one.kind for one in auditing.findings(of_number, company.id)] == [Kind.NO_CAMPAIGN, Kind.NOT_REGISTERED]
    with get_database().writing() as session:
        other = make.company(session)
    assert auditing.findings(of_number, other.id) == []
    assert [one.number for one in auditing.findings(of_number, company.id)] == ["+15125550101"]
    assert len(audit("--company", company.name)[1]) == 1


def test_a_company_with_an_account_of_its_own_is_compared_with_that(add: Add, company: Company) -> None:
    add("0101")
    with get_database().writing() as session:
        accounts.add(session, company.id or 0, "AC" + "6" * 32, "not-the-simulators")
    assert [one.kind for one in auditing.findings(of_number, company.id)] == [Kind.NOT_COMPARED]
