"""The names that the speech engine listens for: a company's own, its running campaigns', and those that it has told."""

from datetime import UTC, date, datetime

import pytest
from typer.testing import CliRunner

from tests import factories as make
from voicebot import hinting
from voicebot.cli import build
from voicebot.db import Database

DAY = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def test_a_companys_names_are_its_own_its_running_campaigns_and_those_it_told(database: Database) -> None:
    with database.writing() as session:
        company = make.company(
            session, name="Kowalczyk Plumbing", spoken_names=["Pflugerville", "Unit 12"], hears_names=True
        )
        running = {"starts_on": date(2026, 3, 1), "ends_on": date(2026, 3, 31)}
        make.campaign(session, company, name="Tecumseh Avenue", **running)
        make.campaign(session, company, name="Winter", starts_on=date(2025, 12, 1), ends_on=date(2026, 2, 28))
        assert hinting.names(session, company, DAY) == ["Kowalczyk Plumbing", "Pflugerville", "Tecumseh Avenue"]
        company.hears_names = False
        assert hinting.names(session, company, DAY) == []


def test_names_are_told_and_switched_off_on_the_command_line(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.writing() as session:
        make.company(session, name="Vaquero Pest Control")
    monkeypatch.setattr("voicebot.commands.hints.get_database", lambda: database)
    run = CliRunner().invoke
    told = run(build(["hints", "calls"]), ["hints", "Vaquero Pest Control", "--on", "--name", "Termidor"])
    assert told.output.splitlines() == ["Vaquero Pest Control", "Termidor"]
    off = run(build(["hints", "calls"]), ["hints", "Vaquero Pest Control", "--off"])
    assert "no names are listened for" in off.output
