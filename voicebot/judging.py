"""The last stage: gather the witnesses of a call, judge, write the ledger, and keep the lead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from voicebot import pipeline
from voicebot.attribution import gathering, ledger
from voicebot.attribution.evidence import Witness, witnesses_from_answer, witnesses_from_mentions
from voicebot.attribution.ledger import Facts
from voicebot.attribution.verdict import Verdict, judge
from voicebot.classify.labels import HeardAnswer, SourceMention
from voicebot.pipeline import Lease
from voicebot.stages import Tools, said_in
from voicebot.tables import Answer, Call, ClassificationRow, Company, UtteranceRow, VerdictRow
from voicebot.terms import Stage, WitnessKind


@dataclass(frozen=True, slots=True)
class Weighed:
    """A call judged anew, before anything is written: the verdict, its evidence, and what else the row will say."""

    verdict: Verdict
    witnesses: tuple[Witness, ...]
    utterances: Mapping[Witness, int]
    facts: Facts
    rules: str


def attribute(tools: Tools, lease: Lease) -> Stage:
    """Weigh what the number, the answer and the conversation say, and append the verdict."""
    with tools.database.reading() as session:
        # What unreviewed calls tell takes a second to find: never while the write holds the database.
        gathering.measured_rates(session, session.get_one(Call, lease.call_id).company_id)
    with tools.database.writing() as session:
        call = pipeline.held(session, lease)
        # One lead per caller: two calls of one company must not both find none.
        company = session.exec(select(Company).where(col(Company.id) == call.company_id).with_for_update()).one()
        weighed = weigh(session, call, company, _classification(session, lease.call_id))
        write(session, call, company, weighed)
        pipeline.finish(session, lease, Stage.ATTRIBUTED, tools.settings.queue)
    return Stage.ATTRIBUTED


def weigh(session: Session, call: Call, company: Company, classification: ClassificationRow) -> Weighed:
    """Judge a call by what is known of it now. What a person has decided stands, whatever the machine finds."""
    assert call.id is not None and company.id is not None
    said = said_in(session, call.id)
    mentions = enumerate(_mentions(classification))
    heard = [(_heard(mention, said, place), said[mention.turn].id) for place, mention in mentions]
    standing = ledger.current(session, call.id)
    facts = ledger.keep_decided(standing, Facts(classification.disposition, classification.booked))
    witnesses = [*_asked(session, call.id), *(witness for witness, _ in heard), *_decided(session, standing)]
    tracked = gathering.tracked_campaign(session, call, company)
    measured = gathering.measured_rates(session, company.id)
    dialled = [Witness(WitnessKind.TRACKED, tracked.source, 1.0, quote=tracked.name)] if tracked else []
    return Weighed(
        verdict=judge(tracked, witnesses, facts.disposition, measured.rates),
        witnesses=(*dialled, *witnesses),
        utterances={witness: row_id for witness, row_id in heard if row_id is not None},
        facts=facts,
        rules=f"{classification.version}, {measured.calls} reviewed, {measured.unreviewed} others",
    )


def write(session: Session, call: Call, company: Company, weighed: Weighed, *, why: str = "") -> VerdictRow:
    """Append the verdict, and keep the lead that follows from it."""
    assert call.id is not None
    row = ledger.append(
        session,
        call.id,
        weighed.verdict,
        weighed.witnesses,
        weighed.facts,
        utterances=weighed.utterances,
        why=why,
        rules=weighed.rules,
    )
    call.lead_id = gathering.lead_of(session, call, company, weighed.facts.disposition)
    session.add(call)
    session.flush()
    return row


def _decided(session: Session, standing: VerdictRow | None) -> list[Witness]:
    """The source that a reviewer has decided, as the witness that outweighs the others."""
    if standing is None or "source" not in standing.decided:
        return []
    return [w for w, _ in ledger.witnesses_of(session, standing) if w.kind is WitnessKind.REVIEWER]


def _classification(session: Session, call_id: int) -> ClassificationRow:
    return session.exec(
        select(ClassificationRow)
        .where(col(ClassificationRow.call_id) == call_id)
        .order_by(col(ClassificationRow.id).desc())
        .limit(1)
    ).one()


def _mentions(classification: ClassificationRow) -> list[SourceMention]:
    return [SourceMention(**mention) for mention in classification.mentions]


def _heard(mention: SourceMention, said: Sequence[UtteranceRow], position: int) -> Witness:
    """The mention as a witness, at the second of the recording where its first word was said.

    `position`: its place in the order of touch.
    """
    row = said[mention.turn]
    before = len(row.text[: mention.start_char].split())
    start = row.words[before]["start"] if before < len(row.words) else row.starts_at
    return witnesses_from_mentions([mention], at_seconds=float(start), position=position)[0]


def _asked(session: Session, call_id: int) -> list[Witness]:
    """The last answer in the call flow that names a source, or at least says that there is none."""
    answers = session.exec(select(Answer).where(col(Answer.call_id) == call_id).order_by(col(Answer.turn))).all()
    useful = [answer for answer in answers if answer.sources and answer.sources != ["not_stated"]]
    if not useful:
        return []
    answer = useful[-1]
    understood = HeardAnswer(tuple(answer.sources), answer.probability or 0.5, denied=tuple(answer.denied))
    quote = answer.text or f"pressed {answer.digits}"
    return list(witnesses_from_answer(understood, quote=quote, prompted=answer.prompted))
