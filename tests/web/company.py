"""A company as it is after some weeks: campaigns, numbers, spend, calls with every verdict, and a real recording."""

import io
import math
import random
import struct
import wave
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from voicebot.db import Database
from voicebot.passwords import hash_password
from voicebot.storage import get_storage
from voicebot.tables import (
    Answer,
    Call,
    CallEvent,
    CallFlow,
    CallFlowVersion,
    Campaign,
    ClassificationRow,
    Company,
    Destination,
    Lead,
    Membership,
    NumberAssignment,
    PipelineStep,
    Recording,
    Spend,
    TrackingNumber,
    Transcript,
    User,
    UtteranceRow,
    VerdictRow,
    WitnessRow,
)
from voicebot.terms import (
    CallOutcome,
    Disposition,
    LeadOutcome,
    RecordingStatus,
    Role,
    Speaker,
    Stage,
    VerdictKind,
    WitnessKind,
)

PASSWORD = "correct horse battery"


@dataclass
class CompanyRows:
    """The ids of what was made for one company."""

    company_id: int
    campaign_ids: list[int] = field(default_factory=list)
    call_ids: list[int] = field(default_factory=list)
    lead_ids: list[int] = field(default_factory=list)
    spend_ids: list[int] = field(default_factory=list)
    number_ids: list[int] = field(default_factory=list)
    flow_id: int = 0
    recording_id: int = 0
    recorded_call_id: int = 0


@dataclass
class Cast:
    """The people: `ours` is the company of everyone but the outsider, whose company is `theirs`."""

    ours: CompanyRows
    theirs: CompanyRows
    owner: str = "owner@example.com"
    manager: str = "manager@example.com"
    teammate: str = "teammate@example.com"
    reviewer: str = "reviewer@example.com"
    outsider: str = "outsider@example.com"

    def by_role(self) -> dict[Role, str]:
        """Who has which role in our company."""
        people = (self.owner, self.manager, self.teammate, self.reviewer)
        return dict(zip((Role.ADMIN, Role.MANAGER, Role.ANALYST, Role.REVIEWER), people, strict=True))


@cache
def password_hash() -> str:
    """Hashing is slow on purpose: once for all people."""
    return hash_password(PASSWORD)


def add(session: Session, row: Any) -> int:
    """Store a row and give its id."""
    session.add(row)
    session.flush()
    return int(row.id)


def make_cast(database: Database) -> Cast:
    """Both companies and everybody in them."""
    with database.writing() as session:
        cast = Cast(make_company(session, "Hill Country Roofing", 1), make_company(session, "Lakeside Plumbing", 2))
        for role, email in cast.by_role().items():
            add_person(session, email, {cast.ours.company_id: role})
        add_person(session, cast.outsider, {cast.theirs.company_id: Role.ADMIN})
    return cast


def add_person(session: Session, email: str, roles: dict[int, Role]) -> int:
    """A user with memberships."""
    name = email.split("@")[0].capitalize()
    user_id = add(session, User(email=email, name=name, password_hash=password_hash()))
    for company_id, role in roles.items():
        session.add(Membership(user_id=user_id, company_id=company_id, role=role))
    return user_id


CAMPAIGNS = (
    ("Billboard on I-35", "billboard", Decimal("2400")),
    ("Google Ads, roof repair", "google_ads", Decimal("1850.50")),
    ("KUT radio spots", "radio", Decimal("900")),
    ("Spring door hangers", "door_hanger", Decimal("310")),
)


