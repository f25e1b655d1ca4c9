"""What each stage of the pipeline does: load, work, save and move on in one transaction.

Every stage may be run twice with the same result: its rows are unique by input and version, and a worker that has
lost its lease saves nothing. What can never succeed is noted on the recording, and the call goes on without it: a
call always reaches a verdict.
"""

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, cast

from sqlmodel import Session, col, select

from voicebot import hinting, logs, pipeline, redacting
from voicebot.carrier import accounts, recordings
from voicebot.carrier.account import Account
from voicebot.classify import calls as classifier
from voicebot.classify.labels import Turn
from voicebot.columns import utc_now
from voicebot.db import Database
from voicebot.errors import AudioError, CarrierError, ModelError, NotFound
from voicebot.pipeline import Lease
from voicebot.redacting import Clean
from voicebot.settings import Settings
from voicebot.storage import Storage, Stored
from voicebot.tables import Call, ClassificationRow, Company, Recording, Transcript, UtteranceRow
from voicebot.terms import RecordingStatus, Stage
from voicebot.transcribe.channels import transcribe_file
from voicebot.transcribe.engine import Engine, load_engine
from voicebot.transcribe.redact import Category
from voicebot.transcribe.transcript import Transcript as Heard

log = logs.get(__name__)

# Raise it when the way a recording becomes a transcript changes, so that old ones can be told apart.
TRANSCRIPT_VERSION = "2"


class Tools:
    """What the stages work with, each loaded when it is first needed and kept for the process's life."""

    def __init__(self, database: Database, storage: Storage, settings: Settings, *, package: str | None = None) -> None:
        """`package`: the retrained classifier to read every call with, whatever its company has chosen."""
        self.database = database
        self._package = package
        self.storage = storage
        self.settings = settings
        self.engine: Callable[[], Engine] = lru_cache(maxsize=1)(self._load_engine)
        self.classifier = lru_cache(maxsize=1)(self._load_classifier)

    def _load_engine(self) -> Engine:
        return load_engine(self.settings.transcribe)

    def classifier_of(self, company: Company) -> classifier.CallClassifier:
        """What reads this company's calls. A package that cannot be loaded must not hold calls up: it is logged."""
        name = company.classifier if self._package is None else self._package
        if not name:
            return self.classifier()
        try:
            return classifier.load_for(self.settings, self.settings.classify.packages(self.settings.data_dir) / name)
        except ModelError as error:
            if self._package is not None:
                raise
            log.warning("retrained_classifier_not_loaded", package=name, error=str(error))
            return self.classifier()

    def _load_classifier(self) -> classifier.CallClassifier:
        return classifier.load_for(self.settings)


def fetch(tools: Tools, lease: Lease) -> Stage:
    """Bring every finished recording of the call into our own storage, by RecordingSid."""
    account, company, waiting = _waiting_recordings(tools, lease)
    for recording in waiting:
        if account is None:
            raise CarrierError("There are no credentials for this call's carrier account.", permanent=False)
        stored, error = _fetch_one(tools, lease, account, recording, seal=company.redacts)
        _save_fetched(tools, recording, stored, error)
        if stored is not None and redacting.deletes_carrier_copy(company):
            _delete_at_carrier(tools, account, recording)
    return _move_on(tools, lease, Stage.FETCHED)


def _waiting_recordings(tools: Tools, lease: Lease) -> tuple[Account | None, Company, list[Recording]]:
    with tools.database.reading() as session:
        call = session.get_one(Call, lease.call_id)
        company = session.get_one(Company, call.company_id)
        waiting = session.exec(
            select(Recording).where(
                col(Recording.call_id) == lease.call_id, col(Recording.status) == RecordingStatus.COMPLETED
            )
        ).all()
        return accounts.for_account_sid(session, call.account_sid), company, list(waiting)


def _fetch_one(
    tools: Tools, lease: Lease, account: Account, recording: Recording, *, seal: bool
) -> tuple[Stored | None, str | None]:
    """The stored copy, or why there will never be one. A passing fault is raised until the attempts are used up."""
    try:
        with tempfile.TemporaryFile() as target:
            media = recordings.download(account, recording.recording_sid, cast(BinaryIO, target))
            target.seek(0)
            key = f"{lease.call_id}/{recording.recording_sid}.wav"
            stored = redacting.keep(tools.storage, key, cast(BinaryIO, target), media.sha256, seal=seal)
            recording.channels, recording.sealed = media.channels, seal
            return stored, None
    except CarrierError as error:
        if not error.permanent and lease.attempt < tools.settings.queue.max_attempts:
            raise
        log.exception("recording_not_fetched", recording_sid=recording.recording_sid)
        return None, str(error)


