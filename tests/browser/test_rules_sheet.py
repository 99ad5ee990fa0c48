"""Rules as a list in a real browser: downloaded, edited, looked at and taken over; nothing for axe to find."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.conftest import Visit
from browser.house import House
from browser.looks import findings, too_wide


def choose(page: Page, path: Path) -> None:
    """Choose a list on the page of imports and send it."""
    page.goto("/rules/import")
    page.locator("input[type=file]").set_input_files(path)
    page.locator(".card-page button[type=submit]").click()
    expect(page.locator(".import-counts")).to_be_visible()


def edit(path: Path, old: str, new: str) -> None:
    """Change a downloaded list."""
    text = path.read_text(encoding="utf-8-sig")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8-sig")


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_rules_are_downloaded_edited_and_taken_back(visit: Visit, house: House, tmp_path: Path, width: int) -> None:
    house.add_rule([7, 8], [])
    house.add_rule([9], [])
    page = visit("/rules", width=width)
    with page.expect_download() as download:
        page.locator("a[download]").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    looked_at: dict[str, list[str]] = {}

    def look(name: str) -> None:
        # An arrow beside words is no text whose contrast could be told.
        told = [each for each in findings(page) if "only non-text characters" not in each]
        looked_at[name] = told + too_wide(page)

    look("table")
    page.goto("/rules/import")
    look("import")
    edit(path, "7; 8", "x")
    choose(page, path)
    look("refused")
    edit(path, "x", "7; 9")
    edit(path, "\n2,9,", "\n2,8,")
    path.write_text(path.read_text(encoding="utf-8-sig") + ",77,,own,5\n", encoding="utf-8-sig")
    choose(page, path)
    look("preview")
    page.locator("form[data-progress] button[type=submit]").click()
    expect(page.locator("tbody tr")).to_have_count(3)
    assert not [f"{name}: {each}" for name, found in looked_at.items() for each in found]
