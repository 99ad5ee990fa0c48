"""The box that answers what callers of a number hear."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from browser_like import Browser, Page
from flask.testing import FlaskClient
from switchboard import EVENING, LOST, company_plays, fill_company


@pytest.fixture
def company(api: FlaskClient, sql: Callable[..., Any]) -> None:
    fill_company(api, sql)


# ---------------------------------------------------------------- the box


def answered(page: Page) -> tuple[str, list[str]]:
    """Return what the box says that callers hear, and its reasons."""
    answer = page.main.one(id="answer")
    return answer.one(class_="heard").text, [each.text for each in answer.one("ol").all("li")]


@pytest.mark.usefixtures("company")
def test_the_box_answers_with_its_reasons(signed_in: Browser, sql: Callable[..., Any]) -> None:
    company_plays(sql, *EVENING)
    heard, reasons = answered(
        signed_in.get("/calls", query_string={"number": "8 499 408-81-50", "department": "сервис"})
    )
    assert heard == "Утро 1 own Listen : Утро"
    assert reasons == [
        "Department “Сервис”: no rule of its own.",
        "Number +7 499 408-81-50: rule 1 plays “Утро”. This is what plays. Open rule 1",
        "Company: “Вечер & ночь”. Open the company's melody",
    ]
    for query, first in (
        ({"department": "ПРОДАЖ"}, "Department “Отдел продаж”: rule 1"),
        ({"department": "200"}, "Department “Отдел продаж”: rule 1"),
        ({"department_id": 97}, "Department “Сервис”: no rule"),
        ({"department": "98", "number": ""}, "Department “<b>Отдел</b> снов”: rule 2 has melody 99, which is not in"),
        ({"department": "901"}, "Department 901: rule 2"),
        ({"number": "900"}, "Number 900: rule 3"),
        ({"number": "353"}, "Number +7 499 408-81-51: no rule"),
        ({"number": "8\u00a0(499)\u202f408\t81\u200951"}, "Number +7 499 408-81-51: no rule"),
        ({"number": "\u202d8 499 408-81-51\u202c"}, "Number +7 499 408-81-51: no rule"),
        ({"department": "Отдел\u00a0продаж"}, "Department “Отдел продаж”: rule 1"),
        ({"number": "+7 999 111-22-33"}, "Number: it is not in the directory and has no rule."),
    ):
        page = signed_in.get("/calls", query_string=query)
        assert answered(page)[1][0].startswith(first), query
        assert not page.main.all(class_="field-errors")
        assert page.root.one("title").text == "What do callers hear? · Personal melodies"
    assert "Вечер" in answered(page)[0]
    page = signed_in.get("/calls?department_id=97")
    assert page.main.one("input", id="department").attributes["value"] == "Сервис"


@pytest.mark.usefixtures("company")
def test_the_reasons_quote_names_in_russian_too(signed_in: Browser) -> None:
    signed_in.headers["Accept-Language"] = "ru"
    for its_id, reason in (
        (93, "Отдел «Отдел продаж»: по правилу 1 играет «Утро»."),
        (97, "Отдел «Сервис»: своего правила нет."),
        (98, "Отдел «<b>Отдел</b> снов»: в правиле 2 указана мелодия 99, которой нет в библиотеке."),
        (901, "Отдел 901: в правиле 2 указана"),
    ):
        page = signed_in.get("/calls", query_string={"department_id": its_id})
        assert answered(page)[1][0].startswith(reason)


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize("language", ["en", "ru"])
def test_no_line_of_the_reasons_begins_with_a_number_of_its_rule(signed_in: Browser, language: str) -> None:
    signed_in.headers["Accept-Language"] = language
    for query in ({"number": "352"}, {"number": "354", "department_id": 93}, {"department_id": 98}):
        answer = signed_in.raw("GET", "/calls", query_string=query).get_data(as_text=True)
        reasons = answer[answer.index('class="reasons"') : answer.index("</ol>", answer.index('class="reasons"'))]
        told = re.findall(r"(?:rule|правил.)(\s)\d", reasons)
        assert told
        assert set(told) == {"\u00a0"}


@pytest.mark.usefixtures("company")
def test_the_box_says_when_a_number_is_not_in_service(signed_in: Browser) -> None:
    for query, state in (
        ({"number": "8 499 408-81-51"}, "Frozen"),
        ({"number": "354", "department": "97"}, "Frozen"),
        ({"number": "355"}, "Blocked for debt"),
        ({"number": "352"}, ""),
        ({"number": "900"}, ""),
        ({"number": "+7 999 111-22-33"}, ""),
        ({"department": "97"}, ""),
    ):
        page = signed_in.get("/calls", query_string=query)
        told = f"State of the number: {state}. Until it is in service, calls to it may not come in."
        assert (told in page.main.one(id="answer").text) == bool(state), query
        assert ("State of the number" in page.main.one(id="answer").text) == bool(state), query


PLAYS, LOST_HERE, SILENCE = "This is what plays.", "Callers don't hear it.", "Nothing else plays"


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize(
    ("company_melody", "query", "heard", "marks", "ends"),
    [
        (EVENING, {"number": "354"}, "Вечер & ночь 2", [LOST_HERE, PLAYS], False),
        (EVENING, {"number": "352", "department": "98"}, "Утро 1", [LOST_HERE, PLAYS, ""], False),
        (EVENING, {"number": "354", "department": "98"}, "Вечер & ночь 2", [LOST_HERE, LOST_HERE, PLAYS], False),
        (("beeps", 123), {"number": "354"}, "Plain ringing", [LOST_HERE, PLAYS], False),
        (LOST, {"number": "354"}, "Plain ringing", [LOST_HERE, LOST_HERE], True),
        (LOST, {"number": "352"}, "Утро 1", [PLAYS, ""], False),
    ],
)
def test_the_box_marks_what_really_plays_and_whose_melody_is_missing(
    signed_in: Browser,
    sql: Callable[..., Any],
    company_melody: tuple[str, int],
    query: dict[str, str],
    heard: str,
    marks: list[str],
    ends: bool,
) -> None:
    company_plays(sql, *company_melody)
    page = signed_in.get("/calls", query_string=query)
    said, reasons = answered(page)
    assert said.startswith(heard)
    assert ("is not in the library" in said) == (LOST_HERE in marks)
    assert [next((mark for mark in (PLAYS, LOST_HERE) if mark in each), "") for each in reasons] == marks
    assert (SILENCE in page.main.one(id="answer").text) == ends


@pytest.mark.usefixtures("company")
def test_the_box_says_beside_its_field_what_is_wrong(signed_in: Browser) -> None:
    for query, name, message in (
        ({"number": "", "department": ""}, "number", "Type a number or a department."),
        ({"number": "8 499 408"}, "number", "No such number can exist."),
        ({"number": "123456"}, "number", "No such number can exist."),
        ({"number": "тест"}, "number", "Write the number in digits"),
        ({"number": "7" * 101}, "number", "Write the number in digits"),
        ({"number": "8 499 408-81-50\x00"}, "number", "Write the number in digits"),
        ({"department": "снег"}, "department", "There is no such department."),
        ({"department_id": "x"}, "department", "There is no such department."),
        ({"department": "отдел"}, "department", "This fits several departments."),
        ({"department": "93", "number": "352"}, "department", "This fits several departments."),
    ):
        page = signed_in.get("/calls", query_string=query)
        assert message in page.errors(name), query
        assert not page.main.all(id="answer")
        assert page.main.one("input", id=name).attributes["aria-invalid"] == "true"
        assert page.root.one("title").text == "Error: What do callers hear? · Personal melodies"
    links = [each.attributes["href"] for each in page.main.one(class_="box-choices").all("a")]
    assert links == [f"/calls?number=352&ask=1&department_id={each}" for each in (93, 97)]
    assert answered(signed_in.get(links[1]))[1][0].startswith("Department “Сервис”")
