"""A rule is made by the keyboard alone: typed, pasted, chosen, saved."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.conftest import Visit
from browser.hand import DEPARTMENTS, NUMBERS, box, has_ids, pieces, said
from browser.house import House

pytestmark = pytest.mark.browser

STOPS = 40
"""More stops of Tab than any page has before its main part."""


def tab_to(page: Page, target: Locator, key: str = "Tab") -> None:
    for _ in range(STOPS):
        page.keyboard.press(key)
        if target.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError(f"{key} doesn't lead to {target}")


def paste(page: Page, text: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("(text) => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+V")


def test_a_rule_is_made_by_the_keyboard_alone(visit: Visit, house: House) -> None:
    page = visit("/rules/new")
    tab_to(page, box(page, NUMBERS))
    page.keyboard.type("352,")
    paste(page, "446 448\n")
    has_ids(page, NUMBERS, ["352", "446", "448"])
    tab_to(page, box(page, DEPARTMENTS))
    page.keyboard.type("93")
    page.keyboard.press("Enter")  # adds, and doesn't submit
    page.keyboard.type("0103")
    tab_to(page, page.get_by_label("A standard melody"))
    has_ids(page, DEPARTMENTS, ["93", "103"])  # what was typed is not lost when the field is left
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("The company's own melody")).to_be_checked()
    tab_to(page, box(page, "Melody"))
    page.keyboard.type("50")
    page.keyboard.press("Enter")
    said(page, "Rule 1 was created.")
    assert house.rules() == {1: ([352, 446, 448], [93, 103], "client", 50)}


def test_the_main_part_is_one_press_away(visit: Visit) -> None:
    page = visit("/rules")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_menu_opens_and_closes_by_keys(visit: Visit) -> None:
    page = visit("/rules")
    tab_to(page, page.locator("summary"))
    page.keyboard.press("Enter")
    expect(page.locator(".menu a")).to_be_visible()
    tab_to(page, page.get_by_role("button", name="Sign out"))
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(page.locator("summary")).to_be_focused()


def test_a_rule_is_made_of_names_by_the_keyboard_alone(visit: Visit, office: House) -> None:
    page = visit("/rules/new")
    tab_to(page, box(page, NUMBERS))
    page.keyboard.type("в петербурге")
    expect(page.get_by_role("option")).to_have_count(2)
    tab_to(page, page.get_by_role("button", name="Add all found: 2"), "Shift+Tab")
    page.keyboard.press("Enter")
    has_ids(page, NUMBERS, ["501", "502"])
    tab_to(page, box(page, DEPARTMENTS))
    page.keyboard.type("склад")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    has_ids(page, DEPARTMENTS, ["112"])
    tab_to(page, page.get_by_role("searchbox"))
    page.keyboard.type("легкий")
    expect(page.get_by_role("radio")).to_have_count(1)
    tab_to(page, page.get_by_role("radio", name="Лёгкий джаз"))
    page.keyboard.press("Space")
    listen = page.get_by_role("button", name=re.compile("^Listen.*Лёгкий джаз"))
    tab_to(page, listen)
    page.keyboard.press("Enter")
    expect(listen).to_have_attribute("aria-pressed", "true")
    tab_to(page, page.get_by_role("button", name="Save the rule"))
    page.keyboard.press("Enter")
    said(page, "Rule 1 was created.")
    assert office.rules() == {1: ([501, 502], [112], "system", 51)}


def test_a_number_is_found_by_its_name_and_chosen_by_an_arrow(visit: Visit, office: House) -> None:
    page = visit("/rules/new")
    tab_to(page, box(page, NUMBERS))
    page.keyboard.type("петербур")
    expect(page.get_by_role("option")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(pieces(page, NUMBERS)).to_have_count(1)
    expect(pieces(page, NUMBERS)).to_contain_text("в Петербурге")
    page.keyboard.press("Backspace")
    has_ids(page, NUMBERS, [])


def test_what_is_no_id_stays_in_the_field_and_is_told(visit: Visit) -> None:
    page = visit("/rules/new")
    tab_to(page, box(page, NUMBERS))
    paste(page, "352; abc, 446")
    has_ids(page, NUMBERS, ["352", "446"])
    expect(page.get_by_text("Not an ID, left out: abc")).to_be_visible()
    expect(box(page, NUMBERS)).to_have_value("abc")


def test_an_error_is_led_to_from_the_top(visit: Visit) -> None:
    page = visit("/rules/new")
    tab_to(page, box(page, "Melody"))
    page.keyboard.type("fifty")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(box(page, "Melody")).to_have_value("fifty")  # what was typed stays
    links = page.get_by_role("alert").get_by_role("link")
    expect(links).to_have_count(2)
    for place, label in enumerate((NUMBERS, "Melody")):
        links.nth(place).focus()
        page.keyboard.press("Enter")
        expect(box(page, label)).to_be_focused()
        expect(box(page, label)).to_have_attribute("aria-invalid", "true")


def test_an_error_leads_to_the_melodies_too(visit: Visit, office: House) -> None:
    page = visit("/rules/new")
    tab_to(page, page.locator("main [type=submit]:not([tabindex])").last)
    page.keyboard.press("Enter")
    page.get_by_role("alert").get_by_role("link").last.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="Melody")).to_be_focused()
    tab_to(page, page.get_by_role("group", name="Melody").get_by_role("searchbox"))
