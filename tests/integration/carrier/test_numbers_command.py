"""`voicebot numbers` against the simulated carrier and the product's own webhooks, on both databases."""

import base64
from collections.abc import Callable

import pytest
from sqlmodel import Session, col, select
from typer.testing import CliRunner, Result

from tests import factories as make
from tests.conftest import SettingsEnvironment
from tests.integration.carrier.conftest import SID, TOKEN, Serve
from tests.unit.carrier.loopback import Loopback, said
from voicebot.carrier import accounts
from voicebot.commands.numbers import app
from voicebot.db import get_database
from voicebot.errors import CarrierError, SettingsError
from voicebot.settings import get_settings
from voicebot.simulator.account import OwnedNumber
from voicebot.simulator.network import Network
from voicebot.tables import NumberAssignment, TrackingNumber

FIRST, SECOND, THIRD = "+15125550101", "+15125550102", "+15125550103"
OLD = "https://old.example/voice"
COMMAND = CliRunner()


def run(*arguments: str) -> Result:
    return COMMAND.invoke(app, list(arguments), catch_exceptions=False)


@pytest.fixture
def register(installation: SettingsEnvironment) -> Callable[..., TrackingNumber]:
    """Register numbers here, each under a campaign of its own."""

    def add(number: str, **columns: object) -> TrackingNumber:
        with get_database().writing() as session:
            return make.tracking_number(
                session, make.campaign(session, name=f"Campaign {number}"), number=number, **columns
            )

    return add


@pytest.fixture
def owned(carrier: Network, register: Callable[..., TrackingNumber]) -> OwnedNumber:
    """A number that is registered here and still points to another installation."""
    register(FIRST)
    number = carrier.own(FIRST, OLD, "https://old.example/fallback")
    number.voice_method = "GET"
    return number


def registered(session: Session, number: str) -> TrackingNumber:
    return session.exec(select(TrackingNumber).where(col(TrackingNumber.number) == number)).one()


def former(number: str) -> dict[str, str] | None:
    with get_database().reading() as session:
        return registered(session, number).former_addresses


def urls(number: OwnedNumber) -> tuple[str, str, str]:
    return number.voice_url, number.voice_fallback_url, number.status_callback


def ours() -> tuple[str, str, str]:
    public = get_settings().web.public_url
    return f"{public}/webhooks/voice", f"{public}/webhooks/fallback", f"{public}/webhooks/status"


def test_sync_shows_the_difference_and_changes_nothing(owned: OwnedNumber) -> None:
    before = urls(owned)
    shown = run("sync").output
    lines = [line.split() for line in shown.splitlines()]
    assert [FIRST, "voice_url", OLD, "->", ours()[0]] in lines
    assert [FIRST, "voice_method", "GET", "->", "POST"] in lines
    assert [FIRST, "status_callback", "(empty)", "->", ours()[2]] in lines
    assert "add --apply" in shown
    assert (urls(owned), former(FIRST)) == (before, None)


def test_sync_with_apply_points_the_number_here_and_remembers_what_it_had(product: None, owned: OwnedNumber) -> None:
    run("sync", "--apply")
    assert urls(owned) == ours()
    assert (owned.voice_method, owned.status_callback_method) == ("POST", "POST")
    assert former(FIRST) == {
        "voice_url": OLD,
        "voice_method": "GET",
        "voice_fallback_url": "https://old.example/fallback",
        "status_callback": "",
    }
    assert "No number differs." in run("sync").output


def test_numbers_that_are_not_registered_here_or_are_released_are_left_alone(
    product: None, carrier: Network, owned: OwnedNumber, register: Callable[..., TrackingNumber]
) -> None:
    register(THIRD, released_on=make.STARTED)
    strangers = [carrier.own(number, OLD) for number in (SECOND, THIRD)]
    shown = run("sync", "--apply").output
    assert [one.voice_url for one in strangers] == [OLD, OLD]
    assert SECOND not in shown and THIRD not in shown


def test_a_registered_number_that_the_account_has_not_is_reported(
    product: None, owned: OwnedNumber, register: Callable[..., TrackingNumber]
) -> None:
    register(SECOND)
    assert f"{SECOND}  is registered here and is not in the carrier account" in run("sync", "--apply").output
    assert urls(owned) == ours()


def test_sync_refuses_while_the_product_does_not_run(owned: OwnedNumber) -> None:
    with pytest.raises(CarrierError, match="is the product running"):
        run("sync", "--apply")
    assert (owned.voice_url, former(FIRST)) == (OLD, None)


def test_sync_refuses_when_the_running_product_has_another_token(
    installation: SettingsEnvironment, owned: OwnedNumber, serve: Serve
) -> None:
    serve(installation.set(CARRIER__AUTH_TOKEN="another-token"))
    installation.set(CARRIER__AUTH_TOKEN="a-token-of-the-tests")
    with pytest.raises(CarrierError, match="another auth token"):
        run("sync", "--apply")
    assert (owned.voice_url, former(FIRST)) == (OLD, None)


