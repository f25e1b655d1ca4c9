"""A signed round trip to the public URL: the product must hear itself before any number is pointed at it."""

import ipaddress
import secrets
import ssl
from urllib.parse import urlsplit

import httpx
from twilio.request_validator import SIGNATURE_HEADER, RequestValidator

from voicebot.carrier.account import Account
from voicebot.errors import CarrierError

PATH = "/webhooks/ping"
SETTING = "VOICEBOT_WEB__PUBLIC_URL"
LOCAL_NAMES = (".localhost", ".local", ".internal", ".lan", ".home.arpa")


def check(account: Account, public_url: str) -> None:
    """Call `{public_url}/webhooks/ping` as the carrier would.

    The signed request must come back with its nonce and a wrongly signed one must be refused. Raises CarrierError
    saying in plain words what stands in the way.
    """
    _refuse_what_the_carrier_cannot_reach(account, public_url)
    url, nonce = f"{public_url}{PATH}", secrets.token_hex(8)
    # A blank field, as the carrier sends many: what drops it on the way breaks every signature.
    form = {"AccountSid": account.account_sid, "Nonce": nonce, "ToZip": ""}
    signature = RequestValidator(account.auth_token).compute_signature(url, form)
    _refuse_unless_echoed(url, _post(url, form, signature, account.timeout_seconds), nonce)
    if _post(url, form, "not-the-signature", account.timeout_seconds).status_code != 403:
        raise CarrierError(f"{url} accepts requests that the carrier did not sign: nothing was changed.")


def _refuse_what_the_carrier_cannot_reach(account: Account, public_url: str) -> None:
    """This machine reaches itself by addresses that mean nothing outside; a stand-in beside us reaches them too."""
    try:
        address = urlsplit(public_url)
        host, _ = (address.hostname or ""), address.port
    except ValueError as error:
        raise CarrierError(f"{SETTING} is {public_url!r}, which is no address.") from error
    if address.scheme not in ("http", "https") or not host:
        raise CarrierError(f"{SETTING} is {public_url!r}: it must begin with https:// and name a host.")
    if "_" in host:
        raise CarrierError(f"{SETTING} names the host {host}: the carrier calls no host with an underscore.")
    if _is_local(host) and not _is_local(urlsplit(account.api_base_url).hostname or ""):
        raise CarrierError(
            f"{SETTING} is {public_url}, which the carrier cannot reach: set it to this installation's public address."
        )


def _is_local(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.lower().rstrip(".").endswith(LOCAL_NAMES)


def _post(url: str, form: dict[str, str], signature: str, timeout_seconds: float) -> httpx.Response:
    try:
        return httpx.post(url, data=form, headers={SIGNATURE_HEADER: signature}, timeout=timeout_seconds)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise CarrierError(_unreachable(url, error), permanent=False) from error


def _unreachable(url: str, error: Exception) -> str:
    if isinstance(error, httpx.TimeoutException):
        return f"{url} did not answer in time: the carrier would give up on a caller as well."
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return f"{url} has no certificate that others trust ({cause.reason}): the carrier would refuse it too."
        cause = cause.__cause__ or cause.__context__
    return f"{url} cannot be reached ({type(error).__name__}): is the product running, and the tunnel up?"


def _refuse_unless_echoed(url: str, answer: httpx.Response, nonce: str) -> None:
    status = answer.status_code
    if status == 200 and _echo(answer) == nonce:
        return
    if status == 403:
        raise CarrierError(
            f"{url} refused a rightly signed request: the running product has another auth token or another {SETTING} "
            "than this command, or something in front of it keeps the carrier out."
        )
    if answer.is_redirect:
        target = answer.headers.get("location", "elsewhere")
        raise CarrierError(f"{url} redirects to {target}: set {SETTING} to the address that answers itself.")
    if status >= 500:
        raise CarrierError(
            f"{url} answered {status}: a tunnel or proxy is there and the product behind it is not.", permanent=False
        )
    raise CarrierError(f"{url} answered {status}, and not as Voicebot does: is it the right address?")


def _echo(answer: httpx.Response) -> object:
    try:
        document = answer.json()
    except ValueError:
        return None
    return document.get("voicebot") if isinstance(document, dict) else None
