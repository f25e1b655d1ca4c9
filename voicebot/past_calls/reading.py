"""An export of another call tracker, line by line. PURE: no database, no files but what it is given.

CallRail's export is known by its documented field names and by the headings of its CSV; any other by a map.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from voicebot import phone, taxonomy
from voicebot.errors import InvalidInput

# Our field: the headings that it has in exports, in small letters with single underscores.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "call_id", "resource_id"),
    "started_at": ("start_time", "start_date", "date", "called_at", "date_created"),
    "caller_number": ("customer_phone_number", "caller_number", "phone_number", "customer_number", "callernum"),
    "caller_name": ("customer_name", "caller_name", "name"),
    "tracking_number": ("tracking_phone_number", "tracking_number", "trackingnum", "number_dialed"),
    "destination": ("business_phone_number", "destination_number", "receiving_number", "destinationnum"),
    "source": ("source", "lead_source", "callsource"),
    "source_name": ("source_name", "number_name", "campaign_name", "tracking_label", "phone_name"),
    "duration": ("duration", "duration_seconds", "call_duration_seconds"),
    "answered": ("answered", "answer_status", "call_status"),
    "voicemail": ("voicemail",),
    "direction": ("direction",),
    "recording": ("recording", "recording_url", "audio", "recording_file"),
}
NEEDED = ("id", "started_at", "tracking_number", "source")
# What other trackers call sources, beside our own names for them.
SOURCES = {
    "google ads": "google_ads", "google_paid": "google_ads", "google adwords": "google_ads",
    "google paid": "google_ads", "google ad extension": "google_ads", "google organic": "google_organic",
    "google_organic": "google_organic", "google my business": "google_business_profile",
    "google_my_business": "google_business_profile", "google business profile": "google_business_profile",
    "google local services ads": "google_local_services", "bing organic": "bing", "bing paid": "bing",
    "microsoft ads": "bing", "bing": "bing", "yahoo organic": "other_search", "facebook": "facebook",
    "facebook paid": "facebook", "facebook ads": "facebook", "instagram": "instagram", "yelp": "yelp",
    "direct": "website", "website": "website", "billboard ad": "billboard", "billboard": "billboard",
    "print ad": "newspaper", "radio ad": "radio", "tv ad": "tv", "direct mail": "direct_mail",
    "referral": "friend_family",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PastCall:
    """One line, understood. `line` counts from 1 with the heading; numbers are E.164; `recording` names a file."""

    line: int
    foreign_id: str
    started_at: datetime
    caller_number: str | None
    caller_name: str
    tracking_number: str
    destination: str | None
    source: str
    campaign: str
    seconds: int | None
    answered: bool
    voicemail: bool
    recording: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that cannot be taken, and why."""

    line: int
    reason: str


@dataclass(frozen=True)
class Map:
    """`columns`: our field -> the file's heading; `sources`: the file's name of a source -> a leaf."""

    columns: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, document: object) -> "Map":
        """The map in a document. Raises InvalidInput for what it does not know, by its place."""
        found: Mapping[Any, Any] = document if isinstance(document, Mapping) else {str(document): None}
        for key, part in found.items():
            if key not in ("columns", "sources"):
                raise InvalidInput(f"{key!r} is no part of a map: it has `columns` and `sources`.")
            texts = isinstance(part, Mapping) and all(isinstance(one, str) for pair in part.items() for one in pair)
            if part is not None and not texts:
                raise InvalidInput(f"{key}: write pairs of text, such as `columns: {{id: Ref}}`.")
        return cls(dict(found.get("columns") or {}), dict(found.get("sources") or {})).checked()

    def checked(self) -> "Map":
        """The same. Raises InvalidInput for a field or a leaf that does not exist."""
        for name in self.columns:
            if name not in HEADINGS:
                raise InvalidInput(f"columns: {name!r} is no field. Fields: {', '.join(HEADINGS)}.")
        for leaf in self.sources.values():
            taxonomy.source(leaf)
        return self


