"""`voicebot flows` and `voicebot block`, and the sounds that the carrier fetches."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from fastapi import FastAPI
from fastapi.testclient import TestClient
from typer.testing import CliRunner, Result

from tests import factories as make
from voicebot.columns import utc_now
from voicebot.commands import block, flows
from voicebot.db import Database
from voicebot.errors import InvalidInput, NotFound
from voicebot.ivr import flow, sounds
from voicebot.tables import CallFlowVersion, Company
from voicebot.terms import CallOutcome

COMMAND = CliRunner()


def run(*arguments: object, app: object = flows.app) -> Result:
    return COMMAND.invoke(app, [str(one) for one in arguments], catch_exceptions=False)  # type: ignore[arg-type]


@pytest.fixture
def company(sqlite_database: Database) -> Company:
    with sqlite_database.writing() as session:
        return make.company(session, name="Lakeside Roofing")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "flow.yaml"
    path.write_text(yaml.safe_dump(flow.shipped("Lakeside Roofing")), encoding="utf-8")
    return path


def test_a_flow_comes_back_from_export_as_it_was_imported(company: Company, file: Path, tmp_path: Path) -> None:
    assert "Main is now version 1." in run("import", file, "--name", "Main").stdout
    for name in ("out.yaml", "out.json"):
        assert run("export", "Main", "--out", tmp_path / name).exit_code == 0
        written = (tmp_path / name).read_text(encoding="utf-8")
        assert (json.loads(written) if name.endswith("json") else yaml.safe_load(written)) == flow.shipped(company.name)
    assert yaml.safe_load(run("export", "Main").stdout) == flow.shipped(company.name)


def test_importing_again_makes_a_version_only_when_something_changed(company: Company, file: Path) -> None:
    run("import", file, "--name", "Main")
    assert "unchanged, it still is version 1" in run("import", file, "--name", "Main").stdout
    changed = file.read_text(encoding="utf-8").replace("type: dial", "type: dial\n  timeout_seconds: 30")
    file.write_text(changed, encoding="utf-8")
    assert "is now version 2." in run("import", file, "--name", "Main").stdout
    assert "version 2  at most 11." in run("list").stdout
    assert yaml.safe_load(run("export", "Main", "--version", "1").stdout) == flow.shipped(company.name)


def test_check_says_what_is_wrong_and_stores_nothing(company: Company, file: Path, sqlite_database: Database) -> None:
    good = run("check", file).stdout
    assert "In en-US a caller waits at most 11.6 s" in good and "In es-US" in good
    file.write_text("version: 2\nsteps:\n  - {type: dial, timeout_seconds: 2}\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"steps\.0\.timeout_seconds"):
        run("check", file)
    file.write_text("- a list\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="must be a mapping"):
        run("check", file)
    with sqlite_database.reading() as session:
        assert session.get(CallFlowVersion, 1) is None


def test_which_company_must_be_said_where_there_are_two(
    company: Company, file: Path, sqlite_database: Database
) -> None:
    with sqlite_database.writing() as session:
        make.company(session, name="Hill Country Plumbing")
    with pytest.raises(InvalidInput, match="Hill Country Plumbing, Lakeside Roofing"):
        run("import", file, "--name", "Main")
    assert run("import", file, "--name", "Main", "--company", "Lakeside Roofing").exit_code == 0
    with pytest.raises(NotFound, match="no company 'Nobody'"):
        run("export", "Main", "--company", "Nobody")


def finished(asking: str, wait: float, *, gave_up: bool) -> dict[str, object]:
    """A call of yesterday whose caller waited, or hung up after three seconds: if asked, before it was forwarded."""
    began = utc_now() - timedelta(days=1)
    reached = not (gave_up and asking == "asked")
    return {
        "asking": asking,
        "started_at": began,
        "forwarded_at": began if reached else None,
        "wait_seconds": wait if reached else None,
        "ended_at": began + timedelta(seconds=3 if gave_up else 90),
        "outcome": CallOutcome.ABANDONED if gave_up else CallOutcome.ANSWERED,
    }


def test_the_cost_of_asking_is_told_with_its_intervals(
    company: Company, sqlite_database: Database, tmp_path: Path
) -> None:
    assert "No call was held out" in run("cost").stdout
    with sqlite_database.writing() as session:
        number = make.tracking_number(session, make.campaign(session, company))
        for asking, wait, gave_up in (("asked", 10.0, 6), ("held_out", 4.0, 2)):
            for index in range(40):
                make.call(session, number, **finished(asking, wait + index % 3, gave_up=index < gave_up))
    out = run("cost", "--json", tmp_path / "cost.json").stdout
    assert "Asked: 40 calls" in out and "6 hung up before" in out
    figures = json.loads((tmp_path / "cost.json").read_text(encoding="utf-8"))
    assert figures["added_seconds"]["low"] < 6 < figures["added_seconds"]["high"]
    assert figures["added_hang_ups"]["estimate"] == pytest.approx(0.1)
    assert figures["added_hang_ups"]["low"] < 0 < figures["added_hang_ups"]["high"]


def test_numbers_are_blocked_once_and_unblocked(company: Company) -> None:
    assert "No number is blocked." in run("list", app=block.app).stdout
    run("add", "(512) 555-0142", "--reason", "robocalls", app=block.app)
    run("add", "+15125550142", "--reason", "sells warranties", app=block.app)
    assert run("list", app=block.app).stdout.count("+15125550142") == 1
    assert "sells warranties" in run("list", app=block.app).stdout
    assert "no longer blocked" in run("remove", "5125550142", app=block.app).stdout
    with pytest.raises(NotFound, match="is not blocked"):
        run("remove", "5125550142", app=block.app)


def test_a_sound_is_stored_under_its_name_and_served_and_nothing_else_is(company: Company, tmp_path: Path) -> None:
    (tmp_path / "hello.wav").write_bytes(b"RIFF....WAVE")
    assert "sound: hello.wav" in run("sound", tmp_path / "hello.wav").stdout
    (tmp_path / "hello there.wav").write_bytes(b"RIFF")
    with pytest.raises(InvalidInput, match="named with letters"):
        run("sound", tmp_path / "hello there.wav")
    app = FastAPI()
    app.include_router(sounds.router())
    with TestClient(app) as client:
        found = client.get("/sounds/hello.wav")
        assert (found.content, found.headers["content-type"]) == (b"RIFF....WAVE", "audio/wav")
        for name in ("missing.wav", "..%2F7%2F2026%2FRE1.wav", "hello.txt", "hello.wav.part"):
            assert client.get(f"/sounds/{name}").status_code == 404
