"""What callers hear, as a person looks at it: rows selected by the keyboard, a rule made of them, melodies played."""

import re

import pytest
from conftest import PERSON
from playwright.sync_api import Page, expect

from browser import looks
from browser.conftest import Opener, Visit
from browser.hand import DEPARTMENTS, NUMBERS, choose_melody, conflict, has_ids, said, save
from browser.house import MANY_FROM, NUMBERS_FROM, House
from browser.office import furnish
from browser.states_calls import note_lookups
from melody_app.db import Base

pytestmark = pytest.mark.browser


def test_rows_are_selected_by_the_keyboard_and_become_a_rule(visit: Visit, house: House) -> None:
    furnish(house)
    page = visit("/calls?show=no_rule")
    boxes = page.locator("tbody").get_by_role("checkbox")
    count = boxes.count()
    page.get_by_role("button", name="Select all on this page").press("Space")
    expect(page.locator("#selection [role=status]")).to_have_text(f"Selected: {count}")
    page.get_by_role("button", name="Select none").press("Enter")
    expect(page.locator("tbody :checked")).to_have_count(0)
    page.get_by_role("checkbox", name="Select +7 495 000-07-01").press("Space")
    page.get_by_role("checkbox", name="Select Закупки").press("Space")
    expect(page.locator("#selection [role=status]")).to_have_text("Selected: 2")
    page.get_by_role("button", name="Make a rule for the selected").press("Enter")
    has_ids(page, NUMBERS, ["701"])
    has_ids(page, DEPARTMENTS, ["122"])
    page.go_back()
    expect(page.locator("#selection [role=status]")).to_have_text("Selected: 2")
    page.go_forward()
    page.get_by_role("link", name="Cancel").click()
    expect(page.locator("#selection [role=status]")).to_have_text("Selected: 2")
    page.get_by_role("button", name="Make a rule for the selected").press("Enter")
    choose_melody(page, "Вальс")
    save(page)
    said(page, "Rule 8 was created.")
    expect(page).to_have_url(re.compile(r"/calls\?show=no_rule$"))
    assert house.rules()[8] == ([701], [122], "system", 53)


def selected(page: Page, text: str) -> None:
    """Expect that the bar says this of the selection."""
    expect(page.locator("#selection [role=status]")).to_have_text(text)


def test_a_selection_goes_through_the_search_the_filters_the_box_and_the_language(visit: Visit, house: House) -> None:
    furnish(house)
    page = visit("/calls?show=no_rule")
    page.get_by_role("checkbox", name="Select Закупки").check()
    search, number = page.get_by_role("searchbox"), page.get_by_role("textbox", name="Number")
    search.fill("000-07-01")
    search.press("Enter")
    selected(page, "Selected: 1, not on this page: 1")
    page.get_by_role("checkbox", name="Select +7 495 000-07-01").press("Space")
    selected(page, "Selected: 2, not on this page: 1")
    search.fill("nothing like it")
    search.press("Enter")
    selected(page, "Selected: 2, not on this page: 2")
    page.get_by_role("link", name="Clear").click()
    number.fill("701")
    number.press("Enter")
    expect(page.get_by_role("heading", name="Callers hear:")).to_be_visible()
    page.get_by_role("link", name=re.compile("^Frozen numbers")).click()
    page.get_by_role("link", name="Русский").click()
    selected(page, "Выбрано: 2, из них не на этой странице: 2")
    page.reload()
    page.get_by_role("button", name="Создать правило для выбранных").click()
    has_ids(page, "Номера", ["701"])
    has_ids(page, "Отделы", ["122"])


def test_pages_of_the_table_share_one_selection_and_one_press_takes_it_back(visit: Visit, house: House) -> None:
    house.add_many(260)
    page = visit("/calls")
    every, none = (page.get_by_role("button", name=each) for each in ("Select all on this page", "Select none"))
    expect(none).to_be_hidden()
    for count in ("50", "100, not on this page: 50", "150, not on this page: 100", "200, not on this page: 150"):
        every.click()
        selected(page, f"Selected: {count}")
        page.get_by_role("link", name="Next →").click()
    selected(page, "Selected: 200, not on this page: 200")
    box = page.locator("tbody").get_by_role("checkbox").first
    box.click()
    expect(box).not_to_be_checked()
    selected(page, "No more than 200 can be selected at once. Make a rule for these first.")
    page.get_by_role("button", name="Make a rule for the selected").click()
    has_ids(page, NUMBERS, [str(NUMBERS_FROM + MANY_FROM + each) for each in range(200)])
    page.get_by_role("link", name="Cancel").click()
    selected(page, "Selected: 200, not on this page: 200")
    page.get_by_role("link", name="← Previous").click()
    expect(page.locator("tbody :checked")).to_have_count(50)
    none.press("Enter")
    selected(page, "")
    expect(every).to_be_focused()
    expect(page.locator("tbody :checked")).to_have_count(0)
    page.reload()
    expect(page.locator("tbody :checked")).to_have_count(0)


