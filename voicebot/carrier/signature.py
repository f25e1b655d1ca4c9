"""Whether a webhook was signed by the carrier.

Protocol: https://www.twilio.com/docs/usage/security#validating-requests. SHA-1 with the primary auth token unless the
settings header names another algorithm; form fields sorted and appended, blank ones too; JSON bodies by `bodySHA256`;
ports kept or dropped; user and fragment never signed.
"""

from collections.abc import Mapping, Sequence
from urllib.parse import SplitResult, parse_qs, urlsplit

from twilio.request_validator import (
    HMAC_SHA256,
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)


class _Fields(dict[str, list[str]]):
    """A form in the shape the carrier's library understands: all values of a repeated field."""

    def getall(self, name: str) -> list[str]:
        return self[name]


def verify(
    *,
    url: str,
    form: Sequence[tuple[str, str]] | None,
    body: bytes,
    headers: Mapping[str, str],
    auth_token: str,
    shared_key: str = "",
) -> bool:
    """Whether the signature header is right for this request. Never raises, whatever was sent.

    In: `url` as the carrier called it, with the query; `form`, the posted fields in any order, blank ones included,
    None for GET; `body` as received; `auth_token`, the account's primary one; `shared_key`, what the account signs
    SHA-256 with, where that is another secret.
    """
    signature = _header(headers, SIGNATURE_HEADER)
    if not signature or not auth_token:
        return False
    try:
        algorithm = get_signature_algorithm(_header(headers, SIGNATURE_SETTINGS_HEADER))
        address = _as_signed(urlsplit(url))
        signed = _signed_part(address, form, body)
        validator = RequestValidator(shared_key if shared_key and algorithm.upper() == HMAC_SHA256 else auth_token)
        return signed is not None and bool(validator.validate(address.geturl(), signed, signature, algorithm))
    # Addresses, bodies and headers that no carrier sends: what the library makes of them is not documented.
    except (ValueError, TypeError, LookupError, AttributeError):
        return False


def _header(headers: Mapping[str, str], name: str) -> str:
    found = headers.get(name) or headers.get(name.lower())
    return found or next((value for key, value in headers.items() if key.lower() == name.lower()), "")


def _as_signed(address: SplitResult) -> SplitResult:
    """The address without what the carrier takes off before it signs: user, password and fragment."""
    return address._replace(netloc=address.netloc.rpartition("@")[2], fragment="")


def _signed_part(address: SplitResult, form: Sequence[tuple[str, str]] | None, body: bytes) -> _Fields | str | None:
    """What is signed besides the address: fields, or a body by its hash; None for a body that nothing vouches for."""
    if "bodySHA256" in parse_qs(address.query):
        return body.decode("utf-8")
    if body and not form:
        return None
    fields = _Fields()
    for name, value in form or ():
        fields.setdefault(name, []).append(value)
    return fields
