"""The rules of agreement, one sentence each, and the properties that hold for any witnesses."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot import taxonomy
from voicebot.attribution.evidence import TrackedCampaign, Witness, names_a_source
from voicebot.attribution.likelihood import STATED_PRIORS, candidates, posterior
from voicebot.attribution.verdict import NOT_MARKETING, judge
from voicebot.terms import Disposition, VerdictKind, WitnessKind

ASKED, HEARD, REVIEWER = WitnessKind.ASKED, WitnessKind.HEARD, WitnessKind.REVIEWER
LEAD = Disposition.NEW_LEAD
BILLBOARD = TrackedCampaign(1, "Billboard I-35", "billboard", date(2026, 1, 1), None, date(2026, 11, 1))
GOOGLE = replace(BILLBOARD, campaign_id=2, name="Search ads", source="google_ads")


def asked(source: str, **over: object) -> Witness:
    return Witness(ASKED, source, 0.9, **over)  # type: ignore[arg-type]


def heard(source: str, **over: object) -> Witness:
    return Witness(HEARD, source, 0.9, at_seconds=14.0, **over)  # type: ignore[arg-type]


RULES = [
    ("nothing said is silent and keeps the campaign", BILLBOARD, [], "silent", "billboard"),
    ("the same source confirms", BILLBOARD, [asked("billboard")], "confirmed", "billboard"),
    (
        "a vague source that covers it confirms",
        GOOGLE,
        [heard("google_unspecified")],
        "confirmed",
        "google_ads",
    ),
    ("an ad somewhere confirms a billboard", BILLBOARD, [asked("ad_unspecified")], "confirmed", "billboard"),
    (
        "an earlier touch beside an agreeing one confirms",
        GOOGLE,
        [asked("vehicle_wrap"), asked("google_unspecified", position=1)],
        "confirmed",
        "google_ads",
    ),
    (
        "another source alone does not unseat the number",
        BILLBOARD,
        [asked("radio")],
        "conflict",
        "billboard",
    ),
    (
        "a denied campaign and another source correct",
        BILLBOARD,
        [asked("friend_family"), asked("billboard", denied=True)],
        "corrected",
        "friend_family",
    ),
    ("a denial alone is a conflict", BILLBOARD, [heard("billboard", denied=True)], "conflict", "billboard"),
    (
        "one telling that confirms and one that denies are a conflict",
        BILLBOARD,
        [asked("billboard"), heard("billboard", denied=True)],
        "conflict",
        "billboard",
    ),
    ("the website is a step on the way", BILLBOARD, [asked("website")], "silent", "billboard"),
    ("a returning customer never unseats the campaign", BILLBOARD, [heard("repeat_customer")], "silent", "billboard"),
    (
        "a returning customer who denies the campaign never unseats it",
        BILLBOARD,
        [heard("repeat_customer"), heard("billboard", denied=True), heard("radio")],
        "conflict",
        "billboard",
    ),
    ("not remembering says nothing", BILLBOARD, [asked("unknown")], "silent", "billboard"),
    (
        "a campaign that has not begun is unseated by another source",
        replace(BILLBOARD, starts_on=date(2026, 12, 1)),
        [asked("radio")],
        "corrected",
        "radio",
    ),
    (
        "a campaign that has not begun and is named all the same is a conflict",
        replace(BILLBOARD, starts_on=date(2026, 12, 1)),
        [asked("billboard")],
        "conflict",
        "billboard",
    ),
    (
        "a campaign that is over is unseated by another source",
        replace(BILLBOARD, ends_on=date(2026, 10, 1)),
        [asked("radio")],
        "corrected",
        "radio",
    ),
    (
        "a copied number is unseated by another source",
        replace(BILLBOARD, number_copied=True),
        [heard("yelp")],
        "corrected",
        "yelp",
    ),
    ("a reviewer decides", BILLBOARD, [asked("billboard"), Witness(REVIEWER, "radio", 1.0)], "corrected", "radio"),
    ("a number without a campaign takes the stated source", None, [asked("radio")], "corrected", "radio"),
    ("a number without a campaign and nothing said stays unknown", None, [], "silent", None),
]


@pytest.mark.parametrize(("tracked", "witnesses", "kind", "source"), [r[1:] for r in RULES], ids=[r[0] for r in RULES])
def test_rule(tracked: TrackedCampaign, witnesses: list[Witness], kind: str, source: str) -> None:
    verdict = judge(tracked, witnesses, LEAD)
    assert (str(verdict.kind), verdict.source) == (kind, source)
    assert verdict.reasons or tracked is None


def test_the_earlier_touch_stands_before_the_campaign() -> None:
    verdict = judge(GOOGLE, [asked("vehicle_wrap"), asked("google_unspecified", position=1)], LEAD)
    assert [touch.source for touch in verdict.touches] == ["vehicle_wrap", "google_ads"]


@pytest.mark.parametrize("disposition", sorted(NOT_MARKETING))
def test_callers_who_are_no_customers_say_nothing_about_marketing(disposition: Disposition) -> None:
    verdict = judge(BILLBOARD, [asked("radio"), heard("billboard", denied=True)], disposition)
    assert verdict.kind is VerdictKind.SILENT


def test_two_tellings_of_one_memory_weigh_less_than_two_memories_would() -> None:
    both = [asked("radio"), heard("radio")]
    once = judge(BILLBOARD, both[:1], LEAD).probability
    twice = judge(BILLBOARD, both, LEAD).probability
    independent = judge(BILLBOARD, both, LEAD, replace(STATED_PRIORS, one_memory=0.0)).probability
    assert independent < twice < once


def test_a_prompted_answer_confirms_less_than_a_free_one() -> None:
    free = judge(BILLBOARD, [asked("billboard")], LEAD).probability
    prompted = judge(BILLBOARD, [asked("billboard", prompted=True)], LEAD).probability
    assert 0.9 < prompted < free


leaves = st.sampled_from(sorted(taxonomy.sources()))
witnesses = st.lists(
    st.builds(
        Witness,
        kind=st.sampled_from([ASKED, HEARD]),
        source=leaves,
        probability=st.floats(0, 1),
        prompted=st.booleans(),
        denied=st.booleans(),
        at_seconds=st.none() | st.floats(0, 600),
        position=st.integers(0, 3),
    ),
    max_size=5,
)
campaigns = st.builds(
    TrackedCampaign,
    campaign_id=st.integers(1, 9),
    name=st.just("Campaign"),
    source=leaves.filter(lambda leaf: not taxonomy.source(leaf).none),
    starts_on=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    ends_on=st.none() | st.dates(date(2026, 6, 1), date(2026, 12, 31)),
    called_on=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    number_copied=st.booleans(),
)
dispositions = st.sampled_from(list(Disposition))


@given(tracked=st.none() | campaigns, said=witnesses, disposition=dispositions, seed=st.randoms())
def test_a_verdict_never_depends_on_the_order_of_the_witnesses(tracked, said, disposition, seed) -> None:
    shuffled = list(said)
    seed.shuffle(shuffled)
    one, other = judge(tracked, said, disposition), judge(tracked, shuffled, disposition)
    assert (one.kind, one.source, one.probability, one.touches) == (
        other.kind,
        other.source,
        other.probability,
        other.touches,
    )


@given(tracked=st.none() | campaigns, said=witnesses, disposition=dispositions)
def test_a_denied_source_is_never_put_in_the_campaigns_place(tracked, said, disposition) -> None:
    verdict = judge(tracked, said, disposition)
    assert 0 <= verdict.probability <= 1
    denied = {witness.source for witness in said if witness.denied}
    if verdict.kind is VerdictKind.CORRECTED:
        assert verdict.source not in denied


@given(tracked=campaigns, said=witnesses, disposition=dispositions)
def test_a_campaign_is_unseated_only_by_denial_dates_or_a_copied_number(tracked, said, disposition) -> None:
    verdict = judge(tracked, said, disposition)
    if verdict.kind is not VerdictKind.CORRECTED:
        assert verdict.campaign_id == tracked.campaign_id
        return
    denied = any(w.denied and taxonomy.agrees(w.source, tracked.source) for w in said)
    assert denied or tracked.number_copied or tracked.not_yet_running or tracked.already_over
    assert verdict.source != "repeat_customer" and verdict.campaign_id is None


@given(tracked=campaigns, said=witnesses, disposition=dispositions)
def test_one_more_agreeing_witness_never_unseats_a_campaign(tracked, said, disposition) -> None:
    more = [*said, Witness(HEARD, tracked.source, 0.9)]
    assert judge(tracked, more, disposition).kind is not VerdictKind.CORRECTED


@given(tracked=campaigns, said=witnesses)
def test_silent_means_that_nothing_stated_bears_on_the_campaign(tracked, said) -> None:
    stated = [w for w in said if names_a_source(w) and not w.denied]
    bearing = [w for w in stated if not taxonomy.source(w.source).step and w.source != "repeat_customer"]
    denied = {w.source for w in said if w.denied}
    verdict = judge(tracked, said, LEAD)
    if verdict.kind is VerdictKind.SILENT:
        assert all(w.source in denied for w in bearing)
    if not stated and not denied:
        assert verdict.kind is VerdictKind.SILENT


@given(tracked=st.none() | campaigns, said=witnesses)
def test_the_probabilities_of_all_sources_sum_to_one(tracked, said) -> None:
    chances = posterior(tracked, said)
    assert set(chances) == set(candidates())
    assert sum(chances.values()) == pytest.approx(1.0)
