"""The addresses that the carrier is told, as plain path segments: proxies reorder and re-escape queries."""

from dataclasses import dataclass, replace

from voicebot.settings import get_settings

PREFIX = "/webhooks"
SOUNDS = "/sounds"
RELAY = "/relay"
# The webhook at the end of a forwarding outside the flow.
FALLBACK_DIAL = "fallback-dial"


@dataclass(frozen=True, slots=True)
class Addresses:
    """What a tracking number is configured with at the carrier; called by POST but for a fallback that is a file."""

    voice_url: str
    voice_fallback_url: str
    status_callback: str
    voice_fallback_method: str = "POST"


def addresses(public_url: str) -> Addresses:
    """The webhook addresses of an installation reached at `public_url` (no trailing slash)."""
    return Addresses(
        voice_url=f"{public_url}{PREFIX}/voice",
        voice_fallback_url=f"{public_url}{PREFIX}/fallback",
        status_callback=f"{public_url}{PREFIX}/status",
    )


def of_number(number: str) -> Addresses:
    """What this number, E.164, is to be configured with by the settings: `numbers buy`, `sync` and `audit` ask here."""
    web = get_settings().web
    usual = addresses(web.public_url)
    if not web.fallback_base_url:
        return usual
    # A file on another host, which answers with this whole machine gone; files are fetched by GET.
    fallback = f"{web.fallback_base_url}/{fallback_file(number)}"
    return replace(usual, voice_fallback_url=fallback, voice_fallback_method="GET")


def fallback_file(number: str) -> str:
    """The name of a number's static document: its digits."""
    return f"{number.lstrip('+')}.xml"


def sound_address(sound: str, public_url: str) -> str:
    """Where the carrier fetches a recorded prompt: `sound` as it stands, or by its name at this installation."""
    return sound if sound.startswith("https://") else f"{public_url}{SOUNDS}/{sound}"


def websocket_url(public_url: str, account_sid: str) -> str:
    """The relay's address, as it is signed: the account in the path says whose token signs the handshake."""
    scheme, _, rest = public_url.partition("://")
    return f"{'wss' if scheme == 'https' else 'ws'}://{rest}{PREFIX}{RELAY}/{account_sid}"
