"""The pages in a real Chromium, as people use them: by mouse, by keyboard, on a phone, in the dark."""

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, StorageState, expect, sync_playwright

from tests.conftest import forget_settings
from tests.services import free_port
from tests.web.company import PASSWORD, Cast, make_cast
from tests.web.conftest import understand
from voicebot.db import get_database, migrate
from voicebot.ivr.flow import shipped
from voicebot.ivr.preview import FlowPreview, as_yaml
from voicebot.tables import Call, Recording
from voicebot.terms import Stage
from voicebot.web import pages

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip
EVERY_PAGE = (
    "/",
    "/calls",
    "/calls/{call}",
    "/calls/{failed}",
    "/reports/campaigns",
    "/quality",
    "/review",
    "/campaigns",
    "/values/import",
    "/flows",
    "/flows/{flow}",
    "/flows/cost",
    "/settings",
    "/numbers",
    "/numbers/sync",
    "/numbers/search",
    "/numbers/account",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Cast]]:
    """The dashboard served over HTTP on a free port, with both companies in it."""
    folder = tmp_path_factory.mktemp("site")
    port = free_port()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("VOICEBOT_DATA_DIR", str(folder))
        environment.setenv("VOICEBOT_DATABASE__URL", f"sqlite:///{folder / 'voicebot.sqlite3'}")
        environment.setenv("VOICEBOT_STORAGE__URL", f"file://{folder / 'recordings'}")
        environment.setenv("VOICEBOT_WEB__PUBLIC_URL", f"http://127.0.0.1:{port}")
        forget_settings()
        migrate(get_database())
        cast = make_cast(get_database())
        app = FastAPI()
        pages.install(app, FlowPreview(understand))
        server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        deadline = time.monotonic() + 20
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}", cast
        server.should_exit = True
        thread.join(10)
    forget_settings()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = next((found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))), None)
    assert path, "Chromium is missing: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def login(site: tuple[str, Cast], chromium: Browser) -> StorageState:
    """The owner's login, made by the form once."""
    context = chromium.new_context(base_url=site[0])
    page = context.new_page()
    page.goto("/calls?verdict=corrected")
    page.get_by_label("E-mail address").fill(site[1].owner)
    page.get_by_label("Password").fill("a wrong one")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/calls?verdict=corrected")
    kept = context.storage_state()
    context.close()
    return kept


@pytest.fixture
def page(site: tuple[str, Cast], chromium: Browser, login: StorageState) -> Iterator[Page]:
    """A desktop window in which the owner is logged in; any fault in a page's script fails the test."""
    yield from window(site, chromium, login, {"width": 1280, "height": 860}, "light")


def window(
    site: tuple[str, Cast], chromium: Browser, login: StorageState, size: dict[str, int], scheme: str
) -> Iterator[Page]:
    context = chromium.new_context(base_url=site[0], viewport=size, color_scheme=scheme, storage_state=login)
    faults: list[str] = []
    opened = context.new_page()
    opened.set_default_timeout(15_000)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
    yield opened
    context.close()
    assert faults == []


def until(page: Page, condition: str) -> None:
    """Wait for a JavaScript condition; our pages forbid the eval that Playwright's own waiting needs."""
    deadline = time.monotonic() + 15
    while not page.evaluate(condition):
        assert time.monotonic() < deadline, f"never true: {condition}"
        page.wait_for_timeout(30)


def address(path: str, cast: Cast) -> str:
    return path.format(call=cast.ours.recorded_call_id, failed=cast.ours.call_ids[7], flow=cast.ours.flow_id)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_fits_its_window_and_can_be_read(
    site: tuple[str, Cast], chromium: Browser, login: StorageState, width: int, scheme: str
) -> None:
    opening = window(site, chromium, login, {"width": width, "height": 844}, scheme)
    opened = next(opening)
    for path in EVERY_PAGE:
        answer = opened.goto(address(path, site[1]))
        assert answer is not None and answer.status == 200, path
        assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is wider than {width}"
        assert opened.evaluate(UNNAMED) == [], path
        assert opened.evaluate(CONTRAST) >= 4.5, f"{path} is hard to read in {scheme}"
    assert next(opening, None) is None


