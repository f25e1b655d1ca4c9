"""A missed call or a voicemail mails the company's people; what the caller said follows in a second mail.

1. `_note_due` makes a row for each mail that is owed, unique by call and kind.
2. `_claim` takes a row by one UPDATE that must touch exactly it, and sets when it is due again should we die.
3. The mail goes out, and the row says when; a failure says when the next attempt is due, later each time.

A process that dies between the mail server's answer and the row sends the same Message-ID again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from voicebot import logs, mail, phone
from voicebot.columns import utc_now
from voicebot.db import Database
from voicebot.errors import MailError
from voicebot.mail import Letter
from voicebot.settings import Settings
from voicebot.stages import said_in
from voicebot.tables import Call, Campaign, Company, Mail, TrackingNumber
from voicebot.terms import CallOutcome, MailKind, Stage

log = logs.get(__name__)

MISSED = (CallOutcome.MISSED, CallOutcome.VOICEMAIL)
# Older calls are no news: an installation that starts to mail does not mail its past.
NEWS = timedelta(hours=24)
# A mail whose sender died is due again after this.
LEASE = timedelta(minutes=2)
MAX_ATTEMPTS = 12
BATCH = 50


def send_due(database: Database, settings: Settings) -> int:
    """Mail what is owed. Out: how many mails went out. Nothing happens without a mail server in the settings."""
    if not settings.smtp.host:
        return 0
    _note_due(database)
    return sum(_send(database, settings, mail_id) for mail_id in _due(database))


def _note_due(database: Database) -> None:
    with database.reading() as session:
        owed = [(call.id, MailKind.ALERT, company) for call, company in _unmailed(session, MailKind.ALERT, *_missed())]
        said = _unmailed(session, MailKind.TRANSCRIPT, *_missed(), *_has_a_transcript())
        owed += [(call.id, MailKind.TRANSCRIPT, company) for call, company in said if said_in(session, call.id or 0)]
    for call_id, kind, company in owed:
        _note(database, call_id or 0, kind, company)


def _missed() -> tuple[ColumnElement[bool], ...]:
    is_news = col(Call.ended_at) >= utc_now() - NEWS
    return col(Call.outcome).in_(MISSED), is_news, col(Call.is_test).is_(False)


def _has_a_transcript() -> tuple[ColumnElement[bool], ...]:
    """Its words are final once it is attributed, redaction included; and it follows the first mail."""
    alerted = select(Mail.id).where(col(Mail.call_id) == col(Call.id), col(Mail.kind) == MailKind.ALERT)
    return col(Call.stage) == Stage.ATTRIBUTED, alerted.where(col(Mail.sent_at).is_not(None)).exists()


def _unmailed(session: Session, kind: MailKind, *where: ColumnElement[bool]) -> list[tuple[Call, Company]]:
    noted = select(Mail.id).where(col(Mail.call_id) == col(Call.id), col(Mail.kind) == kind).exists()
    rows = session.exec(
        select(Call, Company).join(Company, col(Company.id) == col(Call.company_id)).where(*where, ~noted).limit(BATCH)
    ).all()
    return [(call, company) for call, company in rows if company.alert_emails]


def _note(database: Database, call_id: int, kind: MailKind, company: Company) -> None:
    row = Mail(
        call_id=call_id,
        kind=kind,
        recipients=list(company.alert_emails),
        message_id=f"call-{call_id}-{kind}-{int(utc_now().timestamp())}@voicebot",
        next_attempt_at=utc_now(),
    )
    try:
        with database.writing() as session:
            session.add(row)
    except IntegrityError:
        log.info("mail_noted_by_another_process", call_id=call_id)


def _due(database: Database) -> list[int]:
    with database.reading() as session:
        query = select(Mail.id).where(col(Mail.next_attempt_at) <= utc_now()).order_by(col(Mail.next_attempt_at))
        return [found for found in session.exec(query.limit(BATCH)).all() if found is not None]


def _send(database: Database, settings: Settings, mail_id: int) -> int:
    if not _claim(database, mail_id):
        return 0
    with database.reading() as session:
        letter = _letter(session, session.get_one(Mail, mail_id), settings.web.public_url)
    try:
        mail.send(settings.smtp, letter)
    except MailError as error:
        log.warning("mail_not_sent", mail_id=mail_id, error=str(error))
        _note_failure(database, mail_id, error)
        return 0
    with database.writing() as session:
        row = session.get_one(Mail, mail_id)
        row.sent_at, row.next_attempt_at, row.error = utc_now(), None, None
        session.add(row)
    return 1


def _claim(database: Database, mail_id: int) -> bool:
    now = utc_now()
    with database.writing() as session:
        taken = session.connection().execute(
            update(Mail)
            .where(col(Mail.id) == mail_id, col(Mail.next_attempt_at) <= now)
            .values(next_attempt_at=now + LEASE, attempts=Mail.attempts + 1)
        )
        return bool(taken.rowcount == 1)


def _note_failure(database: Database, mail_id: int, error: MailError) -> None:
    with database.writing() as session:
        row = session.get_one(Mail, mail_id)
        is_over = error.permanent or row.attempts >= MAX_ATTEMPTS
        row.next_attempt_at = None if is_over else utc_now() + pause(row.attempts)
        row.error = str(error)
        session.add(row)


def pause(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts: 10 s, doubling, an hour at the most."""
    return timedelta(seconds=min(3600, 5 * 2**attempts))


@dataclass(frozen=True, slots=True)
class _Facts:
    who: str
    number: str
    campaign: str
    at: datetime
    link: str


def _letter(session: Session, row: Mail, public_url: str) -> Letter:
    call = session.get_one(Call, row.call_id)
    facts = _facts(session, call, public_url)
    what = "Voicemail" if call.outcome is CallOutcome.VOICEMAIL else "Missed call"
    subject = f"{what} from {facts.who}"
    if row.kind is MailKind.ALERT:
        return Letter(row.recipients, subject, _alert_text(call, facts, what), row.message_id)
    first = session.exec(
        select(Mail.message_id).where(col(Mail.call_id) == row.call_id, col(Mail.kind) == MailKind.ALERT)
    ).first()
    said = "\n".join(f"{one.speaker}: {one.text}" for one in said_in(session, row.call_id))
    text = f"What was said ({facts.who}, {facts.at:%d %B %Y, %H:%M}):\n\n{said}\n\n{facts.link}\n"
    return Letter(row.recipients, f"Re: {subject}", text, row.message_id, answers=first or "")


def _facts(session: Session, call: Call, public_url: str) -> _Facts:
    company = session.get_one(Company, call.company_id)
    campaign = session.get(Campaign, call.campaign_id) if call.campaign_id else None
    number = phone.display(call.caller_number) if call.caller_number else "an unknown number"
    return _Facts(
        who=f"{call.caller_name} ({number})" if call.caller_name else number,
        number=phone.display(session.get_one(TrackingNumber, call.tracking_number_id).number),
        campaign=campaign.name if campaign else "no campaign",
        at=call.started_at.astimezone(ZoneInfo(company.time_zone)),
        link=f"{public_url}/calls/{call.id}",
    )


def _alert_text(call: Call, facts: _Facts, what: str) -> str:
    seconds = f"It lasted {call.duration_seconds} seconds. " if call.duration_seconds is not None else ""
    follows = "What was said follows in a second mail." if call.outcome is CallOutcome.VOICEMAIL else ""
    return (
        f"{what} from {facts.who} on {facts.at:%d %B %Y at %H:%M}.\n"
        f"They called {facts.number} ({facts.campaign}). {seconds}{follows}\n\n{facts.link}\n"
    )