def make_company(session: Session, name: str, seed: int, calls: int = 8, now: datetime | None = None) -> CompanyRows:
    """A company with four campaigns and `calls` calls over the last days, one of them with a real recording."""
    chance = random.Random(seed)
    now = now or datetime.now(UTC)
    rows = CompanyRows(add(session, Company(name=name)))
    destination = Destination(company_id=rows.company_id, label="Front desk", number=f"+1512555{seed:02d}99")
    flow = CallFlow(company_id=rows.company_id, name="Main line")
    destination_id, flow_id = add(session, destination), add(session, flow)
    add(session, CallFlowVersion(call_flow_id=flow_id, version=1, document={"greeting": "Hello"}))
    numbers = []
    for index in range(len(CAMPAIGNS)):
        number = TrackingNumber(
            company_id=rows.company_id, number=f"+1512555{seed:02d}0{index}", destination_id=destination_id,
            call_flow_id=flow_id, rented_on=(now - timedelta(days=60)).date(),
        )  # fmt: skip
        numbers.append(add(session, number))
        _campaign(session, rows, index, numbers[-1], now)
    rows.number_ids, rows.flow_id = numbers, flow_id
    for index in range(calls):
        plan, which = PLANS[index % len(PLANS)], index % len(CAMPAIGNS)
        call = _call(rows, index, plan, numbers[which], seed)
        call.started_at = now - timedelta(hours=7 * index + 1, minutes=chance.randrange(50))
        call.caller_name = chance.choice(["SMITH JOHN", "GARCIA MARIA", "", "AUSTIN TX"])
        _set_times(call, plan)
        rows.call_ids.append(add(session, call))
        _events(session, call)
        won = Decimal(chance.randrange(8, 90) * 100) if index % 3 == 0 else None
        _aftermath(session, rows, call, plan, CAMPAIGNS[which][1], won)
    return rows


def _campaign(session: Session, rows: CompanyRows, index: int, number_id: int, now: datetime) -> None:
    title, source, cost = CAMPAIGNS[index]
    started = now - timedelta(days=60)
    campaign = Campaign(company_id=rows.company_id, name=title, source=source, starts_on=started.date())
    campaign_id = add(session, campaign)
    rows.campaign_ids.append(campaign_id)
    session.add(NumberAssignment(tracking_number_id=number_id, campaign_id=campaign_id, starts_at=started))
    today = now.astimezone(ZoneInfo("America/Chicago")).date()
    first = today - timedelta(days=29)
    spend = Spend(campaign_id=campaign_id, starts_on=first, ends_on=today, amount=cost, currency="USD")
    rows.spend_ids.append(add(session, spend))


def _call(rows: CompanyRows, index: int, plan: "Plan", number_id: int, seed: int) -> Call:
    caller = f"+1737555{index:04d}"
    return Call(
        company_id=rows.company_id, call_sid=f"CA{seed:02d}{index:030d}", tracking_number_id=number_id,
        campaign_id=rows.campaign_ids[index % len(CAMPAIGNS)], from_number=caller, caller_number=caller,
        caller_city="Austin", caller_state="TX", caller_zip="78704", status="completed", status_rank=9,
        outcome=plan.outcome, duration_seconds=plan.seconds, stage=Stage.ATTRIBUTED, is_test=plan.test,
    )  # fmt: skip


def _set_times(call: Call, plan: "Plan") -> None:
    call.notice_at = call.started_at + timedelta(seconds=4)
    call.ended_at = call.started_at + timedelta(seconds=plan.seconds)
    if plan.outcome is CallOutcome.ANSWERED:
        call.forwarded_at = call.started_at + timedelta(seconds=min(19, plan.seconds))
        call.talk_seconds = max(0, plan.seconds - 21)


def _aftermath(
    session: Session, rows: CompanyRows, call: Call, plan: "Plan", tracked: str, won: Decimal | None
) -> None:
    """What the pipeline, and people, made of the call."""
    if plan.disposition is Disposition.NEW_LEAD:
        key = call.caller_number or ""
        lead = Lead(company_id=rows.company_id, caller_key=key, first_called_at=call.started_at)
        if won:
            lead.outcome, lead.value, lead.currency = LeadOutcome.WON, won, "USD"
        call.lead_id = add(session, lead)
        rows.lead_ids.append(call.lead_id)
    if plan.failed:
        call.stage, call.last_error = Stage.FETCHED, "The recording is damaged: no audio frames were found."
        _step(session, call, Stage.TRANSCRIBED, error=call.last_error)
        return
    _verdict(session, call, plan, tracked)
    if not rows.recorded_call_id:
        rows.recorded_call_id = call.id or 0
        rows.recording_id = _conversation(session, call)


