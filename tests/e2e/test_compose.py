"""docker-compose.yml, service by service, as local processes: its very commands, environment and health checks.

Only hosts, ports and the folders of volumes are replaced, which is what Docker's network and mounts do.
"""

import json
import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlmodel import select

from tests.e2e.processes import PROGRAMS, Process, Processes, processes
from tests.services import POSTGRES_FOLDERS, PostgresServer, free_port
from voicebot.db import Database
from voicebot.settings import DatabaseSettings
from voicebot.tables import UtteranceRow

ROOT = Path(__file__).parents[2]
SCENARIOS = Path(str(files("voicebot.simulator") / "scenarios"))
OURS = ("web", "worker", "speech-worker", "beat")
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")

# What a person writes into .env.
DOTENV = {
    "POSTGRES_PASSWORD": "4f1c0a7e",
    "VOICEBOT_WEB__SECRET_KEY": "8e0d5c7b" * 8,
    "VOICEBOT_CARRIER__ACCOUNT_SID": "AC" + "5" * 32,
    "VOICEBOT_CARRIER__AUTH_TOKEN": "7" * 32,
}


def interpolate(value: Any, environment: dict[str, str]) -> Any:
    """Docker's `${NAME:-default}` and `${NAME:?message}` in every string of a document."""
    if isinstance(value, dict):
        return {key: interpolate(inner, environment) for key, inner in value.items()}
    if isinstance(value, list):
        return [interpolate(inner, environment) for inner in value]
    if not isinstance(value, str):
        return value

    def replace(found: re.Match[str]) -> str:
        name, kind, rest = found.groups()
        if environment.get(name):
            return environment[name]
        if kind == "?":
            raise KeyError(f"{name}: {rest}")
        return rest or ""

    return VARIABLE.sub(replace, value)


def load(environment: dict[str, str]) -> dict[str, Any]:
    document = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    services: dict[str, Any] = interpolate(document["services"], environment)
    return services


@dataclass
class Network:
    """What Docker's network and volumes give: each service's address, each volume's folder."""

    folder: Path
    postgres: str
    redis: str
    web_port: int
    weights: Path

    def place(self, text: str) -> str:
        """`text` with the hosts, ports and mount points of containers replaced by this machine's."""
        text = re.sub(r"@postgres:5432/\w+", f"@{self.postgres}", text)
        text = text.replace("redis:6379", self.redis).replace("0.0.0.0", "127.0.0.1")
        text = re.sub(r"\b8000\b", str(self.web_port), text)
        text = text.replace("file:///recordings", f"file://{self.folder}/recordings")
        return {"/data": f"{self.folder}/data", "/weights": str(self.weights)}.get(text, text)


class Compose:
    """`docker compose up` without Docker: services in the order and on the conditions that the file states."""

    def __init__(self, services: dict[str, Any], network: Network, started: Processes) -> None:
        self.services, self.network, self.started = services, network, started
        self.running: dict[str, Process] = {}
        self.done: set[str] = set()

    def environment(self, name: str) -> dict[str, str]:
        """A service's environment; each container has a /data of its own."""
        placed = {key: self.network.place(str(value)) for key, value in self.services[name]["environment"].items()}
        if "VOICEBOT_DATA_DIR" in placed:
            placed["VOICEBOT_DATA_DIR"] += f"-{name}"
        return placed

    def up(self, name: str) -> None:
        """Start a service after those it depends on."""
        if name in self.running or name in self.done:
            return
        for other, wanted in (self.services[name].get("depends_on") or {}).items():
            self.up(other)
            if wanted["condition"] == "service_healthy":
                self.started.wait_for(f"{other} healthy", lambda other=other: self.is_healthy(other))
            else:
                assert wanted["condition"] == "service_completed_successfully"
                assert other in self.done
        command = self.services[name].get("command")
        if name == "postgres":
            self.done.add(name)  # runs already: its image's own entry point is not on this machine
        elif name == "redis":
            host, port = self.network.redis.split(":")
            self.running[name] = self.started.start(name, *command, "--bind", host, "--port", port)
        elif "healthcheck" in self.services[name]:
            self.running[name] = self.started.start(name, *command, **self.environment(name))
        else:
            self.started.run(*command, **self.environment(name))
            self.done.add(name)

    def health_command(self, name: str) -> list[str]:
        """The service's own health check, on this machine's ports."""
        kind, *words = self.services[name]["healthcheck"]["test"]
        if kind == "CMD-SHELL":
            port = self.network.redis.rsplit(":", 1)[1]
            return ["sh", "-c", words[0].replace("redis-cli", f"redis-cli -p {port}")]
        assert kind == "CMD"
        return list(words)

    def is_healthy(self, name: str) -> bool:
        host, port = self.network.postgres.split("/")[0].split(":")
        path = os.pathsep.join([*POSTGRES_FOLDERS, str(PROGRAMS), os.environ["PATH"]])
        seconds = float(str(self.services[name]["healthcheck"]["timeout"]).removesuffix("s"))
        environment = self.environment(name) if "environment" in self.services[name] else {}
        environment |= {"PGHOST": host, "PGPORT": port, "PATH": path} if name == "postgres" else {}
        # A machine that is busy with the rest of the tests gets twice the time.
        return self.started.succeeds(*self.health_command(name), seconds=2 * seconds, **environment)


