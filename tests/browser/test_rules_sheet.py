"""Rules as a list in a real browser: downloaded, edited, looked at and taken over."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.conftest import Visit
from browser.house import House

pytestmark = pytest.mark.browser


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


def test_rules_are_downloaded_edited_and_taken_back(visit: Visit, house: House, tmp_path: Path) -> None:
    house.add_rule([7, 8], [])
    house.add_rule([9], [])
    page = visit("/rules")
    with page.expect_download() as download:
        page.locator("a[download]").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    edit(path, "7; 8", "x")
    choose(page, path)
    expect(page.get_by_role("alert")).to_contain_text("Line 2")
    edit(path, "x", "7; 9")
    edit(path, "\n2,9,", "\n2,8,")
    path.write_text(path.read_text(encoding="utf-8-sig") + ",77,,own,5\n", encoding="utf-8-sig")
    choose(page, path)
    expect(page.locator(".import-counts dd")).to_have_text(["1", "2", "0", "0", "0"])
    page.locator("form[data-progress] button[type=submit]").click()
    expect(page.locator("tbody tr")).to_have_count(3)
