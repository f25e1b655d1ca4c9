"""A company's own classifier: made from its reviewed calls, kept beside the shipped one, used only where chosen."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlmodel import Session, col, select

from voicebot import company_settings
from voicebot.attribution import gathering
from voicebot.classify import calls as classifier
from voicebot.classify.calls import CallClassifier
from voicebot.classify.labels import Turn
from voicebot.errors import Conflict, NotFound
from voicebot.learning import reviews
from voicebot.learning.reviews import Lesson, ReviewedCall
from voicebot.settings import Settings
from voicebot.stages import said_in
from voicebot.tables import Answer, Company, LabelRow, SettingChange

SETTING = "classifier"
MANIFEST = "retrained.json"


@dataclass(frozen=True, slots=True)
class Package:
    """A retrained classifier: its name under the folder of packages, and what was learned; None: nothing was."""

    name: str | None
    lesson: Lesson


def retrain(session: Session, settings: Settings, company: Company) -> Package:
    """Learn from every reviewed call of the company, and write the package. The same reviews give the same package."""
    shipped = classifier.load_for(settings)
    calls = reviewed_calls(session, shipped, company.id or 0)
    digest = hashlib.sha256(json.dumps([asdict(call) for call in calls]).encode()).hexdigest()[:8]
    base = shipped.version.rsplit(".", 1)[0].split("+")[0]
    lesson = reviews.learn(shipped, calls, f"{base}+{digest}")
    if lesson.disposition is None and lesson.sources is None:
        return Package(None, lesson)
    name = f"{company.id}-{base}-{digest}"
    folder = settings.classify.packages(settings.data_dir) / name
    reviews.write(lesson, classifier.folder_of(settings.classify.model_path), folder)
    told = {
        "based_on": shipped.version,
        "company": company.name,
        "reviewed_for_disposition": lesson.judged,
        "reviewed_for_sources": lesson.heard,
        "scores": [asdict(one) for one in lesson.compared],
    }
    (folder / MANIFEST).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return Package(name, lesson)


def reviewed_calls(session: Session, shipped: CallClassifier, company_id: int) -> list[ReviewedCall]:
    """The company's calls that a person judged, by the last answer that stands, oldest call first."""
    last: dict[int, LabelRow] = {label.call_id: label for label in gathering.standing_labels(session, company_id)}
    return [_reviewed(session, shipped, label) for _, label in sorted(last.items())]


def _reviewed(session: Session, shipped: CallClassifier, label: LabelRow) -> ReviewedCall:
    turns = tuple(Turn(row.speaker, row.text) for row in said_in(session, label.call_id))
    query = select(Answer).where(col(Answer.call_id) == label.call_id, col(Answer.sources) != [])
    told = [answer.text for answer in session.exec(query.order_by(col(Answer.turn))) if answer.text.strip()]
    # An answer in the call flow is where it was said; without one, the turns that the classifier takes it from.
    places = {} if told or label.source is None else {m.turn: None for m in shipped.classify(turns).stated}
    texts = told[-1:] or [turns[place].text for place in places]
    return ReviewedCall(turns, label.disposition, label.source, tuple(texts))


def use(session: Session, settings: Settings, company: Company, name: str) -> None:
    """Let the company's calls be read by this package; an empty name is the installation's own.

    Raises NotFound without such a package, ModelError where it cannot be loaded.
    """
    if name:
        folder = settings.classify.packages(settings.data_dir) / name
        if Path(name).name != name or not folder.is_dir():
            raise NotFound(f"There is no retrained classifier {name!r}.")
        classifier.load(folder)
    company_settings.change(session, company, {SETTING: name}, by=None)


def undo(session: Session, settings: Settings, company: Company) -> str:
    """Go back to what was used before the last change. Out: its name. Raises Conflict where nothing was changed."""
    query = select(SettingChange).where(col(SettingChange.company_id) == company.id, col(SettingChange.name) == SETTING)
    last = session.exec(query.order_by(col(SettingChange.id).desc()).limit(1)).first()
    if last is None:
        raise Conflict("This company has always used the installation's classifier.")
    use(session, settings, company, last.before)
    return last.before
