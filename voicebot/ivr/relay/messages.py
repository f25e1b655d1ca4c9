"""The relay's websocket messages: what the carrier sends, read loosely, and what we send, written strictly. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from voicebot.ivr.addresses import sound_address
from voicebot.ivr.dialogue import Speech
from voicebot.ivr.flow.parts import without_markup


@dataclass(frozen=True, slots=True)
class Setup:
    """The first message of a session."""

    session_id: str
    call_sid: str
    account_sid: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the caller said; `last`: they are done."""

    text: str
    last: bool


@dataclass(frozen=True, slots=True)
class Key:
    """The caller pressed a key."""

    digit: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """The bot has been heard out, or was cut short by the caller: now the caller is waited for."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """The carrier could not use something that we sent."""

    description: str


Incoming = Setup | Prompt | Key | Spoken | Trouble


def read(frame: str) -> Incoming | None:
    """A frame as a message; None for one that says nothing to us, whatever it is."""
    try:
        fields = json.loads(frame)
    except ValueError:
        return None
    if not isinstance(fields, dict):
        return None
    match fields.get("type"):
        case "setup":
            return Setup(_text(fields, "sessionId"), _text(fields, "callSid"), _text(fields, "accountSid"))
        case "prompt":
            return Prompt(_text(fields, "voicePrompt"), fields.get("last", True) is not False)
        case "dtmf":
            return Key(_text(fields, "digit")[:1])
        case "interrupt":
            return Spoken()
        case "info" if fields.get("name") == "agentSpeaking" and fields.get("value") == "off":
            return Spoken()
        case "error":
            return Trouble(_text(fields, "description"))
    return None


def speech(says: Sequence[Speech], public_url: str) -> list[str]:
    """Frames that say these. The relay has one voice and no markup; recorded sounds are played."""
    frames = []
    for index, said in enumerate(says):
        last = index == len(says) - 1
        if said.sound:
            frames.append(_frame(type="play", source=sound_address(said.sound, public_url), interruptible=True))
            continue
        text = without_markup(said.text) if said.ssml else said.text
        frames.append(_frame(type="text", token=text + ("" if last else " "), last=last, lang=said.language))
    return frames


def language(tag: str) -> str:
    """The frame that changes the language of both ear and voice."""
    return _frame(type="language", ttsLanguage=tag, transcriptionLanguage=tag)


def end(reason: str) -> str:
    """The frame that hands the call back to its action."""
    return _frame(type="end", handoffData=json.dumps({"reason": reason}))


def _frame(**fields: Any) -> str:
    return json.dumps(fields, ensure_ascii=False)


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    return value[:2000] if isinstance(value, str) else ""