def _save_fetched(tools: Tools, recording: Recording, stored: Stored | None, error: str | None) -> None:
    with tools.database.writing() as session:
        row = session.get_one(Recording, recording.id)
        row.error = error
        row.status = RecordingStatus.FAILED if stored is None else RecordingStatus.FETCHED
        if stored is not None:
            row.storage_key, row.sha256, row.size_bytes = stored.key, stored.sha256, stored.size
            row.channels, row.sealed = recording.channels, recording.sealed
        session.add(row)


def _delete_at_carrier(tools: Tools, account: Account, recording: Recording) -> None:
    """Our copy is verified: the carrier's goes. A refusal is shown on the call's page and asks for a person."""
    try:
        recordings.delete(account, recording.recording_sid)
    except CarrierError as error:
        log.warning("carrier_copy_not_deleted", recording_sid=recording.recording_sid, error=str(error))
        _note_on_recording(tools, recording, f"The carrier's copy could not be deleted: {error}")
        return
    with tools.database.writing() as session:
        row = session.get_one(Recording, recording.id)
        row.carrier_copy_deleted_at = utc_now()
        session.add(row)


def transcribe(tools: Tools, lease: Lease) -> Stage:
    """Hear every stored recording that this engine and version have not heard yet."""
    with tools.database.reading() as session:
        call = session.get_one(Call, lease.call_id)
        company = session.get_one(Company, call.company_id)
        names = hinting.names(session, company, call.started_at)
    for recording in _unheard(tools, lease):
        try:
            _hear(tools, recording, redacting.categories(company), names)
        except (AudioError, NotFound) as error:
            log.warning("recording_not_readable", recording_sid=recording.recording_sid, error=str(error))
            _note_on_recording(tools, recording, str(error), RecordingStatus.FAILED)
    return _move_on(tools, lease, Stage.TRANSCRIBED)


def _hear(tools: Tools, recording: Recording, wanted: frozenset[Category], names: list[str]) -> None:
    """One recording to text. What must not be kept is never written unsealed, neither as text nor as sound."""
    with redacting.audio(tools.storage, recording) as source:
        heard = transcribe_file(
            source,
            tools.engine(),
            language=tools.settings.transcribe.language,
            hints=names,
            on_progress=lambda done, total: _note_progress(tools, recording, done, total),
        )
        clean = None
        if recording.sealed or wanted:
            clean = redacting.clean(tools.storage, recording, source, heard.utterances, wanted)
            heard = replace(heard, utterances=clean.utterances)
    _save_transcript(tools, recording, heard, clean)
    redacting.forget(tools.storage, recording)


def _note_progress(tools: Tools, recording: Recording, done: float, total: float) -> None:
    """How far the engine is, for the call's page: seconds heard of the seconds there are."""
    with tools.database.writing() as session:
        row = session.get_one(Recording, recording.id)
        row.heard_seconds, row.audio_seconds = done, total
        session.add(row)


def _unheard(tools: Tools, lease: Lease) -> list[Recording]:
    settings = tools.settings.transcribe
    heard = select(Transcript.recording_id).where(
        col(Transcript.engine) == settings.engine,
        col(Transcript.engine_model) == Path(settings.model).name,
        col(Transcript.version) == TRANSCRIPT_VERSION,
    )
    with tools.database.reading() as session:
        return list(
            session.exec(
                select(Recording).where(
                    col(Recording.call_id) == lease.call_id,
                    col(Recording.status) == RecordingStatus.FETCHED,
                    col(Recording.id).not_in(heard),
                )
            ).all()
        )


def _note_on_recording(tools: Tools, recording: Recording, error: str, status: RecordingStatus | None = None) -> None:
    with tools.database.writing() as session:
        row = session.get_one(Recording, recording.id)
        row.error, row.status = error, status or row.status
        session.add(row)


