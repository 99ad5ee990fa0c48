"""The import on a page: what was previewed is what is taken over, all of it or nothing; and the export comes back unchanged."""

import csv
import io
import json
import re
from collections.abc import Callable

import pytest
from browser_like import Browser
from conftest import PASSWORD, PERSON
from entries import DEPARTMENTS, NUMBERS, apply, counts, department, fill, lines, number, upload, use
from flask import Flask
from flask.testing import FlaskClient

from melody_app.accounts import service
from melody_app.actor import Actor, set_actor

HARMFUL = "=+-@\t\r＝＋－＠"

OLD = [number(1, "79200000001"), number(2, "79200000002"), number(3, "79200000003")]
NEW = lines("1;89200000001;Единый номер", "2;89200000009;Другой", "5;+49 30 123456;")


@pytest.fixture
def old(api: FlaskClient) -> list[dict[str, object]]:
    fill(api, NUMBERS, *OLD)
    return OLD


@pytest.mark.usefixtures("old")
def test_the_preview_tells_what_is_new_changed_and_gone(signed_in: Browser, api: FlaskClient) -> None:
    page = upload(signed_in, NEW)
    assert counts(page) == [1, 1, 1, 1, 0]
    for told in ("+7 920 000-00-02 2 Number", "+7 920 000-00-09", "Другой", "+49 30 123456 5", "+7 920 000-00-03 3"):
        assert told in page.main.text
    assert api.get(NUMBERS).get_json() == OLD


@pytest.mark.usefixtures("old")
def test_what_was_previewed_is_taken_over_and_journaled_once(
    signed_in: Browser, api: FlaskClient, sql: Callable
) -> None:
    page = apply(signed_in, upload(signed_in, NEW))
    assert (page.status, page.path) == (200, "/numbers")
    assert "New: 1, changed: 1, deleted: 1." in page.main.text
    assert api.get(NUMBERS).get_json() == [
        OLD[0], number(2, "79200000009", comment="Другой"), number(5, "+4930123456", comment=None)
    ]  # fmt: skip
    assert sql("SELECT person, door, action, subject, subject_id FROM journal_entries ORDER BY id DESC LIMIT 1") == [
        (PERSON, "page", "imported", "number", 0)
    ]
    assert counts(upload(signed_in, NEW)) == [0, 0, 0, 3, 0]
    assert "/numbers/import/apply" not in str(upload(signed_in, NEW).root)


@pytest.mark.usefixtures("old")
def test_what_the_list_lacks_may_stay(signed_in: Browser, api: FlaskClient) -> None:
    page = upload(signed_in, NEW, rest="keep")
    assert counts(page) == [1, 1, 0, 2, 0]
    apply(signed_in, page)
    assert [each["id"] for each in api.get(NUMBERS).get_json()] == [1, 2, 3, 5]
    page = upload(signed_in, lines("7;89200000003"), rest="keep")
    assert re.search(r"\b3\b", page.main.one(class_="notice-danger").one("li").text.partition("Number")[2])
    assert counts(page)[-1] == 1


@pytest.mark.usefixtures("old")
def test_a_directory_that_changed_since_the_preview_is_asked_about_again(signed_in: Browser, api: FlaskClient) -> None:
    page = upload(signed_in, NEW)
    api.post(NUMBERS, json=number(9, "79200000010"))
    again = apply(signed_in, page)
    assert (again.status, counts(again)) == (412, [1, 1, 2, 1, 0])
    assert again.main.one(class_="notice-warning").text
    assert len(api.get(NUMBERS).get_json()) == 4
    assert apply(signed_in, again).path == "/numbers"
    assert [each["id"] for each in api.get(NUMBERS).get_json()] == [1, 2, 5]


@pytest.mark.usefixtures("old")
def test_a_change_that_leaves_all_counts_as_they_were_is_noticed(signed_in: Browser, api: FlaskClient) -> None:
    page = upload(signed_in, NEW)
    api.delete(f"{NUMBERS}/3")
    api.post(NUMBERS, json=number(3, "79200000003", comment="Уже не тот"))
    assert apply(signed_in, page).status == 412


@pytest.mark.usefixtures("old")
@pytest.mark.parametrize(
    ("sent", "place"), [(json.dumps([number(5, "79200000005")]), "Entry 1"), (lines("5;79200000005"), "Line 2")]
)
def test_the_place_of_what_is_taken_meanwhile_is_told_as_the_list_counts(
    signed_in: Browser, api: FlaskClient, sent: str, place: str
) -> None:
    page = upload(signed_in, sent, rest="keep")
    api.post(NUMBERS, json=number(9, "79200000005"))
    again = apply(signed_in, page)
    assert again.status == 412
    assert again.main.one(class_="notice-danger").one("li").text.startswith(f"{place} ,")


