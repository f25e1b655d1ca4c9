"""The webhook signature against an implementation written here from the protocol's description."""

import base64
import hashlib
import hmac
import json
from urllib.parse import urlsplit, urlunsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.carrier.signature import verify

TOKEN = "12345"
URL = "https://calls.example.com/webhooks/voice"
FORM = [("CallSid", "CA1"), ("From", "+15125550142"), ("To", "+15125550101"), ("ToZip", ""), ("FromCity", "")]
SETTINGS = "X-Twilio-Webhooks-Signature-Settings"
SHA256 = {SETTINGS: "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"}

Form = list[tuple[str, str]]
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
forms = st.lists(st.tuples(texts, texts), max_size=8)


def sign(url: str, form: Form | None = None, token: str = TOKEN, algorithm: str = "sha1") -> str:
    """The address, then each name and value in order, every pair once, under the token."""
    text = url + "".join(name + value for name, value in sorted(set(form or [])))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), algorithm).digest()).decode()


def check(url: str, form: Form | None, signature: str, body: bytes = b"", **headers: str) -> bool:
    headers = {"X-Twilio-Signature": signature, **headers}
    return verify(url=url, form=form, body=body, headers=headers, auth_token=TOKEN)


def test_the_carriers_own_published_example_is_accepted() -> None:
    form = [("CallSid", "CA1234567890ABCDE"), ("Caller", "+14158675309"), ("Digits", "1234")]
    form += [("From", "+14158675309"), ("To", "+18005551212")]
    assert check("https://mycompany.com/myapp.php?foo=1&bar=2", form, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")


@given(forms, st.randoms())
def test_any_form_is_accepted_in_any_order_and_with_blank_and_repeated_fields(form: Form, random: object) -> None:
    signature = sign(URL, form)
    random.shuffle(form)  # type: ignore[attr-defined]
    assert check(URL, form, signature, b"a=b" if form else b"")


@given(forms, st.tuples(texts, texts.filter(bool)))
def test_a_field_more_than_was_signed_is_refused(form: Form, added: tuple[str, str]) -> None:
    grown = [*form, added]
    # Names and values are signed without a sign between them, so some other forms read the same.
    if sign(URL, grown) != sign(URL, form):
        assert not check(URL, grown, sign(URL, form))


def test_a_form_whose_blank_fields_were_dropped_on_the_way_is_refused() -> None:
    assert check(URL, FORM, sign(URL, FORM))
    assert not check(URL, [pair for pair in FORM if pair[1]], sign(URL, FORM))


@pytest.mark.parametrize(
    "called",
    [
        "https://calls.example.com/webhooks/voice/",
        "http://calls.example.com/webhooks/voice",
        "https://CALLS.example.com/webhooks/voice",
        "https://calls.example.com/webhooks/status",
        "https://calls.example.com/webhooks/voice?x=1",
    ],
)
def test_another_address_than_the_signed_one_is_refused(called: str) -> None:
    assert not check(called, FORM, sign(URL, FORM))


def test_the_query_is_signed_in_its_own_order() -> None:
    signature = sign(f"{URL}?b=2&a=%20x")
    assert check(f"{URL}?b=2&a=%20x", None, signature)
    assert not check(f"{URL}?a=%20x&b=2", None, signature)


def test_a_get_is_signed_by_its_address_alone() -> None:
    assert check(f"{URL}?CallSid=CA1", None, sign(f"{URL}?CallSid=CA1"))


@pytest.mark.parametrize(
    ("called", "signed"),
    [
        ("https://calls.example.com:8443/voice", "https://calls.example.com/voice"),
        ("https://calls.example.com:8443/voice", "https://calls.example.com:8443/voice"),
        ("https://calls.example.com/voice", "https://calls.example.com:443/voice"),
        ("http://calls.example.com:8080/voice", "http://calls.example.com:8080/voice"),
        ("https://me:pass@calls.example.com/voice", "https://calls.example.com/voice"),
        ("https://me:pass@calls.example.com:8443/voice", "https://calls.example.com/voice"),
        ("https://calls.example.com/voice#rc=2&rp=all", "https://calls.example.com/voice"),
        ("wss://calls.example.com/relay", "wss://calls.example.com/relay"),
    ],
)
def test_ports_may_be_dropped_and_users_and_fragments_always_are(called: str, signed: str) -> None:
    assert check(called, FORM, sign(signed, FORM))


@pytest.mark.parametrize("name", ["X-Twilio-Signature", "x-twilio-signature", "X-TWILIO-SIGNATURE"])
def test_the_header_is_found_however_it_is_written(name: str) -> None:
    headers = {name: sign(URL, FORM)}
    assert verify(url=URL, form=FORM, body=b"", headers=headers, auth_token=TOKEN)


def test_sha_256_is_checked_where_the_settings_header_names_it() -> None:
    signature = sign(URL, FORM, algorithm="sha256")
    assert check(URL, FORM, signature, **SHA256)
    assert not check(URL, FORM, signature)
    assert not check(URL, FORM, sign(URL, FORM), **SHA256)
    assert not check(URL, FORM, signature, **{SETTINGS: "algorithm=HMAC_MD5"})


def test_a_settings_header_without_an_algorithm_means_sha_1() -> None:
    assert check(URL, FORM, sign(URL, FORM), **{SETTINGS: "key=webhooks_sharedkey_1"})


@pytest.mark.parametrize("fields", [[], None])
def test_a_json_body_is_vouched_for_by_its_hash(fields: Form | None) -> None:
    body = json.dumps({"text": "Grüße"}, ensure_ascii=False).encode()
    url = f"{URL}?bodySHA256={hashlib.sha256(body).hexdigest()}"
    assert check(url, fields, sign(url), body)
    assert not check(url, fields, sign(url), body + b" ")
    assert not check(url, fields, sign(url), b"\xff\xfe")


def test_a_body_that_nothing_vouches_for_is_refused() -> None:
    assert not check(URL, None, sign(URL), b'{"CallSid": "CA1"}')
    assert not check(f"{URL}?bodySHA256=", [], sign(f"{URL}?bodySHA256="), b'{"CallSid": "CA1"}')


@pytest.mark.parametrize("signature", ["", "wrong", "é", sign(URL, FORM, token="another"), sign(URL, FORM)[:-1]])
def test_a_missing_or_wrong_signature_is_refused(signature: str) -> None:
    assert not check(URL, FORM, signature)


def test_nothing_is_accepted_without_a_token() -> None:
    headers = {"X-Twilio-Signature": sign(URL, FORM, token="")}
    assert not verify(url=URL, form=FORM, body=b"", headers=headers, auth_token="")


@given(st.text(max_size=40), st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5))) | st.none(), st.binary())
def test_garbage_is_refused_and_never_raises(url: str, form: Form | None, body: bytes) -> None:
    for address in (url, f"https://{url}", f"https://h:{url}/", f"https://h/?bodySHA256={url}"):
        assert not check(address, form, "AAAA", body, **{SETTINGS: url})


@given(st.sampled_from(["http", "https"]), st.integers(1, 65535), texts.map(lambda text: text.encode().hex()))
def test_the_full_address_with_its_port_is_always_accepted(scheme: str, port: int, path: str) -> None:
    url = urlunsplit((scheme, f"calls.example.com:{port}", f"/{path}", "", ""))
    assert urlsplit(url).port == port
    assert check(url, FORM, sign(url, FORM))
