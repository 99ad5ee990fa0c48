"""The table of rules and the journal: searched, sorted, filtered, paged, with one rule and with 10,000."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from browser.conftest import Visit
from browser.hand import row
from browser.house import MANY_FROM, NUMBERS_FROM, OTHER, House
from browser.office import NOW, furnish

pytestmark = pytest.mark.browser

ROWS = "table.rules tbody tr"


def shown(page: Page) -> list[str]:
    return page.locator(f"{ROWS} th").all_inner_texts()


def search(page: Page, text: str) -> None:
    page.get_by_label("Search by ID or name").fill(text)
    page.keyboard.press("Enter")


def test_an_empty_installation_says_what_to_do_first(visit: Visit, house: House) -> None:
    page = visit("/rules")
    steps = page.get_by_role("listitem").filter(has=page.get_by_role("heading", level=3))
    expect(steps).to_have_count(3)
    for place, (button, heading) in enumerate(
        (("Change my password", "Change my password"), ("Create a rule", "New rule"), ("Create a token", "New token"))
    ):
        steps.nth(place).get_by_role("link", name=button).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        page.go_back()
    house.add_rule([352])
    page.reload()
    expect(steps).to_have_count(0)
    expect(row(page, 1)).to_be_visible()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("446", ["Rule 1"]), ("петербург", ["Rule 3"]), ("СКЛАД", ["Rule 3"]), ("джаз", ["Rule 2"]), ("93", ["Rule 1"])],
)
def test_a_rule_is_found_by_an_id_or_a_name(visit: Visit, house: House, text: str, expected: list[str]) -> None:
    furnish(house)
    page = visit("/rules")
    search(page, text)
    expect(page.locator(f"{ROWS} th")).to_have_text(expected)
    expect(page.get_by_label("Search by ID or name")).to_have_value(text)
    page.get_by_role("link", name="Clear").click()
    expect(page.locator(ROWS)).to_have_count(7)


def test_what_is_not_found_is_said_and_led_out_of(visit: Visit, house: House) -> None:
    furnish(house)
    page = visit("/rules")
    search(page, "<b>none</b>")
    expect(page.locator("main")).to_contain_text("Nothing found for “<b>none</b>”.")
    page.get_by_role("link", name="Show all rules").click()
    expect(page.locator(ROWS)).to_have_count(7)


def test_every_id_has_its_name_beside_it(visit: Visit, house: House) -> None:
    furnish(house)
    page = visit("/rules")
    for told in ("Справочная", "352", "Техническая поддержка", "103", "Утро в горах", "50", "Анна"):
        expect(row(page, 1)).to_contain_text(told)


def test_the_table_is_sorted_by_what_is_pressed_and_the_search_stays(visit: Visit, house: House) -> None:
    furnish(house)
    page = visit("/rules?q=0")
    heading = page.get_by_role("columnheader").filter(has=page.get_by_role("link", name=re.compile("^Rule")))
    expect(heading).to_have_attribute("aria-sort", "ascending")
    up = shown(page)
    heading.get_by_role("link").click()
    expect(heading).to_have_attribute("aria-sort", "descending")
    assert shown(page) == up[::-1]
    page.get_by_role("columnheader").get_by_role("link", name="Changed by").click()
    expect(heading).not_to_have_attribute("aria-sort", re.compile("."))
    expect(page).to_have_url(re.compile("q=0"))
    people = page.locator(f"{ROWS} td:nth-of-type(4) .quiet").all_inner_texts()
    assert people == sorted(people)
    assert len(people) == len(up) > 1


def test_ten_thousand_rules_are_paged(visit: Visit, house: House) -> None:
    house.add_many(10_000)
    page = visit("/rules")
    expect(page.locator(".count")).to_contain_text("10,000 rules, shown: 1–50")
    expect(page.locator(ROWS)).to_have_count(50)
    page.get_by_role("link", name="Next").click()
    expect(page.locator(f"{ROWS} th").first).to_have_text(f"Rule {MANY_FROM + 50}")
    page.get_by_role("link", name="Page 200").click()
    expect(page.locator(f"{ROWS} th").last).to_have_text(f"Rule {MANY_FROM + 9_999}")
    expect(page.get_by_role("link", name="Next")).to_have_count(0)
    search(page, str(NUMBERS_FROM + MANY_FROM + 7_777))
    expect(page.locator(f"{ROWS} th")).to_have_text([f"Rule {MANY_FROM + 7_777}"])


# ---------------------------------------------------------------- the journal


ENTRIES = "table.journal tbody tr"


def test_the_journal_tells_who_did_what_by_which_door(visit: Visit, house: House) -> None:
    furnish(house)
    page = visit("/journal")
    expect(page.locator(ENTRIES)).to_have_count(12)
    changed = page.locator(ENTRIES).filter(has_text="352, 446, 448")
    expect(changed).to_have_count(1)
    for told in ("Анна", "on the website", "352, 446", "93, 103", "52", "50"):
        expect(changed).to_contain_text(told)
    expect(page.locator(ENTRIES).filter(has_text="CRM").filter(has_text="with a token")).to_have_count(1)
    expect(page.locator(ENTRIES).filter(has_text="on the command line")).to_have_count(2)
    expect(page.locator(ENTRIES).filter(has_text="MP3, 1:05, 4f0c1a9e")).to_contain_text("melody Новогодняя акция")


def test_the_journal_is_filtered_by_rule_person_and_day(visit: Visit, house: House) -> None:
    furnish(house)
    page = visit("/journal")

    def entries_for(**values: str) -> int:
        page.get_by_role("link", name="Clear").click()
        for label, text in values.items():
            page.get_by_label(label, exact=label != "Person").fill(text)
        page.get_by_role("button", name="Show").click()
        for label, text in values.items():
            expect(page.get_by_label(label, exact=label != "Person")).to_have_value(text)
        return page.locator(ENTRIES).count()

    assert entries_for(Rule="4") == 3
    assert entries_for(Person=OTHER) == 2
    assert entries_for(Rule="1", Person="Анна") == 2
    assert entries_for(Day=f"{NOW:%Y-%m-%d}") == 4
    assert entries_for(Day=f"{NOW - timedelta(hours=29):%Y-%m-%d}") == 1
    assert entries_for(Rule="77") == 0
    expect(page.locator(".empty")).to_be_visible()


def test_a_filter_that_is_no_filter_is_told(visit: Visit) -> None:
    page = visit("/journal?rule=first")
    expect(page.get_by_role("alert")).to_contain_text("Check the filters")
    expect(page.get_by_label("Rule", exact=True)).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Rule", exact=True)).to_have_value("first")
