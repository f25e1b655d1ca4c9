"""Leads corrected by measured error rates: hand-counted cases, and intervals that hold the truth as they should."""

from collections.abc import Iterator

import numpy as np
import pytest

from voicebot.attribution.shares import ELSEWHERE, SPOKEN, STATED, Evidence, correct, flows, known_outcomes
from voicebot.terms import VerdictKind

CONFIRMED, CORRECTED = VerdictKind.CONFIRMED, VerdictKind.CORRECTED
CONFLICT, SILENT = VerdictKind.CONFLICT, VerdictKind.SILENT
# Callers whom the number brought are confirmed, the others corrected: a conflict says nothing either way.
CLEAR = {False: {CONFIRMED: 0.9, CORRECTED: 0.0, CONFLICT: 0.1}, True: {CONFIRMED: 0.0, CORRECTED: 0.9, CONFLICT: 0.1}}


def test_silent_leads_go_where_the_spoken_ones_of_their_campaign_went() -> None:
    counts = {Evidence("a", CONFIRMED): 80, Evidence("a", CORRECTED, "b"): 20, Evidence("a", SILENT): 100}
    found = flows(counts, CLEAR)
    assert found["a", "b"] == pytest.approx(40) and found["a", "a"] == pytest.approx(160)


def test_a_campaign_of_which_nobody_spoke_borrows_from_the_others() -> None:
    counts = {Evidence("a", CONFIRMED): 90, Evidence("a", CORRECTED, "c"): 10, Evidence("b", SILENT): 50}
    assert flows(counts, CLEAR)["b", "c"] == pytest.approx(5)


def test_a_conflict_is_shared_out_by_how_often_its_campaign_is_wrong() -> None:
    counts = {Evidence("a", CONFIRMED): 60, Evidence("a", CORRECTED, "b"): 40, Evidence("a", CONFLICT, "c"): 10}
    assert flows(counts, CLEAR)["a", "c"] == pytest.approx(4)


def test_what_a_person_decided_is_sure() -> None:
    found = flows({Evidence("a", CORRECTED, "b", sure=True): 10, Evidence("a", CONFIRMED, sure=True): 5}, CLEAR)
    assert (found["a", "b"], found["a", "a"]) == (10, 5)


def test_leads_that_came_another_way_of_which_nobody_spoke_are_elsewhere() -> None:
    found = flows({Evidence("a", CONFIRMED): 5, Evidence("a", CONFLICT): 5}, known_rates())
    assert found["a", ELSEWHERE] > 0


def known_rates() -> dict[bool, dict[VerdictKind, float]]:
    counts = known_outcomes([])
    return {went: {kind: n / sum(row.values()) for kind, n in row.items()} for went, row in counts.items()}


def test_nothing_gives_nothing() -> None:
    assert correct([], known_outcomes([])).places == {}


def test_no_lead_is_lost_or_invented() -> None:
    leads = [Evidence("a", CONFIRMED)] * 7 + [Evidence("b", CONFLICT, "a")] * 5 + [Evidence("b", SILENT)] * 9
    found = correct(leads, known_outcomes([(False, CONFIRMED)]), draws=50)
    assert sum(entry.leads for entry in found.places.values()) == pytest.approx(21)
    assert all(entry.low <= entry.high for entry in found.flows.values())


PLACES, LEADS = 4, 700
DIALLED, AWAY = np.array([0.4, 0.3, 0.2, 0.1]), np.array([0.1, 0.3, 0.2, 0.15])
Outcome = tuple[bool, VerdictKind]


def company(chance: np.random.Generator) -> Iterator[tuple[Evidence, Outcome | None]]:
    """Leads of a company whose numbers are often wrong: 40 % silent, of the rest 30 % reviewed at random.

    How verdicts come out in it is drawn from what is stated of them, so that no world is the expected one.
    """
    comes_out = {went: chance.dirichlet([row[kind] for kind in SPOKEN]) for went, row in STATED.items()}
    dialled = chance.choice(PLACES, LEADS, p=DIALLED)
    gone = chance.random(LEADS) < AWAY[dialled]
    others = (dialled + chance.integers(1, PLACES, LEADS)) % PLACES
    kinds = {went: chance.choice(3, LEADS, p=comes_out[went]) for went in (False, True)}
    speaks, reviewed = chance.random(LEADS) < 0.6, chance.random(LEADS) < 0.3
    for lead in range(LEADS):
        at, went = int(dialled[lead]), bool(gone[lead])
        if not speaks[lead]:
            yield Evidence(at, SILENT), None
            continue
        kind = SPOKEN[kinds[went][lead]]
        named = None if kind is CONFIRMED else int(others[lead])
        yield Evidence(at, kind, named), (went, kind) if reviewed[lead] else None


def test_intervals_hold_the_true_leads_in_93_to_97_of_100_worlds() -> None:
    """What each campaign brought on average in such a company, in worlds of the seeds 0 to 249."""
    moved = DIALLED * AWAY
    expected = LEADS * (DIALLED - moved + (moved.sum() - moved) / (PLACES - 1))
    inside = total = 0
    for seed in range(250):
        drawn = list(company(np.random.default_rng(seed)))
        outcomes = known_outcomes(outcome for _, outcome in drawn if outcome)
        found = correct([evidence for evidence, _ in drawn], outcomes, draws=150, seed=seed)
        for place, leads in enumerate(expected):
            entry = found.places[place]
            inside, total = inside + (entry.low <= leads <= entry.high), total + 1
    assert 0.93 <= inside / total <= 0.97, inside / total
