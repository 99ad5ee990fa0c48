"""Every page in every state that a person can meet it in, each by the way that leads there."""

from collections.abc import Callable

from conftest import PASSWORD, PERSON
from playwright.sync_api import BrowserContext, Locator, Page, expect

from browser.house import House
from browser.office import furnish
from melody_app.db import Base

State = Callable[[Page, House], None]

STRANGERS: dict[str, State] = {}
SIGNED_IN: dict[str, State] = {}
PLAIN: dict[str, State] = {}
"""Pages that scripts change, as they are without them."""


def stranger(state: State) -> State:
    """Note a state that somebody meets who is not signed in."""
    STRANGERS[_name(state)] = state
    return state


def signed_in(state: State) -> State:
    """Note a state of a page for people."""
    SIGNED_IN[_name(state)] = state
    return state


def plain(state: State) -> State:
    """Note a state that looks different without scripts."""
    PLAIN[_name(state)] = state
    return state


def _name(state: State) -> str:
    return state.__name__.replace("_", "-")


def names() -> list[str]:
    """Return the names of all states."""
    return [*STRANGERS, *SIGNED_IN, *PLAIN]


def meet(name: str, house: House, context: BrowserContext) -> Page:
    """Bring a browser's page into a state."""
    if name not in STRANGERS:
        furnish(house)
        context.add_cookies([house.sign_in()])  # type: ignore[list-item]
    if name in PLAIN:
        # Where scripts are switched off, axe can't run either: the pages' own ones come empty instead.
        context.route("**/*.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page = context.new_page()
    {**STRANGERS, **SIGNED_IN, **PLAIN}[name](page, house)
    return page


def main_button(page: Page) -> Locator:
    """Return the button that a form is for, in any language."""
    return page.locator("main .actions button[type=submit]").last


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
    _fill(page, name=PERSON, password="not the password")
    expect(page.get_by_role("alert")).to_be_visible()


@stranger
def sign_in_nobody(page: Page, house: House) -> None:
    with house.session() as session:
        for table in ("sign_ins", "people"):
            session.execute(Base.metadata.tables[table].delete())
    page.goto("/sign-in")


@signed_in
def signed_out_meanwhile(page: Page, house: House) -> None:
    page.goto("/rules/new")
    page.locator("#media_id").fill("51")
    house.end_sign_ins()
    main_button(page).click()
    expect(page.locator("#password")).to_be_visible()


@signed_in
def signed_in_again(page: Page, house: House) -> None:
    signed_out_meanwhile(page, house)
    _fill(page, name=PERSON, password=PASSWORD)
    expect(page.locator("[name=resume]")).to_be_attached()


# ---------------------------------------------------------------- rules


@signed_in
def first_run(page: Page, house: House) -> None:
    with house.session() as session:
        session.execute(Base.metadata.tables["rules"].delete())
    page.goto("/rules")


@signed_in
def rules(page: Page, house: House) -> None:
    page.goto("/rules")


@signed_in
def menu(page: Page, house: House) -> None:
    page.goto("/rules?sort=-changed")
    page.locator("summary").click()


@signed_in
def rules_pages(page: Page, house: House) -> None:
    house.add_many(700)
    page.goto("/rules?page=7&sort=-changed")


@signed_in
def rules_nothing_found(page: Page, house: House) -> None:
    page.goto("/rules?q=Нет+такого")


@signed_in
def rule_new(page: Page, house: House) -> None:
    page.goto("/rules/new")


@signed_in
def rule_picker(page: Page, house: House) -> None:
    page.goto("/rules/new")
    page.locator("#number_capacity_ids-ts-control").fill("отдел")
    expect(page.get_by_role("option")).not_to_have_count(0)


@signed_in
def rule_picker_nothing(page: Page, house: House) -> None:
    page.goto("/rules/new")
    page.locator("#number_capacity_ids-ts-control").fill("нет такого")
    expect(page.locator(".nothing")).to_be_visible()


@signed_in
def rule_taken(page: Page, house: House) -> None:
    _open_filled(page)


@signed_in
def rule_consent(page: Page, house: House) -> None:
    _open_filled(page)
    page.locator("button[name=move]").first.click()


@signed_in
def rule_refused(page: Page, house: House) -> None:
    page.goto("/rules/new")
    page.locator("#media_id").fill("fifty")
    main_button(page).click()
    expect(page.get_by_role("alert")).to_be_visible()


@signed_in
def rule_unknown(page: Page, house: House) -> None:
    _open_filled(page, numbers="999 1000")
    main_button(page).click()
    expect(page.get_by_role("alert")).to_be_visible()


@signed_in
def rule(page: Page, house: House) -> None:
    page.goto("/rules/1")


@signed_in
def rule_two_versions(page: Page, house: House) -> None:
    page.goto("/rules/1")
    page.locator("#media_id").fill("52")
    with house.session() as session:
        table = Base.metadata.tables["rules"]
        session.execute(table.update().where(table.c.id == 1).values(version=2, media_id=51, changed_by="Борис"))
    main_button(page).click()
    expect(page.locator(".versions")).to_be_visible()


@signed_in
def rule_delete(page: Page, house: House) -> None:
    page.goto("/rules/1/delete")


@signed_in
def rule_deleted(page: Page, house: House) -> None:
    page.goto("/rules/2/delete")
    main_button(page).click()
    expect(page.locator(".notice")).to_be_visible()


# ---------------------------------------------------------------- the journal


@signed_in
def journal(page: Page, house: House) -> None:
    page.goto("/journal")


@signed_in
def journal_nothing(page: Page, house: House) -> None:
    page.goto("/journal?rule=77")


@signed_in
def journal_refused(page: Page, house: House) -> None:
    page.goto("/journal?rule=first&day=1000-01-01")


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
    _fill(page, name=PERSON)
    expect(page.get_by_role("alert")).to_be_visible()


@signed_in
def person_secret(page: Page, house: House) -> None:
    page.goto("/people/new")
    _fill(page, name="Мария Соколова")
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
    _fill(page, current="not mine at all", new="short", repeat="another")
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
    _fill(page, name="Сайт")
    expect(page.locator("#secret")).to_be_visible()


@signed_in
def token_revoke(page: Page, house: House) -> None:
    page.goto("/tokens")
    page.locator("a[href$=revoke]").first.click()


# ---------------------------------------------------------------- what went wrong, and what it means


@signed_in
def nothing_here(page: Page, house: House) -> None:
    page.goto("/rules/12345")


@signed_in
def problem(page: Page, house: House) -> None:
    page.goto("/problems/taken")


# ---------------------------------------------------------------- without scripts


@plain
def plain_rule(page: Page, house: House) -> None:
    page.goto("/rules/1")


@plain
def plain_taken(page: Page, house: House) -> None:
    page.goto("/rules/new")
    _fill(page, number_capacity_ids="446 611", media_id="51")
    expect(page.locator(".conflict")).to_have_count(2)


@plain
def plain_secret(page: Page, house: House) -> None:
    person_secret(page, house)


def _fill(page: Page, **texts: str) -> None:
    for name, text in texts.items():
        page.locator(f"[name={name}]").fill(text)
    main_button(page).click()


def _open_filled(page: Page, numbers: str = "611 446 448") -> None:
    """Open a new rule and type into it what other rules hold."""
    page.goto("/rules/new")
    box = page.locator("#number_capacity_ids-ts-control")
    for each in numbers.split():
        box.press_sequentially(each)
        box.press("Enter")
    page.locator("#media_id").fill("51")
    if numbers.startswith("611"):
        expect(page.locator(".conflict")).to_have_count(3)
