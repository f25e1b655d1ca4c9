"""What came back as a document to carry out, by its content type.

https://www.twilio.com/docs/voice/twiml#twilio-supported-mime-types; error codes 11750, 12100 and 12300 on their pages.
"""

import xml.etree.ElementTree as ET
from dataclasses import dataclass

from voicebot.simulator.delivery import Sent

XML_TYPES = ("text/xml", "application/xml", "text/html")


@dataclass(frozen=True, slots=True)
class Document:
    """A document, or `error`, the carrier's code for why there is none."""

    root: ET.Element
    error: int = 0


def read(sent: Sent) -> Document:
    """The document of an answer. Plain text that is no TwiML is read aloud, sound is played, and then it hangs up."""
    if sent.error:
        return _none(sent.error)
    if sent.content_type in XML_TYPES:
        return _parsed(sent.twiml)
    if sent.content_type == "text/plain":
        found = _parsed(sent.twiml)
        return found if not found.error else _one("Say", sent.twiml)
    if sent.content_type.startswith("audio/"):
        return _one("Play", sent.url)
    return _none(12300)


def _parsed(text: str) -> Document:
    try:
        # Only our own product's answers are read here, on the machine that it runs on.
        root = ET.fromstring(text)  # noqa: S314
    except (ET.ParseError, ValueError):
        return _none(12100)
    return Document(root) if root.tag == "Response" else _none(12100)


def _none(error: int) -> Document:
    return Document(ET.Element("Response"), error)


def _one(tag: str, text: str) -> Document:
    root = ET.Element("Response")
    ET.SubElement(root, tag).text = text
    return Document(root)
