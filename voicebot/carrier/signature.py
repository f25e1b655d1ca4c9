"""Whether a webhook was signed by the carrier.

Protocol: https://www.twilio.com/docs/usage/security#validating-requests. SHA-1 with the primary auth token unless the
settings header names another algorithm; form fields sorted and appended, blank ones too; JSON bodies by `bodySHA256`;
ports kept or dropped.
"""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from twilio.request_validator import (
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
) -> bool:
    """Whether the signature header is right for this request. Never raises, whatever was sent.

    In: `url` as the carrier called it, with the query; `form`, the posted fields in any order, None for GET.
    """
    given = headers.get(SIGNATURE_HEADER) or headers.get(SIGNATURE_HEADER.lower())
    if not given or not auth_token:
        return False
    chosen = headers.get(SIGNATURE_SETTINGS_HEADER) or headers.get(SIGNATURE_SETTINGS_HEADER.lower())
    try:
        algorithm = get_signature_algorithm(chosen)
        validator = RequestValidator(auth_token)
        return bool(validator.validate(url, _signed_part(url, form, body), given, algorithm))
    except (ValueError, UnicodeError, TypeError, KeyError):
        return False


def _signed_part(url: str, form: Sequence[tuple[str, str]] | None, body: bytes) -> _Fields | str:
    if "bodySHA256=" in urlsplit(url).query:
        return body.decode("utf-8")
    fields = _Fields()
    for name, value in form or ():
        fields.setdefault(name, []).append(value)
    return fields
