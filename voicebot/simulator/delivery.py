"""Webhooks as the carrier delivers them: signed, bounded in time, redirected, retried, and refused where it would."""

import time
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urldefrag, urlencode, urljoin, urlsplit, urlunsplit

import httpx

from voicebot.simulator.signing import sign

USER_AGENT = "TwilioProxy/1.1"
BUDGET_SECONDS = 15.0
CONNECT_SECONDS = 5.0
MAX_REDIRECTS = 10
MAX_BYTES = 64 * 1024
XML_TYPES = ("text/xml", "application/xml", "text/html")


@dataclass(frozen=True, slots=True)
class Sent:
    """One webhook as sent, and what came back. `error` is the carrier's code, 0 when all was well."""

    url: str
    form: Mapping[str, str]
    status: int
    body: str
    error: int = 0
    took_seconds: float = 0.0

    def document(self) -> ET.Element:
        """The TwiML that came back; only where `error` is 0 and TwiML was asked for."""
        return ET.fromstring(self.body)  # noqa: S314 - our own product's answer, on this machine


@dataclass(slots=True)
class Line:
    """What one call's webhooks share: the account's token and the cookies that the carrier keeps per call."""

    auth_token: str
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)
    sent: list[Sent] = field(default_factory=list)

    def ask(self, url: str, form: Mapping[str, str], method: str = "POST") -> Sent:
        """Request a document: TwiML is expected back."""
        return self._keep(_checked(self._deliver(url, form, method)))

    def tell(self, url: str, form: Mapping[str, str], method: str = "POST") -> Sent:
        """Deliver a status callback: only its arrival matters."""
        return self._keep(self._deliver(url, form, method))

    def _keep(self, sent: Sent) -> Sent:
        self.sent.append(sent)
        return sent

    def _deliver(self, url: str, form: Mapping[str, str], method: str) -> Sent:
        began = time.monotonic()
        token = str(uuid.uuid4())
        for _ in range(MAX_REDIRECTS + 1):
            sent, location = self._once(url, form, method, token, began)
            if location is None:
                return sent
            url = urljoin(url, location)
            # Only 307 and 308 keep the method.
            method = method if sent.status in (307, 308) else "GET"
        return Sent(url, form, sent.status, "", error=11215, took_seconds=time.monotonic() - began)

    def _once(
        self, url: str, form: Mapping[str, str], method: str, token: str, began: float
    ) -> tuple[Sent, str | None]:
        # The fragment carries connection settings: it is neither sent nor signed.
        target = urldefrag(url).url
        if method == "GET":
            parts = urlsplit(target)
            query = "&".join(part for part in (parts.query, urlencode(form)) if part)
            target = urlunsplit(parts._replace(query=query))
        headers = {
            "User-Agent": USER_AGENT,
            "Accept": "*/*",
            "X-Home-Region": "us1",
            "I-Twilio-Idempotency-Token": token,
            "X-Twilio-Signature": sign(target, form if method == "POST" else {}, self.auth_token),
        }
        left = max(0.1, BUDGET_SECONDS - (time.monotonic() - began))
        timeout = httpx.Timeout(left, connect=min(CONNECT_SECONDS, left))
        try:
            # One retry, on connection failure only, is the carrier's default.
            with httpx.Client(transport=httpx.HTTPTransport(retries=1), timeout=timeout) as http:
                http.cookies = self.cookies
                response = http.request(method, target, data=dict(form) if method == "POST" else None, headers=headers)
                self.cookies.update(http.cookies)
        except httpx.TimeoutException:
            return Sent(url, form, 0, "", error=11205, took_seconds=time.monotonic() - began), None
        except (httpx.HTTPError, httpx.InvalidURL):
            return Sent(url, form, 0, "", error=11200, took_seconds=time.monotonic() - began), None
        took = time.monotonic() - began
        location = response.headers.get("location") if response.is_redirect else None
        error = 0 if response.is_success or location else 11200
        return Sent(url, form, response.status_code, response.text, error, took), location


def _checked(sent: Sent) -> Sent:
    """The carrier's own checks on a document, as error codes."""
    if sent.error:
        return sent
    if len(sent.body.encode()) > MAX_BYTES:
        return _refused(sent, 11750)
    try:
        root = ET.fromstring(sent.body)  # noqa: S314 - our own product's answer, on this machine
    except ET.ParseError:
        return _refused(sent, 12100)
    return sent if root.tag == "Response" else _refused(sent, 12100)


def _refused(sent: Sent, error: int) -> Sent:
    return Sent(sent.url, sent.form, sent.status, sent.body, error, sent.took_seconds)
