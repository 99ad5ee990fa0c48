"""A rule is changed and deleted; of two who change it at once nobody loses anything; what was deleted can come back."""

import pytest
from conftest import PERSON
from playwright.sync_api import Page, expect

from browser.conftest import Visit
from browser.hand import NUMBERS, choose_melody, has_ids, pick, pieces, row, said, save
from browser.house import OTHER, House

pytestmark = pytest.mark.browser


def test_a_rule_is_changed(visit: Visit, office: House) -> None:
    office.add_rule([352, 446], [93])
    page = visit("/rules")
    row(page, 1).get_by_role("link", name="Edit").click()
    pieces(page, NUMBERS).filter(has_text="352").get_by_role("button").click()
    pick(page, NUMBERS, "продаж, второй")
    choose_melody(page, "Лёгкий джаз")
    save(page)
    said(page, "Rule 1 was saved.")
    expect(row(page, 1)).to_contain_text(PERSON)
    assert office.rules() == {1: ([446, 448], [93], "system", 51)}


# ---------------------------------------------------------------- two at once


def edit_at_once(visit: Visit, office: House) -> Page:
    """Let two people open a rule; the other one saves first. Return the page of the one who saves second."""
    office.add_rule([352])
    mine, others = visit("/rules/1"), visit("/rules/1", person=OTHER)
    choose_melody(others, "Вальс")
    save(others)
    said(others, "Rule 1 was saved.")
    pick(mine, NUMBERS, "04-46")
    choose_melody(mine, "Лёгкий джаз")
    save(mine)
    expect(mine.get_by_role("alert")).to_contain_text(f"{OTHER} saved this rule while you were editing it")
    return mine


def test_the_second_is_shown_both_versions_and_nothing_is_overwritten(visit: Visit, office: House) -> None:
    page = edit_at_once(visit, office)
    assert office.rules() == {1: ([352], [], "system", 53)}
    numbers, _, melodies = (page.locator(".compare tbody tr").nth(n).get_by_role("cell") for n in range(3))
    expect(numbers.nth(0)).to_contain_text("Отдел продаж 446")
    expect(numbers.nth(1)).to_contain_text("Справочная 352")
    expect(numbers.nth(1)).not_to_contain_text("446")
    expect(melodies.nth(0)).to_contain_text("Лёгкий джаз 51")
    expect(melodies.nth(1)).to_contain_text("Вальс 53")
    has_ids(page, NUMBERS, ["352", "446"])  # what was typed is still in the form


def test_the_second_may_save_his_own(visit: Visit, office: House) -> None:
    page = edit_at_once(visit, office)
    page.get_by_role("alert").get_by_role("button", name="Save mine").click()
    said(page, "Rule 1 was saved.")
    assert office.rules() == {1: ([352, 446], [], "system", 51)}


def test_the_second_may_take_the_stored_one(visit: Visit, office: House) -> None:
    page = edit_at_once(visit, office)
    page.get_by_role("link", name="Use the saved one").click()
    expect(page.get_by_role("radio", name="Вальс")).to_be_checked()
    has_ids(page, NUMBERS, ["352"])
    assert office.rules() == {1: ([352], [], "system", 53)}


def test_what_was_typed_outlives_the_rule(visit: Visit, office: House) -> None:
    office.add_rule([352])
    mine, others = visit("/rules/1"), visit("/rules/1/delete", person=OTHER)
    others.get_by_role("button", name="Delete the rule").click()
    said(others, "Rule 1 was deleted.")
    choose_melody(mine, "Лёгкий джаз")
    save(mine)
    expect(mine.get_by_role("alert")).to_contain_text("Someone deleted this rule while you were editing.")
    save(mine)
    said(mine, "Rule 2 was created.")
    assert office.rules() == {2: ([352], [], "system", 51)}


# ---------------------------------------------------------------- deleting


def delete(visit: Visit, office: House) -> Page:
    office.add_rule([446], [103])
    office.add_rule([352], [93], media_id=53)
    page = visit("/rules")
    row(page, 2).get_by_role("link", name="Delete").click()
    return page


def test_deleting_is_asked_first_and_says_who_hears_what(visit: Visit, office: House) -> None:
    page = delete(visit, office)
    expect(page.get_by_role("heading", name="Delete rule 2?")).to_be_visible()
    for told in ("Справочная 352", "Отдел продаж 93", "Вальс 53", "the company's melody instead"):
        expect(page.locator("main")).to_contain_text(told)
    page.get_by_role("link", name="Cancel").click()
    assert 2 in office.rules()


def test_a_deleted_rule_comes_back(visit: Visit, office: House) -> None:
    page = delete(visit, office)
    page.get_by_role("button", name="Delete the rule").click()
    said(page, "Rule 2 was deleted.")
    expect(row(page, 2)).to_have_count(0)
    assert list(office.rules()) == [1]
    page.get_by_role("button", name="Undo").click()
    said(page, "Rule 2 was restored.")
    expect(row(page, 2)).to_contain_text("352")
    assert office.rules()[2] == ([352], [93], "system", 53)


def test_what_was_taken_meanwhile_is_not_taken_back(visit: Visit, office: House) -> None:
    page = delete(visit, office)
    page.get_by_role("button", name="Delete the rule").click()
    said(page, "Rule 2 was deleted.")
    office.add_rule([352], media_id=51)
    page.get_by_role("button", name="Undo").click()
    said(page, "The rule can't be restored: other rules now use 352.")
    assert office.rules() == {1: ([446], [103], "system", 50), 3: ([352], [], "system", 51)}


def test_a_rule_that_was_changed_meanwhile_is_shown_again_before_it_goes(visit: Visit, office: House) -> None:
    page = delete(visit, office)
    others = visit("/rules/2", person=OTHER)
    choose_melody(others, "Лёгкий джаз")
    save(others)
    said(others, "Rule 2 was saved.")
    page.get_by_role("button", name="Delete the rule").click()
    said(page, "Someone changed this rule in the meantime.")
    expect(page.locator("main")).to_contain_text("Лёгкий джаз")
    assert 2 in office.rules()
