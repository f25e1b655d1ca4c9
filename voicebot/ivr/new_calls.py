"""A call comes in: its row, and what is known of the caller before a word is said."""

from datetime import timedelta

from voicebot import phone
from voicebot.columns import utc_now
from voicebot.ivr import keeping, lookup, loops, progress
from voicebot.ivr.dialogue import SOURCE, Caller, State
from voicebot.ivr.flow import Reject
from voicebot.ivr.lookup import Dialled, Known
from voicebot.ivr.requests import IncomingCall
from voicebot.prepared import AnySession, fresh
from voicebot.reports.running import running_sources
from voicebot.tables import Call
from voicebot.terms import Stage


def new_call(session: AnySession, event: IncomingCall, dialled: Dialled) -> Known:
    """The row of a call that rings for the first time, written with the next flush."""
    call = fresh(
        Call,
        company_id=dialled.company_id,
        call_sid=event.call_sid,
        account_sid=event.account_sid,
        tracking_number_id=dialled.number_id,
        campaign_id=dialled.campaign_id,
        call_flow_version_id=dialled.version_id,
        from_number=event.from_number,
        caller_number=phone.caller_number(event.from_number),
        caller_name=event.caller_name,
        caller_city=event.city,
        caller_state=event.state,
        caller_zip=event.zip,
        caller_country=event.country,
        stir_verstat=event.stir_verstat,
        is_first_call=not dialled.has_called_before,
        is_test=dialled.is_own_number,
        stage=Stage.RINGING,
    )
    # Should every later webhook be lost, the carrier is asked what became of the call.
    call.next_attempt_at = utc_now() + progress.LOST_AFTER
    session.add(call)
    return Known(call, dialled.flow, dialled.flow_id, dialled.destination, "")


def caller(session: AnySession, event: IncomingCall, dialled: Dialled, call: Call) -> Caller:
    """What the dialogue must know to begin. Spam is looked up only for flows that reject."""
    labels = keeping.labels_of(dialled.flow)
    named = lookup.destinations(session, dialled.company_id, labels - {""})
    destinations = named | ({"": dialled.destination} if "" in labels else {})
    reject = dialled.flow.steps[0]
    blocked, recent = False, 0
    if isinstance(reject, Reject):
        since = call.started_at - timedelta(minutes=reject.minutes)
        blocked = lookup.is_blocked(session, dialled.company_id, call.caller_number)
        recent = lookup.recent_calls(session, dialled.company_id, call.caller_number, since)
    excluded = loops.leading_back(
        destinations,
        from_number=event.from_number,
        to_number=event.to_number,
        forwarded_from=event.forwarded_from,
    )
    if loops.is_back(dialled.flow, dialled.forwarding_since, call.started_at):
        # Which of the phones sent it back, nobody says.
        excluded = tuple(labels)
    return Caller(
        call_sid=call.call_sid,
        first_call=call.is_first_call,
        at=call.started_at.astimezone(dialled.zone),
        blocked=blocked,
        recent_calls=recent,
        stir_verstat=event.stir_verstat,
        excluded=excluded,
    )


def offers(session: AnySession, call: Call, state: State) -> tuple[str, ...]:
    """Sources that a confirming question may offer; read only when the source question was answered."""
    if state.question != SOURCE:
        return ()
    running = running_sources(session, call.company_id, state.moment.date(), call.campaign_id)
    if not lookup.draws_decoy(call.id or 0):
        return running
    return (*lookup.never_run(session, call.company_id)[:1], *running)
