"""Call flows: the list, the editor, the talk, and who may change them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from tests import factories as make
from tests.web.company import Cast
from voicebot.columns import utc_now
from voicebot.db import Database
from voicebot.ivr.flow import shipped
from voicebot.tables import CallFlow, CallFlowVersion, TrackingNumber

Enter = Callable[[str], TestClient]
CHANGED = """
version: 2
steps:
  - {type: greeting, text: "Changed."}
  - {type: recording_notice}
  - {type: dial}
  - {type: voicemail}
"""


@pytest.fixture
def owner(cast: Cast, logged_in: Enter) -> TestClient:
    return logged_in(cast.owner)


@pytest.fixture
def flow_id(owner: TestClient) -> int:
    answer = owner.post("/flows", data={"name": "Summer"})
    assert answer.status_code == 303
    return int(answer.headers["location"].rsplit("/", 1)[1])


def versions(database: Database, flow_id: int) -> list[CallFlowVersion]:
    with database.reading() as session:
        query = select(CallFlowVersion).where(CallFlowVersion.call_flow_id == flow_id)
        return list(session.exec(query.order_by(CallFlowVersion.version)))


def test_a_new_flow_begins_as_the_shipped_one(owner: TestClient, flow_id: int, installation: Database) -> None:
    (first,) = versions(installation, flow_id)
    assert [step["type"] for step in first.document["steps"]] == [step["type"] for step in shipped("x")["steps"]]
    assert first.created_by is not None and "Summer" in owner.get("/flows").text


def test_a_name_that_is_taken_or_missing_is_refused(owner: TestClient, flow_id: int) -> None:
    assert "There is a call flow" in owner.post("/flows", data={"name": "Summer"}).text
    assert owner.post("/flows", data={"name": " "}).status_code == 422


def test_saving_makes_a_version_once_and_keeps_the_old_one(
    owner: TestClient, flow_id: int, installation: Database
) -> None:
    for _ in range(2):
        base = len(versions(installation, flow_id))
        assert owner.post(f"/flows/{flow_id}", data={"text": CHANGED, "base": base}).status_code == 303
    old, new = versions(installation, flow_id)
    assert new.version == 2 and new.document["steps"][0]["text"] == "Changed." and old.document != new.document
    assert "Changed." not in owner.get(f"/flows/{flow_id}?version=1").text
    assert "Changed." in owner.get(f"/flows/{flow_id}").text
    assert owner.get(f"/flows/{flow_id}?version=9").status_code == 404


def test_a_text_with_faults_is_not_saved_and_not_lost(owner: TestClient, flow_id: int, installation: Database) -> None:
    answer = owner.post(f"/flows/{flow_id}", data={"text": "version: 2\nsteps:\n  - {type: dance}", "base": 1})
    assert answer.status_code == 422 and "steps.0" in answer.text and "type: dance" in answer.text
    assert len(versions(installation, flow_id)) == 1


def test_two_people_who_edit_at_once_do_not_overwrite_each_other(
    owner: TestClient, flow_id: int, installation: Database
) -> None:
    assert owner.post(f"/flows/{flow_id}", data={"text": CHANGED, "base": 1}).status_code == 303
    late = owner.post(f"/flows/{flow_id}", data={"text": CHANGED.replace("Changed", "Mine"), "base": 1})
    assert late.status_code == 422 and "saved in the meantime" in late.text and "Mine." in late.text
    assert len(versions(installation, flow_id)) == 2


def test_the_live_check_and_the_talk_answer_in_json(owner: TestClient) -> None:
    found = owner.post("/flows/check.json", json={"text": CHANGED}).json()
    assert found["faults"] == [] and found["seconds"]["en-US"] > 0
    begun = owner.post("/flows/talk.json", json={"text": CHANGED, "said": {}}).json()
    assert begun["rings"] and any("Changed." in line["text"] for line in begun["lines"])
    assert owner.post("/flows/talk.json", json={"text": "steps: [", "said": {}}).status_code == 422


def test_readers_look_and_talk_and_cannot_save(cast: Cast, logged_in: Enter, flow_id: int) -> None:
    reader = logged_in(cast.teammate)
    page = reader.get(f"/flows/{flow_id}")
    assert page.status_code == 200 and "readonly" in page.text and "Save as version" not in page.text
    assert reader.post(f"/flows/{flow_id}", data={"text": CHANGED, "base": 1}).status_code == 403
    assert reader.post("/flows", data={"name": "Mine"}).status_code == 403
    assert reader.post("/flows/check.json", json={"text": CHANGED}).status_code == 200


def test_another_companys_flow_is_not_there(cast: Cast, logged_in: Enter, flow_id: int, installation: Database) -> None:
    outsider = logged_in(cast.outsider)
    assert outsider.get(f"/flows/{flow_id}").status_code == 404
    assert outsider.post(f"/flows/{flow_id}", data={"text": CHANGED, "base": 1}).status_code == 404
    with installation.reading() as session:
        assert session.get_one(CallFlow, flow_id).name not in outsider.get("/flows").text
    assert len(versions(installation, flow_id)) == 1


def test_the_cost_of_asking_stands_on_a_page_for_each_flow_and_for_all(
    owner: TestClient, flow_id: int, installation: Database
) -> None:
    began = utc_now() - timedelta(days=2)
    with installation.writing() as session:
        number = session.exec(select(TrackingNumber)).first()
        version = session.exec(select(CallFlowVersion).where(CallFlowVersion.call_flow_id == flow_id)).one()
        for asking, wait in (("asked", 9.0), ("held_out", 4.0)):
            for index in range(30):
                make.call(
                    session, number, call_flow_version_id=version.id, asking=asking, started_at=began,
                    forwarded_at=began, wait_seconds=wait + index % 2, ended_at=began + timedelta(seconds=60),
                )  # fmt: skip
    assert f"/flows/cost?flow={flow_id}" in owner.get(f"/flows/{flow_id}").text
    page = owner.get(f"/flows/cost?flow={flow_id}").text
    assert "Asking adds 5.0 (" in page and "too few calls yet" in page and "Set <code>holdout: 0.1" in page
    figures = owner.get(f"/flows/cost.json?flow={flow_id}").json()
    assert figures["held_out"]["calls"] == 30 and figures["flow"] == flow_id
    assert owner.get("/flows/cost?days=7&flow=999").status_code == 200
