"""A sign-in that ends while somebody types loses nothing, on any page; and nothing is saved that he hasn't seen again."""

from collections.abc import Callable
from typing import Any

import pytest
from browser_like import Browser, Page
from conftest import PASSWORD, PERSON
from entries import DEPARTMENTS, NUMBERS, department, number
from flask import Flask
from flask.testing import FlaskClient
from melodies import add, part, wav

Sql = Callable[..., list[tuple[Any, ...]]]

OURS = {"Origin": "http://localhost"}

TYPED = [
    ("/rules/new", {"number_capacity_ids": "352", "media_id": "50"}),
    ("/library/{melody}", {"name": "Полдень"}),
    ("/company", {"dialing": "client:{melody}", "hold": "client:{melody}"}),
    ("/numbers/new", {"number": "8 920 854-74-33", "comment": "Ёлки", "region_name": "Тверь"}),
    ("/numbers/5", {"number": "8 920 854-74-33", "comment": "Ёлки"}),
    ("/departments/new", {"id": "12", "name": "Продажи", "short_phone": "101"}),
    ("/departments/7", {"name": "Закупки"}),
    ("/numbers/import", {"text": "Номер;ID\r\n8 920 854-74-33;1", "rest": "keep"}),
    ("/departments/import", {"text": "Название;ID\r\nПродажи;1", "rest": "keep"}),
    ("/rules/import", {"text": "Номера;Отделы;Вид мелодии;Мелодия\r\n5;;стандартная;50", "rest": "delete"}),
    ("/people/new", {"name": "Мария"}),
    ("/tokens/new", {"name": "Сайт", "scope": "manage"}),
]

NOTHING_TYPED = {
    "accounts.sign_in", "accounts.password",  # passwords are typed again
    "accounts.remove_person", "accounts.revoke_token", "rules.remove", "library.remove", "entries.remove",  # a question each
    "lists.apply", "rule_lists.apply",  # they have no page of their own
}  # fmt: skip


@pytest.fixture
def melody(api: FlaskClient) -> int:
    """Let there be something to edit; give the melody's id."""
    api.post(NUMBERS, json=number(5, "79208547400"))
    api.post(DEPARTMENTS, json=department(7, "Склад"))
    return int(add(api, wav())["id"])


def send_late(browser: Browser, sql: Sql, path: str, **typed: Any) -> Page:
    """Send a form just after the sign-in has ended."""
    page = browser.get(path)
    sql("DELETE FROM sign_ins")
    again = browser.post(path, {**page.fields(), **typed}, headers=OURS)
    assert again.status == 401
    assert "nothing was saved" in again.main.text
    return again


def sign_in(browser: Browser, page: Page) -> Page:
    return browser.send(page, name=PERSON, password=PASSWORD)


def state(sql: Sql) -> list[Any]:
    return [
        sql(f"SELECT count(*) FROM {table}") for table in ("journal_entries", "rules", "melodies", "people", "tokens")
    ]


@pytest.mark.parametrize(("path", "typed"), TYPED, ids=[path for path, _ in TYPED])
def test_what_was_typed_comes_back_and_is_not_saved_unseen(
    signed_in: Browser, sql: Sql, melody: int, path: str, typed: dict[str, str]
) -> None:
    path, typed = path.format(melody=melody), {name: text.format(melody=melody) for name, text in typed.items()}
    if path == "/rules/new":
        sql("DELETE FROM virtual_numbers")
        sql("DELETE FROM melodies")
    again = send_late(signed_in, sql, path, **typed)
    assert "what you typed is kept" in again.main.text
    assert "file" not in again.main.text
    before = state(sql)
    wrong = signed_in.send(again, name=PERSON, password="not the password")  # a mistake here loses nothing either
    resumed = signed_in.send(sign_in(signed_in, wrong))
    assert (resumed.status, resumed.path) == (200, path)
    fields = resumed.fields()
    assert {name: fields[name] for name in typed} == {name: " ".join(text.split()) for name, text in typed.items()}
    assert state(sql) == before
    sent = signed_in.send(resumed, **typed)
    assert sent.status < 300, sent.main.text


@pytest.mark.parametrize("path", ["/library/{melody}", "/numbers/import", "/rules/import"])
def test_a_file_is_asked_for_again(signed_in: Browser, sql: Sql, melody: int, path: str) -> None:
    again = send_late(signed_in, sql, path.format(melody=melody), file=part(wav(880), "b.wav"))
    assert "the file has to be chosen again" in again.main.text
    resumed = signed_in.send(sign_in(signed_in, again))
    assert "Choose the file again" in resumed.errors("file")
    assert resumed.main.one(id="error-summary")


def test_what_is_too_long_to_wait_is_said_to_be_gone(signed_in: Browser, sql: Sql) -> None:
    for text in ("Ж" * 200_000, "x" * 900_000, "x" * 3_000_000):
        again = send_late(signed_in, sql, "/numbers/import", text=text)
        assert "is kept" not in again.main.text
        assert sign_in(signed_in, again).path == "/numbers/import"


def test_a_button_leads_back_to_its_page(signed_in: Browser, sql: Sql, app: Flask) -> None:
    for button, page in (
        ("/rules/undo/1", "/rules"),
        ("/library/catalogue", "/library"),
        ("/people/1/password", "/people"),
        ("/rules/undo/1", "/nowhere"),
    ):
        sql("DELETE FROM sign_ins")
        again = signed_in.post(button, {}, headers={**OURS, "Referer": f"http://localhost{page}?q=1"})
        assert sign_in(signed_in, again).path == (page if page != "/nowhere" else "/rules")


def test_a_list_that_was_looked_at_is_asked_for_again(signed_in: Browser, sql: Sql) -> None:
    for kind in ("numbers", "rules"):
        sql("DELETE FROM sign_ins")
        again = signed_in.post(f"/{kind}/import/apply", {"parcel": "x" * 5000}, headers=OURS)
        assert "xxx" not in again.response.get_data(as_text=True)
        page = sign_in(signed_in, again)
        assert page.path == f"/{kind}/import"
        assert "Nothing has been imported yet" in page.main.text


def test_a_password_does_not_wait(signed_in: Browser, sql: Sql) -> None:
    again = send_late(signed_in, sql, "/password", current=PASSWORD, new="four loud words", repeat="four loud words")
    assert "four loud words" not in again.response.get_data(as_text=True)


def test_no_other_sites_words_wait(visitor: Browser) -> None:
    for origin in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        page = visitor.post("/people/new", {"name": "evil"}, headers=origin)
        assert (page.status, "evil" in page.response.get_data(as_text=True)) == (401, False)


def test_every_form_either_keeps_what_is_typed_or_has_nothing_to_keep(app: Flask) -> None:
    permissions = {name: getattr(view, "permission") for name, view in app.view_functions.items()}  # noqa: B009
    forms = {
        each.endpoint
        for each in app.url_map.iter_rules()
        if permissions[each.endpoint].page and {"GET", "POST"} <= (each.methods or set())
    }
    assert {name for name in forms if not permissions[name].keeps} == NOTHING_TYPED
