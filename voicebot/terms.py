"""The words of the field as enumerations: one word for one thing in code, database, API and pages."""

from enum import StrEnum


class Role(StrEnum):
    """What a user may do in one company."""

    ADMIN = "admin"
    MANAGER = "manager"
    ANALYST = "analyst"
    REVIEWER = "reviewer"


class Disposition(StrEnum):
    """What a call was."""

    NEW_LEAD = "new_lead"
    EXISTING_CUSTOMER = "existing_customer"
    SPAM = "spam"
    WRONG_NUMBER = "wrong_number"
    JOB_SEEKER = "job_seeker"
    VENDOR = "vendor"
    NO_CONVERSATION = "no_conversation"
    OTHER = "other"


class Urgency(StrEnum):
    """How soon a caller needs somebody."""

    NOW = "now"
    SOON = "soon"
    WHENEVER = "whenever"


class Speaker(StrEnum):
    """Who said an utterance. Channel 1 is the caller, channel 2 the agent; mono audio is unknown."""

    CALLER = "caller"
    AGENT = "agent"
    UNKNOWN = "unknown"


class WitnessKind(StrEnum):
    """Where a piece of evidence for a source comes from."""

    TRACKED = "tracked"
    ASKED = "asked"
    HEARD = "heard"
    REVIEWER = "reviewer"


class VerdictKind(StrEnum):
    """What the witnesses say of the tracked campaign."""

    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    CONFLICT = "conflict"
    SILENT = "silent"


class Stage(StrEnum):
    """How far a call has come. `ringing` until it ends; the pipeline owns the rest."""

    RINGING = "ringing"
    RECORDED = "recorded"
    FETCHED = "fetched"
    TRANSCRIBED = "transcribed"
    CLASSIFIED = "classified"
    ATTRIBUTED = "attributed"


class CallOutcome(StrEnum):
    """How the call ended for the caller. Abandoned: unanswered and under 15 s."""

    IN_PROGRESS = "in_progress"
    ANSWERED = "answered"
    VOICEMAIL = "voicemail"
    MISSED = "missed"
    ABANDONED = "abandoned"
    REJECTED = "rejected"


class LeadOutcome(StrEnum):
    """What became of a lead."""

    OPEN = "open"
    QUOTED = "quoted"
    WON = "won"
    LOST = "lost"


class CreditModel(StrEnum):
    """Which touch of a caller's journey gets the credit."""

    LAST_TOUCH = "last_touch"
    FIRST_TOUCH = "first_touch"
    SPLIT = "split"


class RecordingStatus(StrEnum):
    """A recording as the carrier and our own storage know it."""

    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FETCHED = "fetched"
    ABSENT = "absent"
    FAILED = "failed"


class MailKind(StrEnum):
    """What a mail tells: that nobody answered a call, or afterwards what its caller said."""

    ALERT = "alert"
    TRANSCRIPT = "transcript"
