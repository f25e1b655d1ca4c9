"""Webhooks as the carrier delivers them: signed, bounded in time and size, redirected, and tried again.

https://www.twilio.com/docs/voice/twiml#twilio-is-a-well-behaved-http-client and the pages of errors 11200 to 11750.
"""

import ssl
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from urllib.parse import urldefrag, urlencode, urljoin, urlsplit, urlunsplit

import httpx

from voicebot.simulator import connection
from voicebot.simulator.connection import Connection
from voicebot.simulator.signing import sign

USER_AGENT = "TwilioProxy/1.1"
MAX_REDIRECTS = 10
MAX_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Sent:
    """One webhook as sent, and what came back. `url` is the last address after redirects.

    `error` is the carrier's code, 0 when all was well; `status` 0 where nothing came back; `twiml` is the body.
    """

    url: str
    method: str
    params: Mapping[str, str]
    status: int = 0
    twiml: str = ""
    content_type: str = ""
    location: str | None = None
    error: int = 0
    failure: str = ""
    took_seconds: float = 0.0


@dataclass(slots=True)
class Courier:
    """Delivers one call's webhooks with the account's token; cookies are kept as the carrier keeps them, per call."""

    auth_token: str
    _client: httpx.Client | None = field(default=None, init=False)

    def deliver(self, url: str, params: Mapping[str, str], method: str = "POST", *, token: str = "") -> Sent:
        """Send, follow redirects, try again where the address's policy says so. Never raises for a bad receiver.

        `token` is the idempotency token: the same for each try of the same event.
        """
        began = time.monotonic()
        settings = connection.of_address(url)
        token = token or str(uuid.uuid4())
        for _ in range(MAX_REDIRECTS + 1):
            sent = self._try(url, params, method, token, settings, began)
            if sent.location is None or sent.error:
                return replace(sent, took_seconds=time.monotonic() - began)
            url = urljoin(url, sent.location)
            # Only 307 and 308 keep the method.
            method = method if sent.status in (307, 308) else "GET"
        return replace(sent, error=11215, took_seconds=time.monotonic() - began)

    def close(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            self._client.close()

    def _try(
        self, url: str, params: Mapping[str, str], method: str, token: str, settings: Connection, began: float
    ) -> Sent:
        for _ in range(settings.retries + 1):
            sent = self._once(url, params, method, token, settings, began)
            if not settings.tries_again(sent.failure):
                break
        return sent

    def _once(
        self, url: str, params: Mapping[str, str], method: str, token: str, settings: Connection, began: float
    ) -> Sent:
        empty = Sent(url, method, params)
        left = settings.total_seconds - (time.monotonic() - began)
        if left <= 0:
            return replace(empty, error=11205)
        try:
            request = self._request(url, params, method, token, settings, left)
            return self._answered(empty, request, began + settings.total_seconds)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return replace(empty, error=11205, failure="ct")
        except httpx.TimeoutException:
            return replace(empty, error=11205, failure="rt")
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            return replace(empty, error=11100)
        except httpx.HTTPError:
            return replace(empty, error=11206)

    def _request(
        self, url: str, params: Mapping[str, str], method: str, token: str, settings: Connection, left: float
    ) -> httpx.Request:
        target = _with_query(urldefrag(url).url, params if method == "GET" else {})
        read = min(settings.read_seconds, left)
        timeout = httpx.Timeout(read, connect=min(settings.connect_seconds, left))
        headers = {
            "User-Agent": USER_AGENT,
            "Accept": "*/*",
            "Accept-Encoding": "gzip",
            "X-Home-Region": "us1",
            "I-Twilio-Idempotency-Token": token,
            "X-Twilio-Signature": sign(target, params if method == "POST" else {}, self.auth_token),
        }
        body = None
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
            body = urlencode(params).encode()
        return self._http().build_request(method, target, content=body, headers=headers, timeout=timeout)

    def _answered(self, empty: Sent, request: httpx.Request, deadline: float) -> Sent:
        response = self._http().send(request, stream=True)
        try:
            body, too_long = _read(response, deadline)
        finally:
            response.close()
        location = response.headers.get("location") if response.is_redirect else None
        error = 11750 if too_long else 0 if response.is_success or location else 11200
        family = f"{response.status_code // 100}xx"
        return replace(
            empty,
            status=response.status_code,
            twiml=body.decode(response.encoding or "utf-8", "replace"),
            content_type=response.headers.get("content-type", "").partition(";")[0].strip().lower(),
            location=location,
            error=error,
            failure=family if family in ("4xx", "5xx") else "",
        )

    def _http(self) -> httpx.Client:
        if self._client is None:
            # A proxy of this machine's environment has no business between the network and the product, and a
            # connection kept open would fail when the product restarts between two webhooks of a call.
            limits = httpx.Limits(max_keepalive_connections=0)
            self._client = httpx.Client(trust_env=False, verify=_trust(), limits=limits)
        return self._client


@cache
def _trust() -> ssl.SSLContext:
    # Reading the system's certificates takes longer than a call's webhooks: once is enough.
    return ssl.create_default_context()


def _read(response: httpx.Response, deadline: float) -> tuple[bytes, bool]:
    """The body and whether it is too long. Raises httpx.ReadTimeout when it trickles past the deadline."""
    body = b""
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > MAX_BYTES:
            return body[:MAX_BYTES], True
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("the answer took longer than the carrier waits", request=response.request)
    return body, False


def _with_query(url: str, params: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode(params)) if part)
    return urlunsplit(parts._replace(query=query))
