"""What a caller gets with this whole machine gone: one static TwiML document per tracking number, hosted apart.

Each dials the business and records nothing: nobody is there to read the notice.
"""

from pathlib import Path

from sqlmodel import Session, col, select

from voicebot.ivr import twiml
from voicebot.ivr.addresses import fallback_file
from voicebot.tables import Destination, TrackingNumber


def export(session: Session, folder: Path) -> list[Path]:
    """Write the documents of every number that is not released, and remove those of numbers that are. Out: files."""
    rows = session.exec(
        select(TrackingNumber.number, Destination.number)
        .join(Destination, col(Destination.id) == col(TrackingNumber.destination_id))
        .where(col(TrackingNumber.released_on).is_(None))
        .order_by(col(TrackingNumber.number))
    ).all()
    folder.mkdir(parents=True, exist_ok=True)
    written = [_write(folder / fallback_file(number), twiml.forward_only(dials, None)) for number, dials in rows]
    for stale in set(folder.glob("[0-9]*.xml")) - set(written):
        stale.unlink()
    return written


def _write(path: Path, document: str) -> Path:
    """Whole or not at all: the folder may be served while it is written."""
    temporary = path.with_suffix(".part")
    temporary.write_text(document, encoding="utf-8")
    temporary.replace(path)
    return path