def _save_transcript(tools: Tools, recording: Recording, heard: Heard, clean: Clean | None) -> None:
    assert recording.id is not None
    with tools.database.writing() as session:
        if clean is not None:
            kept = session.get_one(Recording, recording.id)
            kept.storage_key, kept.sha256, kept.size_bytes = clean.stored.key, clean.stored.sha256, clean.stored.size
            kept.sealed, kept.redactions = False, clean.redactions
            session.add(kept)
        row = Transcript(
            recording_id=recording.id,
            engine=heard.engine,
            engine_model=heard.model,
            version=TRANSCRIPT_VERSION,
            language=heard.language,
            audio_seconds=heard.audio_seconds,
            taken_seconds=heard.taken_seconds,
        )
        session.add(row)
        session.flush()
        assert row.id is not None
        for position, utterance in enumerate(heard.utterances):
            session.add(
                UtteranceRow(
                    transcript_id=row.id,
                    position=position,
                    speaker=utterance.speaker,
                    starts_at=utterance.start,
                    ends_at=utterance.end,
                    text=utterance.text,
                    words=[asdict(word) for word in utterance.words],
                )
            )


def said_in(session: Session, call_id: int) -> list[UtteranceRow]:
    """Everything said in a call: its recordings in order, each by its newest transcript."""
    recordings_in_order = session.exec(
        select(Recording.id)
        .where(col(Recording.call_id) == call_id)
        .order_by(col(Recording.started_at), col(Recording.id))
    ).all()
    said: list[UtteranceRow] = []
    for recording_id in recordings_in_order:
        newest = session.exec(
            select(Transcript.id)
            .where(col(Transcript.recording_id) == recording_id)
            .order_by(col(Transcript.id).desc())
            .limit(1)
        ).first()
        rows = select(UtteranceRow).where(col(UtteranceRow.transcript_id) == newest)
        said.extend(session.exec(rows.order_by(col(UtteranceRow.position))).all())
    return said


def classify_call(tools: Tools, lease: Lease) -> Stage:
    """Say what the call was, from what was said. No words at all is `no_conversation`."""
    with tools.database.reading() as session:
        row = classified(tools, session, lease.call_id)
    with tools.database.writing() as session:
        keep_classification(session, row)
        pipeline.finish(session, lease, Stage.CLASSIFIED, tools.settings.queue)
    return Stage.CLASSIFIED


def classified(tools: Tools, session: Session, call_id: int) -> ClassificationRow:
    """The call as this version of the classifier reads what was said in it. A new row is not stored yet."""
    turns = [Turn(row.speaker, row.text) for row in said_in(session, call_id)]
    classifier = tools.classifier_of(session.get_one(Company, session.get_one(Call, call_id).company_id))
    fingerprint = hashlib.sha256("\n".join(f"{turn.speaker}: {turn.text}" for turn in turns).encode()).hexdigest()
    known = _known(session, call_id, classifier.version, fingerprint)
    if known is not None:
        return known
    result = classifier.classify(turns)
    found = result.findings
    return ClassificationRow(
        call_id=call_id,
        version=classifier.version,
        input_hash=fingerprint,
        disposition=result.disposition,
        probabilities={str(k): v for k, v in result.disposition_probabilities.items()},
        mentions=[asdict(mention) for mention in result.mentions],
        booked=result.booked,
        caller_name=_short(result.caller_name),
        zip=result.zip,
        service=_short(result.service),
        booked_probability=found.booked_probability,
        lead_score=found.lead_score,
        urgency=found.urgency,
        callback_number=found.callback_number.value if found.callback_number else None,
        address=_short(found.address.value if found.address else None),
        evidence=found.evidence(),
    )


def _short(text: str | None) -> str | None:
    """As much as its column holds."""
    return text[:200] if text else text


def keep_classification(session: Session, row: ClassificationRow) -> None:
    """Store what the classifier said, once per version and input."""
    if row.id is None and _known(session, row.call_id, row.version, row.input_hash) is None:
        session.add(row)
        session.flush()


def _known(session: Session, call_id: int, version: str, fingerprint: str) -> ClassificationRow | None:
    return session.exec(
        select(ClassificationRow).where(
            col(ClassificationRow.call_id) == call_id,
            col(ClassificationRow.version) == version,
            col(ClassificationRow.input_hash) == fingerprint,
        )
    ).first()


def _move_on(tools: Tools, lease: Lease, reached: Stage) -> Stage:
    with tools.database.writing() as session:
        pipeline.finish(session, lease, reached, tools.settings.queue)
    return reached
