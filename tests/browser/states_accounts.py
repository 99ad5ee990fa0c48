"""States of the way in, and of the pages of people and tokens, each by the way that leads there."""

from conftest import PASSWORD, PERSON
from playwright.sync_api import Page, expect

from browser.house import House
from browser.meeting import fill, main_button, plain, signed_in, stranger
from browser.states_library import SONG
from melody_app.db import Base

# ---------------------------------------------------------------- the way in


@stranger
def sign_in(page: Page, house: House) -> None:
    page.goto("/sign-in")


@stranger
def sign_in_nothing_typed(page: Page, house: House) -> None:
    page.goto("/sign-in")
    main_button(page).click()
    expect(page.get_by_role("alert")).to_be_visible()


@stranger
def sign_in_wrong(page: Page, house: House) -> None:
    page.goto("/sign-in")
    fill(page, name=PERSON, password="not the password")
    expect(page.get_by_role("alert")).to_be_visible()


@stranger
def sign_in_nobody(page: Page, house: House) -> None:
    with house.session() as session:
        for table in ("sign_ins", "people"):
            session.execute(Base.metadata.tables[table].delete())
    page.goto("/sign-in")


@signed_in
def signed_out_meanwhile(page: Page, house: House) -> None:
    page.goto("/library/7")
    page.locator("#file").set_input_files([SONG])
    house.end_sign_ins()
    main_button(page).click()
    expect(page.locator("#password")).to_be_visible()


@signed_in
def signed_in_again(page: Page, house: House) -> None:
    signed_out_meanwhile(page, house)
    fill(page, name=PERSON, password=PASSWORD)
    expect(page.locator("[name=resume]")).to_be_attached()


@signed_in
def file_asked_for_again(page: Page, house: House) -> None:
    signed_in_again(page, house)
    main_button(page).click()
    expect(page.locator("#file-error")).to_be_visible()


# ---------------------------------------------------------------- people and tokens


@signed_in
def people(page: Page, house: House) -> None:
    page.goto("/people")


@signed_in
def person_new(page: Page, house: House) -> None:
    page.goto("/people/new")


@signed_in
def person_refused(page: Page, house: House) -> None:
    page.goto("/people/new")
    fill(page, name=PERSON)
    expect(page.get_by_role("alert")).to_be_visible()


@signed_in
def person_secret(page: Page, house: House) -> None:
    page.goto("/people/new")
    fill(page, name="Мария Соколова")
    expect(page.locator("#secret")).to_be_visible()


@signed_in
def person_remove(page: Page, house: House) -> None:
    page.goto("/people")
    page.locator("a[href$=remove]").click()


@signed_in
def password(page: Page, house: House) -> None:
    page.goto("/password")


@signed_in
def password_refused(page: Page, house: House) -> None:
    page.goto("/password")
    fill(page, current="not mine at all", new="short", repeat="another")
    expect(page.get_by_role("alert")).to_be_visible()


@signed_in
def tokens(page: Page, house: House) -> None:
    page.goto("/tokens")


@signed_in
def tokens_none(page: Page, house: House) -> None:
    with house.session() as session:
        session.execute(Base.metadata.tables["tokens"].delete())
    page.goto("/tokens")


@signed_in
def token_new(page: Page, house: House) -> None:
    page.goto("/tokens/new")


@signed_in
def token_refused(page: Page, house: House) -> None:
    page.goto("/tokens/new")
    main_button(page).click()
    expect(page.get_by_role("alert")).to_be_visible()


@signed_in
def token_secret(page: Page, house: House) -> None:
    page.goto("/tokens/new")
    page.locator("[value=manage]").check()
    fill(page, name="Сайт")
    expect(page.locator("#secret")).to_be_visible()


@signed_in
def token_revoke(page: Page, house: House) -> None:
    page.goto("/tokens")
    page.locator("a[href$=revoke]").first.click()


# ---------------------------------------------------------------- without scripts
@plain
def plain_secret(page: Page, house: House) -> None:
    person_secret(page, house)
