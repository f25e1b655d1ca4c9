"""Numbers over REST: searched, bought, configured, released, refused with the carrier's own codes; what they cost."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from twilio.rest import Client

from tests.unit.simulator import openapi
from tests.unit.simulator.receiver import ACCOUNT, NUMBER, TOKEN, Receiver, call
from tests.unit.simulator.rest import get, refusal
from voicebot.errors import VoicebotError
from voicebot.simulator.account import RestFaults
from voicebot.simulator.market import fits_pattern
from voicebot.simulator.network import Network


@pytest.fixture
def client(network: Network) -> Client:
    made = Client(ACCOUNT, TOKEN)
    made.api.base_url = made.pricing.base_url = network.base_url
    return made


def local(client: Client, country: str = "US", **filters: object) -> list[str]:
    return [one.phone_number for one in client.available_phone_numbers(country).local.list(**filters)]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"area_code": 512}, lambda one: one.startswith("+1512")),
        ({"contains": "512555011*"}, lambda one: one.startswith("+151255501")),
        ({"in_locality": "San Antonio"}, lambda one: one.startswith("+1210")),
        ({"in_region": "NY"}, lambda one: one.startswith("+1212")),
        ({"in_postal_code": "78664"}, lambda one: one.startswith("+1512")),
        ({"near_number": "+15125550110", "distance": 25}, lambda one: one[2:5] in ("512", "737")),
        ({"near_lat_long": "30.27,-97.74", "distance": 100}, lambda one: one[2:5] in ("512", "737", "210")),
        ({"in_lata": "358", "in_rate_center": "CHICAGOZN1"}, lambda one: one.startswith("+1312")),
    ],
)
def test_numbers_for_sale_are_found_by_place_and_pattern(
    client: Client, filters: dict[str, object], expected: Callable[[str], bool]
) -> None:
    found = local(client, **filters)
    assert found and all(map(expected, found))


def test_no_more_than_thirty_numbers_are_offered_and_none_where_there_are_none(client: Client) -> None:
    assert len(local(client)) == 30
    assert len(local(client, page_size=4, limit=4)) == 4
    assert local(client, area_code=999) == []


def test_toll_free_numbers_are_a_kind_of_their_own_and_are_nowhere(client: Client) -> None:
    found = client.available_phone_numbers("US").toll_free.list(contains="866")
    assert [one.phone_number[:5] for one in found] == ["+1866"] * 5
    assert (found[0].locality, found[0].friendly_name) == (None, "(866) 555-0110")
    assert refusal(lambda: client.available_phone_numbers("US").mobile.list())[1] == 20404


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [("5125550", True), ("+1512", True), ("+512", False), ("0110$", True), ("511$", False), ("512%0110", True),
     ("KL5", True), ("jkl0", True), ("512555****", True)],
)  # fmt: skip
def test_a_pattern_knows_digits_keypad_letters_and_wildcards(pattern: str, fits: bool) -> None:
    assert fits_pattern("+15125550110", pattern) is fits


@pytest.mark.parametrize("pattern", ["5", "5" * 17, "512-555", "ä512"])
def test_a_pattern_that_the_carrier_does_not_take_is_refused(client: Client, pattern: str) -> None:
    assert refusal(lambda: local(client, contains=pattern))[0] == 400


def test_a_bought_number_is_configured_in_one_step_and_rings_there(
    receiver: Receiver, network: Network, client: Client
) -> None:
    wanted = local(client, area_code=210)[0]
    bought = client.incoming_phone_numbers.create(
        phone_number=wanted,
        voice_url=f"{receiver.url}/bought",
        voice_method="POST",
        voice_fallback_url=f"{receiver.url}/fallback",
        status_callback=f"{receiver.url}/ended",
        friendly_name="Billboard on I-35",
    )
    assert (bought.phone_number, bought.friendly_name, bought.status_callback) == (
        wanted, "Billboard on I-35", f"{receiver.url}/ended",
    )  # fmt: skip
    call(network, to=wanted)
    assert [one.path for one in receiver.got] == ["/bought", "/ended"]
    assert wanted not in local(client, area_code=210)


def test_a_number_is_found_for_an_area_code(client: Client) -> None:
    assert client.incoming_phone_numbers.create(area_code="713").phone_number.startswith("+1713")
    assert client.incoming_phone_numbers.create(area_code="500").phone_number == "+15005550006"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"phone_number": "+15005550000"}, 21422),
        ({"phone_number": "+15005550001"}, 21421),
        ({"phone_number": "12"}, 21421),
        ({"phone_number": "+15129990000"}, 21422),
        ({"phone_number": NUMBER}, 21422),
        ({"area_code": "533"}, 21452),
        ({"phone_number": "+442079460010"}, 21631),
        ({"phone_number": "+442079460010", "address_sid": "AD" + "1" * 32}, 21649),
        ({"phone_number": "+15125550110", "voice_url": "calls.example.com"}, 21402),
        ({"phone_number": "+15125550110", "voice_method": "PATCH"}, 21403),
        ({}, 20001),
    ],
)
def test_what_cannot_be_bought_is_refused_with_the_carriers_code_and_costs_nothing(
    network: Network, client: Client, asked: dict[str, str], code: int
) -> None:
    assert refusal(lambda: client.incoming_phone_numbers.create(**asked)) == (400, code)
    assert list(network.account.numbers) == [NUMBER]


def test_a_number_that_somebody_else_was_quicker_to_buy_is_gone(network: Network, client: Client) -> None:
    wanted = local(client, area_code=214)[0]
    network.account.taken.add(wanted)
    assert refusal(lambda: client.incoming_phone_numbers.create(phone_number=wanted)) == (400, 21422)
    network.account.taken.clear()


def test_a_british_number_is_bought_with_address_and_bundle(client: Client) -> None:
    (first, *_) = local(client, "GB")
    papers = {"address_sid": "AD" + "1" * 32, "bundle_sid": "BU" + "1" * 32}
    assert client.incoming_phone_numbers.create(phone_number=first, **papers).bundle_sid == papers["bundle_sid"]
    assert local(client, "GB", exclude_all_address_required=True) == []


def test_a_released_number_is_for_sale_again_and_rings_nobody(network: Network, client: Client) -> None:
    wanted = local(client, area_code=415)[0]
    bought = client.incoming_phone_numbers.create(phone_number=wanted)
    assert bought.delete() is True
    assert wanted in local(client, area_code=415)
    assert refusal(lambda: bought.fetch()) == refusal(lambda: bought.delete()) == (404, 20404)
    with pytest.raises(VoicebotError, match="no number of the account"):
        call(network, to=wanted)


def test_a_number_on_a_trunk_or_application_is_not_asked_at_its_own_address(
    receiver: Receiver, network: Network, client: Client
) -> None:
    number = client.incoming_phone_numbers(network.account.numbers[NUMBER].sid)
    number.update(voice_application_sid="AP" + "1" * 32)
    trunked = number.update(trunk_sid="TK" + "1" * 32)
    assert (trunked.trunk_sid, trunked.voice_application_sid) == ("TK" + "1" * 32, None)
    assert (call(network).outcome, receiver.to("/voice")) == ("dropped", [])
    number.update(trunk_sid="")
    assert call(network).outcome == "ended"
    assert refusal(lambda: number.update(trunk_sid="TK1"))[0] == 400


def test_numbers_are_found_by_part_and_by_name(network: Network, client: Client) -> None:
    network.own("+15125550203").friendly_name = "Truck"
    listed = lambda **asked: [one.phone_number for one in client.incoming_phone_numbers.list(**asked)]  # noqa: E731
    assert listed(phone_number="512555020*") == listed(friendly_name="Truck") == ["+15125550203"]


def test_prices_are_told_by_country_and_kind(client: Client) -> None:
    numbers = client.pricing.v1.phone_numbers.countries("US").fetch()
    assert {one["number_type"]: Decimal(one["current_price"]) for one in numbers.phone_number_prices} == {
        "local": Decimal("1.15"), "toll free": Decimal("2.15"),
    }  # fmt: skip
    calls = client.pricing.v2.voice.countries("US").fetch()
    assert [one["number_type"] for one in calls.inbound_call_prices] == ["local", "toll free"]
    assert refusal(lambda: client.pricing.v2.voice.countries("ZZ").fetch()) == (404, 20404)


def test_requests_can_be_refused_as_too_many_and_fail_at_any_time(network: Network, client: Client) -> None:
    network.account.faults = RestFaults(too_many=1, server_errors=1)
    buy = lambda: client.incoming_phone_numbers.create(phone_number="+15125550110")  # noqa: E731
    assert refusal(buy) == (429, 20429)
    assert refusal(lambda: client.pricing.v2.voice.countries("US").fetch()) == (503, 20503)
    assert buy().phone_number == "+15125550110"


def test_answers_are_as_the_carriers_public_description_has_them(network: Network, client: Client) -> None:
    offered = get(network, "/AvailablePhoneNumbers/US/Local.json").json()
    assert set(offered) == {"available_phone_numbers", "uri"}
    free = get(network, "/AvailablePhoneNumbers/US/TollFree.json").json()
    for row in offered["available_phone_numbers"] + free["available_phone_numbers"]:
        assert openapi.faults(openapi.AVAILABLE, row) == []
    client.incoming_phone_numbers.create(area_code="512", voice_url="https://calls.example.com/voice")
    listed = get(network, "/IncomingPhoneNumbers.json").json()
    for row in listed.pop("incoming_phone_numbers"):
        assert openapi.faults(openapi.INCOMING, row) == []
    assert openapi.faults(openapi.PAGE, listed) == []
    assert openapi.faults(openapi.ACCOUNT, get(network, ".json").json()) == []
    for path, schema in (
        ("/v1/PhoneNumbers/Countries/US", openapi.NUMBER_PRICES), ("/v2/Voice/Countries/GB", openapi.CALL_PRICES),
    ):  # fmt: skip
        assert openapi.faults(schema, get(network, path, at="").json()) == []


def test_prices_too_are_given_to_the_account_alone(network: Network) -> None:
    for stranger in (None, (ACCOUNT, "wrong")):
        assert get(network, "/v2/Voice/Countries/US", auth=stranger, at="").status_code == 401
