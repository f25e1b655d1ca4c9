"""What a bot may send over a relay's websocket, read strictly: anything else is error 64107."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError


class _Message(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class Text(_Message):
    """Words to speak; `last` ends what belongs together."""

    type: Literal["text"]
    token: str
    last: bool = False
    lang: str | None = None
    interruptible: bool | None = None
    preemptible: bool | None = None


class Play(_Message):
    """A sound to play, `loop` times."""

    type: Literal["play"]
    source: str
    loop: int = Field(1, ge=0)
    interruptible: bool | None = None
    preemptible: bool | None = None


class SendDigits(_Message):
    """Keys to press towards the caller."""

    type: Literal["sendDigits"]
    digits: str = Field(pattern=r"^[0-9w#*]+$")


class Language(_Message):
    """Speak and hear another language from here on."""

    type: Literal["language"]
    tts_language: str | None = Field(None, alias="ttsLanguage")
    transcription_language: str | None = Field(None, alias="transcriptionLanguage")


class End(_Message):
    """The session is over; the call goes on at the action's address."""

    type: Literal["end"]
    handoff_data: str | None = Field(None, alias="handoffData")


Message = Text | Play | SendDigits | Language | End
_ADAPTER: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="type")])


def read(frame: str) -> Message:
    """A frame's message. Raises ValueError, whose text says what is wrong with it."""
    try:
        return _ADAPTER.validate_json(frame)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ValueError(f"{where}: {first['msg']}" if where else first["msg"]) from error