@pytest.mark.usefixtures("old")
def test_what_rules_use_stands_in_the_way_and_leads_to_the_rule(signed_in: Browser, api: FlaskClient) -> None:
    page = upload(signed_in, NEW)
    rule_id = use(api, numbers=(3,))
    refused = apply(signed_in, page)
    assert refused.status == 409
    for shown in (refused, upload(signed_in, NEW)):
        assert f"/rules/{rule_id}" in shown.links
        assert "+7 920 000-00-03 3" in shown.main.text
        assert "parcel" not in shown.fields("") if shown.main.all("form") else True
    assert api.get(NUMBERS).get_json() == OLD


@pytest.mark.usefixtures("old")
def test_a_preview_is_for_its_own_person_directory_and_content(
    app: Flask, signed_in: Browser, api: FlaskClient
) -> None:
    with app.test_request_context():
        set_actor(Actor("tests", "command"))
        service.create_person("Борис", PASSWORD)
    parcel = upload(signed_in, NEW).fields("/numbers/import/apply")["parcel"]
    other = Browser(app)
    other.sign_in("Борис", PASSWORD)
    for browser, path, text in (
        (other, "/numbers", parcel),
        (signed_in, "/departments", parcel),
        (signed_in, "/numbers", parcel[:-3] + "abc"),
        (signed_in, "/numbers", "." + parcel[5:]),
        (signed_in, "/numbers", "x"),
        (signed_in, "/numbers", ""),
    ):
        page = browser.post(f"{path}/import/apply", {"csrf_token": browser.csrf(), "parcel": text})
        assert page.path == f"{path}/import"
        assert page.main.one(class_="notice-warning").text
    assert api.get(NUMBERS).get_json() == OLD


def test_a_preview_that_is_reloaded_leads_to_the_import(signed_in: Browser) -> None:
    assert signed_in.get("/numbers/import/apply").path == "/numbers/import"


def test_a_list_over_the_limit_is_refused_and_the_limit_is_stated(signed_in: Browser) -> None:
    assert "20 MiB" in signed_in.get("/numbers/import").main.text
    page = upload(signed_in, b"Id;Number\n" + b"x" * 21 * 1024 * 1024)
    assert (page.status, "20 MiB" in page.main.text) == (413, True)


@pytest.mark.parametrize(
    ("language", "delimiter", "headings"), [("ru", ";", ["Номер", "ID"]), ("en", ",", ["Number", "ID"])]
)
def test_the_export_comes_back_unchanged(
    app: Flask, api: FlaskClient, language: str, delimiter: str, headings: list[str]
) -> None:
    comments = ["=1+1", "+7", "-5", "@СУММ(А1)", "'=1", "''@x", "'", "'так'", '"a";b,c\'', "＝1", "<b>", "Ё", None]
    entries = [number(at, f"792000001{at:02d}", comment=each) for at, each in enumerate(comments, 1)]
    entries += [number(50, "+84912345678", type="abc"), number(51, "375291234567", region_name="=Минск")]
    fill(api, NUMBERS, *entries)
    browser = Browser(app, language)
    browser.sign_in(PERSON, PASSWORD)
    answer = browser.raw("GET", "/numbers/export.csv")
    assert answer.headers["Content-Disposition"] == "attachment; filename=numbers.csv"
    assert answer.mimetype == "text/csv"
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""), delimiter=delimiter))
    assert rows[0][:2] == headings  # in the words and in the order of the pages
    assert not [cell for row in rows for cell in row if cell and cell[0] in HARMFUL]
    assert rows[1][0] == "7 920 000-01-01"
    assert [row[3] for row in rows[-3:]] == ["", "abc", ""]  # a kind that nobody said
    assert counts(upload(browser, answer.data)) == [0, 0, 0, len(entries), 0]
    fill(api, NUMBERS)
    apply(browser, upload(browser, answer.data))
    assert api.get(NUMBERS).get_json() == entries


def test_departments_are_exported_too(signed_in: Browser, api: FlaskClient) -> None:
    entries = [department(1, "-Склад", short_phone="+101"), department(2, "Отдел", short_phone=None)]
    fill(api, DEPARTMENTS, *entries)
    data = signed_in.raw("GET", "/departments/export.csv").data
    assert data.decode("utf-8-sig") == "Name,ID,Internal number\r\n'-Склад,1,'+101\r\nОтдел,2,\r\n"
    assert counts(upload(signed_in, data, kind="departments")) == [0, 0, 0, 2, 0]


def test_nobody_imports_without_the_pages_own_token(signed_in: Browser, visitor: Browser) -> None:
    assert signed_in.post("/numbers/import", {"text": NEW}).status == 403
    assert signed_in.post("/numbers/import/apply", {"parcel": "x"}).status == 403
    assert re.search("Sign in", Browser(visitor.app).get("/numbers/import").text)
