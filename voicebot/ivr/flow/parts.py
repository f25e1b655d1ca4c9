"""The small parts that steps are made of: texts by language, keys, sources."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from voicebot import taxonomy
from voicebot.errors import InvalidInput

LONGEST_TEXT = 1000
LETTERS = re.compile(r"[a-z]{2}")
# What no XML document may hold.
UNSPEAKABLE = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# https://www.twilio.com/docs/voice/twiml/say/text-speech#ssml-tags
SSML_TAGS = frozenset({"break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"})


class Part(BaseModel):
    """Base of every part of a call flow: unknown keys are refused, nothing changes after parsing."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _text(value: Any) -> Any:
    texts = value if isinstance(value, Mapping) else {"en": value}
    if not texts:
        raise ValueError("a text by language needs at least one language")
    for language, text in texts.items():
        if not isinstance(language, str) or not LETTERS.fullmatch(language):
            raise ValueError(f"{language!r} is no language: write two letters, such as en or es")
        if not isinstance(text, str) or not 1 <= len(text) <= LONGEST_TEXT:
            raise ValueError(f"a text has 1 to {LONGEST_TEXT} characters")
        if UNSPEAKABLE.search(text):
            raise ValueError("a text holds no control characters")
    return value


# "Hello." for every caller, or {en: "Hello.", es: "Hola."}.
Words = Annotated[str | dict[str, str], BeforeValidator(_text)]


def _source(value: str) -> str:
    try:
        return taxonomy.source(value).id
    except InvalidInput as error:
        raise ValueError(str(error)) from error


SourceId = Annotated[str, AfterValidator(_source)]
Key = Annotated[str, Field(pattern=r"^[0-9*]$")]
BranchName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
# A name or sound file in the storage's `sounds/`, or an address that the carrier can fetch.
Sound = Annotated[str, Field(pattern=r"^(https://[^\s]+|[A-Za-z0-9][A-Za-z0-9_-]*\.(wav|mp3))$", max_length=500)]


def check_ssml(text: str) -> None:
    """Raise ValueError unless `text` is well-formed speech markup of the elements that the carrier knows."""
    try:
        root = _parsed(text)
    except ET.ParseError as error:
        raise ValueError(f"the speech markup is not well-formed: {error}") from error
    unknown = {element.tag for element in root.iter()} - SSML_TAGS - {"speak"}
    if unknown:
        raise ValueError(f"speech markup has no element {', '.join(sorted(unknown))}")


def without_markup(text: str) -> str:
    """The words of a text with speech markup."""
    return " ".join("".join(_parsed(text).itertext()).split())


def _parsed(text: str) -> ET.Element:
    return ET.fromstring(f"<speak>{text}</speak>")  # noqa: S314 - inside an element no entity can be declared
