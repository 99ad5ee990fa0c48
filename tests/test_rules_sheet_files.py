"""The files in which lists of rules come: however a spreadsheet writes them, and what is no list at all."""

import pytest
from bodies import PERSONAL
from browser_like import Browser, Page
from flask.testing import FlaskClient
from melodies import large_form
from sheets import HEAD, counts, look, refused

from melody_app.rules.lists import reading

RUSSIAN = "Правило;Номера;Отделы;Вид мелодии;Мелодия\n;5;;своя;7\n"
ENGLISH = "Rule,Numbers,Departments,Kind of melody,Melody\n,5,,own,7\n"
OF_THE_API = "id\tnumber_capacity_ids\temployee_group_ids\tsource_type\tmedia_id\n\t5\t\tclient\t7\n"


def send_file(browser: Browser, data: bytes, **values: str) -> Page:
    """Choose a file and look at what it would change."""
    form = large_form(data, csrf_token=browser.csrf(), **values)
    return browser.post("/rules/import", **form)


@pytest.mark.parametrize(
    "data",
    [
        RUSSIAN.encode("utf-8"),
        RUSSIAN.encode("utf-8-sig"),
        RUSSIAN.encode("cp1251"),
        RUSSIAN.encode("utf-16"),
        RUSSIAN.replace(";", ",").encode("utf-8"),
        RUSSIAN.replace(";", "\t").encode("cp1251"),
        RUSSIAN.replace("\n", "\r\n").upper().encode("utf-8"),
        ("sep=;\n" + RUSSIAN).encode("utf-8"),
        ENGLISH.encode("utf-8"),
        OF_THE_API.encode("utf-8"),
        "Мелодия;Вид мелодии;Примечание;Номера;Отделы\n7;Своя;летом;5;\n".encode(),
        "Номера;Отделы;Вид мелодии;Мелодия;Номера (для чтения)\n5;;client;7;пять\n".encode(),
    ],
)
def test_a_list_is_read_however_a_spreadsheet_writes_it(signed_in: Browser, api: FlaskClient, data: bytes) -> None:
    page = send_file(signed_in, data, rest="keep")
    assert counts(page)["New"] == 1, page.main.text
    signed_in.send(page)
    (made,) = api.get(PERSONAL).get_json()
    assert made == {
        "id": 1,
        "number_capacity_ids": [5],
        "employee_group_ids": [],
        "source_type": "client",
        "media_id": 7,
    }


def test_columns_that_mean_nothing_are_named_and_those_for_reading_are_not(signed_in: Browser) -> None:
    head = HEAD.replace("\n", ";Numbers (for reading);Note\n")
    text = look(signed_in, ";5;;own;7;five;summer\n", head=head).main.text
    assert "ignored: Note." in text


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (HEAD, "no entry"),
        ("1;5;;own;7\n", "“Номера / Numbers”"),
        ("Rule;Numbers;Departments;Kind of melody\n1;5;;own\n", "“Мелодия / Melody”"),
        (HEAD.replace("Rule", "Numbers") + ";5;;own;7\n", "“Номера / Numbers”"),
        (HEAD + ';"5;;own;7\n', "line 2"),
    ],
)
def test_what_is_no_list_is_refused_and_shown_again(signed_in: Browser, text: str, wrong: str) -> None:
    page = look(signed_in, text, head="")
    assert page.status == 422
    assert wrong in page.errors("text")
    assert page.root.one("textarea").text.startswith(text.split("\n", maxsplit=1)[0])


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        (b"PK\x03\x04" + bytes(100), "Save it as CSV"),
        (bytes(range(256)), "not text"),
        (b"", "Choose a file"),
    ],
)
def test_a_file_that_is_no_text_is_refused(signed_in: Browser, data: bytes, wrong: str) -> None:
    page = send_file(signed_in, data)
    assert page.status == 422
    assert wrong in page.errors("file")


def test_a_file_and_pasted_lines_are_one_too_many(signed_in: Browser) -> None:
    page = send_file(signed_in, RUSSIAN.encode(), text=RUSSIAN)
    assert "both a file and pasted lines" in page.errors("file")


def test_more_lines_than_the_limit_are_refused(signed_in: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_LINES", 2)
    assert "has 3 entries; the limit is 2" in look(signed_in, ";5;;own;7\n" * 3).errors("text")
    assert "5 is already in line 2" in refused(look(signed_in, ";5;;own;7\n" * 2))[0]


def test_the_limits_are_said_and_kept(signed_in: Browser) -> None:
    assert "At most 100,000 lines and 20 MiB." in signed_in.get("/rules/import").main.text
    page = send_file(signed_in, b"x" * (20 * 1024 * 1024 + 100_000))
    assert page.status == 413
    assert "20 MiB" in page.main.text


def test_a_hopeless_list_is_not_read_to_its_end(signed_in: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_REFUSED", 3)
    assert len(refused(look(signed_in, "x;5;;own;7\n" * 50))) <= 4


def test_strangers_and_programs_are_not_let_in(visitor: Browser, api: FlaskClient) -> None:
    for path in ("/rules/export.csv", "/rules/import", "/rules/import/apply"):
        assert visitor.get(path).path == "/sign-in"
        assert api.get(path).status_code == 403


def test_the_pages_lead_there(signed_in: Browser, api: FlaskClient) -> None:
    assert "/rules/import" in signed_in.get("/rules").links
    assert "/rules/export.csv" not in signed_in.get("/rules").links
    signed_in.send(look(signed_in, ";5;;own;7\n"))
    assert "/rules/export.csv" in signed_in.get("/rules").links
