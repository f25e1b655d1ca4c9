"""What the attributes of `<ConversationRelay>` and its children ask for.

https://www.twilio.com/docs/voice/twiml/connect/conversationrelay
"""

import xml.etree.ElementTree as ET
from dataclasses import dataclass

SPEECH, DTMF = "speech", "dtmf"
KINDS = {
    "none": frozenset[str](),
    "false": frozenset[str](),
    "any": frozenset({SPEECH, DTMF}),
    "true": frozenset({SPEECH, DTMF}),
    SPEECH: frozenset({SPEECH}),
    DTMF: frozenset({DTMF}),
}


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """How one relay behaves; kinds of input are `speech` and `dtmf`.

    `reports`: the kinds that the bot is told of while it speaks and cannot be interrupted by; `events`: the extra
    messages it asked for.
    """

    url: str
    greeting: str
    greeting_interruptible: frozenset[str]
    interruptible: frozenset[str]
    reports: frozenset[str]
    hears_keys: bool
    tells_partials: bool
    preemptible: bool
    events: frozenset[str]
    language: str
    parameters: dict[str, str]


def read(noun: ET.Element) -> RelaySettings:
    """The settings of an element; the carrier's defaults where it says nothing, or nothing that is known."""
    return RelaySettings(
        url=(noun.get("url") or "").strip(),
        greeting=(noun.get("welcomeGreeting") or "").strip(),
        greeting_interruptible=_kinds(noun, "welcomeGreetingInterruptible", "any"),
        interruptible=_kinds(noun, "interruptible", "any"),
        reports=_kinds(noun, "reportInputDuringAgentSpeech", "none"),
        hears_keys=noun.get("dtmfDetection") == "true",
        tells_partials=noun.get("partialPrompts") == "true",
        preemptible=noun.get("preemptible") == "true",
        events=frozenset(f"{noun.get('events', '')} {noun.get('debug', '')}".split()),
        language=noun.get("transcriptionLanguage") or noun.get("language") or "en-US",
        parameters={one.get("name", ""): one.get("value", "") for one in noun.iter("Parameter")},
    )


def _kinds(noun: ET.Element, attribute: str, usual: str) -> frozenset[str]:
    return KINDS.get(noun.get(attribute, usual).lower(), KINDS[usual])
