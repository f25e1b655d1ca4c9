"""Every setting and every command is documented, and the examples of settings name only settings that exist."""

import re

import pytest
from pydantic import BaseModel

from tests.architecture.tools import ROOT, run
from voicebot.settings import Settings


def setting_names(group: type[BaseModel] = Settings, prefix: str = "VOICEBOT_") -> set[str]:
    names: set[str] = set()
    for name, field in group.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            names |= setting_names(inner, f"{prefix}{name.upper()}__")
        else:
            names.add(prefix + name.upper())
    return names


def test_the_reference_pages_say_what_the_code_says() -> None:
    check = run(str(ROOT / "scripts" / "write_reference.py"), "--check")
    assert check.returncode == 0, check.stdout + check.stderr


def test_every_setting_is_on_the_settings_page() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert {name for name in setting_names() if f"`{name}`" not in page} == set()


@pytest.mark.parametrize("name", [".env.example", "docker-compose.yml", "Dockerfile", "README.md"])
def test_examples_name_only_settings_that_exist(name: str) -> None:
    named = set(re.findall(r"VOICEBOT_[A-Z][A-Z_]*[A-Z]", (ROOT / name).read_text(encoding="utf-8")))
    assert {one.removesuffix("_FILE") for one in named} - setting_names() == set()


def test_every_make_target_says_what_it_does() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", text, re.MULTILINE))
    phony = re.search(r"^\.PHONY: (.+)$", text, re.MULTILINE)
    assert phony
    assert targets == set(phony[1].split()) == set(re.findall(r"^([a-z]+):.*## \S", text, re.MULTILINE))


def test_links_between_documents_lead_somewhere() -> None:
    pages = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    pages += sorted((ROOT / "docs").rglob("*.md"))
    dead = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists()
    ]
    assert dead == []