def test_asking_leads_to_the_answer_and_a_mistake_to_its_field(visit: Visit, house: House) -> None:
    furnish(house)
    page = visit("/calls?show=no_rule", width=390)
    number, department = (page.get_by_role("textbox", name=each) for each in ("Number", "Department"))
    heading = page.get_by_role("heading", name="Callers hear:")
    number.fill("8 495 000-07-01")
    number.press("Enter")
    expect(heading).to_be_focused()
    expect(heading).to_be_in_viewport(ratio=1)
    expect(page.locator("#answer .heard")).to_be_in_viewport(ratio=1)
    number.fill("8 495")
    number.press("Enter")
    expect(number).to_be_focused()
    expect(page).to_have_title(re.compile("^Error: What do callers hear?"))
    number.fill("701")
    department.fill("отдел")
    page.get_by_role("button", name="Find out").click()
    expect(department).to_be_focused()
    page.get_by_role("link", name="Choose: Отдел кадров").press("Enter")
    expect(heading).to_be_focused()
    expect(page.locator(".filters [aria-current]")).to_contain_text("No rule of their own")


def test_the_same_question_is_answered_anew(visit: Visit, house: House) -> None:
    furnish(house)
    page = visit("/calls")
    number = page.get_by_role("textbox", name="Number")
    number.fill("701")
    number.press("Enter")
    expect(page.locator("#answer .heard")).to_contain_text("Приветствие компании")
    house.add_rule([701], [], source_type="system", media_id=53)
    number.press("Enter")
    expect(page.locator("#answer .heard")).to_contain_text("Вальс")


def test_only_what_was_asked_just_now_takes_the_focus(visit: Visit, house: House) -> None:
    furnish(house)
    page = visit("/calls?number=8+495&ask=1", width=390)
    expect(page.get_by_role("textbox", name="Number")).to_be_focused()
    page.get_by_role("button", name="Make a rule for the selected").click()
    said(page, "Select numbers or departments first.")
    expect(page.locator(".notice")).to_be_in_viewport(ratio=1)
    expect(page.locator("body")).to_be_focused()


def test_enter_on_a_row_that_is_not_ticked_says_what_to_do_first(visit: Visit, house: House) -> None:
    furnish(house)
    page = visit("/calls?show=no_rule")
    page.get_by_role("checkbox", name="Select +7 495 000-07-01").press("Enter")
    said(page, "Select numbers or departments first.")
    expect(page).to_have_url(re.compile(r"/calls\?show=no_rule$"))


def test_what_has_a_rule_is_told_on_the_new_form_and_moved_by_its_button(visit: Visit, house: House) -> None:
    furnish(house)
    page = visit("/calls?kind=numbers")
    page.get_by_role("checkbox", name="Select +7 495 000-04-47").check()
    page.get_by_role("button", name="Make a rule for the selected").click()
    expect(conflict(page, 447)).to_have_count(1)
    page.get_by_role("button", name="Move 447 here").click()
    choose_melody(page, "Вальс")
    save(page)
    said(page, "1 ID was moved")


def test_a_melody_is_heard_from_its_row_and_from_the_answer(visit: Visit, house: House) -> None:
    furnish(house)
    page = visit("/calls?number=84950000446&kind=departments")
    buttons = page.get_by_role("button", name=re.compile("^Listen"))
    for place in (0, 1):  # the answer's, and the first row's
        buttons.nth(place).click()
        expect(buttons.nth(place)).to_have_attribute("aria-pressed", "true")
        expect(page.locator("[aria-pressed=true]")).to_have_count(1)


