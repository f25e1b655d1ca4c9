"""The review queue and the quality report as pages."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select

from tests import factories as make
from tests.web.company import Cast
from voicebot.attribution import ledger
from voicebot.attribution.review import Stake, doubt, kappa, worth
from voicebot.db import Database
from voicebot.tables import Company, LabelRow, TrackingNumber, User
from voicebot.terms import Disposition, Stage, VerdictKind

LEAD = Disposition.NEW_LEAD


def set_share(database: Database, cast: Cast, **shares: float) -> None:
    with database.writing() as session:
        company = session.get_one(Company, cast.ours.company_id)
        for name, share in shares.items():
            setattr(company, name, share)


def labels(database: Database) -> list[LabelRow]:
    with database.reading() as session:
        return list(session.exec(select(LabelRow).order_by(col(LabelRow.id))))


def test_one_key_keeps_a_label_and_decides_the_verdict(
    cast: Cast, installation: Database, logged_in: Callable[[str], TestClient]
) -> None:
    client = logged_in(cast.reviewer)
    page = client.get("/review")
    assert 'data-key="y"' in page.text and 'data-key="0"' in page.text
    call_id = cast.ours.recorded_call_id
    answer = client.post(f"/review/{call_id}", data={"source": "radio", "disposition": "existing_customer"})
    assert answer.headers["location"] == f"/review?done={call_id}"
    with installation.reading() as session:
        row = ledger.current(session, call_id)
    assert row is not None and (row.source, row.disposition) == ("radio", Disposition.EXISTING_CUSTOMER)
    [label] = labels(installation)
    assert (label.source, label.agrees, label.before_verdict) == ("radio", False, False)
    assert "Saved" in client.get(answer.headers["location"]).text


def test_yes_is_the_verdict_itself(cast: Cast, installation: Database, logged_in: Callable[[str], TestClient]) -> None:
    client = logged_in(cast.owner)
    client.post(f"/review/{cast.ours.recorded_call_id}", data={"source": "right"})
    [label] = labels(installation)
    assert label.agrees is True and label.source == "billboard"


def test_undo_brings_the_call_back_as_it_was(
    cast: Cast, installation: Database, logged_in: Callable[[str], TestClient]
) -> None:
    client, call_id = logged_in(cast.teammate), cast.ours.recorded_call_id
    client.post(f"/review/{call_id}", data={"source": "radio"})
    assert client.post(f"/review/{call_id}/undo").headers["location"] == f"/review?call={call_id}"
    with installation.reading() as session:
        row = ledger.current(session, call_id)
    assert row is not None and row.source == "billboard" and row.restores == 1


def test_a_call_drawn_at_random_is_judged_before_its_verdict_is_shown(
    cast: Cast, installation: Database, logged_in: Callable[[str], TestClient]
) -> None:
    set_share(installation, cast, review_share=1.0)
    client, call_id = logged_in(cast.reviewer), cast.ours.recorded_call_id
    page = client.get(f"/review?call={call_id}")
    assert "the verdict is hidden" in page.text
    assert "badge confirmed" not in page.text and 'value="right"' not in page.text
    client.post(f"/review/{call_id}", data={"source": "billboard"})
    [label] = labels(installation)
    assert label.before_verdict and label.random_draw and label.agrees


def test_a_second_person_judges_blind_and_changes_nothing(
    cast: Cast, installation: Database, logged_in: Callable[[str], TestClient]
) -> None:
    set_share(installation, cast, review_share=1.0, second_review_share=1.0)
    call_id = cast.ours.recorded_call_id
    logged_in(cast.reviewer).post(f"/review/{call_id}", data={"source": "radio"})
    second = logged_in(cast.manager)
    assert "A second pair of ears" in second.get(f"/review?call={call_id}").text
    second.post(f"/review/{call_id}", data={"source": "billboard"})
    with installation.reading() as session:
        row = ledger.current(session, call_id)
    assert row is not None and row.source == "radio" and len(labels(installation)) == 2


def test_the_calls_page_shows_what_was_decided_by_whom_and_takes_it_back(
    cast: Cast, installation: Database, logged_in: Callable[[str], TestClient]
) -> None:
    client, call_id = logged_in(cast.owner), cast.ours.recorded_call_id
    assert "Undo my last change" not in client.get(f"/calls/{call_id}").text
    client.post(f"/review/{call_id}", data={"disposition": "existing_customer", "booked": "no"})
    page = client.get(f"/calls/{call_id}").text
    assert "Existing customer · no appointment agreed" in page and f'href="/review?call={call_id}"' in page
    assert "Undo my last change" in page
    assert "Undo my last change" not in logged_in(cast.reviewer).get(f"/calls/{call_id}").text
    client.post(f"/review/{call_id}/undo")
    with installation.reading() as session:
        row = ledger.current(session, call_id)
    assert row is not None and row.restores == 1


def test_an_answer_that_says_nothing_is_refused(cast: Cast, logged_in: Callable[[str], TestClient]) -> None:
    assert logged_in(cast.owner).post(f"/review/{cast.ours.recorded_call_id}").status_code == 422


def test_other_companies_people_may_neither_see_nor_judge(
    cast: Cast, installation: Database, logged_in: Callable[[str], TestClient]
) -> None:
    client, call_id = logged_in(cast.outsider), cast.ours.recorded_call_id
    assert client.get(f"/review?call={call_id}").status_code == 404
    assert client.get(f"/review?done={call_id}").status_code == 404
    assert client.post(f"/review/{call_id}", data={"source": "radio"}).status_code == 404
    assert labels(installation) == []


def test_the_quality_report_says_that_nothing_is_checked_yet(
    cast: Cast, logged_in: Callable[[str], TestClient]
) -> None:
    client = logged_in(cast.owner)
    page = client.get("/quality")
    assert "Stated priors, not yet checked on your calls" in page.text
    assert "what is true" in page.text
    report = client.get("/quality.json").json()
    assert report["leads"] == sum(row["tracked"] for row in report["rows"])
    assert sum(row["corrected"]["leads"] for row in report["rows"]) == pytest.approx(report["leads"])
    assert len(client.get("/quality.csv").text.splitlines()) == len(report["rows"]) + 1


def test_the_reliability_of_probabilities_is_shown_from_fifty_calls_on_and_on_random_ones_alone(
    cast: Cast, installation: Database, logged_in: Callable[[str], TestClient]
) -> None:
    def judge_calls(count: int, probability: float, said: str, **over: bool) -> None:
        with installation.writing() as session:
            [number, *_] = session.exec(select(TrackingNumber).where(col(TrackingNumber.id).in_(cast.ours.number_ids)))
            person = session.exec(select(User).where(col(User.email) == cast.reviewer)).one()
            for _ in range(count):
                call = make.call(session, number, stage=Stage.ATTRIBUTED)
                verdict = make.verdict(session, call, probability=probability)
                make.label(session, verdict, person, source=said, **over)

    client = logged_in(cast.owner)
    judge_calls(40, 0.95, "billboard")
    judge_calls(9, 0.65, "radio")
    judge_calls(50, 0.45, "billboard", random_draw=False)
    page = client.get("/quality").text
    assert "Not yet checked on your calls" in page and "<circle" not in page
    judge_calls(1, 0.65, "billboard")
    page = client.get("/quality").text
    assert "Not yet checked on your calls" not in page
    assert page.count("<circle") == 2 and "Reliability as a table" in page
    found = client.get("/quality.json").json()["reviewing"]["calibration"]
    assert [(part["count"], part["few"]) for part in found["bins"]] == [(10, True), (40, False)]
    assert found["error"] == pytest.approx(0.8 * 0.05 + 0.2 * 0.55)
    assert found["bins"][0]["right"]["estimate"] == pytest.approx(0.1)


def stake(kind: VerdictKind, source: float, lead: float = 1.0, disposition: Disposition = LEAD) -> Stake:
    return Stake(kind, disposition, source, lead, 500)  # type: ignore[arg-type]


def test_a_look_is_worth_the_money_at_stake_times_the_doubt() -> None:
    assert worth(stake(VerdictKind.CONFLICT, 0.6)) == pytest.approx(200)
    assert doubt(stake(VerdictKind.CONFIRMED, 0.9, 0.8)) == pytest.approx(1 - 0.9 * 0.8)
    assert doubt(stake(VerdictKind.SILENT, 0.9)) == pytest.approx(0.01)
    assert doubt(stake(VerdictKind.SILENT, 0.9, 0.3, Disposition.SPAM)) == pytest.approx(0.3)


def test_kappa_is_agreement_beyond_chance() -> None:
    assert kappa([("a", "a"), ("b", "b")]) == pytest.approx(1.0)
    assert kappa([("a", "a"), ("a", "b"), ("b", "a"), ("b", "b")]) == pytest.approx(0.0)
    assert kappa([]) is None and kappa([("a", "a")]) is None
