"""What a caller hears: department, then number, then company, then plain ringing."""

from collections.abc import Callable
from typing import Any

import pytest
from bodies import LARGEST, PERSONAL, rule
from entries import DEPARTMENTS, NUMBERS, department, fill, number
from flask import Flask
from flask.testing import FlaskClient
from melodies import MAIN, path_of
from rows import add_melody

RESOLVE = "/melodies/resolve"
DIGITS = "74994088157"


class Company:
    """A company with two numbers, two departments, and melodies to give them."""

    def __init__(self, api: FlaskClient, sql: Callable[..., Any]) -> None:
        self.api = api
        fill(api, NUMBERS, number(352, DIGITS, comment="Продажи"), number(353, "74994088158"))
        fill(
            api,
            DEPARTMENTS,
            department(93, "Отдел продаж", short_phone="200"),
            department(97, "Сервис", short_phone=None),
        )
        for its_id, name in enumerate(("300 Гц", "400 Гц", "500 Гц"), 1):
            add_melody(sql, "client", its_id, name, name, f"{its_id}" * 64)
        self.melodies = api.get("/melodies/client").get_json()

    def give(self, which: int, *numbers: int, departments: tuple[int, ...] = ()) -> int:
        """Make a rule and return its id."""
        body = rule(source_type="client", media_id=self.melodies[which]["id"], number_capacity_ids=list(numbers))
        answer = self.api.post(PERSONAL, json={**body, "employee_group_ids": list(departments)})
        assert answer.status_code == 201, answer.text
        return int(answer.get_json()["id"])

    def plays(self, which: int) -> None:
        """Let the company play a melody to whoever is being connected."""
        body = {
            "dialing_source_type": "client", "dialing_media_id": self.melodies[which]["id"],
            "hold_source_type": "beeps", "hold_media_id": 123,
        }  # fmt: skip
        answer = self.api.put(MAIN, json=body)
        assert answer.status_code == 200, answer.text


@pytest.fixture
def company(api: FlaskClient, sql: Callable[..., Any]) -> Company:
    return Company(api, sql)


