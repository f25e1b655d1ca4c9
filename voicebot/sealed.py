"""Files that nobody can read without the installation's key: recordings that wait for redaction.

AES-256-GCM over chunks of a mebibyte by the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, "Online
Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", CRYPTO 2015): each chunk's nonce counts it and says
whether it is the last, so that chunks cannot be dropped, doubled, reordered or cut off unseen.
"""

import os
import struct
import tempfile
from collections.abc import Iterator
from typing import BinaryIO, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from voicebot.errors import StorageError

MAGIC = b"VBSEALED1"
PREFIX_BYTES = 7
CHUNK = 1 << 20
TAG_BYTES = 16


def seal(source: BinaryIO, target: BinaryIO, secret: str) -> None:
    """Write what `source` has left to `target`, encrypted under the installation's `secret`."""
    prefix = os.urandom(PREFIX_BYTES)
    cipher = _cipher(secret)
    target.write(MAGIC + prefix)
    chunk = source.read(CHUNK)
    count = 0
    while True:
        following = source.read(CHUNK) if len(chunk) == CHUNK else b""
        target.write(cipher.encrypt(_nonce(prefix, count, last=not following), chunk, None))
        if not following:
            return
        chunk, count = following, count + 1


def opened(source: BinaryIO, secret: str) -> BinaryIO:
    """The plain content as a file that can seek and that has no name on disk.

    Raises StorageError when the file is no sealed one, was changed, or was sealed under another key.
    """
    plain = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - the caller closes it
    try:
        for chunk in _chunks(source, secret):
            plain.write(chunk)
    except BaseException:
        plain.close()
        raise
    plain.seek(0)
    return plain


def _chunks(source: BinaryIO, secret: str) -> Iterator[bytes]:
    head = source.read(len(MAGIC) + PREFIX_BYTES)
    if len(head) != len(MAGIC) + PREFIX_BYTES or not head.startswith(MAGIC):
        raise StorageError("The file is not a sealed recording.")
    cipher, prefix, count = _cipher(secret), head[len(MAGIC) :], 0
    chunk = source.read(CHUNK + TAG_BYTES)
    while chunk:
        following = source.read(CHUNK + TAG_BYTES)
        try:
            yield cipher.decrypt(_nonce(prefix, count, last=not following), chunk, None)
        except InvalidTag as error:
            raise StorageError("The sealed recording was changed, cut off, or sealed under another key.") from error
        chunk, count = following, count + 1


def _nonce(prefix: bytes, count: int, *, last: bool) -> bytes:
    return prefix + struct.pack(">I?", count, last)


def _cipher(secret: str) -> AESGCM:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"voicebot sealed recordings").derive(secret.encode())
    return AESGCM(key)