def test_sync_refuses_when_the_running_product_has_another_public_address(
    installation: SettingsEnvironment, owned: OwnedNumber, serve: Serve, public_port: int
) -> None:
    serve(installation.set(WEB__PUBLIC_URL="https://calls.example.com"))
    installation.set(WEB__PUBLIC_URL=f"http://127.0.0.1:{public_port}")
    with pytest.raises(CarrierError, match="VOICEBOT_WEB__PUBLIC_URL"):
        run("sync", "--apply")
    assert owned.voice_url == OLD


def test_sync_says_what_is_missing_without_credentials(installation: SettingsEnvironment, owned: OwnedNumber) -> None:
    installation.set(CARRIER__AUTH_TOKEN="")
    with pytest.raises(SettingsError, match="VOICEBOT_CARRIER__AUTH_TOKEN"):
        run("sync")


def test_sync_says_so_when_the_carrier_refuses_the_credentials(
    installation: SettingsEnvironment, owned: OwnedNumber
) -> None:
    installation.set(CARRIER__AUTH_TOKEN="a-wrong-token")
    with pytest.raises(CarrierError, match="primary auth token") as raised:
        run("sync")
    assert raised.value.code == 20003


def test_restore_puts_back_what_the_number_had_before_the_first_sync(
    product: None, owned: OwnedNumber, installation: SettingsEnvironment, public_port: int, serve: Serve
) -> None:
    before = (urls(owned), owned.voice_method)
    run("sync", "--apply")
    owned.voice_url = "https://changed-by-hand.example"
    run("sync", "--apply")
    assert "add --apply" in run("restore").output
    assert urls(owned) == ours()
    run("restore", "--apply")
    assert (urls(owned), owned.voice_method) == before
    assert former(FIRST) is None


def test_restore_leaves_alone_what_sync_never_changed(
    product: None, carrier: Network, owned: OwnedNumber, register: Callable[..., TrackingNumber]
) -> None:
    register(SECOND)
    always_ours = carrier.own(SECOND, *ours())
    run("sync", "--apply")
    run("restore", "--apply")
    assert urls(always_ours) == ours()
    assert former(SECOND) is None


def test_restore_keeps_the_memory_of_a_number_that_the_account_has_not_now(
    product: None, carrier: Network, owned: OwnedNumber
) -> None:
    run("sync", "--apply")
    taken = carrier.account.numbers.pop(FIRST)
    run("restore", "--apply")
    assert (former(FIRST) or {})["voice_url"] == OLD
    carrier.account.numbers[FIRST] = taken
    run("restore", "--apply")
    assert taken.voice_url == OLD


def test_one_number_that_the_carrier_refuses_does_not_keep_the_others_from_being_put_back(
    product: None, carrier: Network, owned: OwnedNumber, register: Callable[..., TrackingNumber]
) -> None:
    register(SECOND)
    other = carrier.own(SECOND, OLD)
    run("sync", "--apply")
    with get_database().writing() as session:
        registered(session, FIRST).former_addresses = {"voice_url": "no address"}
    refused = COMMAND.invoke(app, ["restore", "--apply"])
    assert isinstance(refused.exception, CarrierError)
    assert "1 of 2 numbers" in str(refused.exception) and f"{FIRST}  Carrier error 21402" in refused.output
    assert other.voice_url == OLD
    assert former(FIRST) == {"voice_url": "no address"}


def test_each_company_is_asked_for_in_its_own_account(
    installation: SettingsEnvironment, register: Callable[..., TrackingNumber]
) -> None:
    register(FIRST)
    theirs = register(SECOND)
    own_sid, own_token = "AC" + "6" * 32, "the-token-of-the-company"
    with get_database().writing() as session:
        accounts.add(session, theirs.company_id, own_sid, own_token)
    with Loopback(said({"incoming_phone_numbers": [], "uri": "/"})) as both:
        installation.set(CARRIER__API_BASE_URL=both.url)
        run("sync")
    asked = {got.path.split("/")[3]: got.headers["authorization"].removeprefix("Basic ") for got in both.got}
    assert {sid: base64.b64decode(given).decode() for sid, given in asked.items()} == {
        SID: f"{SID}:{TOKEN}",
        own_sid: f"{own_sid}:{own_token}",
    }


def test_list_shows_what_each_number_stands_for(
    register: Callable[..., TrackingNumber], installation: SettingsEnvironment
) -> None:
    register(FIRST, kind="toll_free")
    register(THIRD, released_on=make.STARTED)
    without_campaign = register(SECOND)
    with get_database().writing() as session:
        held = select(NumberAssignment).where(col(NumberAssignment.tracking_number_id) == without_campaign.id)
        session.exec(held).one().ends_at = make.RANG
    lines = [line.split("  ") for line in run("list").output.splitlines()]
    cells = [[cell.strip() for cell in line if cell.strip()] for line in lines]
    assert cells == [
        [FIRST, "toll_free", f"Campaign {FIRST}", "+15125550199"],
        [SECOND, "local", "(no campaign)", "+15125550199"],
    ]


@pytest.mark.parametrize("command", ["list", "sync", "restore"])
def test_without_any_number_the_commands_say_so(installation: SettingsEnvironment, command: str) -> None:
    assert "No tracking number is registered here" in run(command).output
