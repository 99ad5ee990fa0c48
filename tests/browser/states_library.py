"""States of the library's pages and of the company default, each by the way that leads there."""

from melodies import ZIP, wav
from playwright.sync_api import FilePayload, Page, expect

from browser.house import House
from browser.meeting import main_button, plain, signed_in
from melody_app.db import Base

SONG, NONE = (FilePayload(name=name, mimeType="audio/mpeg", buffer=data) for name, data in
              (("Весенняя.wav", wav(440, 2)), ("Список гостей.mp3", ZIP)))  # fmt: skip

HALF_WAY = """() => { XMLHttpRequest.prototype.send = function () {
  this.upload.dispatchEvent(new ProgressEvent("progress", { loaded: 41, total: 100, lengthComputable: true })); }; }"""
"""What is sent from now on stays half way."""


def remove_melodies(house: House, *ids: int) -> None:
    """Take melodies of the company's own out of the library; without ids all that it holds."""
    table = Base.metadata.tables["melodies"]
    which = (table.c.source_type == "client") & table.c.id.in_(ids) if ids else table.c.id > 0
    with house.session() as session:
        session.execute(table.delete().where(which))


@signed_in
def library_empty(page: Page, house: House) -> None:
    remove_melodies(house)
    page.goto("/library")


@signed_in
def library(page: Page, house: House) -> None:
    page.goto("/library")
    page.locator(".report summary").first.click()


@signed_in
def library_nothing_found(page: Page, house: House) -> None:
    page.goto("/library?q=Нет+такой")


@signed_in
def library_playing(page: Page, house: House) -> None:
    page.goto("/library?q=Гитара")
    page.locator("button.play").first.click()
    expect(page.locator("#player")).to_be_visible()


@signed_in
def library_uploading(page: Page, house: House) -> None:
    """Let one file be refused, one be in the library, one be on its way and one wait."""
    page.goto("/library?q=Старая")
    page.evaluate("() => { document.getElementById('upload').dataset.mostBytes = 100_000; }")
    large = FilePayload(name="Симфония.wav", mimeType="audio/wav", buffer=b"\0" * 100_001)
    page.route("**/melodies/client", lambda route: (page.evaluate(HALF_WAY), route.continue_()))
    page.locator("#file").set_input_files([large, SONG, SONG, SONG])
    page.locator("#upload button").click()
    expect(page.locator(".uploads li").nth(2)).to_contain_text("41")


@plain
def library_upload_refused(page: Page, house: House) -> None:
    page.goto("/library")
    page.locator("#file").set_input_files([NONE, FilePayload(name="пусто.wav", mimeType="audio/wav", buffer=b"")])
    page.locator("#upload button").click()
    expect(page.locator("#file-error")).to_be_visible()


@signed_in
def melody(page: Page, house: House) -> None:
    page.goto("/library/8")


@signed_in
def melody_sending(page: Page, house: House) -> None:
    """Let a file be on its way that stays there."""
    page.goto("/library/9")
    page.locator("#file").set_input_files([SONG])
    page.evaluate("() => addEventListener('submit', (event) => event.preventDefault())")
    main_button(page).click()
    expect(page.get_by_role("progressbar")).to_be_visible()


@signed_in
def melody_refused(page: Page, house: House) -> None:
    page.goto("/library/7")
    page.locator("#name").fill("")
    page.locator("#file").set_input_files([NONE])
    main_button(page).click()
    expect(page.get_by_role("alert")).to_be_visible()


@signed_in
def melody_delete(page: Page, house: House) -> None:
    page.goto("/library/10/delete")


@signed_in
def melody_delete_refused(page: Page, house: House) -> None:
    page.goto("/library/7/delete")


# ---------------------------------------------------------------- the company default


@signed_in
def company(page: Page, house: House) -> None:
    page.goto("/company")


@signed_in
def company_empty(page: Page, house: House) -> None:
    with house.session() as session:
        session.execute(Base.metadata.tables["company_default"].delete())
    remove_melodies(house)
    page.goto("/company")


@signed_in
def company_searched(page: Page, house: House) -> None:
    page.goto("/company")
    for at, text in enumerate(("ЛЕГКИЙ", "Нет такой")):
        page.get_by_role("searchbox").nth(at).fill(text)
    expect(page.locator(".melody-nothing").nth(1)).to_be_visible()


@signed_in
def company_refused(page: Page, house: House) -> None:
    page.goto("/company")
    page.locator("[name=hold][value='client:10']").check()
    remove_melodies(house, 10)
    main_button(page).click()
    expect(page.get_by_role("alert")).to_be_visible()


@plain
def plain_company(page: Page, house: House) -> None:
    page.goto("/company")
