"""States of the rules' pages and the journal, each by the way that leads there."""

from playwright.sync_api import Page, expect

from browser.hand import NUMBERS, paste_ids
from browser.house import House
from browser.meeting import fill, main_button, plain, signed_in
from browser.states_library import remove_melodies
from melody_app.db import Base

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
def rule_without_directories(page: Page, house: House) -> None:
    """Where numbers, departments and melodies belong to another system, their ids are typed."""
    empty_directories(house)
    page.goto("/rules/new")
    paste_ids(page, NUMBERS, "352 1000")
    page.locator("#media_id").fill("50")


@signed_in
def rule_taken(page: Page, house: House) -> None:
    open_filled(page, "611 446 447")
    expect(page.locator(".conflict")).to_have_count(3)


@signed_in
def rule_consent(page: Page, house: House) -> None:
    open_filled(page, "611 446")
    page.locator("button[name=move]").first.click()


@signed_in
def rule_emptied(page: Page, house: House) -> None:
    """Move all that a rule holds: it is deleted."""
    open_filled(page, "447")
    page.locator("button[name=move]").click()
    main_button(page).click()
    expect(page.locator(".notice")).to_have_count(2)


@signed_in
def rule_refused(page: Page, house: House) -> None:
    page.goto("/rules/new")
    main_button(page).click()
    expect(page.get_by_role("alert")).to_be_visible()


@signed_in
def rule_unknown(page: Page, house: House) -> None:
    """Let a number and a melody be deleted while somebody makes a rule of them."""
    open_filled(page, "701", melody="client:10")
    with house.session() as session:
        table = Base.metadata.tables["virtual_numbers"]
        session.execute(table.delete().where(table.c.id == 701))
    remove_melodies(house, 10)
    main_button(page).click()
    expect(page.get_by_role("alert")).to_be_visible()


@signed_in
def rule(page: Page, house: House) -> None:
    page.goto("/rules/1")


@signed_in
def rule_two_versions(page: Page, house: House) -> None:
    page.goto("/rules/1")
    page.locator("[value='system:52']").check()
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
def plain_found(page: Page, house: House) -> None:
    page.goto("/rules/new")
    page.locator("#number_capacity_ids-find").fill("склад")
    page.locator("button[name=find]").first.click()
    expect(page.get_by_role("checkbox")).to_have_count(1)


@plain
def plain_taken(page: Page, house: House) -> None:
    page.goto("/rules/new")
    page.locator("[value='system:51']").check()
    fill(page, number_capacity_ids="446 611")
    expect(page.locator(".conflict")).to_have_count(2)


def empty_directories(house: House) -> None:
    """Leave no number, department or melody that rules could be checked against."""
    with house.session() as session:
        for table in ("virtual_numbers", "departments", "melodies"):
            session.execute(Base.metadata.tables[table].delete())


def open_filled(page: Page, numbers: str, melody: str = "system:51") -> None:
    """Open a new rule, paste numbers and choose a melody."""
    page.goto("/rules/new")
    paste_ids(page, NUMBERS, numbers)
    page.locator(f"[value='{melody}']").check()
