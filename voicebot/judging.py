"""The last stage: gather the witnesses of a call, judge, write the ledger, and keep the lead."""

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from voicebot import pipeline
from voicebot.attribution import ledger
from voicebot.attribution.evidence import TrackedCampaign, Witness, witnesses_from_answer, witnesses_from_mentions
from voicebot.attribution.verdict import judge
from voicebot.classify.labels import HeardAnswer, SourceMention
from voicebot.pipeline import Lease
from voicebot.stages import Tools, said_in
from voicebot.tables import Answer, Call, Campaign, ClassificationRow, Company, Lead, UtteranceRow
from voicebot.terms import Disposition, Stage, WitnessKind


def attribute(tools: Tools, lease: Lease) -> Stage:
    """Weigh what the number, the answer and the conversation say, and append the verdict."""
    with tools.database.writing() as session:
        call = pipeline.held(session, lease)
        # One lead per caller: two calls of one company must not both find none.
        company = session.exec(select(Company).where(col(Company.id) == call.company_id).with_for_update()).one()
        classification = _classification(session, lease.call_id)
        said = said_in(session, lease.call_id)
        heard = [(_heard(mention, said), said[mention.turn].id) for mention in _mentions(classification)]
        witnesses = [*_asked(session, lease.call_id), *(witness for witness, _ in heard)]
        tracked = _tracked(session, call, company)
        verdict = judge(tracked, witnesses, classification.disposition)
        dialled = [Witness(WitnessKind.TRACKED, tracked.source, 1.0, quote=tracked.name)] if tracked else []
        ledger.append(
            session,
            lease.call_id,
            verdict,
            [*dialled, *witnesses],
            classification.disposition,
            utterances={witness: row_id for witness, row_id in heard if row_id is not None},
        )
        call.lead_id = _lead(session, call, company, classification.disposition)
        session.add(call)
        session.flush()
        pipeline.finish(session, lease, Stage.ATTRIBUTED, tools.settings.queue)
    return Stage.ATTRIBUTED


def _classification(session: Session, call_id: int) -> ClassificationRow:
    return session.exec(
        select(ClassificationRow)
        .where(col(ClassificationRow.call_id) == call_id)
        .order_by(col(ClassificationRow.id).desc())
        .limit(1)
    ).one()


def _mentions(classification: ClassificationRow) -> list[SourceMention]:
    return [SourceMention(**mention) for mention in classification.mentions]


def _heard(mention: SourceMention, said: Sequence[UtteranceRow]) -> Witness:
    """The mention as a witness, at the second of the recording where its first word was said."""
    row = said[mention.turn]
    before = len(row.text[: mention.start_char].split())
    start = row.words[before]["start"] if before < len(row.words) else row.starts_at
    return witnesses_from_mentions([mention], at_seconds=float(start))[0]


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


def _tracked(session: Session, call: Call, company: Company) -> TrackedCampaign | None:
    if call.campaign_id is None:
        return None
    campaign = session.get_one(Campaign, call.campaign_id)
    assert campaign.id is not None
    return TrackedCampaign(
        campaign_id=campaign.id,
        name=campaign.name,
        source=campaign.source,
        starts_on=campaign.starts_on,
        ends_on=campaign.ends_on,
        called_on=call.started_at.astimezone(ZoneInfo(company.time_zone)).date(),
        number_copied=campaign.number_copied,
    )


def _lead(session: Session, call: Call, company: Company, disposition: Disposition) -> int | None:
    """The lead that this call belongs to: the caller's within the company's window, or a new one."""
    if disposition is not Disposition.NEW_LEAD or call.is_test:
        return None
    key = call.caller_number or f"call:{call.call_sid}"
    known = session.exec(
        select(Lead)
        .where(
            col(Lead.company_id) == call.company_id,
            col(Lead.caller_key) == key,
            col(Lead.first_called_at) > call.started_at - timedelta(days=company.lead_window_days),
        )
        .order_by(col(Lead.first_called_at))
    ).first()
    if known is None:
        known = Lead(company_id=call.company_id, caller_key=key, first_called_at=call.started_at)
        session.add(known)
        session.flush()
    return known.id