# Fields without a label, buttons and links without words, and what a phone would cut off (the menu among it).
UNNAMED = """() => [
  ...[...document.querySelectorAll("input:not([type=hidden]), select, textarea")].filter((one) => !one.labels.length),
  ...[...document.querySelectorAll("button, a")].filter((one) => !(one.textContent.trim() || one.ariaLabel)),
  ...[...document.querySelectorAll("nav a")].filter((one) => one.getBoundingClientRect().right > innerWidth),
].map((one) => one.outerHTML)"""
# The least contrast (WCAG 2.2, 1.4.3) between the colours of body, muted and linked text and the card behind them.
CONTRAST = """() => {
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = (colour) => {
    probe.fillStyle = colour; probe.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...probe.getImageData(0, 0, 1, 1).data].slice(0, 3).map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const style = getComputedStyle(document.documentElement);
  const value = (name) => light(style.getPropertyValue(name));
  const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  const inks = ["--ink", "--soft", "--accent", "--confirmed", "--corrected", "--conflict"];
  return Math.min(...inks.map((ink) => ratio(value(ink), value("--card"))));
}"""


def test_a_click_on_a_quote_plays_the_recording_from_there(page: Page, site: tuple[str, Cast]) -> None:
    page.goto(address("/calls/{call}", site[1]))
    until(page, "document.querySelector('audio').readyState >= 1")
    page.get_by_role("button", name="I drove past your billboard").click()
    until(page, "document.querySelector('audio').currentTime > 9.4")
    assert not page.evaluate("document.querySelector('audio').paused")
    until(page, "document.querySelector('.transcript li.now') !== null")
    until(page, "document.querySelector('li.now')?.textContent.includes('billboard')")
    until(page, "document.querySelector('.word.spoken') !== null")


def test_a_click_on_a_word_seeks_to_it(page: Page, site: tuple[str, Cast]) -> None:
    page.goto(address("/calls/{call}", site[1]))
    until(page, "document.querySelector('audio').readyState >= 1")
    page.locator(".word", has_text="4410").click()
    start = float(page.locator(".word", has_text="4410").get_attribute("data-seek") or 0)
    until(page, f"document.querySelector('audio').currentTime >= {start}")
    assert page.evaluate("document.querySelector('audio').currentTime") < start + 3


def test_a_long_recording_shows_how_far_it_is_heard_and_the_page_follows_by_itself(
    page: Page, site: tuple[str, Cast]
) -> None:
    with get_database().writing() as session:
        call = session.get_one(Call, site[1].ours.call_ids[1])
        kept = call.stage
        call.stage = Stage.FETCHED
        recording = Recording(call_id=call.id or 0, recording_sid="RElong", heard_seconds=250.0, audio_seconds=5400.0)
        session.add(recording)
    page.goto(f"/calls/{call.id}")
    expect(page.get_by_text("Heard 4:10 of 90:00")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("progressbar", name="Heard so far")).to_have_attribute("value", "250")
    with get_database().writing() as session:
        session.get_one(Recording, recording.id).heard_seconds = 2700.0
    expect(page.get_by_text("Heard 45:00 of 90:00")).to_be_visible(timeout=20_000)
    with get_database().writing() as session:
        session.get_one(Call, call.id).stage = kept
        session.delete(session.get_one(Recording, recording.id))
    expect(page.get_by_role("progressbar")).to_have_count(0, timeout=20_000)
    assert page.locator("[data-in-work]").count() == 0


def test_an_expired_link_is_renewed_and_the_place_kept(page: Page, site: tuple[str, Cast]) -> None:
    page.goto(address("/calls/{call}", site[1]))
    until(page, "document.querySelector('audio').readyState >= 1")
    page.evaluate("document.querySelector('audio').src += 'expired'")
    page.get_by_role("button", name="Play from 0:10").click()
    until(page, "document.querySelector('audio').currentTime > 10.2")
    assert page.locator("[data-player-fault]").is_hidden()


