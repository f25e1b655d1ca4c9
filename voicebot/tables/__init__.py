"""All tables. Money is Decimal, datetimes are aware UTC, telephone numbers E.164, durations seconds.

SQLModel tables do not validate on construction: input is validated at the edge, and the database's own constraints
hold what must never be broken. The modules are split by subject and know only `base`; everybody imports from here.
"""

from voicebot.tables.base import Row
from voicebot.tables.calls import Answer, Call, CallEvent, Lead, PipelineStep
from voicebot.tables.campaigns import Campaign, Spend
from voicebot.tables.companies import CarrierAccount, Company, Membership, SettingChange, User
from voicebot.tables.flows import CallFlow, CallFlowVersion, RoundRobin
from voicebot.tables.mails import Mail
from voicebot.tables.numbers import BlockedNumber, Destination, NumberAssignment, TrackingNumber
from voicebot.tables.recordings import Recording, Transcript, UtteranceRow
from voicebot.tables.verdicts import ClassificationRow, LabelRow, VerdictRow, WitnessRow

__all__ = [
    "Answer",
    "BlockedNumber",
    "Call",
    "CallEvent",
    "CallFlow",
    "CallFlowVersion",
    "Campaign",
    "CarrierAccount",
    "ClassificationRow",
    "Company",
    "Destination",
    "LabelRow",
    "Lead",
    "Mail",
    "Membership",
    "NumberAssignment",
    "PipelineStep",
    "Recording",
    "RoundRobin",
    "Row",
    "SettingChange",
    "Spend",
    "TrackingNumber",
    "Transcript",
    "User",
    "UtteranceRow",
    "VerdictRow",
    "WitnessRow",
]