@dataclass(frozen=True)
class Plan:
    """How a call goes."""

    kind: VerdictKind = VerdictKind.SILENT
    disposition: Disposition = Disposition.NEW_LEAD
    outcome: CallOutcome = CallOutcome.ANSWERED
    asked: str = ""
    said: str = ""
    heard: str = ""
    quote: str = ""
    seconds: int = 187
    probability: float = 0.9
    failed: bool = False
    test: bool = False


PLANS = (
    Plan(VerdictKind.CONFIRMED, asked="billboard", said="The billboard on thirty-five", heard="billboard",
         quote="I drove past your billboard this morning", probability=0.97),
    Plan(VerdictKind.CORRECTED, asked="friend_family", said="My neighbor told me about you", seconds=254,
         probability=0.93),
    Plan(VerdictKind.SILENT, outcome=CallOutcome.VOICEMAIL, said="", seconds=41, probability=0.62),
    Plan(VerdictKind.CONFLICT, asked="google_unspecified", said="Google I think", heard="radio",
         quote="I heard you on the radio", seconds=312, probability=0.51),
    Plan(VerdictKind.SILENT, Disposition.SPAM, seconds=12, probability=0.7),
    Plan(VerdictKind.CONFIRMED, heard="google_ads", quote="your ad came up first on Google", seconds=640,
         probability=0.88),
    Plan(VerdictKind.SILENT, Disposition.EXISTING_CUSTOMER, asked="repeat_customer",
         said="=HYPERLINK(\"http://x\")", seconds=98),
    Plan(failed=True, disposition=Disposition.OTHER, seconds=75),
    Plan(VerdictKind.SILENT, Disposition.NO_CONVERSATION, outcome=CallOutcome.MISSED, seconds=26, probability=0.6),
    Plan(VerdictKind.CORRECTED, asked="nextdoor", said="Somebody on Nextdoor recommended you", seconds=143,
         heard="nextdoor", quote="a post on Nextdoor", probability=0.95),
    Plan(VerdictKind.SILENT, Disposition.OTHER, seconds=33, test=True),
)  # fmt: skip


def _verdict(session: Session, call: Call, plan: Plan, tracked: str) -> None:
    assert call.id is not None and call.ended_at is not None
    said = plan.asked or plan.heard
    source = said if plan.kind is VerdictKind.CORRECTED else tracked
    campaign_id = None if plan.kind is VerdictKind.CORRECTED else call.campaign_id
    if plan.said:
        session.add(
            Answer(
                call_id=call.id, question="source", turn=1, text=plan.said, confidence=0.84, probability=0.95,
                sources=[plan.asked] if plan.asked else [],
            )
        )  # fmt: skip
    session.add(
        ClassificationRow(
            call_id=call.id, version="test", input_hash="0" * 64, disposition=plan.disposition,
            probabilities={str(plan.disposition): 0.94}, booked=plan.seconds > 200 or None, service="Roof repair",
        )
    )  # fmt: skip
    verdict_id = add(
        session,
        VerdictRow(
            call_id=call.id, sequence=1, kind=plan.kind, source=source, campaign_id=campaign_id,
            probability=plan.probability, disposition=plan.disposition, input_hash="0" * 64,
            reasons=["The caller answered the source question.", f"The number dialled stands for {tracked}."],
            touches=[{"source": source, "kind": "asked"}],
            created_at=call.ended_at + timedelta(seconds=14),
        ),
    )  # fmt: skip
    tracked_witness = WitnessRow(verdict_id=verdict_id, kind=WitnessKind.TRACKED, source=tracked, probability=0.9)
    session.add(tracked_witness)
    if plan.asked:
        session.add(
            WitnessRow(
                verdict_id=verdict_id, kind=WitnessKind.ASKED, source=plan.asked, probability=0.94, quote=plan.said
            )
        )
    if plan.heard:
        session.add(
            WitnessRow(
                verdict_id=verdict_id, kind=WitnessKind.HEARD, source=plan.heard, probability=0.91, quote=plan.quote,
                at_seconds=9.2, prompted=plan.kind is VerdictKind.CONFLICT,
            )
        )  # fmt: skip
    for stage in (Stage.FETCHED, Stage.TRANSCRIBED, Stage.CLASSIFIED, Stage.ATTRIBUTED):
        _step(session, call, stage)


