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

from voicebot.simulator import connection, failures
from voicebot.simulator.connection import Connection
from voicebot.simulator.signing import Signer
from voicebot.simulator.switches import Failure

USER_AGENT = "TwilioProxy/1.1"
MAX_REDIRECTS = 10
MAX_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Sent:
    """One webhook as sent, and what came back. `url` is the last address after redirects.

    `error` is the carrier's code, 0 when all was well; `status` 0 where nothing came back; `twiml` is the body;
    `lost_seconds` of the scenario's time went by on a way that the network was told to spoil; `is_spoilt`: what came
    back is not what the product answered, if it was asked at all.
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
    lost_seconds: float = 0.0
    is_spoilt: bool = False


@dataclass(slots=True)
class _Errand:
    """One event on its way: what it says, how long it may take, and what is to go wrong."""

    params: Mapping[str, str]
    token: str
    settings: Connection
    failing: Failure | None
    lost: float
    began: float = field(default_factory=time.monotonic)
    tries: int = 0

    @property
    def left(self) -> float:
        """Seconds of the budget; what the network was told to lose counts as passed."""
        return self.settings.total_seconds - self.lost - (time.monotonic() - self.began)

    def strike(self) -> Failure | None:
        """The failure of this try, if it is to fail."""
        tries, self.tries = self.tries, self.tries + 1
        return self.failing if self.failing is not None and failures.strikes(self.failing, tries) else None


@dataclass(slots=True)
class Courier:
    """Delivers one call's webhooks with the account's token; cookies are kept as the carrier keeps them, per call."""

    signer: Signer
    _client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        # A proxy of this machine's environment has no business between the network and the product, and a
        # connection kept open would fail when the product restarts between two webhooks of a call.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._client = httpx.Client(trust_env=False, verify=trust(), limits=limits)

    def deliver(
        self,
        url: str,
        params: Mapping[str, str],
        method: str = "POST",
        *,
        token: str = "",
        failing: Failure | None = None,
        delay_seconds: float = 0.0,
    ) -> Sent:
        """Send, follow redirects, try again where the address's policy says so. Never raises for a bad receiver.

        `token` is the idempotency token: the same for each try of the same event. `failing` is what goes wrong on the
        way; the way takes `delay_seconds` of the carrier's patience.
        """
        errand = _Errand(params, token or str(uuid.uuid4()), connection.of_address(url), failing, delay_seconds)
        for _ in range(MAX_REDIRECTS + 1):
            sent = self._try(errand, url, method)
            if sent.location is None or sent.error:
                return self._done(errand, sent)
            url = urljoin(url, sent.location)
            # Only 307 and 308 keep the method.
            method = method if sent.status in (307, 308) else "GET"
        return self._done(errand, replace(sent, error=11215))

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _done(self, errand: _Errand, sent: Sent) -> Sent:
        lost = min(errand.lost, errand.settings.total_seconds)
        return replace(sent, took_seconds=time.monotonic() - errand.began, lost_seconds=lost)

    def _try(self, errand: _Errand, url: str, method: str) -> Sent:
        for _ in range(errand.settings.retries + 1):
            sent = self._once(errand, url, method)
            if not errand.settings.tries_again(sent.failure):
                break
        return sent

    def _once(self, errand: _Errand, url: str, method: str) -> Sent:
        empty = Sent(url, method, errand.params)
        if errand.left <= 0:
            return replace(empty, error=11205)
        failure = errand.strike()
        if failure is None:
            return self._really(errand, empty)
        if failure.kind == "answer_lost":
            self._really(errand, empty)
        sent, seconds = failures.stand_in(failure.kind, empty, errand.settings)
        errand.lost += seconds
        return replace(sent, is_spoilt=True)

    def _really(self, errand: _Errand, empty: Sent) -> Sent:
        try:
            request = self._request(errand, empty.url, empty.method)
            return self._answered(empty, request, time.monotonic() + errand.left)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return replace(empty, error=11205, failure="ct")
        except httpx.TimeoutException:
            return replace(empty, error=11205, failure="rt")
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            return replace(empty, error=11100)
        except httpx.HTTPError:
            return replace(empty, error=11206)

    def _request(self, errand: _Errand, url: str, method: str) -> httpx.Request:
        target = _with_query(urldefrag(url).url, errand.params if method == "GET" else {})
        read = min(errand.settings.read_seconds, errand.left)
        timeout = httpx.Timeout(read, connect=min(errand.settings.connect_seconds, errand.left))
        headers = {
            "User-Agent": USER_AGENT,
            "Accept": "*/*",
            "Accept-Encoding": "gzip",
            "X-Home-Region": "us1",
            "I-Twilio-Idempotency-Token": errand.token,
            **self.signer.headers(target, errand.params if method == "POST" else {}),
        }
        body = None
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
            body = urlencode(errand.params).encode()
        return self._client.build_request(method, target, content=body, headers=headers, timeout=timeout)

    def _answered(self, empty: Sent, request: httpx.Request, deadline: float) -> Sent:
        response = self._client.send(request, stream=True)
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


@cache
def trust() -> ssl.SSLContext:
    """The system's certificates. Reading them takes longer than a call's webhooks: once is enough."""
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
