"""People and tokens: made, shown once, copied, in force, taken back."""

import pytest
from playwright.sync_api import Page, expect

from browser.conftest import Opener, Visit
from browser.hand import said
from browser.house import OTHER, House

pytestmark = pytest.mark.browser

NEW = "Мария Соколова"


def secret_of(page: Page) -> str:
    """Copy the secret by its button, and return what the clipboard holds."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator(".copyable").first.get_by_role("button", name="Copy").click()
    expect(page.locator(".copyable").first.get_by_role("status")).to_have_text("Copied")
    text = str(page.evaluate("navigator.clipboard.readText()"))
    expect(page.locator("#secret")).to_have_text(text)
    return text


def enters(page: Page, name: str, password: str) -> bool:
    page.goto("/sign-in")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert").or_(page.get_by_role("navigation", name="Main menu"))).to_be_visible()
    return page.get_by_role("alert").count() == 0


def add_person(page: Page) -> str:
    page.get_by_role("link", name="Add a person").click()
    page.get_by_label("Name").fill(NEW)
    page.get_by_role("button", name="Add").click()
    return secret_of(page)


def test_a_person_is_added_comes_in_and_is_removed(visit: Visit, open_browser: Opener) -> None:
    page, theirs = visit("/people"), open_browser().new_page()
    password = add_person(page)
    assert enters(theirs, NEW, password)
    page.get_by_role("link", name="I have copied it").click()
    expect(page.get_by_text(password)).to_have_count(0)
    page.get_by_role("row", name=NEW).get_by_role("link", name="Remove").click()
    page.get_by_role("button", name="Remove this person").click()
    said(page, f"{NEW} was removed")
    theirs.reload()
    expect(theirs.get_by_role("heading", name="Sign in")).to_be_visible()
    assert not enters(theirs, NEW, password)


def test_a_name_that_is_taken_is_told(visit: Visit) -> None:
    page = visit("/people/new")
    page.get_by_label("Name").fill(OTHER.upper())
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("alert")).to_contain_text("Someone with this name already exists.")
    expect(page.get_by_label("Name")).to_have_value(OTHER.upper())


def test_a_new_password_is_given_to_whoever_forgot_it(visit: Visit, open_browser: Opener) -> None:
    page, theirs = visit("/people"), visit("/rules", person=OTHER)
    page.get_by_role("row", name=OTHER).get_by_role("button", name="Reset password").click()
    password = secret_of(page)
    theirs.reload()
    expect(theirs.get_by_role("heading", name="Sign in")).to_be_visible()
    assert enters(theirs, OTHER, password)


def test_one_cannot_remove_oneself(visit: Visit) -> None:
    page = visit("/people")
    mine = page.get_by_role("row").filter(has_text="this is you")
    expect(mine).to_have_count(1)
    expect(mine.get_by_role("link", name="Remove")).to_have_count(0)


# ---------------------------------------------------------------- tokens


def create_token(page: Page, scope: str) -> str:
    page.get_by_role("link", name="New token").click()
    page.get_by_label("Token name").fill("CRM")
    page.get_by_label(scope).check()
    page.get_by_role("button", name="Create the token").click()
    return secret_of(page)


def status_with(house: House, token: str) -> int:
    with house.service.client(token) as client:
        return client.call("GET", "/melodies/personal").status


def test_a_token_is_shown_once_opens_and_is_revoked(visit: Visit, house: House) -> None:
    page = visit("/tokens")
    token = create_token(page, "Everything")
    assert token.startswith("mel_")
    expect(page.locator("#curl")).to_contain_text(token)
    expect(page.locator("#curl")).to_contain_text(house.url)  # ready to paste
    assert status_with(house, token) == 200
    house.service.wait(lambda: house.uses_noted() > 0)
    page.get_by_role("link", name="I have copied it").click()
    expect(page.get_by_text(token)).to_have_count(0)
    line = page.get_by_role("row", name="CRM")
    expect(line).to_contain_text(token[:8])
    expect(line).not_to_contain_text("never")
    line.get_by_role("link", name="Revoke").click()
    page.get_by_role("button", name="Revoke the token").click()
    said(page, "The token “CRM” was revoked and no longer works.")
    assert status_with(house, token) == 401


def test_a_telephone_exchanges_token_may_not_read_rules(visit: Visit, house: House) -> None:
    page = visit("/tokens")
    token = create_token(page, "Only look up what to play")
    expect(page.locator("#curl")).to_have_count(0)  # no command that would be refused
    assert status_with(house, token) == 403
