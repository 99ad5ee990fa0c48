"""The main path as everybody must be able to go it: without scripts, on a narrow screen, and both."""

import pytest
from conftest import PASSWORD, PERSON
from playwright.sync_api import Page, expect

from browser import looks
from browser.conftest import Opener
from browser.hand import NUMBERS, choose_melody, conflict, has_ids, pick, row, said, save
from browser.house import House

pytestmark = pytest.mark.browser

WAYS = pytest.mark.parametrize(("scripts", "width"), [(False, 1280), (True, 390)], ids=["plain", "narrow"])


@pytest.fixture
def inside(open_browser: Opener, office: House, scripts: bool, width: int) -> Page:
    """Open the sign-in page in such a browser and sign in there."""
    page = open_browser(width=width, java_script_enabled=scripts).new_page()
    page.goto("/rules")
    page.get_by_label("Name").fill(PERSON)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1, name="Rules")).to_be_visible()
    return page


HEADINGS = {"Company": "The company's melody"}


def fits(page: Page) -> None:
    page.wait_for_load_state()  # before it, the style may not be there yet
    assert looks.too_wide(page) == []


@WAYS
def test_a_rule_is_made_changed_deleted_and_brought_back(inside: Page, office: House) -> None:
    page = inside
    page.get_by_role("link", name="Create a rule").click()
    for name in ("Справочная", "04-46", "продаж, второй"):
        pick(page, NUMBERS, name)
    fits(page)
    save(page)
    expect(page.get_by_role("alert")).to_contain_text("Choose a melody.")
    has_ids(page, NUMBERS, ["352", "446", "448"])
    fits(page)
    choose_melody(page, "Утро в горах")
    save(page)
    said(page, "Rule 1 was created.")
    fits(page)
    row(page, 1).get_by_role("link", name="Edit").click()
    choose_melody(page, "Лёгкий джаз")
    save(page)
    said(page, "Rule 1 was saved.")
    assert office.rules() == {1: ([352, 446, 448], [], "system", 51)}
    row(page, 1).get_by_role("link", name="Delete").click()
    expect(page.get_by_role("heading", name="Delete rule 1?")).to_be_visible()
    fits(page)
    page.get_by_role("button", name="Delete the rule").click()
    said(page, "Rule 1 was deleted.")
    assert office.rules() == {}
    page.get_by_role("button", name="Undo").click()
    said(page, "Rule 1 was restored.")
    assert office.rules() == {1: ([352, 446, 448], [], "system", 51)}


@WAYS
def test_a_taken_id_is_moved(inside: Page, office: House, scripts: bool) -> None:
    page = inside
    office.add_rule([446, 448], media_id=53)
    page.goto("/rules/new")
    for name in ("Справочная", "04-46"):
        pick(page, NUMBERS, name)
    choose_melody(page, "Утро в горах")
    if not scripts:
        save(page)  # it is told then
    expect(conflict(page, 446)).to_contain_text("Отдел продаж (446) is already in rule 1 and plays melody Вальс.")
    expect(conflict(page, 446).get_by_role("link", name="Open rule 1")).to_be_visible()
    fits(page)
    conflict(page, 446).get_by_role("button", name="Move 446 here").click()
    if scripts:
        save(page)
    said(page, "Rule 2 was created.")
    assert office.rules() == {1: ([448], [], "system", 53), 2: ([352, 446], [], "system", 50)}


@WAYS
def test_the_second_of_two_editors_loses_nothing(inside: Page, office: House) -> None:
    page = inside
    office.add_rule([352])
    other = page.context.new_page()
    for each in (page, other):
        each.goto("/rules/1")
    choose_melody(other, "Вальс")
    save(other)
    said(other, "Rule 1 was saved.")
    choose_melody(page, "Лёгкий джаз")
    save(page)
    expect(page.get_by_role("alert")).to_contain_text("saved this rule while you were editing it")
    fits(page)
    assert office.rules() == {1: ([352], [], "system", 53)}
    page.get_by_role("button", name="Save mine").first.click()
    said(page, "Rule 1 was saved.")
    assert office.rules() == {1: ([352], [], "system", 51)}


@WAYS
def test_what_was_typed_outlives_the_sign_in(inside: Page, office: House, scripts: bool) -> None:
    page = inside
    page.goto("/rules/new")
    pick(page, NUMBERS, "Справочная")
    choose_melody(page, "Утро в горах")
    if scripts:
        office.end_sign_ins()
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
    assert office.rules() == {1: ([352], [], "system", 50)}


@WAYS
def test_lists_language_and_the_way_out_work(inside: Page, office: House) -> None:
    page = inside
    office.add_rule([352], media_id=53)
    office.add_rule([446])
    page.goto("/rules")
    page.get_by_label("Search by ID or name").fill("352")
    page.get_by_role("button", name="Find").click()
    expect(row(page, 1)).to_be_visible()
    expect(row(page, 2)).to_have_count(0)
    for area in ("Melodies", "Company", "Numbers", "Departments", "Journal", "People", "Tokens", "Rules"):
        page.get_by_role("navigation", name="Main menu").get_by_role("link", name=area, exact=True).click()
        expect(page.get_by_role("heading", level=1, name=HEADINGS.get(area, area))).to_be_visible()
        fits(page)
    page.get_by_role("link", name="Русский").click()
    expect(page.get_by_role("heading", level=1, name="Правила")).to_be_visible()
    page.locator("summary").click()
    page.get_by_role("button", name="Выйти").click()
    expect(page.get_by_role("heading", level=1, name="Войти")).to_be_visible()
