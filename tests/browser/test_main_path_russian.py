"""The main path as most people go it: in Russian, with scripts, from the sign-in to an undone deletion."""

import pytest
from conftest import PASSWORD, PERSON
from playwright.sync_api import expect

from browser.conftest import Opener
from browser.hand import choose_melody, conflict, pick, said
from browser.house import House

pytestmark = pytest.mark.browser


def test_a_rule_is_made_by_a_move_changed_deleted_and_brought_back(open_browser: Opener, office: House) -> None:
    office.add_rule([446, 448], media_id=53)
    page = open_browser(language="ru-RU").new_page()
    page.goto("/rules")
    page.get_by_label("Имя").fill(PERSON)
    page.get_by_label("Пароль").fill(PASSWORD)
    page.get_by_role("button", name="Войти").click()
    expect(page.get_by_role("heading", level=1, name="Правила")).to_be_visible()
    page.get_by_role("link", name="Новое правило").click()
    for name in ("Справочная", "04-46"):
        pick(page, "Номера", name)
    choose_melody(page, "Утро в горах", "Мелодия")
    expect(conflict(page, 446)).to_contain_text("уже в правиле 1, мелодия: Вальс")
    conflict(page, 446).get_by_role("button", name="Перенести 446 сюда").click()
    page.get_by_role("button", name="Сохранить правило").click()
    said(page, "Правило 2 создано.")
    assert office.rules() == {1: ([448], [], "system", 53), 2: ([352, 446], [], "system", 50)}
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="Правило 2", exact=True))
    row.get_by_role("link", name="Изменить").click()
    choose_melody(page, "Лёгкий джаз", "Мелодия")
    page.get_by_role("button", name="Сохранить правило").click()
    said(page, "Правило 2 сохранено.")
    row.get_by_role("link", name="Удалить").click()
    expect(page.get_by_role("heading", name="Удалить правило 2?")).to_be_visible()
    page.get_by_role("button", name="Удалить правило").click()
    said(page, "Правило 2 удалено.")
    assert office.rules() == {1: ([448], [], "system", 53)}
    page.get_by_role("button", name="Вернуть").click()
    said(page, "Правило 2 возвращено.")
    assert office.rules() == {1: ([448], [], "system", 53), 2: ([352, 446], [], "system", 51)}