def test_the_keyboard_alone_opens_a_call_and_plays_it(page: Page) -> None:
    page.goto("/calls")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('td.time a')"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Verdict", exact=True)).to_be_visible()
    page.get_by_role("button", name="Play from 0:10").focus()
    page.keyboard.press("Enter")
    until(page, "document.querySelector('audio').currentTime > 10.2")


def test_a_click_on_a_line_opens_its_call(page: Page, site: tuple[str, Cast]) -> None:
    page.goto("/calls")
    page.locator("tr.linked").first.locator("td.what").click()
    page.wait_for_url(f"**/calls/{site[1].ours.recorded_call_id}")


def test_the_filter_narrows_the_list_and_can_be_cleared(page: Page) -> None:
    page.goto("/calls")
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("Verdict").select_option("corrected")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tr.linked")).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as CSV").click()
    assert len(Path(download.value.path()).read_text().splitlines()) == 2
    page.get_by_role("link", name="Clear").click()
    expect(page.locator("tr.linked")).to_have_count(8)


def test_a_value_entered_on_the_call_shows_up_in_the_report(page: Page, site: tuple[str, Cast]) -> None:
    page.goto(f"/calls/{site[1].ours.call_ids[1]}")
    page.get_by_label("Outcome").select_option("won")
    page.get_by_label("Value", exact=True).fill("a lot")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("is not an amount")
    expect(page.get_by_label("Outcome")).to_have_value("won")
    page.get_by_label("Value", exact=True).fill("54,321.00")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    page.get_by_role("link", name="Report").click()
    expect(page.get_by_role("row", name="Friend or family")).to_contain_text("54,321.00")


def test_a_file_of_values_is_previewed_then_applied(page: Page, site: tuple[str, Cast], tmp_path: Path) -> None:
    with get_database().reading() as session:
        day = session.get_one(Call, site[1].ours.call_ids[3]).started_at.date()
    file = tmp_path / "values.csv"
    file.write_text(f"number,date,value,currency,outcome\n7375550003,{day},321,USD,won\n,{day},1,USD,won\n")
    page.goto("/values/import")
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Show what matches").click()
    expect(page.get_by_text("1 matched · 0 without a lead · 1 invalid")).to_be_visible()
    page.get_by_role("button", name="Apply 1 matched line").click()
    expect(page.get_by_role("status")).to_contain_text("1 lead changed")


def test_spend_is_added_and_removed(page: Page) -> None:
    page.goto("/campaigns")
    card = page.locator("section.campaign").first
    card.get_by_text("Add spend").first.click()
    card.get_by_label("First day").fill("2026-06-01")
    card.get_by_label("Amount").fill("77")
    card.get_by_role("button", name="Add spend").click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    page.get_by_role("button", name="Remove $77.00").click()
    expect(page.get_by_role("button", name="Remove $77.00")).to_have_count(0)


def test_logging_out_leads_to_the_login_and_back_shows_nothing(page: Page) -> None:
    page.goto("/calls")
    page.locator(".account summary").click()
    page.get_by_role("button", name="Log out", exact=True).click()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()


def test_one_talks_to_a_call_flow_while_editing_it(
    chromium: Browser, site: tuple[str, Cast], login: StorageState
) -> None:
    context = chromium.new_context(base_url=site[0], storage_state=login)
    page = context.new_page()
    page.goto("/flows")
    page.locator("section.card h2 a").first.click()
    document = page.get_by_label("The document")
    text = as_yaml(shipped("Lakeside Roofing"))
    document.fill(text.replace("recording_notice", "recording_notise"))
    expect(page.locator("[data-faults]")).to_contain_text("steps.1")
    document.fill(text)
    expect(page.locator("[data-faults]")).to_be_hidden()
    page.get_by_role("button", name="Call", exact=True).click()
    page.get_by_label("You say").fill("I heard you on the radio")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Understood: Radio")).to_be_visible()
    page.get_by_role("button", name="Nobody answers").click()
    expect(page.get_by_text("(a message is recorded)")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save this talk as a scenario").click()
    assert '{"say":"I heard you on the radio"}' in download.value.path().read_text()
    page.get_by_role("button", name="Save as version").click()
    expect(page.get_by_role("status")).to_contain_text("Saved")
    context.close()
