"""A sealed file opens only whole, unchanged and with its key."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicebot import sealed
from voicebot.errors import StorageError


def seal(content: bytes, secret: str = "one") -> bytes:
    target = io.BytesIO()
    sealed.seal(io.BytesIO(content), target, secret)
    return target.getvalue()


@settings(max_examples=30)
@given(st.binary(max_size=200), st.sampled_from([0, 1, sealed.CHUNK - 1, sealed.CHUNK, 2 * sealed.CHUNK + 5]))
def test_what_was_sealed_opens_as_it_was(head: bytes, padding: int) -> None:
    content = head + bytes(padding)
    hidden = seal(content)
    assert len(head) < 16 or head.strip(b"\0") == b"" or head not in hidden
    with sealed.opened(io.BytesIO(hidden), "one") as plain:
        assert plain.read() == content


@pytest.mark.parametrize(
    "damage",
    [
        lambda hidden: hidden[:-1],
        lambda hidden: hidden[: len(sealed.MAGIC) + sealed.PREFIX_BYTES + sealed.CHUNK + sealed.TAG_BYTES],
        lambda hidden: hidden[:40] + bytes([hidden[40] ^ 1]) + hidden[41:],
        lambda hidden: b"RIFF" + hidden[4:],
        lambda _hidden: b"",
    ],
    ids=["a byte short", "the last chunk cut off", "a bit flipped", "another kind of file", "empty"],
)
def test_a_damaged_file_does_not_open(damage: object) -> None:
    hidden = seal(bytes(sealed.CHUNK + 100))
    with pytest.raises(StorageError):
        sealed.opened(io.BytesIO(damage(hidden)), "one")  # type: ignore[operator]


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(StorageError, match="another key"):
        sealed.opened(io.BytesIO(seal(b"four one one one")), "two")
