"""Melodies as a person meets them: uploaded with progress, heard one at a time, chosen by name."""

import re
from typing import Any

import pytest
from melodies import ZIP, wav
from playwright.sync_api import Page, expect
from sqlalchemy import select

from browser.conftest import PATIENCE_MS, Opener, Visit
from browser.hand import choose_melody
from browser.house import House
from melody_app.models import CompanyDefault, Melody

pytestmark = pytest.mark.browser

NAMES = ("Утро.wav", "Вечер.wav")
NOTE_WHAT_IS_TOLD = """() => {
  window.told = [];
  const note = () => document.querySelectorAll(".uploads li").forEach((item) => window.told.push(
    [item.querySelector(".upload-name").textContent, item.querySelector(".upload-state").textContent]));
  new MutationObserver(note).observe(document.getElementById("uploads"), { subtree: true, childList: true, characterData: true });
}"""

PRESS_AND_LOOK = """() => {
  const form = document.querySelector("form[data-text-sending]"), button = form.querySelector("button[type=submit]");
  button.click();
  return [form.querySelector("[role=status]").textContent, form.querySelector("progress").checkVisibility(), button.disabled];
}"""


def wait_for(page: Page, what: str) -> None:
    """Wait until something is true of the player; asked from outside, for the pages forbid to evaluate strings."""
    for _ in range(PATIENCE_MS // 50):
        if page.evaluate(f"() => document.querySelector('audio').{what}"):
            return
        page.wait_for_timeout(50)
    raise AssertionError(what)


@pytest.fixture
def library(visit: Visit) -> Page:
    """Open the library with the standard melodies in it."""
    page = visit("/library")
    page.get_by_role("button", name="Load the standard melodies").click()
    expect(page.get_by_text("13 standard melodies were loaded.")).to_be_visible()
    return page


def choose(page: Page, *files: tuple[str, bytes]) -> None:
    """Choose files and press the button."""
    payloads: Any = [{"name": name, "mimeType": "audio/wav", "buffer": data} for name, data in files]
    page.locator("#file").set_input_files(payloads)
    page.get_by_role("button", name="Upload", exact=True).click()


def playing(page: Page) -> tuple[str, bool]:
    """Return what is in the player, and whether it moves."""
    return page.evaluate(
        "() => { const s = document.querySelector('audio'); return [s.src, !s.paused && s.currentTime > 0]; }"
    )


def upload_slowly(page: Page, bytes_s: int) -> None:
    """Let the browser send no faster."""
    conditions = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_s}
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", conditions)


def test_files_are_sent_one_by_one_with_progress_and_appear_in_the_list(visit: Visit, house: House) -> None:
    page = visit("/library")
    page.evaluate(NOTE_WHAT_IS_TOLD)
    upload_slowly(page, 300_000)
    choose(page, ("Утро.wav", wav(440, 10)), ("Вечер.wav", wav(880, 2)))
    for item in page.locator(".uploads li").all():
        expect(item).to_contain_text("In the library")
    first, second = ([text for name, text in page.evaluate("() => window.told") if name == each] for each in NAMES)
    assert [re.sub(r"\d+ %", "… %", text) for text in dict.fromkeys(first)][:2] == ["Waiting", "Sending: … %"]
    shares = [int(found[1]) for text in first if (found := re.search(r"(\d+) %", text))]
    assert shares == sorted(shares)
    assert 0 < shares[0] < 100
    assert list(dict.fromkeys(first))[-2:] == ["Sent. Preparing it for the telephone…", "In the library"]
    assert second[0] == "Waiting"
    expect(page.get_by_role("table", name="The company's own melodies").get_by_role("row")).to_have_count(3)
    with house.session() as session:
        assert list(session.scalars(select(Melody.name).order_by(Melody.id))) == ["Утро", "Вечер"]


def test_a_file_that_is_none_is_refused_in_its_line(open_browser: Any, house: House) -> None:
    context = open_browser()
    context.add_cookies([house.sign_in()])
    page = context.new_page()
    page.goto("/library")
    # The browser itself notes every answer of 422 on its console: let this one come as the script sees it, without the network.
    body = '{"errors": [{"message": "This is not a sound file."}]}'
    page.evaluate(
        """body => { XMLHttpRequest.prototype.send = function () {
          Object.defineProperty(this, "status", { value: 422 });
          Object.defineProperty(this, "response", { value: JSON.parse(body) });
          this.dispatchEvent(new Event("load")); }; }""",
        body,
    )
    page.evaluate("() => { document.getElementById('upload').dataset.mostBytes = 10_000; }")
    choose(page, ("песня.mp3", ZIP), ("большая.wav", b"\0" * 10_001))
    expect(page.locator(".uploads .refused").first).to_contain_text("This is not a sound file.")
    expect(page.locator(".uploads .refused").last).to_contain_text("over 20 MiB")
    with house.session() as session:
        assert list(session.scalars(select(Melody.id))) == []


