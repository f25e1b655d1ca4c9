"""The addresses that the carrier is told, as plain path segments: proxies reorder and re-escape queries."""

from dataclasses import dataclass

PREFIX = "/webhooks"
SOUNDS = "/sounds"


@dataclass(frozen=True, slots=True)
class Addresses:
    """What a tracking number is configured with at the carrier; all three are called by POST."""

    voice_url: str
    voice_fallback_url: str
    status_callback: str


def addresses(public_url: str) -> Addresses:
    """The webhook addresses of an installation reached at `public_url` (no trailing slash)."""
    return Addresses(
        voice_url=f"{public_url}{PREFIX}/voice",
        voice_fallback_url=f"{public_url}{PREFIX}/fallback",
        status_callback=f"{public_url}{PREFIX}/status",
    )
