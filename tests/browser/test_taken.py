"""An id that another rule holds: told at once, with the way to that rule and one button that moves it here."""

import re

import pytest
from playwright.sync_api import Page, expect

from browser.conftest import Visit
from browser.hand import (
    DEPARTMENTS,
    NUMBERS,
    box,
    choose_melody,
    conflict,
    has_ids,
    paste_ids,
    pick,
    pieces,
    row,
    said,
    save,
)
from browser.house import House
from browser.test_keyboard import tab_to

pytestmark = pytest.mark.browser


def type_taken(visit: Visit, office: House) -> Page:
    office.add_rule([446, 448], [93], media_id=53)
    page = visit("/rules/new")
    paste_ids(page, NUMBERS, "352 446")
    choose_melody(page, "Утро в горах")
    return page


def test_it_is_told_before_saving_with_a_link(visit: Visit, office: House) -> None:
    page = type_taken(visit, office)
    expect(conflict(page, 446)).to_contain_text(
        "Number +7 495 000-04-46 Отдел продаж (446) is already in rule 1 and plays melody Вальс."
    )
    expect(conflict(page, 352)).to_have_count(0)
    conflict(page, 446).get_by_role("link", name="Open rule 1").click()
    expect(page.get_by_role("heading", name="Rule 1", exact=True)).to_be_visible()
    assert len(office.rules()) == 1


def test_a_button_moves_it_here(visit: Visit, office: House) -> None:
    page = type_taken(visit, office)
    page.get_by_role("button", name="Move 446 here").click()
    expect(page.get_by_label("446 will be moved here when you save")).to_be_checked()
    assert office.rules() == {1: ([446, 448], [93], "system", 53)}  # not before it is saved
    save(page)
    said(page, "Rule 2 was created. 1 ID was moved to it from another rule.")
    assert office.rules() == {1: ([448], [93], "system", 53), 2: ([352, 446], [], "system", 50)}


def test_a_move_that_was_taken_back_moves_nothing(visit: Visit, office: House) -> None:
    page = type_taken(visit, office)
    page.get_by_role("button", name="Move 446 here").click()
    page.get_by_label("446 will be moved here when you save").uncheck()
    save(page)
    expect(conflict(page, 446)).to_be_visible()  # the server says it now
    has_ids(page, NUMBERS, ["352", "446"])
    assert office.rules() == {1: ([446, 448], [93], "system", 53)}


def test_an_id_that_is_taken_out_is_told_of_no_more(visit: Visit, office: House) -> None:
    page = type_taken(visit, office)
    expect(conflict(page, 446)).to_be_visible()
    pieces(page, NUMBERS).filter(has_text="446").get_by_role("button").click()
    expect(conflict(page, 446)).to_have_count(0)
    save(page)
    said(page, "Rule 2 was created.")
    assert office.rules()[2] == ([352], [], "system", 50)


def test_departments_are_told_in_their_own_field(visit: Visit, office: House) -> None:
    page = type_taken(visit, office)
    pick(page, DEPARTMENTS, "ОТДЕЛ ПРОДАЖ")
    expect(conflict(page, 93, DEPARTMENTS)).to_contain_text("Department Отдел продаж (93) is already in rule 1")


def test_a_rules_own_ids_are_not_told_of(visit: Visit, office: House) -> None:
    office.add_rule([446])
    rule_id = office.add_rule([352])
    page = visit(f"/rules/{rule_id}")
    pieces(page, NUMBERS).get_by_role("button").click()
    paste_ids(page, NUMBERS, "352 446")
    expect(conflict(page, 446)).to_be_visible()
    expect(page.locator(".conflict")).to_have_count(1)


def test_whoever_takes_it_meanwhile_is_named_when_saving(visit: Visit, office: House) -> None:
    page = visit("/rules/new")
    pick(page, NUMBERS, "Справочная")
    choose_melody(page, "Утро в горах")
    office.add_rule([352], media_id=53)
    save(page)
    expect(conflict(page, 352)).to_contain_text("rule 1")
    expect(conflict(page, 352)).to_contain_text("Nothing else is in rule 1: it will be deleted once this is moved.")
    page.get_by_role("button", name="Move 352 here").click()
    save(page)
    said(page, "1 ID was moved to it from another rule.")
    assert office.rules() == {2: ([352], [], "system", 50)}
    said(page, "Rule 1 was deleted: nothing was left in it.")
    page.get_by_role("button", name="Undo").click()
    said(page, "Rule 1 was restored.")
    expect(row(page, 1)).to_be_visible()
    assert office.rules() == {1: ([352], [], "system", 53)}


def test_it_is_told_on_top_when_saving_and_the_way_leads_by_keys(visit: Visit, office: House) -> None:
    page = type_taken(visit, office)
    page.get_by_role("searchbox").focus()
    expect(conflict(page, 446)).to_be_visible()
    page.locator("main .actions [type=submit]").last.press("Enter")
    expect(page).to_have_title("Error: New rule · Personal melodies")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("Not saved yet: 1 problem to fix")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(box(page, NUMBERS)).to_be_focused()
    tab_to(page, page.get_by_role("button", name="Move 446 here"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("446 will be moved here when you save")).to_be_focused()
    save(page)
    said(page, "Rule 2 was created. 1 ID was moved to it from another rule.")


def test_it_is_told_on_top_of_a_narrow_page_too(visit: Visit, office: House) -> None:
    office.add_rule([446])
    page = visit("/rules/new?number_capacity_ids=446", width=390)
    choose_melody(page, "Вальс")
    save(page)
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("radio", name="Вальс")).to_be_checked()
    expect(page.get_by_role("button", name=re.compile("^Listen.*Вальс"))).to_have_count(1)  # the scripts have run
    expect(page.get_by_role("alert")).to_be_in_viewport(ratio=1)


def test_it_is_still_told_when_saving_fails_for_another_reason(visit: Visit, office: House) -> None:
    office.add_rule([446, 448])
    page = visit("/rules/new")
    paste_ids(page, NUMBERS, "352 446")
    expect(conflict(page, 446)).to_be_visible()
    save(page)
    expect(page.get_by_role("alert")).to_contain_text("Choose a melody.")
    expect(page.get_by_role("alert")).to_contain_text("Numbers: 1 ID is already in another rule.")
    expect(conflict(page, 446)).to_be_visible()


def test_a_rule_of_which_everything_is_asked_for_is_said_to_go(visit: Visit, office: House) -> None:
    office.add_rule([446, 448], [93])
    page = visit("/rules/new")
    warning = page.get_by_text("Rule 1 will be deleted if everything in it is moved here.")
    pick(page, DEPARTMENTS, "ОТДЕЛ ПРОДАЖ")
    paste_ids(page, NUMBERS, "446")
    expect(conflict(page, 446)).to_be_visible()
    expect(warning.filter(visible=True)).to_have_count(0)
    paste_ids(page, NUMBERS, "448")
    expect(warning.filter(visible=True)).to_have_count(1)
    pieces(page, NUMBERS).filter(has_text="446").get_by_role("button").click()
    expect(warning.filter(visible=True)).to_have_count(0)
