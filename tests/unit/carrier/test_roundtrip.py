"""The signed round trip: what it accepts, and in which words it says what stands in the way."""

import base64
import hashlib
import hmac
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.unit.carrier.loopback import SID, TOKEN, Got, Loopback, Reply, said
from voicebot.carrier.account import Account
from voicebot.carrier.roundtrip import check
from voicebot.errors import CarrierError


class Product(Loopback):
    """The other end: answers the nonce to who signs for its own address with its own token."""

    def __init__(self, token: str = TOKEN) -> None:
        super().__init__(self.answer)
        self.token = token

    def answer(self, got: Got) -> Reply:
        text = self.url + got.path + "".join(name + value for name, value in sorted(got.form))
        right = base64.b64encode(hmac.new(self.token.encode(), text.encode(), hashlib.sha1).digest()).decode()
        if got.headers["x-twilio-signature"] != right:
            return Reply(status=403)
        return said({"voicebot": dict(got.form)["Nonce"]})


def fault(reply: Reply, timeout_seconds: float = 5.0) -> CarrierError:
    with Loopback(reply) as other, pytest.raises(CarrierError) as raised:
        check(other.account(timeout_seconds), other.url)
    return raised.value


def test_a_product_that_answers_the_signed_and_refuses_the_unsigned_passes() -> None:
    with Product() as product:
        check(product.account(), product.url)
    first, second = product.got
    assert (first.method, first.path, second.path) == ("POST", "/webhooks/ping", "/webhooks/ping")
    assert dict(first.form)["AccountSid"] == SID


def test_each_round_trip_has_a_nonce_of_its_own() -> None:
    with Product() as product:
        check(product.account(), product.url)
        check(product.account(), product.url)
    assert len({dict(got.form)["Nonce"] for got in product.got}) == 2


def test_a_product_with_another_token_is_told_from_other_faults() -> None:
    with Product(token="another") as product, pytest.raises(CarrierError, match="another auth token") as raised:
        check(product.account(), product.url)
    assert raised.value.permanent


def test_a_product_that_accepts_whatever_comes_is_refused() -> None:
    with (
        Loopback(lambda got: said({"voicebot": dict(got.form)["Nonce"]})) as product,
        pytest.raises(CarrierError, match="did not sign"),
    ):
        check(product.account(), product.url)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(b"<html>Hello</html>"), "not as Voicebot does"),
        (Reply(json.dumps({"voicebot": "another"}).encode()), "not as Voicebot does"),
        (Reply(b"[]"), "not as Voicebot does"),
        (Reply(status=404), "right address"),
        (Reply(status=301, headers={"Location": "https://www.example.com/"}), "redirects to https://www.example.com/"),
        (Reply(status=502), "the product behind it is not"),
        (Reply(status=530), "the product behind it is not"),
    ],
)
def test_what_is_wrong_is_said(reply: Reply, words: str) -> None:
    assert words in str(fault(reply))


def test_a_product_slower_than_the_carrier_would_wait_is_refused() -> None:
    error = fault(Reply(waits=1.0), timeout_seconds=0.1)
    assert "in time" in str(error) and not error.permanent


def test_a_product_that_does_not_run_is_said_to_be_out_of_reach() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        with pytest.raises(CarrierError, match="is the product running") as raised:
            check(Account(SID, TOKEN, url), url)
    assert not raised.value.permanent


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000", "http://localhost:8000", "https://192.168.1.7", "https://10.0.0.1", "http://[::1]:8000",
        "https://voicebot.local", "https://server", "http://0.0.0.0:8000",
    ],
)  # fmt: skip
def test_an_address_that_only_this_machine_can_reach_is_refused_at_the_real_carrier(url: str) -> None:
    with pytest.raises(CarrierError, match="cannot reach"):
        check(Account(SID, TOKEN), url)


@pytest.mark.parametrize("url", ["", "calls.example.com", "ftp://calls.example.com", "https://[bad", "https://h:99999"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(CarrierError, match="VOICEBOT_WEB__PUBLIC_URL"):
        check(Account(SID, TOKEN), url)


def test_a_host_with_an_underscore_is_refused() -> None:
    with pytest.raises(CarrierError, match="underscore"):
        check(Account(SID, TOKEN), "https://my_calls.example.com")


def certificate_and_key() -> bytes:
    """For `localhost`, signed by itself, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return made.public_bytes(serialization.Encoding.PEM) + pem


@pytest.fixture
def self_signed(tmp_path: Path) -> Iterator[str]:
    """The address of a server whose certificate nobody vouches for."""
    path = tmp_path / "server.pem"
    path.write_bytes(certificate_and_key())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"https://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_certificate_that_nobody_trusts_is_named(self_signed: str) -> None:
    with pytest.raises(CarrierError, match="certificate"):
        check(Account(SID, TOKEN, self_signed), self_signed)