@pytest.fixture(scope="module")
def compose(
    tmp_path_factory: pytest.TempPathFactory,
    postgres_server: PostgresServer,
    weights_dir: Path,
) -> Iterator[Compose]:
    """Every service up and healthy."""
    folder = tmp_path_factory.mktemp("compose")
    url = postgres_server.create()
    web_port = free_port()
    dotenv = {**DOTENV, "VOICEBOT_CARRIER__API_BASE_URL": f"http://127.0.0.1:{free_port()}"}
    network = Network(folder, url.split("@")[1], f"127.0.0.1:{free_port()}", web_port, weights_dir)
    with processes(folder, {}) as started:
        found = Compose(load(dotenv), network, started)
        for name in OURS:
            found.up(name)
        for name in OURS:
            started.wait_for(f"{name} healthy", lambda name=name: found.is_healthy(name))
        yield found
    postgres_server.drop(url)


def test_the_file_refuses_to_start_without_its_secrets() -> None:
    for name in ("POSTGRES_PASSWORD", "VOICEBOT_WEB__SECRET_KEY"):
        with pytest.raises(KeyError, match=name):
            load({key: value for key, value in DOTENV.items() if key != name})


def test_every_service_that_stays_has_a_health_check_and_every_volume_is_declared() -> None:
    document = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    services = load(DOTENV)
    assert set(services) == {"postgres", "redis", "migrate", "weights", *OURS}
    assert {name for name, one in services.items() if "healthcheck" not in one} == {"migrate", "weights"}
    mounted = {volume.split(":")[0] for one in services.values() for volume in one.get("volumes", [])}
    assert mounted == set(document["volumes"])


def test_the_image_is_built_from_files_that_exist_and_does_not_run_as_root() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    copied = [name for line in lines if line.startswith("COPY ") for name in shlex.split(line)[1:-1]]
    assert {name for name in copied if not (ROOT / name).exists()} == set()
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert set(copied) == allowed
    assert [line for line in lines if line.startswith("USER ")] == ["USER voicebot"]
    assert any("--require-hashes" in line for line in lines)


def test_a_call_through_the_services_gets_its_verdict(compose: Compose) -> None:
    environment = compose.environment("web")
    compose.started.run("voicebot", "seed", str(SCENARIOS / "demo.seed.yaml"), **environment)
    compose.started.wait_for("the web process knows the numbers", lambda: known_numbers(compose))
    out = compose.started.folder / "call.json"
    scenario = str(SCENARIOS / "01-confirms-billboard.yaml")
    compose.started.run("voicebot", "simulate", scenario, "--json", str(out), "--speed", "20", **environment)
    call = json.loads(out.read_text(encoding="utf-8"))
    assert (call["verdict"], call["source"], call["disposition"]) == ("confirmed", "billboard", "new_lead")
    assert "robert miller" in heard(environment["VOICEBOT_DATABASE__URL"]).lower()
    assert list(Path(f"{compose.network.folder}/recordings").rglob("*.wav"))


def heard(url: str) -> str:
    """Every word that the speech worker wrote down."""
    database = Database(DatabaseSettings(url=url, pool_size=1))
    with database.reading() as session:
        words = " ".join(session.exec(select(UtteranceRow.text)).all())
    database.dispose()
    return words


def known_numbers(compose: Compose) -> bool:
    snapshot = Path(compose.environment("web")["VOICEBOT_DATA_DIR"]) / "numbers.json"
    return snapshot.exists() and "+15125550101" in snapshot.read_text()


@pytest.mark.parametrize("name", ["postgres", "redis"])
def test_the_servers_own_health_checks_work(compose: Compose, name: str) -> None:
    assert compose.is_healthy(name)


def test_the_health_checks_fail_when_their_processes_are_dead(compose: Compose) -> None:
    assert [name for name in OURS if not compose.is_healthy(name)] == []
    for name in OURS:
        compose.running[name].kill()
    for name in OURS:
        compose.started.wait_for(f"{name} not healthy", lambda name=name: not compose.is_healthy(name), seconds=60)
