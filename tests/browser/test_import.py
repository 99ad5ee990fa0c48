"""Numbers and departments in a real browser: a list sent with progress, looked at and taken over; nothing for axe to find."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.conftest import Visit
from browser.house import House
from browser.looks import findings, too_wide

pytestmark = pytest.mark.browser

NUMBERS = "Ид;Номер;Комментарий;Регион\n" + "".join(
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


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_found_on_the_directorys_pages(visit: Visit, house: House, tmp_path: Path, width: int) -> None:
    page = visit("/numbers", width=width)
    choose(page, tmp_path, NUMBERS)
    page.locator("form[data-progress] button[type=submit]").click()
    expect(page.locator("tbody tr")).to_have_count(50)
    house.add_rule([7], [])
    looked_at: dict[str, list[str]] = {}

    def look(name: str) -> None:
        # An arrow beside words is no text whose contrast could be told.
        told = [each for each in findings(page) if "only non-text characters" not in each]
        looked_at[name] = told + too_wide(page)

    for path in ("/numbers", "/numbers/new", "/numbers/7", "/numbers/7/delete", "/numbers/8/delete", "/departments"):
        page.goto(path)
        look(path)
    page.goto("/numbers/import")
    look("import")
    choose(page, tmp_path, NUMBERS.replace("Линия 5;", "Линия пять;").replace("\n9;", "\n900;"))
    expect(page.locator(".import-counts")).to_be_visible()
    look("preview")
    choose(page, tmp_path, NUMBERS.replace("\n7;8 920", "\n").replace("\n9;", "\nx;"))
    expect(page.locator("#refused")).to_be_visible()
    look("refused")
    assert {name: found for name, found in looked_at.items() if found} == {}
