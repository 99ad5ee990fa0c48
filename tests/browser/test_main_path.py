"""The main path as everybody must be able to go it: without scripts, on a narrow screen, and both."""

import pytest
from conftest import PASSWORD, PERSON
from playwright.sync_api import Page, expect

from browser import looks
from browser.conftest import OpenBrowser
from browser.hand import NUMBERS, box, conflict, has_ids, row, said, save, type_ids
from browser.house import House

pytestmark = pytest.mark.browser

WAYS = pytest.mark.parametrize(
    ("scripts", "width"), [(False, 1280), (False, 390), (True, 390)], ids=["plain", "plain-narrow", "narrow"]
)


@pytest.fixture
def inside(open_browser: OpenBrowser, house: House, scripts: bool, width: int) -> Page:
    """Open the sign-in page in such a browser and sign in there."""
    page = open_browser(width=width, java_script_enabled=scripts).new_page()
    page.goto("/rules")
    page.get_by_label("Name").fill(PERSON)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1, name="Rules")).to_be_visible()
    return page


def fits(page: Page) -> None:
    assert looks.too_wide(page) == []


def melody(page: Page, text: str) -> None:
    box(page, "Melody").fill(text)


@WAYS
def test_a_rule_is_made_changed_deleted_and_brought_back(inside: Page, house: House) -> None:
    page = inside
    page.get_by_role("link", name="Create a rule").click()
    type_ids(page, NUMBERS, "352, 446 448")
    save(page)
    expect(page.get_by_role("alert")).to_contain_text("Melody")
    has_ids(page, NUMBERS, ["352", "446", "448"])
    fits(page)
    melody(page, "50")
    save(page)
    said(page, "Rule 1 was created.")
    fits(page)
    row(page, 1).get_by_role("link", name="Edit").click()
    melody(page, "51")
    save(page)
    said(page, "Rule 1 was saved.")
    assert house.rules() == {1: ([352, 446, 448], [], "system", 51)}
    row(page, 1).get_by_role("link", name="Delete").click()
    expect(page.get_by_role("heading", name="Delete rule 1?")).to_be_visible()
    fits(page)
    page.get_by_role("button", name="Delete the rule").click()
    said(page, "Rule 1 was deleted.")
    assert house.rules() == {}
    page.get_by_role("button", name="Undo").click()
    said(page, "Rule 1 was restored.")
    assert house.rules() == {1: ([352, 446, 448], [], "system", 51)}


@WAYS
def test_a_taken_id_is_moved(inside: Page, house: House, scripts: bool) -> None:
    page = inside
    house.add_rule([446, 448], media_id=7)
    page.goto("/rules/new")
    type_ids(page, NUMBERS, "352 446")
    melody(page, "50")
    if not scripts:
        save(page)  # it is told then
    expect(conflict(page, 446)).to_contain_text("Number 446 is already in rule 1 and plays melody 7.")
    expect(conflict(page, 446).get_by_role("link", name="Open rule 1")).to_be_visible()
    fits(page)
    conflict(page, 446).get_by_role("button", name="Move 446 here").click()
    if scripts:
        save(page)
    said(page, "Rule 2 was created.")
    assert house.rules() == {1: ([448], [], "system", 7), 2: ([352, 446], [], "system", 50)}


@WAYS
def test_the_second_of_two_editors_loses_nothing(inside: Page, house: House) -> None:
    page = inside
    house.add_rule([352])
    other = page.context.new_page()
    for each in (page, other):
        each.goto("/rules/1")
    melody(other, "7")
    save(other)
    said(other, "Rule 1 was saved.")
    melody(page, "51")
    save(page)
    expect(page.get_by_role("alert")).to_contain_text("saved this rule while you were editing it")
    fits(page)
    assert house.rules() == {1: ([352], [], "system", 7)}
    page.get_by_role("button", name="Save mine").first.click()
    said(page, "Rule 1 was saved.")
    assert house.rules() == {1: ([352], [], "system", 51)}


@WAYS
def test_what_was_typed_outlives_the_sign_in(inside: Page, house: House, scripts: bool) -> None:
    page = inside
    page.goto("/rules/new")
    type_ids(page, NUMBERS, "352")
    melody(page, "50")
    if scripts:
        house.end_sign_ins()
    else:
        page.context.clear_cookies(name="melody")
    save(page)
    page.get_by_label("Name").fill(PERSON)
    page.get_by_label("Password").fill(PASSWORD)
    fits(page)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Continue").click()
    save(page)
    said(page, "Rule 1 was created.")
    assert house.rules() == {1: ([352], [], "system", 50)}


@WAYS
def test_lists_language_and_the_way_out_work(inside: Page, house: House) -> None:
    page = inside
    house.add_rule([352], media_id=7)
    house.add_rule([446])
    page.goto("/rules")
    page.get_by_label("Search by ID or name").fill("352")
    page.get_by_role("button", name="Find").click()
    expect(row(page, 1)).to_be_visible()
    expect(row(page, 2)).to_have_count(0)
    for area in ("Journal", "People", "Tokens", "Rules"):
        page.get_by_role("link", name=area, exact=True).click()
        expect(page.get_by_role("heading", level=1, name=area)).to_be_visible()
        fits(page)
    page.get_by_role("link", name="Русский").click()
    expect(page.get_by_role("heading", level=1, name="Правила")).to_be_visible()
    page.locator("summary").click()
    page.get_by_role("button", name="Выйти").click()
    expect(page.get_by_role("heading", level=1, name="Войти")).to_be_visible()