def ask(api: FlaskClient, **query: object) -> dict[str, Any]:
    """Ask what a caller hears."""
    answer = api.get(RESOLVE, query_string=query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.get_json()
    return body


def heard(api: FlaskClient, **query: object) -> tuple[str, int | None, str | None]:
    """Return what decided, by which rule, and the melody's name."""
    body = ask(api, **query)
    return body["source"], body["rule_id"], body["melody"] and body["melody"]["name"]


def stages(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Return each stage that was asked and what it held."""
    return [(each["stage"], each["code"]) for each in body["explain"]]


def test_the_later_stage_wins_when_it_has_a_rule_of_its_own(company: Company, call_api: FlaskClient) -> None:
    both = {"number": DIGITS, "employee_group_id": 93}
    assert heard(call_api, **both) == ("none", None, None)
    company.plays(0)
    assert heard(call_api, **both) == ("company", None, "300 Гц")
    of_number = company.give(1, 352)
    assert heard(call_api, **both) == ("number", of_number, "400 Гц")
    of_department = company.give(2, departments=(93,))
    assert heard(call_api, **both) == ("employee_group", of_department, "500 Гц")
    # Each goes on where it has none.
    assert heard(call_api, number=DIGITS, employee_group_id=97) == ("number", of_number, "400 Гц")
    assert heard(call_api, number="74994088158", employee_group_id=97) == ("company", None, "300 Гц")
    assert heard(call_api, employee_group_id=97) == ("company", None, "300 Гц")
    assert heard(call_api) == ("company", None, "300 Гц")


def test_the_answer_is_spelled_as_the_api_says(company: Company, call_api: FlaskClient, client: FlaskClient) -> None:
    rule_id = company.give(1, 352)
    body = ask(call_api, number=DIGITS, employee_group_id=97)
    melody = {
        "source_type": "client",
        "id": company.melodies[1]["id"],
        "name": "400 Гц",
        "url": company.melodies[1]["url"],
    }
    assert {name: body[name] for name in ("source", "rule_id", "melody")} == {
        "source": "number", "rule_id": rule_id, "melody": melody,
    }  # fmt: skip
    department_stage, number_stage, company_stage = body["explain"]
    assert department_stage == {
        "stage": "employee_group", "code": "no_rule", "id": 97, "name": "Сервис", "rule_id": None, "melody": None,
    }  # fmt: skip
    assert number_stage == {
        "stage": "number", "code": "rule", "id": 352, "name": DIGITS, "rule_id": rule_id, "melody": melody,
    }  # fmt: skip
    assert company_stage == {
        "stage": "company", "code": "plain_ringing", "melody": None,
    }  # fmt: skip
    assert client.get(path_of(melody["url"])).status_code == 200


@pytest.mark.parametrize(
    "spelling",
    [
        "+7 499 408-81-57",
        "84994088157",
        "74994088157",
        "8 (499) 408 81 57",
        "4994088157",
        "+74994088157",
        " 7-499-4088157 ",
        "8\u00a0(499)\u202f408\u200981\u300057",
        "8\t499\t4088157\r\n",
        "\u202d+7 499 408\u201181\u00ad57\u202c\ufeff",
    ],
)
def test_a_number_is_found_in_any_spelling(company: Company, call_api: FlaskClient, spelling: str) -> None:
    rule_id = company.give(0, 352)
    assert heard(call_api, number=spelling) == ("number", rule_id, "300 Гц")


def test_a_number_and_a_department_are_found_in_their_other_ways(company: Company, call_api: FlaskClient) -> None:
    of_number, of_department = company.give(0, 352), company.give(1, departments=(93,))
    assert heard(call_api, number_capacity_id=352) == ("number", of_number, "300 Гц")
    assert heard(call_api, short_phone="200") == ("employee_group", of_department, "400 Гц")
    for spelling in (" 200 ", "\u00a0200\t", "\u200b200"):
        assert heard(call_api, short_phone=spelling, number=DIGITS)[0] == "employee_group"


@pytest.mark.parametrize(
    ("query", "explained"),
    [
        ({"number": "74991112233"}, [("number", "unknown"), ("company", "melody")]),
        ({"number": "anonymous"}, [("number", "not_a_number"), ("company", "melody")]),
        ({"number": "200"}, [("number", "not_a_number"), ("company", "melody")]),
        ({"number": "٠١"}, [("number", "not_a_number"), ("company", "melody")]),
        ({"number": "a\x00"}, [("number", "not_a_number"), ("company", "melody")]),
        ({"number": f"{DIGITS}\x00"}, [("number", "not_a_number"), ("company", "melody")]),
        ({"number": "7" * 101}, [("number", "not_a_number"), ("company", "melody")]),
        ({"number": DIGITS + "-" * 100 + "x"}, [("number", "not_a_number"), ("company", "melody")]),
        ({"number": "\u200b\u00a0"}, [("company", "melody")]),
        ({"number": ""}, [("company", "melody")]),
        ({"number_capacity_id": LARGEST}, [("number", "unknown"), ("company", "melody")]),
        ({"employee_group_id": 5}, [("employee_group", "unknown"), ("company", "melody")]),
        ({"short_phone": "999"}, [("employee_group", "unknown"), ("company", "melody")]),
        ({"short_phone": "200\x00"}, [("employee_group", "unknown"), ("company", "melody")]),
        ({"short_phone": "1" * 21}, [("employee_group", "unknown"), ("company", "melody")]),
    ],
)
def test_what_nobody_knows_gets_the_companys_melody_and_is_told(
    company: Company, call_api: FlaskClient, query: dict[str, object], explained: list[tuple[str, str]]
) -> None:
    company.give(1, 352, departments=(93,))
    company.plays(0)
    body = ask(call_api, **query)
    assert (body["source"], body["melody"]["name"], stages(body)) == ("company", "300 Гц", explained)


def test_while_the_directory_is_empty_ids_are_found_by_their_rules(api: FlaskClient, call_api: FlaskClient) -> None:
    api.post(PERSONAL, json=rule(352, employee_group_ids=[93]))
    body = ask(call_api, number_capacity_id=352)
    assert (body["source"], body["rule_id"], stages(body)[0]) == ("number", 1, ("number", "rule"))
    # The melody belongs to another system, too: it is named, and can't be fetched here.
    assert body["melody"] == {"source_type": "system", "id": 50, "name": None, "url": None}
    assert ask(call_api, employee_group_id=93)["source"] == "employee_group"


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"number_capacity_id": "x"}, ("number_capacity_id", "not_an_integer")),
        ({"number_capacity_id": "0"}, ("number_capacity_id", "out_of_range")),
        ({"employee_group_id": str(LARGEST + 1)}, ("employee_group_id", "out_of_range")),
        ({"number": DIGITS, "number_capacity_id": "352"}, ("number_capacity_id", "given_twice")),
        ({"short_phone": "200", "employee_group_id": "93"}, ("short_phone", "given_twice")),
        ({"nummer": DIGITS}, ("nummer", "unknown_field")),
    ],
)
def test_a_query_that_means_nothing_is_refused(
    call_api: FlaskClient, query: dict[str, str], error: tuple[str, str]
) -> None:
    answer = call_api.get(RESOLVE, query_string=query)
    assert answer.status_code == 422
    assert [(each["field"], each["code"]) for each in answer.get_json()["errors"]] == [error]


def test_a_change_is_heard_by_the_next_call_wherever_it_was_made(
    make_app: Callable[..., Flask], company: Company, call_api: FlaskClient
) -> None:
    """Two applications on one database are two hosts: neither keeps anything past a commit of the other's."""
    elsewhere = make_app().test_client()
    elsewhere.environ_base["HTTP_AUTHORIZATION"] = company.api.environ_base["HTTP_AUTHORIZATION"]
    rule_id = company.give(0, 352)
    for which in (1, 2, 0):
        body = rule(352, source_type="client", media_id=company.melodies[which]["id"])
        assert elsewhere.put(f"{PERSONAL}/{rule_id}", json=body).status_code == 200
        assert heard(call_api, number=DIGITS)[2] == company.melodies[which]["name"]
    assert elsewhere.put(f"/melodies/client/{company.melodies[0]['id']}", json={"name": "Новое имя"}).status_code == 200
    assert heard(call_api, number=DIGITS)[2] == "Новое имя"
    assert elsewhere.delete(f"{PERSONAL}/{rule_id}").status_code == 200
    assert heard(call_api, number=DIGITS) == ("none", None, None)


def test_a_short_number_that_two_departments_have_is_the_first_ones(company: Company, call_api: FlaskClient) -> None:
    fill(company.api, DEPARTMENTS, department(97, "Сервис", short_phone="200"), department(93, short_phone="200"))
    rule_id = company.give(0, departments=(93,))
    assert heard(call_api, short_phone="200") == ("employee_group", rule_id, "300 Гц")
