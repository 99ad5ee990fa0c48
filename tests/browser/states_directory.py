"""States of the pages of numbers and departments, and of the lists that they are taken over from."""

from playwright.sync_api import FilePayload, Page, expect

from browser.house import House
from browser.meeting import fill, main_button, signed_in
from browser.office import NUMBERS
from browser.states_library import HALF_WAY
from melody_app.db import Base

HEADINGS = "Номер;ID;Комментарий"
LINES = [f"{number};{each};{comment or ''}" for each, (number, comment) in NUMBERS.items()]


def send_list(page: Page, *lines: str, kind: str = "numbers", rest: str = "delete") -> None:
    """Send a list as a spreadsheet saves it."""
    page.goto(f"/{kind}/import")
    text = "\r\n".join(lines)
    file = FilePayload(name="Список.csv", mimeType="text/csv", buffer=text.encode("cp1251"))
    page.locator("input[type=file]").set_input_files([file])
    page.locator(f"[name=rest][value={rest}]").check()
    main_button(page).click()


def previewed(page: Page) -> None:
    """Wait for the preview."""
    expect(page.locator(".import-counts")).to_be_visible()


# ---------------------------------------------------------------- numbers


@signed_in
def numbers(page: Page, house: House) -> None:
    page.goto("/numbers?sort=-comment")


@signed_in
def numbers_empty(page: Page, house: House) -> None:
    with house.session() as session:
        session.execute(Base.metadata.tables["virtual_numbers"].delete())
    page.goto("/numbers")


@signed_in
def numbers_nothing_found(page: Page, house: House) -> None:
    page.goto("/numbers?q=Нет+такого")


@signed_in
def number_new(page: Page, house: House) -> None:
    page.goto("/numbers/new")


@signed_in
def number_refused(page: Page, house: House) -> None:
    page.goto("/numbers/new")
    fill(page, id="352", number="8 920 Ёлки")
    expect(page.get_by_role("alert")).to_be_visible()


@signed_in
def number(page: Page, house: House) -> None:
    page.goto("/numbers/700")


@signed_in
def number_two_versions(page: Page, house: House) -> None:
    page.goto("/numbers/701")
    with house.session() as session:
        table = Base.metadata.tables["virtual_numbers"]
        session.execute(table.update().where(table.c.id == 701).values(version=2, comment="Приёмная директора"))
    fill(page, comment="Секретарь")
    expect(page.locator(".versions")).to_be_visible()


@signed_in
def number_delete(page: Page, house: House) -> None:
    page.goto("/numbers/701/delete")


@signed_in
def number_delete_refused(page: Page, house: House) -> None:
    page.goto("/numbers/700/delete")


# ---------------------------------------------------------------- departments


@signed_in
def departments(page: Page, house: House) -> None:
    page.goto("/departments")


@signed_in
def department(page: Page, house: House) -> None:
    page.goto("/departments/93")


# ---------------------------------------------------------------- lists


@signed_in
def numbers_import(page: Page, house: House) -> None:
    page.goto("/numbers/import")


@signed_in
def numbers_import_nothing_sent(page: Page, house: House) -> None:
    page.goto("/numbers/import")
    main_button(page).click()
    expect(page.get_by_role("alert")).to_be_visible()


@signed_in
def numbers_import_sending(page: Page, house: House) -> None:
    page.goto("/numbers/import")
    page.evaluate(HALF_WAY)
    send = FilePayload(name="Список.csv", mimeType="text/csv", buffer=HEADINGS.encode("cp1251"))
    page.locator("input[type=file]").set_input_files([send])
    main_button(page).click()
    expect(page.locator(".send-progress")).to_contain_text("41")


@signed_in
def numbers_preview(page: Page, house: House) -> None:
    changed = LINES[0].replace("Справочная", "Справочная и заказы")
    send_list(page, f"{HEADINGS};Цвет", changed, *LINES[1:-1], "8 495 000-07-02;702;Охрана", "8 495 000-07-03;703;")
    previewed(page)


@signed_in
def numbers_preview_refused(page: Page, house: House) -> None:
    send_list(page, HEADINGS, "8 495;352;Справочная", "1,23E+10;446;Отдел продаж", "8 495 000-04-47;447")
    expect(page.locator("#refused")).to_be_visible()


@signed_in
def numbers_preview_held(page: Page, house: House) -> None:
    send_list(page, HEADINGS, *LINES[3:])
    expect(page.locator("#held")).to_be_visible()


@signed_in
def numbers_preview_no_change(page: Page, house: House) -> None:
    send_list(page, HEADINGS, *LINES)
    previewed(page)


@signed_in
def departments_import(page: Page, house: House) -> None:
    page.goto("/departments/import")


@signed_in
def rules_import(page: Page, house: House) -> None:
    page.goto("/rules/import")


@signed_in
def rules_preview(page: Page, house: House) -> None:
    send_list(
        page, "Правило;Номера;Отделы;Вид мелодии;Мелодия", "2;447;;своя;7", "3;501; 502;112;своя;9", ";701;122;стандартная;51",
        kind="rules",
    )  # fmt: skip
    previewed(page)


@signed_in
def rules_preview_refused(page: Page, house: House) -> None:
    send_list(
        page, "Правило;Номера;Отделы;Вид мелодии;Мелодия", ";999;;своя;7", "2;447;Отдел снов;чужая;9", ";;;стандартная;51",
        kind="rules",
    )  # fmt: skip
    expect(page.locator("#refused")).to_be_visible()
