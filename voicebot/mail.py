"""Mail by SMTP, as the settings say."""

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate

from voicebot.errors import MailError
from voicebot.settings import SmtpSettings


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail: `message_id` without its angle brackets; `answers`, the message id that it follows."""

    recipients: Sequence[str]
    subject: str
    text: str
    message_id: str
    answers: str = ""


def send(settings: SmtpSettings, letter: Letter) -> None:
    """Hand it to the mail server. Raises MailError: permanent for recipients and credentials that are refused."""
    try:
        with _connect(settings) as server:
            if settings.username:
                server.login(settings.username, settings.password.get_secret_value())
            server.send_message(_message(settings, letter))
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as error:
        raise MailError(f"The mail server refused: {error}", permanent=_is_permanent(error)) from error
    except (OSError, smtplib.SMTPException) as error:
        raise MailError(f"The mail server {settings.host} could not be used: {error}", permanent=False) from error


def _connect(settings: SmtpSettings) -> smtplib.SMTP:
    where, seconds = (settings.host, settings.port), settings.timeout_seconds
    if settings.security == "tls":
        return smtplib.SMTP_SSL(*where, timeout=seconds, context=ssl.create_default_context())
    server = smtplib.SMTP(*where, timeout=seconds)
    if settings.security == "starttls":
        server.starttls(context=ssl.create_default_context())
    return server


def _is_permanent(error: smtplib.SMTPRecipientsRefused | smtplib.SMTPResponseException) -> bool:
    """5xx stays refused; 4xx asks to come again."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return error.smtp_code >= 500


def _message(settings: SmtpSettings, letter: Letter) -> EmailMessage:
    message = EmailMessage()
    message["From"] = settings.sender
    message["To"] = ", ".join(letter.recipients)
    message["Subject"] = letter.subject
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{letter.message_id}>"
    # Programs that write by themselves say so, and holiday notices stay away.
    message["Auto-Submitted"] = "auto-generated"
    if letter.answers:
        message["In-Reply-To"] = message["References"] = f"<{letter.answers}>"
    message.set_content(letter.text)
    return message
