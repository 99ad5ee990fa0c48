"""What stands in the cells of a list of rules: what an export writes, what an import takes, and what it refuses."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from bodies import LARGEST, PERSONAL, rule
from browser_like import Browser
from conftest import PASSWORD, PERSON
from flask import Flask
from flask.testing import FlaskClient
from melodies import add
from sheets import can_be_taken_over, cells, counts, export, look, refused, take_over

Sql = Callable[..., Any]

AS_LONG_AS_CAN_BE = "5 " * 16_383 + "5"
FORMULA = re.compile(r"\s*[=+\-@\t\r＝＋－＠]")


@pytest.fixture
def directories(sql: Sql) -> None:
    """Fill both directories."""
    for each, number, comment in (
        (352, "74994088157", "=HYPERLINK(1)"),
        (446, "79208547433", "Реклама; @SUM(1)\t-2"),
        (503, "442079460958", None),
    ):
        values = {"id": each, "number": number, "comment": comment}
        sql(
            "INSERT INTO virtual_numbers (id, number, comment, search_key) VALUES (:id, :number, :comment, 'x')",
            **values,
        )
    for each, name in (
        (93, "Отдел продаж"),
        (97, "Салон «Мега»"),
        (98, "Склад"),
        (99, "склад"),
        (101, "-1+1"),
        (103, "2024"),
    ):
        sql("INSERT INTO departments (id, name, search_key) VALUES (:id, :name, 'x')", id=each, name=name)


def stored(api: FlaskClient) -> tuple[list[int], list[int]]:
    """Return the numbers and departments of the only rule."""
    (only,) = api.get(PERSONAL).get_json()
    return only["number_capacity_ids"], only["employee_group_ids"]


@pytest.mark.parametrize(("language", "delimiter"), [("ru", ";"), ("en", ",")])
def test_what_is_given_away_comes_back_unchanged(
    app: Flask, api: FlaskClient, sql: Sql, directories: None, language: str, delimiter: str
) -> None:
    sql("INSERT INTO rules (source_type, media_id, changed_by) VALUES ('client', 9223372036854775807, 'x')")
    sql("INSERT INTO rule_numbers VALUES (1, 0, 9223372036854775807), (1, 1, 4000000000)")  # no longer in the directory
    api.post(PERSONAL, json=rule(446, 352, 503, employee_group_ids=[101, 97, 103], source_type="client"))
    api.post(PERSONAL, json=rule(employee_group_ids=[93], number_capacity_ids=...))
    browser = Browser(app, language)
    browser.sign_in(PERSON, PASSWORD)
    given = export(browser)
    page = browser.submit("/rules/import", text=given, rest="delete")
    shown = page.root.one("dl", class_="import-counts")
    assert [node.text for node in shown.all("dd")] == ["0", "0", "0", "3", "0"]
    assert [row[:2] for row in cells(given, delimiter)] == [
        ["1", "9223372036854775807; 4000000000"],
        ["2", "446; 352; 503"],
        ["3", ""],
    ]


def test_a_spreadsheet_opens_it_at_once(app: Flask, api: FlaskClient) -> None:
    api.post(PERSONAL, json=rule(352, 446))
    for language, first in (("ru", "Правило;Номера;Отделы;Вид мелодии;Мелодия;"), ("en", "Rule,Numbers,Departments,")):
        browser = Browser(app, language)
        browser.sign_in(PERSON, PASSWORD)
        answer = browser.raw("GET", "/rules/export.csv")
        assert answer.get_data().startswith(b"\xef\xbb\xbf" + first.encode())
        assert (answer.mimetype, answer.content_length) == ("text/csv", len(answer.get_data()))
        assert answer.headers["Content-Disposition"] == "attachment; filename=rules.csv"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_no_cell_is_a_formula_wherever_the_line_is_parted(
    api: FlaskClient, signed_in: Browser, sql: Sql, directories: None, delimiter: str
) -> None:
    api.post(PERSONAL, json=rule(352, 446, 503, employee_group_ids=[101, 93]))
    names = [row[5:] for row in cells(export(signed_in))]
    assert names == [
        [
            "7 499 408-81-57 =HYPERLINK(1); 7 920 854-74-33 Реклама; '@SUM(1)\t'-2; '+44 20 7946 0958",
            "'-1+1; Отдел продаж",
            "",
        ]
    ]
    parted = [cell for line in export(signed_in).split("\r\n") for cell in line.replace('"', "").split(delimiter)]
    assert [cell for cell in parted if FORMULA.match(cell)] == []


def test_no_cell_of_ids_is_one_figure_for_a_spreadsheet(api: FlaskClient, signed_in: Browser) -> None:
    api.post(PERSONAL, json=rule(352, 446, media_id=LARGEST))
    api.post(PERSONAL, json=rule(LARGEST))
    (_, two, _, _, melody, *_), (_, one, *_) = cells(export(signed_in))
    assert two == "352; 446"  # "352 446" and "352,446" would be one
    assert (one, melody) == (f"'{LARGEST}", f"'{LARGEST}")  # else 9.22E+18


@pytest.mark.parametrize(
    ("cell", "ids"),
    [
        ("352 446", [352, 446]),
        ('"352, 446\n503"', [352, 446, 503]),
        ("+7 499 408-81-57", [352]),
        ("'+7 (499) 4088157", [352]),
        ("74994088157", [352]),
        ("84994088157 9208547433", [352, 446]),
        ("8 499 408-81-57", [352]),
        ("\u202d8\u00a0499\u202f408-81-57\u202c", [352]),
        ("352\u00a0446", [352, 446]),
        ('"7 499 408-81-57; 8(920)854-74-33; 503"', [352, 446, 503]),
        ("+74994088157 +44 20 7946 0958", [352, 503]),
        ("503 +7 499 408-81-57", [503, 352]),
    ],
)
def test_numbers_are_ids_or_in_any_spelling(
    api: FlaskClient, signed_in: Browser, directories: None, cell: str, ids: list[int]
) -> None:
    take_over(signed_in, f";{cell};;standard;50\n")
    assert stored(api) == (ids, [])


def test_while_the_directory_is_empty_ten_digits_are_an_id(api: FlaskClient, signed_in: Browser) -> None:
    take_over(signed_in, f";74994088157 {LARGEST};;standard;50\n")
    assert stored(api) == ([74994088157, LARGEST], [])


@pytest.mark.parametrize(
    ("cell", "ids"),
    [
        ("93 97", [93, 97]),
        ("Отдел продаж", [93]),
        ("отдел  ПРОДАЖ", [93]),
        ("Салон «Мега»", [97]),
        ("«Отдел продаж», 101", [101, 93]),
        ('"""Салон «Мега»"" ""2024"""', [97, 103]),
        ("'-1+1", [101]),
    ],
)
def test_departments_are_ids_or_exact_names(
    api: FlaskClient, signed_in: Browser, directories: None, cell: str, ids: list[int]
) -> None:
    take_over(signed_in, f";;{cell};own;50\n")
    assert stored(api) == ([], ids)


@pytest.mark.parametrize(
    ("lines", "where", "what"),
    [
        ("9;1;;standard;50\n", "Line 2 , Rule", "no rule 9"),
        ("x;5;;standard;50\n", "Line 2 , Rule", '"x"'),
        ("1;;;standard;50\n", "Line 2", "at least one number or department"),
        (";5 x;;standard;50\n", "Line 2 , Numbers", '"x"'),
        (";0;;standard;50\n", "Line 2 , Numbers", "0"),
        (";-5;;standard;50\n", "Line 2 , Numbers", "-5"),
        (";5 6 5;;standard;50\n", "Line 2 , Numbers", "5 "),
        (";5;;;50\n", "Line 2 , Kind of melody", ""),
        (";5;;theirs;50\n", "Line 2 , Kind of melody", "“standard”"),
        (";5;;standard\n", "Line 2 , Melody", ""),
        (";5;;standard;fifty\n", "Line 2 , Melody", '"fifty"'),
        (";5;;standard;50;;;;x\n", "Line 2", "more cells than columns"),
        (";7,92E+10;;standard;50\n", "Line 2 , Numbers", "spreadsheet"),
        (";5;;standard;50\n;6 5;;own;7\n", "Line 3 , Numbers", "5 is already in line 2"),
        (";;5;standard;50\n;;6 5;own;7\n", "Line 3 , Departments", "5 is already in line 2"),
        ("1;5;;standard;50\n1;6;;own;7\n", "Line 3 , Rule", "1 is already in line 2"),
        (";1;;standard;50\n", "Line 2 , Numbers", "1 is in rule 1"),
        (";;11;standard;50\n", "Line 2 , Departments", "11 is in rule 1"),
        (f";{' '.join(map(str, range(2, 10_003)))};;standard;50\n", "Line 2 , Numbers", "10,001"),
        (f";{AS_LONG_AS_CAN_BE};;standard;50\n", "Line 2", "Excel"),
    ],
    ids=lambda value: value[:40],
)
def test_what_cannot_be_taken_is_told_with_its_line(
    api: FlaskClient, signed_in: Browser, lines: str, where: str, what: str
) -> None:
    api.post(PERSONAL, json=rule(1, employee_group_ids=[11]))
    page = look(signed_in, lines)
    (told,) = refused(page)
    assert told.partition(":")[0].strip() == where
    assert what in told
    assert counts(page)["Refused"] == 1
    assert not can_be_taken_over(page)


@pytest.mark.parametrize(
    ("line", "where", "what"),
    [
        (";7;;standard;50", "Numbers", "7 is not in the directory"),
        (";+7 499 408-81-58;;standard;50", "Numbers", "+7 499 408-81-58 is not in the directory"),
        (";84994088158;;standard;50", "Numbers", "84994088158 is not in the directory"),
        (";+7 499 1;;standard;50", "Numbers", "+7 499 1: "),
        (";;7;standard;50", "Departments", "7 is not in the directory"),
        (";;Отдел;standard;50", "Departments", "«Отдел»"),
        (";;«Отдел» 93;standard;50", "Departments", "«Отдел»"),
        (";;Склад;standard;50", "Departments", "(98, 99)"),
        (";352;;own;51", "Melody", "no melody 51"),
    ],
)
def test_what_the_directories_do_not_know_is_told(
    signed_in: Browser, api: FlaskClient, directories: None, line: str, where: str, what: str
) -> None:
    if "own" in line:
        add(api)
    (told,) = refused(look(signed_in, line + "\n"))
    assert told.startswith(f"Line 2 , {where}: ")
    assert what in told
