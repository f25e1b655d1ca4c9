"""The names that a company gives the speech engine as hints."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from voicebot.tables import Campaign, Company


def names(session: Session, company: Company, at: datetime) -> list[str]:
    """What may be said in a call at that time (aware): the company, its running campaigns, and names that it told us.

    Empty unless the company has switched it on. A name with digits is left out: Whisper writes numbers as it likes.
    """
    if not company.hears_names:
        return []
    on = at.astimezone(ZoneInfo(company.time_zone)).date()
    running = session.exec(
        select(Campaign.name)
        .where(col(Campaign.company_id) == company.id, col(Campaign.starts_on) <= on)
        .where(col(Campaign.ends_on).is_(None) | (col(Campaign.ends_on) >= on))
        .order_by(col(Campaign.name))
    ).all()
    everything = dict.fromkeys([company.name, *company.spoken_names, *running])
    return [name for name in everything if not any(letter.isdigit() for letter in name)]
