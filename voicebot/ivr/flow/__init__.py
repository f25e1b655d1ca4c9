"""A call flow: the validated, versioned document of what a caller meets. Pure: no database, no web framework."""

from voicebot.ivr.flow.checks import BUDGET_SECONDS
from voicebot.ivr.flow.document import MAIN, Flow, LanguageOffer, as_document, parse, shipped
from voicebot.ivr.flow.hours import Holiday, is_open
from voicebot.ivr.flow.steps import (
    Dial,
    FieldToFill,
    Greeting,
    HangUp,
    Menu,
    Qualification,
    RecordingNotice,
    Reject,
    Schedule,
    SourceQuestion,
    Spoken,
    Step,
    Tag,
    Voicemail,
)
from voicebot.ivr.flow.timing import worst_case_seconds

__all__ = [
    "BUDGET_SECONDS",
    "MAIN",
    "Dial",
    "FieldToFill",
    "Flow",
    "Greeting",
    "HangUp",
    "Holiday",
    "LanguageOffer",
    "Menu",
    "Qualification",
    "RecordingNotice",
    "Reject",
    "Schedule",
    "SourceQuestion",
    "Spoken",
    "Step",
    "Tag",
    "Voicemail",
    "as_document",
    "is_open",
    "parse",
    "shipped",
    "worst_case_seconds",
]
