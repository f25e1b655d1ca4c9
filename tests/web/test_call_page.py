"""A call's page and the value entered on it."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient

from tests import factories as make
from tests.web.company import Cast
from voicebot.db import Database
from voicebot.tables import Call, Lead
from voicebot.terms import LeadOutcome


@pytest.fixture
def owner(cast: Cast, logged_in: Callable[[str], TestClient]) -> TestClient:
    return logged_in(cast.owner)


@pytest.fixture
def page(owner: TestClient, cast: Cast) -> str:
    return owner.get(f"/calls/{cast.ours.recorded_call_id}").text


def test_the_head_says_who_called_what_and_when_the_notice_was_played(page: str) -> None:
    for part in ("(737) 555-0000", "(512) 555-0100", "Billboard on I-35", "played after 4 s", "2 min 46 s"):
        assert part in page


def test_the_verdict_stands_with_its_reasons_and_its_journey(page: str) -> None:
    assert 'badge confirmed">Confirmed</span>' in page
    assert "97%" in page
    assert "The number dialled stands for billboard." in page
    assert "Journey:" in page


def test_a_heard_quote_leads_to_its_second_in_the_recording(page: str, cast: Cast) -> None:
    assert f'class="quote" data-seek="9.20" data-in="{cast.ours.recording_id}"' in page
    assert "I drove past your billboard this morning" in page


def test_words_carry_their_times_and_the_doubtful_ones_are_shaded(page: str) -> None:
    assert 'class="word unsure"' in page
    assert 'title="41% sure"' in page
    assert 'data-start="3.90"' in page
    assert page.count('<li class="caller"') == 3


def test_the_call_stands_in_short_with_its_score_and_every_sentence_leads_to_its_second(
    owner: TestClient, cast: Cast, installation: Database
) -> None:
    words = {"turn": 0, "start_char": 0, "end_char": 7, "quote": "I drove"}
    evidence = {
        "summary": [words], "times": [{"value": "tuesday at ten", "words": words}], "places": {},
        "reasons": [{"text": "an appointment was agreed", "points": 25, "words": words}],
    }  # fmt: skip
    with installation.writing() as session:
        make.classification(
            session, session.get_one(Call, cast.ours.recorded_call_id), lead_score=82, urgency="now",
            callback_number="713-555-0142", address="88 Parson Lane", evidence=evidence,
        )  # fmt: skip
    page = owner.get(f"/calls/{cast.ours.recorded_call_id}").text
    for part in ("<b>82</b>", "An appointment was agreed", "+25", "713-555-0142", "88 Parson Lane", "tuesday at ten"):
        assert part in page
    assert "<q>I drove</q>" in page and "data-seek" in page.split('id="findings"')[1].split("</p>")[1]


def test_the_pipelines_steps_stand_with_their_times(page: str) -> None:
    assert "<td>Transcribed</td>" in page
    assert "10 s" in page
    assert "Verdict after" in page


def test_the_conversation_before_the_agent_stands_with_its_proof_and_its_quotes(
    owner: TestClient, cast: Cast, installation: Database
) -> None:
    with installation.writing() as session:
        call = session.get_one(Call, cast.ours.recorded_call_id)
        call.notice_text, call.notice_language, call.tags = "Calls are recorded & transcribed.", "en-US", ["sales"]
        call.recording_declined, call.asking, call.wait_seconds = True, "held_out", 7.4
        make.answer(session, call, question="zip", turn=3, text="it is 78704", sources=[], value="78704", quote="78704")
    page = owner.get(f"/calls/{cast.ours.recorded_call_id}").text
    for part in (
        'lang="en-US">Calls are recorded &amp; transcribed.',
        "declined the recording",
        ">sales<",
        "held out",
        "<b>78704</b>",
        "from <q>78704</q>",
    ):
        assert part in page


def test_a_failed_stage_is_seen_at_once(owner: TestClient, cast: Cast) -> None:
    page = owner.get(f"/calls/{cast.ours.call_ids[7]}").text
    assert "The pipeline failed after “fetched”:" in page
    assert page.count("The recording is damaged: no audio frames were found.") >= 2
    assert "No verdict: a stage failed and waits for a person." in page


def test_the_json_twin_holds_verdicts_witnesses_and_words(owner: TestClient, cast: Cast) -> None:
    document = owner.get(f"/calls/{cast.ours.recorded_call_id}.json").json()
    assert document["verdicts"][0]["kind"] == "confirmed"
    assert [witness["kind"] for witness in document["verdicts"][0]["witnesses"]] == ["tracked", "asked", "heard"]
    assert document["recordings"][0]["lines"][0]["words"][0]["text"] == "Hill"
    assert "lease_owner" not in document["call"]


def test_a_value_is_kept_with_its_currency(owner: TestClient, cast: Cast, installation: Database) -> None:
    form = {"outcome": "won", "value": "1,250.50", "currency": "eur"}
    answer = owner.post(f"/calls/{cast.ours.recorded_call_id}/value", data=form)
    assert answer.status_code == 303
    assert "Saved." in owner.get(answer.headers["location"].split("#")[0]).text
    lead = lead_of(installation, cast.ours.recorded_call_id)
    assert (lead.outcome, lead.value, lead.currency) == (LeadOutcome.WON, Decimal("1250.50"), "EUR")


def test_an_empty_value_takes_the_value_back(owner: TestClient, cast: Cast, installation: Database) -> None:
    owner.post(f"/calls/{cast.ours.recorded_call_id}/value", data={"outcome": "lost", "value": ""})
    lead = lead_of(installation, cast.ours.recorded_call_id)
    assert (lead.outcome, lead.value, lead.currency) == (LeadOutcome.LOST, None, None)


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"value": "a lot"}, "&#39;a lot&#39; is not an amount"),
        ({"value": "-5"}, "is not an amount"),
        ({"value": "1e9"}, "is not an amount"),
        ({"value": "999999999999"}, "more than we can believe"),
        ({"value": "1.005"}, "more than two decimals"),
        ({"value": "5", "currency": "dollars"}, "Use its three letters"),
        ({"outcome": "sold"}, "is not an outcome"),
    ],
)
def test_a_value_that_cannot_be_read_is_named_and_nothing_typed_is_lost(
    owner: TestClient, cast: Cast, installation: Database, form: dict[str, str], message: str
) -> None:
    before = lead_of(installation, cast.ours.recorded_call_id)
    answer = owner.post(f"/calls/{cast.ours.recorded_call_id}/value", data=form)
    assert answer.status_code == 422
    assert message in answer.text
    assert f'name="value" value="{form.get("value", "")}"' in answer.text
    assert lead_of(installation, cast.ours.recorded_call_id) == before


def test_a_call_of_no_lead_takes_no_value(owner: TestClient, cast: Cast) -> None:
    spam = cast.ours.call_ids[4]
    assert "Values are entered on calls of new leads" in owner.get(f"/calls/{spam}").text
    answer = owner.post(f"/calls/{spam}/value", data={"value": "5"})
    assert answer.status_code == 409
    assert "belongs to no lead" in answer.text


def test_a_reader_sees_the_value_and_no_form(cast: Cast, logged_in: Callable[[str], TestClient]) -> None:
    page = logged_in(cast.teammate).get(f"/calls/{cast.ours.recorded_call_id}").text
    assert f"/calls/{cast.ours.recorded_call_id}/value" not in page
    assert "Won · $" in page


def lead_of(database: Database, call_id: int) -> Lead:
    with database.reading() as session:
        return session.get_one(Lead, session.get_one(Call, call_id).lead_id)
