"""What calls that nobody reviewed tell of the error rates."""

from dataclasses import replace
from datetime import date

import pytest

from voicebot.attribution.beta import Beta
from voicebot.attribution.error_rates import STATED_PRIORS
from voicebot.attribution.evidence import TrackedCampaign, Witness
from voicebot.attribution.rates import STRENGTH, Measured, Reviewed, measure, suppose
from voicebot.attribution.unreviewed import WEIGHT, alike, supposed
from voicebot.terms import WitnessKind

ASKED, HEARD = WitnessKind.ASKED, WitnessKind.HEARD
BILLBOARD = TrackedCampaign(1, "Billboard", "billboard", date(2026, 1, 1), None, date(2026, 6, 1))
SAME, OTHER = Witness(ASKED, "billboard", 0.95), Witness(ASKED, "radio", 0.95)


def after(*witnesses: tuple[Witness, ...], calls: int = 100) -> Measured:
    return measure([], supposed=suppose([], [(BILLBOARD, said) for said in witnesses] * calls))


def test_witnesses_that_agree_are_believed_more_and_those_that_disagree_less() -> None:
    agreeing, disagreeing = after((SAME,)).rates, after((OTHER,)).rates
    for name in ("tracked", "asked"):
        assert getattr(agreeing, name) < getattr(STATED_PRIORS, name) < getattr(disagreeing, name)


def test_who_is_outvoted_is_the_one_who_is_wrong() -> None:
    heard = replace(OTHER, kind=HEARD)
    denied = replace(SAME, denied=True)
    number_wrong, caller_wrong = after((OTHER, heard, denied)).rates, after((OTHER, replace(SAME, kind=HEARD))).rates
    assert number_wrong.tracked > 0.4 > caller_wrong.tracked
    assert caller_wrong.asked > STATED_PRIORS.asked > number_wrong.asked


def test_silent_calls_steps_on_the_way_and_numbers_without_a_campaign_tell_nothing() -> None:
    website = replace(OTHER, source="website")
    assert alike([(BILLBOARD, ()), (BILLBOARD, (website,)), (None, (OTHER,))]) == {}
    assert suppose([], [(BILLBOARD, ())]).calls == 0


def test_calls_that_say_the_same_are_counted_together_whatever_their_words_and_day() -> None:
    later = replace(BILLBOARD, called_on=date(2026, 7, 1))
    told = alike([(BILLBOARD, (SAME,)), (later, (replace(SAME, quote="I saw it", at_seconds=4.2),))])
    assert list(told.values()) == [2 * WEIGHT]
    over = replace(BILLBOARD, ends_on=date(2026, 5, 1))
    assert len(alike([(BILLBOARD, (SAME,)), (over, (SAME,))])) == 2


def test_what_is_supposed_of_a_call_sums_to_one() -> None:
    assert sum(chance for _, chance in supposed(BILLBOARD, (OTHER,), STATED_PRIORS)) == pytest.approx(1)


def test_unreviewed_calls_move_a_rate_and_make_nothing_surer() -> None:
    known = {entry.name: entry for entry in after((OTHER,), calls=300).table}["asked"]
    assert known.mean > STATED_PRIORS.asked and known.unreviewed > 100 and known.trials == 0
    assert (known.low, known.high) == pytest.approx(Beta.stated(known.mean, STRENGTH).interval())


def test_what_reviewers_heard_outvotes_what_was_supposed() -> None:
    reviewed = [Reviewed(BILLBOARD, (OTHER,), "billboard")] * 100
    others = suppose(reviewed, [(BILLBOARD, (OTHER,))] * 100)
    measured = measure(reviewed, supposed=others).rates
    assert measured.asked > 0.7 and measured.tracked < 0.15
