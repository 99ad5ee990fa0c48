"""Numbers in a real browser: a list sent with progress, looked at and taken over."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.conftest import Opener, Visit
from browser.house import House

pytestmark = pytest.mark.browser

NUMBERS = "ID;Номер;Комментарий;Регион\n" + "".join(
    f"{at};8 920 000-{at // 100:02d}-{at % 100:02d};Линия {at};Нижегородская область\n" for at in range(1, 121)
)


def choose(page: Page, tmp_path: Path, text: str) -> None:
    """Choose a list on the page of imports and send it."""
    path = tmp_path / "Номера.csv"
    path.write_text(text, encoding="cp1251")
    page.goto("/numbers/import")
    page.locator("input[type=file]").set_input_files(path)
    page.locator(".card-page button[type=submit]").click()


def test_a_list_is_sent_looked_at_and_taken_over(visit: Visit, house: House, tmp_path: Path) -> None:
    page = visit("/numbers")
    choose(page, tmp_path, NUMBERS)
    expect(page.locator(".import-counts dd").first).to_have_text("120")
    page.locator("form[data-progress] button[type=submit]").click()
    expect(page).to_have_url(f"{house.url}/numbers")
    expect(page.locator("tbody tr")).to_have_count(50)
    page.get_by_role("searchbox").fill("линия 77")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.go_back()
    expect(page).to_have_url(f"{house.url}/numbers")
    expect(page.locator("tbody tr")).to_have_count(50)


def test_a_list_is_taken_over_without_scripts(open_browser: Opener, office: House, tmp_path: Path) -> None:
    context = open_browser(java_script_enabled=False, width=390)
    context.add_cookies([office.sign_in()])  # type: ignore[list-item]
    page = context.new_page()
    choose(page, tmp_path, NUMBERS.replace("\n7;8 920", "\n;8 920").replace("\n9;", "\nx;"))
    expect(page.get_by_role("alert")).to_contain_text("Line 10")
    choose(page, tmp_path, NUMBERS)
    expect(page.locator(".import-counts dd")).to_have_text(["120", "0", "11", "0", "0"])
    page.get_by_role("button", name="Import the list").click()
    expect(page.get_by_text("The list was imported. New: 120, changed: 0, deleted: 11.")).to_be_visible()