def _step(session: Session, call: Call, stage: Stage, error: str | None = None) -> None:
    assert call.id is not None and call.ended_at is not None
    after = {Stage.FETCHED: 1.0, Stage.TRANSCRIBED: 2.0, Stage.CLASSIFIED: 12.4, Stage.ATTRIBUTED: 13.1}[stage]
    start = call.ended_at + timedelta(seconds=after)
    took = {Stage.TRANSCRIBED: 10.2}.get(stage, 0.4)
    session.add(
        PipelineStep(
            call_id=call.id, stage=stage, started_at=start, finished_at=start + timedelta(seconds=took), error=error
        )
    )


def _events(session: Session, call: Call) -> None:
    for index, (kind, status) in enumerate((("incoming", "ringing"), ("status", "completed"))):
        session.add(
            CallEvent(
                idempotency_key=f"{call.call_sid}:{index}", call_sid=call.call_sid, kind=kind,
                form={"CallStatus": status}, received_at=call.started_at + timedelta(seconds=index),
            )
        )  # fmt: skip


DIALOGUE = (
    (Speaker.AGENT, 0.6, "Hill Country Roofing, this is Dana, how can I help?"),
    (Speaker.CALLER, 3.9, "Hi Dana, we had that hail on Tuesday and there is water coming in over the kitchen."),
    (Speaker.AGENT, 8.3, "Oh no. How did you find us?"),
    (Speaker.CALLER, 10.4, "I drove past your billboard this morning, the one by the river."),
    (Speaker.AGENT, 14.1, "Great. I can have somebody out there tomorrow between nine and eleven."),
    (Speaker.CALLER, 18.0, "Nine works. It is 4410 Avenue G, seven eight seven five one."),
)


def _conversation(session: Session, call: Call) -> int:
    assert call.id is not None
    key = f"{call.company_id}/{call.call_sid}.wav"
    stored = get_storage().put(key, io.BytesIO(tone_wav(23.0)))
    recording_id = add(
        session,
        Recording(
            call_id=call.id, recording_sid=f"RE{call.call_sid[2:]}", origin="DialVerb", channels=2,
            status=RecordingStatus.FETCHED, duration_seconds=23.0, storage_key=key, sha256=stored.sha256,
            size_bytes=stored.size,
        ),
    )  # fmt: skip
    transcript_id = add(
        session,
        Transcript(
            recording_id=recording_id, engine="faster-whisper", engine_model="base", version="1", audio_seconds=23.0,
            taken_seconds=3.1,
        ),
    )  # fmt: skip
    for position, (speaker, start, text) in enumerate(DIALOGUE):
        words, at = [], start
        for index, word in enumerate(text.split()):
            length = 0.12 + 0.03 * len(word)
            sure = 0.41 if word in ("4410", "hail") else 0.68 if index == 9 else 0.97
            words.append({"text": word, "start": round(at, 2), "end": round(at + length, 2), "probability": sure})
            at += length
        session.add(
            UtteranceRow(
                transcript_id=transcript_id, position=position, speaker=speaker, starts_at=start, ends_at=at,
                text=text, words=words,
            )
        )  # fmt: skip
    return recording_id


@cache
def tone_wav(seconds: float) -> bytes:
    """Two channels of quiet tones at 8 kHz: a real WAV file that browsers play."""
    rate = 8000
    frames = b"".join(
        struct.pack(
            "<hh",
            int(3000 * math.sin(2 * math.pi * 330 * n / rate)) if (n // rate) % 6 > 2 else 0,
            int(3000 * math.sin(2 * math.pi * 220 * n / rate)) if (n // rate) % 6 < 3 else 0,
        )
        for n in range(int(rate * seconds))
    )
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(frames)
    return buffer.getvalue()
