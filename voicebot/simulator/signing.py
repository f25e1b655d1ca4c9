"""The carrier's signature, written from its documentation and not from its library.

https://www.twilio.com/docs/usage/security#validating-requests: the full address, then for a form each field's name and
value in order of the names, HMAC-SHA1 with the auth token, base64. For voice the port of an https address is left out
and the port of an http address kept; credentials and the fragment are never part of it. A websocket's address is signed
exactly as it was written. With a shared key it is HMAC-SHA256, and a header names the key and the algorithm.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

Algorithm = Literal["sha1", "sha256"]


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs with an auth token, or with a shared key and its id."""

    secret: str
    algorithm: Algorithm = "sha1"
    key_id: str = ""

    def headers(self, url: str, form: Mapping[str, str]) -> dict[str, str]:
        """The headers that vouch for a request; an empty form for GET and for a websocket."""
        headers = {"X-Twilio-Signature": sign(url, form, self.secret, self.algorithm)}
        if self.algorithm == "sha256":
            headers["X-Twilio-Webhooks-Signature-Settings"] = f"key={self.key_id},algorithm=HMAC_SHA256"
        return headers


def signed_address(url: str) -> str:
    """The address as it is signed."""
    parts = urlsplit(url)
    if parts.scheme in ("ws", "wss"):
        return url
    location = parts.netloc.rpartition("@")[2]
    if parts.scheme == "https":
        location = re.sub(r":\d*$", "", location)
    return urlunsplit((parts.scheme, location, parts.path, parts.query, ""))


def sign(url: str, form: Mapping[str, str], secret: str, algorithm: Algorithm = "sha1") -> str:
    """The value of X-Twilio-Signature for a posted form; an empty form for GET."""
    text = signed_address(url) + "".join(f"{name}{form[name]}" for name in sorted(form))
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), getattr(hashlib, algorithm)).digest()).decode(
        "ascii"
    )