@pytest.mark.parametrize("path", ["/calls?kind=departments", "/library"])
def test_escape_closes_the_player_and_leaves_the_focus_where_it_is(visit: Visit, house: House, path: str) -> None:
    furnish(house)
    page = visit(path)
    listen = page.locator("main button.play").first
    player, sound = page.locator("#player"), page.locator("#player audio")
    listen.click()
    expect(player).to_be_visible()
    page.locator("summary", has_text=PERSON).press("Enter")
    page.keyboard.press("Escape")
    expect(player).to_be_visible()  # the menu was open: Escape closes one thing at a time
    page.keyboard.press("Escape")
    expect(player).to_be_hidden()
    expect(page.locator("summary", has_text=PERSON)).to_be_focused()
    assert sound.evaluate("(sound) => sound.paused")
    listen.click()
    player.get_by_role("button", name="Close").focus()
    page.keyboard.press("Escape")
    expect(player).to_be_hidden()
    expect(listen).to_be_focused()
    expect(listen).to_have_attribute("aria-pressed", "false")


def test_without_scripts_a_link_selects_the_page(open_browser: Opener, house: House) -> None:
    furnish(house)
    context = open_browser(java_script_enabled=False, width=390)
    context.add_cookies([house.sign_in()])  # type: ignore[list-item]
    page = context.new_page()
    page.goto("/calls?show=no_rule")
    count = page.get_by_role("checkbox").count()
    page.get_by_role("link", name="Select all on this page").click()
    expect(page.locator("tbody :checked")).to_have_count(count)
    page.get_by_role("button", name="Make a rule for the selected").click()
    expect(page.get_by_label("Numbers", exact=True)).to_have_value(re.compile("701"))


@pytest.mark.parametrize(
    "path", ["/calls?number=9001&department=901", "/calls/lookups", "/numbers/446", "/departments/93"]
)
@pytest.mark.parametrize("language", ["en-US", "ru-RU"])
def test_nothing_is_wider_than_the_narrowest_screen(visit: Visit, house: House, path: str, language: str) -> None:
    furnish(house)
    note_lookups(house)
    house.add_rule([9001], [901], source_type="client", media_id=99)
    assert looks.too_wide(visit(path, language=language, width=looks.NARROWEST)) == []


EDGES = "(all) => all.map((each) => { const { left, right } = each.getBoundingClientRect(); return [left, right]; })"


@pytest.mark.parametrize("language", ["en-US", "ru-RU"])
def test_buttons_keep_to_the_edges_of_a_narrow_screen(visit: Visit, house: House, language: str) -> None:
    furnish(house)
    house.add_rule([9001], [], source_type="client", media_id=99)
    with house.session() as session:
        melodies = Base.metadata.tables["melodies"]
        session.execute(melodies.update().where(melodies.c.id == 7).values(name="Достопримечательности"))
    page = visit("/calls?number=9001&show=no_rule", language=language, width=390)
    edges = page.locator(".selection, .selection .btn:visible").evaluate_all(EDGES)
    assert edges == [edges[0]] * 3
    page.set_viewport_size({"width": 320, "height": 800})
    form, button = page.locator(".box form, #answer .play").evaluate_all(EDGES)
    assert form[0] <= button[0]
    assert button[1] <= form[1]


COVERED = """() => {
  const focused = document.activeElement;
  if (focused === document.body || focused.closest("#selection, #player")) return null;
  const { top, bottom } = focused.getBoundingClientRect();
  const over = [...document.querySelectorAll("#selection, #player")].map((each) => each.getBoundingClientRect());
  return over.some((each) => top < each.bottom && bottom > each.top) ? focused.outerHTML : null;
}"""


@pytest.mark.parametrize(("language", "width"), [("en-US", 1280), ("ru-RU", 390), ("ru-RU", 320)])
def test_what_has_the_focus_is_under_neither_bar(visit: Visit, house: House, language: str, width: int) -> None:
    furnish(house)
    page = visit("/calls?kind=departments&number_capacity_ids=446", language=language, width=width)
    boxes = page.locator("tbody").get_by_role("checkbox")
    boxes.first.check()
    page.locator("tbody .play").first.click()
    expect(page.locator("#player")).to_be_visible()
    boxes.first.focus()
    for key, steps in (("Tab", 32), ("Shift+Tab", 32)):
        for _ in range(steps):
            page.keyboard.press(key)
            assert page.evaluate(COVERED) is None, key
