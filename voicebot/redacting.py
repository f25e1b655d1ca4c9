"""Recordings of companies that redact: sealed from the moment they arrive until nothing in them must be hidden.

1. `keep` stores what was fetched, sealed when the company redacts, and reads it back to be sure of it.
2. `audio` opens a recording for the engine, sealed or not; nobody else opens a sealed one.
3. `clean` finds what must not be kept, covers it in the sound, stores that, and gives the text without it.
4. `forget` deletes the sealed copy once the clean one stands in the database.
"""

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from voicebot import keys, sealed
from voicebot.errors import StorageError
from voicebot.storage import CHUNK, Storage, Stored
from voicebot.tables import Company, Recording
from voicebot.transcribe.channels import SPEAKERS
from voicebot.transcribe.redact import Category, Finding, chosen, find, redacted
from voicebot.transcribe.redact.sound import keys_pressed, tone_over
from voicebot.transcribe.transcript import Utterance, Word

SUFFIX = ".sealed"
# Between two keys of one number.
KEYS_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Clean:
    """A recording without what must not be kept: its text, its stored sound, and what was taken out when."""

    utterances: tuple[Utterance, ...]
    stored: Stored
    redactions: list[dict[str, Any]]


def categories(company: Company) -> frozenset[Category]:
    """What this company redacts; nothing when it does not."""
    return chosen(company.redacts, company.redacted_categories)


def deletes_carrier_copy(company: Company) -> bool:
    """Whether the carrier's copy goes once ours is verified: with redaction, unless the company says otherwise."""
    return company.redacts if company.deletes_carrier_copy is None else company.deletes_carrier_copy


def keep(storage: Storage, key: str, plain: BinaryIO, sha256: str, *, seal: bool) -> Stored:
    """Store a fetched recording and check the stored copy against `sha256`. Raises StorageError when it differs."""
    if not seal:
        stored = storage.put(key, plain)
        found = stored.sha256
    else:
        with tempfile.TemporaryFile() as hidden:
            sealed.seal(plain, cast(BinaryIO, hidden), keys.secret_key())
            hidden.seek(0)
            stored = storage.put(key + SUFFIX, cast(BinaryIO, hidden))
        with storage.open(stored.key) as source, sealed.opened(source, keys.secret_key()) as back:
            found = _sha256(back)
    if found != sha256:
        raise StorageError("The stored recording differs from the one fetched.")
    return stored


def audio(storage: Storage, recording: Recording) -> BinaryIO:
    """A recording's sound for the speech engine. Raises NotFound, StorageError."""
    source = storage.open(recording.storage_key or "")
    if not recording.sealed:
        return source
    with source:
        return sealed.opened(source, keys.secret_key())


def clean(
    storage: Storage,
    recording: Recording,
    source: BinaryIO,
    utterances: Sequence[Utterance],
    wanted: frozenset[Category],
) -> Clean:
    """Take out of text and sound what must not be kept, and store the sound under the recording's plain name.

    Doing it twice gives the same. Raises AudioError, StorageError.
    """
    source.seek(0)
    keyed = _keyed(source)
    findings = find([*utterances, *keyed], wanted)
    said = [found for found in findings if found.utterance < len(utterances)]
    source.seek(0)
    with tempfile.TemporaryFile() as covered:
        tone_over(source, cast(BinaryIO, covered), [(found.start, found.end) for found in findings])
        covered.seek(0)
        stored = storage.put((recording.storage_key or "").removesuffix(SUFFIX), cast(BinaryIO, covered))
    return Clean(redacted(utterances, said), stored, [_plain(found) for found in findings])


def forget(storage: Storage, recording: Recording) -> None:
    """Delete the sealed copy."""
    if recording.sealed and recording.storage_key:
        storage.delete(recording.storage_key)


def _keyed(source: BinaryIO) -> list[Utterance]:
    """Keys pressed during the call, those of one go as an utterance: they are numbers as well as spoken ones."""
    channels = keys_pressed(source)
    return [
        Utterance(speaker, words[0].start, words[-1].end, " ".join(word.text for word in words), tuple(words))
        for speaker, keys in zip(SPEAKERS[len(channels)], channels, strict=True)
        for words in _in_one_go(keys)
    ]


def _in_one_go(keys: Sequence[Word]) -> Iterator[list[Word]]:
    held: list[Word] = []
    for key in keys:
        if held and key.start - held[-1].end > KEYS_SECONDS:
            yield held
            held = []
        held.append(key)
    if held:
        yield held


def _plain(found: Finding) -> dict[str, Any]:
    return {"category": str(found.category), "start": round(found.start, 2), "end": round(found.end, 2)}


def _sha256(source: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := source.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