def test_melodies_really_play_and_only_one_at_a_time(library: Page) -> None:
    heard = library.get_by_role("button", name=re.compile("^As callers hear it.*Облака"))
    original = library.get_by_role("button", name=re.compile("^Original.*Облака"))
    heard.click()
    expect(heard).to_have_attribute("aria-pressed", "true")
    wait_for(library, "currentTime > 0.1")
    assert playing(library)[0].endswith("/heard.wav")
    original.click()
    expect(original).to_have_attribute("aria-pressed", "true")
    expect(heard).to_have_attribute("aria-pressed", "false")
    wait_for(library, "currentTime > 0.1")
    assert playing(library)[0].endswith("/original")
    assert library.locator("audio").count() == 1
    original.press("Space")
    expect(original).to_have_attribute("aria-pressed", "false")
    assert not playing(library)[1]


def test_what_plays_can_be_sought_in(library: Page) -> None:
    library.get_by_role("button", name=re.compile("^As callers hear it.*Облака")).click()
    wait_for(library, "readyState > 0")
    library.evaluate("() => { document.querySelector('audio').currentTime = 20; }")
    wait_for(library, "currentTime > 20")


def test_another_file_takes_its_place(library: Page, house: House) -> None:
    choose(library, ("Утро.wav", wav(440, 2)))
    library.get_by_role("link", name="Rename or replace Утро").click()
    library.get_by_label("Melody name").fill("Вечер")
    another: Any = {"name": "b.wav", "mimeType": "audio/wav", "buffer": wav(880, 3)}
    library.get_by_label("Another file").set_input_files(another)
    library.get_by_role("button", name="Save the melody").click()
    expect(library.get_by_text("“Вечер” was saved.")).to_be_visible()
    with house.session() as session:
        melody = session.scalars(select(Melody).where(Melody.source_type == "client")).one()
        assert (melody.name, melody.duration_s, melody.version) == ("Вечер", 3, 2)


def test_a_file_on_its_way_is_told_and_not_sent_again(library: Page) -> None:
    choose(library, ("Утро.wav", wav(440, 2)))
    library.get_by_role("link", name="Rename or replace Утро").click()
    another: Any = {"name": "b.wav", "mimeType": "audio/wav", "buffer": wav(880, 20)}
    library.get_by_label("Another file").set_input_files(another)
    # Pressed and looked at from inside: from outside the page is seen again only when the next one is there.
    assert library.evaluate(PRESS_AND_LOOK) == ["Sending the file and preparing it for the telephone…", True, True]
    expect(library.get_by_text("“Утро” was saved.")).to_be_visible()
    library.go_back()
    expect(library.get_by_role("button", name="Save the melody")).to_be_enabled()


def test_a_melody_is_found_by_its_name_heard_and_chosen(library: Page, house: House) -> None:
    library.goto("/company")
    group = library.get_by_role("group", name="While being connected")
    group.get_by_role("searchbox").fill("КОЛЫБЕЛЬ")
    expect(group.get_by_role("radio")).to_have_count(2)  # what is chosen stays in sight
    group.get_by_role("button", name=re.compile("Listen.*Колыбельная")).click()
    wait_for(library, "currentTime > 0.1")
    group.get_by_role("radio", name="Колыбельная").check()
    library.get_by_role("button", name="Save").click()
    expect(library.get_by_text("Saved.")).to_be_visible()
    with house.session() as session:
        default = session.get_one(CompanyDefault, 1)
        assert (default.dialing_source_type, default.dialing_media_id) == ("system", 59)


def test_whoever_was_signed_out_meanwhile_is_told_in_the_files_line(visit: Visit, house: House) -> None:
    page = visit("/library")
    house.end_sign_ins()
    choose(page, ("Утро.wav", wav(440, 2)))
    expect(page.locator(".uploads .refused")).to_contain_text("Your session ended.")


@pytest.mark.parametrize("width", [1280, 390])
def test_all_of_it_is_done_without_scripts(open_browser: Opener, house: House, width: int) -> None:
    context = open_browser(java_script_enabled=False, width=width)
    context.add_cookies([house.sign_in()])  # type: ignore[list-item]
    page = context.new_page()
    page.goto("/library")
    choose(page, ("Утро.wav", wav(440, 2)), ("Вечер.wav", wav(880, 2)))
    expect(page.get_by_text("2 melodies were added to the library.")).to_be_visible()
    address = page.get_by_role("link", name=re.compile("^As callers hear it.*Утро")).get_attribute("href")
    assert context.request.get(f"{house.url}{address}").headers["content-type"].startswith("audio/")
    page.get_by_role("link", name="Rename or replace Вечер").click()
    page.get_by_label("Melody name").fill("Полдень")
    page.get_by_role("button", name="Save the melody").click()
    page.goto("/company")
    choose_melody(page, "Полдень", "On hold")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.goto("/library")
    page.get_by_role("link", name="Delete Полдень").click()
    expect(page.get_by_role("heading", name="“Полдень” can't be deleted now")).to_be_visible()
    expect(page.get_by_role("link", name="company: on hold")).to_be_visible()
