"""Whole calls as the requests that a carrier would send, signed and ready to be written to a socket."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from twilio.request_validator import RequestValidator

# As many tracking numbers as a small installation has.
NUMBERS = tuple(f"+1512555{number:04d}" for number in range(100, 110))
DESTINATION = "+15125550199"
ANSWERS = ("I saw your billboard", "on the radio", "my neighbor told me", "I googled you", "in the newspaper")

LEADS = ("", "um, ", "well, ", "I think ", "oh, ", "you know, ", "hi, ", "let me see, ")


@dataclass(frozen=True, slots=True)
class Shot:
    """One request as bytes, and a word that its answer must hold when all is well (empty: any answer will do)."""

    data: bytes
    holds: bytes


@dataclass(frozen=True, slots=True)
class Target:
    """Who is called: `public_url` is what the signatures are made for; the port is on this machine."""

    public_url: str
    port: int
    account_sid: str
    auth_token: str


def calls(target: Target, count: int, seed: int, *, is_ours: bool) -> list[list[Shot]]:
    """`count` answered calls of eight webhooks each, in the order in which a carrier sends them.

    Every call has a CallSid and a caller of its own, so that nothing is a repetition. `is_ours`: the answers must be
    those of our call flow.
    """
    chance = random.Random(seed)  # noqa: S311 - which words and numbers, not a secret
    validator = RequestValidator(target.auth_token)
    return [_call(target, validator, chance, is_ours=is_ours) for _ in range(count)]


def _call(target: Target, validator: RequestValidator, chance: random.Random, *, is_ours: bool) -> list[Shot]:
    call_sid = f"CA{chance.getrandbits(128):032x}"
    common = _common(target, call_sid, chance)
    events = _events(target, call_sid, chance)
    return [
        _shot(target, validator, path, common | fields, holds if is_ours else b"") for path, fields, holds in events
    ]


def _common(target: Target, call_sid: str, chance: random.Random) -> dict[str, str]:
    """What every request of a call says, blank fields included."""
    to, caller = chance.choice(NUMBERS), f"+1737{chance.randrange(2_000_000, 10_000_000)}"
    place = {"City": "AUSTIN", "State": "TX", "Zip": "78701", "Country": "US"}
    blank = {"City": "", "State": "TX", "Zip": "", "Country": "US"}
    return {
        "AccountSid": target.account_sid,
        "ApiVersion": "2010-04-01",
        "CallSid": call_sid,
        "CallStatus": "in-progress",
        "Direction": "inbound",
        "StirVerstat": "TN-Validation-Passed-A",
        "From": caller,
        "Caller": caller,
        "To": to,
        "Called": to,
        **{f"{side}{name}": value for side in ("From", "Caller") for name, value in place.items()},
        **{f"{side}{name}": value for side in ("To", "Called") for name, value in blank.items()},
    }


def _events(target: Target, call_sid: str, chance: random.Random) -> Iterator[tuple[str, dict[str, str], bytes]]:
    """Path, further fields and what the answer holds, for each webhook of an answered call."""
    leg_sid, recording_sid = f"CA{chance.getrandbits(128):032x}", f"RE{chance.getrandbits(128):032x}"
    said, seconds = chance.choice(LEADS) + chance.choice(ANSWERS), str(chance.randrange(20, 400))
    leg = {"CallSid": leg_sid, "ParentCallSid": call_sid, "Direction": "outbound-dial", "To": DESTINATION}
    progress = leg | {"CallbackSource": "call-progress-events"}
    yield "voice", {"CallStatus": "ringing"}, b"<Gather"
    yield "answer/source/0", {"SpeechResult": said, "Confidence": "0.93", "Language": "en-US"}, b"record="
    yield "agent-message", leg, b"<Response"
    yield "leg", progress | {"SequenceNumber": "2"}, b""
    yield "leg", progress | {"SequenceNumber": "3", "CallStatus": "completed", "CallDuration": seconds}, b""
    dialled = {"DialCallStatus": "completed", "DialCallSid": leg_sid, "DialCallDuration": seconds}
    yield "dial", dialled | {"DialBridged": "true"}, b"<Response"
    yield "status", {"CallStatus": "completed", "CallDuration": seconds, "Duration": "1"}, b""
    recording = {
        "RecordingSid": recording_sid,
        "RecordingStatus": "completed",
        "RecordingDuration": seconds,
        "RecordingChannels": "2",
        "RecordingSource": "DialVerb",
        "RecordingTrack": "both",
        "RecordingUrl": f"https://api.twilio.com/2010-04-01/Accounts/{target.account_sid}/Recordings/{recording_sid}",
        "RecordingStartTime": "Mon, 02 Mar 2026 15:30:00 +0000",
    }
    yield "recording", recording, b""


def _shot(target: Target, validator: RequestValidator, path: str, form: dict[str, str], holds: bytes) -> Shot:
    url = f"{target.public_url}/webhooks/{path}"
    body = urlencode(form).encode()
    head = (
        f"POST /webhooks/{path} HTTP/1.1\r\nHost: {urlsplit(target.public_url).netloc}\r\n"
        "User-Agent: TwilioProxy/1.1\r\nAccept: */*\r\nAccept-Encoding: gzip\r\nX-Home-Region: us1\r\n"
        f"I-Twilio-Idempotency-Token: {form['CallSid']}-{path}\r\n"
        f"X-Twilio-Signature: {validator.compute_signature(url, form)}\r\n"
        "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return Shot(head.encode() + body, holds)
