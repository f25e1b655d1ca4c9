"""The carrier's signature, written from its documentation and not from its library.

https://www.twilio.com/docs/usage/security#validating-requests: the full address, then for a form each field's name and
value in order of the names, HMAC-SHA1 with the auth token, base64. For voice the port of an https address is left out
and the port of an http address kept; credentials and the fragment are never part of it.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit


def signed_address(url: str) -> str:
    """The address as it is signed."""
    parts = urlsplit(url)
    location = parts.netloc.rpartition("@")[2]
    if parts.scheme == "https":
        location = re.sub(r":\d*$", "", location)
    return urlunsplit((parts.scheme, location, parts.path, parts.query, ""))


def sign(url: str, form: Mapping[str, str], auth_token: str) -> str:
    """The value of X-Twilio-Signature for a posted form; an empty form for GET."""
    text = signed_address(url) + "".join(f"{name}{form[name]}" for name in sorted(form))
    return base64.b64encode(hmac.new(auth_token.encode(), text.encode(), hashlib.sha1).digest()).decode("ascii")