def read(text: str, mapping: Map, zone: ZoneInfo) -> Iterator[PastCall | Fault]:
    """Every line as a call or a fault. Raises InvalidInput when a needed column is missing.

    In: `zone`, for times that carry no offset.
    """
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    places = _places(rows.fieldnames or (), mapping)
    for row in rows:
        values = {name: str(row.get(heading) or "").strip() for name, heading in places.items()}
        try:
            yield _call(rows.line_num, values, mapping, zone)
        except InvalidInput as error:
            yield Fault(rows.line_num, str(error))


def _places(headings: Iterable[str], mapping: Map) -> dict[str, str]:
    """Our field -> the heading in this file."""
    known = {_plain(heading): heading for heading in headings}
    found = {name: known[one] for name, names in HEADINGS.items() for one in reversed(names) if one in known}
    for name, heading in mapping.columns.items():
        if _plain(heading) not in known:
            raise InvalidInput(f"The file has no column {heading!r} for {name}.")
        found[name] = known[_plain(heading)]
    missing = [name for name in NEEDED if name not in found]
    if missing:
        raise InvalidInput(
            f"The file has no column for {', '.join(missing)}. Name it under `columns` in a map file (--map)."
        )
    return found


def _plain(heading: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", heading.strip().lower()).strip("_")


def _call(line: int, values: Mapping[str, str], mapping: Map, zone: ZoneInfo) -> PastCall:
    if not values["id"]:
        raise InvalidInput("There is no call id, so the call could be imported twice.")
    if values.get("direction", "").lower() == "outbound":
        raise InvalidInput("This is an outbound call; only inbound calls have a source.")
    name, status = values.get("source_name") or values["source"], values.get("answered", "true").lower()
    return PastCall(
        line=line,
        foreign_id=values["id"],
        started_at=_time(values["started_at"], zone),
        caller_number=_number(values.get("caller_number", "")),
        caller_name=values.get("caller_name", "")[:200],
        tracking_number=phone.parse_e164(values["tracking_number"]),
        destination=_number(values.get("destination", "")),
        source=_source(values["source"], values.get("source_name", ""), mapping),
        campaign=name[:190],
        seconds=_seconds(values.get("duration", "")),
        answered=status in ("true", "yes", "1", "answered", "answered call"),
        voicemail="voicemail" in status or values.get("voicemail", "").lower() in ("true", "yes", "1"),
        recording=values.get("recording", ""),
    )


def _source(text: str, name: str, mapping: Map) -> str:
    """The leaf for another tracker's source; the map file decides first."""
    given = {key.lower(): leaf for key, leaf in mapping.sources.items()}
    labels = {leaf.label.lower(): leaf.id for leaf in taxonomy.sources().values()}
    for word in (name.lower(), text.lower()):
        for known in (given, SOURCES, labels):
            if word in known:
                return known[word]
        if word in taxonomy.sources():
            return word
    raise InvalidInput(f"The source {text!r} is not known. Give it a leaf under `sources` in a map file (--map).")


def _time(text: str, zone: ZoneInfo) -> datetime:
    for shape in ("", *TIMES):
        try:
            found = datetime.strptime(text, shape) if shape else datetime.fromisoformat(text)  # noqa: DTZ007
        except ValueError:
            continue
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    raise InvalidInput(f"{text!r} is no time. Write it like 2026-11-23T14:05:00-06:00.")


TIMES = (
    "%Y-%m-%d %I:%M %p", "%Y-%m-%d %I:%M:%S %p", "%Y-%m-%d %H:%M:%S %z", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %H:%M",
    "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%y %I:%M %p", "%b %d, %Y %I:%M %p", "%b %d, %Y %I:%M:%S %p",
)  # fmt: skip


def _number(text: str) -> str | None:
    try:
        return phone.parse_e164(text) if text else None
    except InvalidInput:
        return None


def _seconds(text: str) -> int | None:
    """ "95" or "1:35" as seconds."""
    parts = text.split(":")
    if not text or not all(part.strip().isdigit() for part in parts):
        return None
    total = 0
    for part in parts:
        total = total * 60 + int(part)
    return total
