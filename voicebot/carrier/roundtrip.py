"""A signed round trip to the public URL: the product must hear itself before any number is pointed at it."""

import secrets

import httpx
from twilio.request_validator import SIGNATURE_HEADER, RequestValidator

from voicebot.carrier.account import Account
from voicebot.errors import CarrierError


def check(account: Account, public_url: str) -> None:
    """Call `{public_url}/webhooks/ping` as the carrier would.

    The signed request must come back with its nonce and a wrongly signed one must be refused. Raises CarrierError
    saying in plain words what stands in the way.
    """
    url, nonce = f"{public_url}/webhooks/ping", secrets.token_hex(8)
    form = {"AccountSid": account.account_sid, "Nonce": nonce}
    signature = RequestValidator(account.auth_token).compute_signature(url, form)
    answer = _post(url, form, signature, account.timeout_seconds)
    if answer.status_code == 403:
        raise CarrierError(
            f"{url} refused a rightly signed request: the running product has another auth token or another "
            "VOICEBOT_WEB__PUBLIC_URL than this command."
        )
    if answer.status_code != 200 or _echo(answer) != nonce:
        raise CarrierError(f"{url} answered {answer.status_code}, and not as Voicebot does: is it the right address?")
    if _post(url, form, "not-the-signature", account.timeout_seconds).status_code != 403:
        raise CarrierError(f"{url} accepts requests that the carrier did not sign: nothing was changed.")


def _post(url: str, form: dict[str, str], signature: str, timeout_seconds: float) -> httpx.Response:
    try:
        return httpx.post(url, data=form, headers={SIGNATURE_HEADER: signature}, timeout=timeout_seconds)
    except httpx.HTTPError as error:
        raise CarrierError(
            f"{url} cannot be reached ({type(error).__name__}): is the product running, and the tunnel up?",
            permanent=False,
        ) from error


def _echo(answer: httpx.Response) -> object:
    try:
        document = answer.json()
    except ValueError:
        return None
    return document.get("voicebot") if isinstance(document, dict) else None
