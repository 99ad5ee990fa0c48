"""Signing in and out, one's own password, the language: what a browser keeps and what it forgets."""

import re
from collections.abc import Callable

import pytest
from conftest import PASSWORD, PERSON
from playwright.sync_api import Page, expect

from browser.conftest import Opener, Visit
from browser.hand import NUMBERS, choose_melody, has_ids, pick, said, save
from browser.house import House

pytestmark = pytest.mark.browser


def sign_in(page: Page, password: str = PASSWORD, name: str = PERSON) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_a_person_comes_in_and_is_led_to_where_he_was_going(open_browser: Opener) -> None:
    page = open_browser().new_page()
    page.goto("/journal?rule=7")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    sign_in(page, name=PERSON.lower())
    expect(page.get_by_role("heading", name="Journal")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/journal\?rule=7$"))
    (cookie,) = [each for each in page.context.cookies() if each["name"] == "melody"]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")


def test_a_wrong_password_is_told_and_the_name_stays(open_browser: Opener) -> None:
    page = open_browser().new_page()
    page.goto("/sign-in")
    sign_in(page, "not the password")
    expect(page.get_by_role("alert")).to_contain_text("Wrong name or password. Check both.")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("Name")).to_have_value(PERSON)
    expect(page.get_by_label("Password")).to_have_value("")
    sign_in(page)
    expect(page.get_by_role("heading", name="Rules")).to_be_visible()


def test_whoever_has_signed_out_is_out(visit: Visit) -> None:
    page = visit("/rules")
    page.locator("summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()  # no page is kept by the browser


# ---------------------------------------------------------------- the sign-in ends while somebody types


def let_time_pass(house: House, page: Page) -> None:
    house.end_sign_ins()


def sign_out_elsewhere(house: House, page: Page) -> None:
    other = page.context.new_page()
    other.goto("/rules")
    other.locator("summary").click()
    other.get_by_role("button", name="Sign out").click()
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()


@pytest.mark.parametrize(("path", "end"), [("/rules/new", let_time_pass), ("/rules/1", sign_out_elsewhere)])
def test_what_was_typed_comes_back(visit: Visit, office: House, path: str, end: Callable[[House, Page], None]) -> None:
    office.add_rule([352])
    page = visit(path)
    pick(page, NUMBERS, "04-46")
    choose_melody(page, "Лёгкий джаз")
    before = office.rules()
    end(office, page)
    save(page)
    expect(page.get_by_role("alert")).to_contain_text("Sign in again: what you typed is kept.")
    sign_in(page, "not the password")  # a mistake here loses nothing either
    sign_in(page)
    page.get_by_role("button", name="Continue").click()
    kept = ["446"] if path == "/rules/new" else ["352", "446"]
    has_ids(page, NUMBERS, kept)
    expect(page.get_by_role("radio", name="Лёгкий джаз")).to_be_checked()
    assert office.rules() == before  # nothing is saved unseen
    save(page)
    said(page, "Rule")
    assert ([int(each) for each in kept], [], "system", 51) in office.rules().values()


# ---------------------------------------------------------------- the password


def change_password(page: Page, current: str, new: str, repeat: str) -> None:
    for label, text in (("Current password", current), ("New password", new), ("Repeat the new password", repeat)):
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("button", name="Change the password").click()


def test_a_new_password_is_in_force_and_signs_other_browsers_out(visit: Visit, open_browser: Opener) -> None:
    page, elsewhere = visit("/password"), visit("/rules")
    change_password(page, "not mine", "four other quiet words", "four other quiet words")
    expect(page.get_by_role("alert")).to_contain_text("This is not your password.")
    change_password(page, PASSWORD, "four other quiet words", "four other loud words")
    expect(page.get_by_role("alert")).to_contain_text("The new passwords don't match.")
    change_password(page, PASSWORD, "four other quiet words", "four other quiet words")
    said(page, "Your password is changed.")
    elsewhere.reload()
    expect(elsewhere.get_by_role("heading", name="Sign in")).to_be_visible()
    sign_in(elsewhere)
    expect(elsewhere.get_by_role("alert")).to_be_visible()
    sign_in(elsewhere, "four other quiet words")
    expect(elsewhere.get_by_role("heading", name="Rules")).to_be_visible()


# ---------------------------------------------------------------- the language


@pytest.mark.parametrize(("browsers", "expected"), [("ru-RU", "ru"), ("en-GB", "en"), ("de-DE", "ru")])
def test_the_language_is_first_the_browsers(open_browser: Opener, browsers: str, expected: str) -> None:
    page = open_browser(browsers).new_page()
    page.goto("/sign-in")
    expect(page.locator("html")).to_have_attribute("lang", expected)


def test_the_chosen_language_is_remembered_on_the_next_visit(visit: Visit, open_browser: Opener) -> None:
    page = visit("/journal?rule=7", language="ru-RU")
    expect(page.get_by_role("heading", level=1)).to_have_text("Журнал")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Journal")
    expect(page).to_have_url(re.compile(r"/journal\?rule=7$"))  # the same page
    kept = page.context.storage_state()
    next_visit = open_browser("ru-RU", storage_state=kept).new_page()
    next_visit.goto("/rules")
    expect(next_visit.get_by_role("heading", level=1)).to_have_text("Rules")
    next_visit.get_by_role("link", name="Русский").click()
    expect(next_visit.get_by_role("heading", level=1)).to_have_text("Правила")
    (cookie,) = [each for each in kept["cookies"] if each["name"] == "lang"]
    assert cookie["expires"] > 0  # it outlives the browser's session
