"""The pickers of the rule's form: the directories are searched as people write, and whoever holds an entry is told."""

import pytest
from browser_like import Browser
from flask import Flask
from flask.testing import FlaskClient

NUMBERS = [
    {"id": 352, "number": "74994088150", "comment": "Единый номер"},
    {"id": 446, "number": "79208547433", "comment": "Чёрный вход, склад"},
    {"id": 448, "number": "78005553510", "comment": None},
]
DEPARTMENTS = [{"id": 93, "name": "Отдел продаж", "short_phone": "200"}, {"id": 103, "name": "Ёлки-иголки 100%"}]


@pytest.fixture(autouse=True)
def directory(app: Flask, api: FlaskClient) -> None:
    for each in NUMBERS:
        assert api.post("/numbers/virtual-number", json=each).status_code == 201
    for each in DEPARTMENTS:
        assert api.post("/employee-group", json=each).status_code == 201
    rule = {"number_capacity_ids": [446], "source_type": "system", "media_id": 50}
    assert api.post("/melodies/personal", json=rule).status_code == 201


def found(browser: Browser, field: str, text: str, **more: str) -> list[int]:
    answer = browser.client.get("/rules/choices", query_string={"field": field, "q": text, **more})
    assert answer.status_code == 200, answer.text
    entries = answer.get_json()["entries"]
    assert answer.get_json()["total"] == len(entries)
    return [each["id"] for each in entries]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("ЕДИНЫЙ", [352]),
        ("черный", [446]),  # ё as е, in any case
        ("ЧЁРНЫЙ вход", [446]),
        ("854-74", [446]),  # digits anywhere
        ("+7 920 854-74-33", [446]),
        ("8 920 854 74 33", [446]),  # as people dial it
        ("8 (800) 555", [448]),
        ("8\u00a0(800)\u202f555\t35", [448]),
        ("черный\u2009вход", [446]),
        ("352", [352]),  # an id
        ("нет такого", []),
        ("%", []),
        ("_", []),
    ],
)
def test_numbers_are_found_as_people_write_them(signed_in: Browser, text: str, ids: list[int]) -> None:
    assert found(signed_in, "number_capacity_ids", text) == ids


@pytest.mark.parametrize(
    ("text", "ids"), [("ПРОДАЖ", [93]), ("елки", [103]), ("100%", [103]), ("103", [103]), ("200", [93])]
)
def test_departments_are_found_by_name_short_number_and_id(signed_in: Browser, text: str, ids: list[int]) -> None:
    assert found(signed_in, "employee_group_ids", text) == ids


def test_an_entry_tells_its_name_and_whose_it_is(signed_in: Browser) -> None:
    answer = signed_in.client.get("/rules/choices?field=number_capacity_ids&q=склад")
    assert answer.get_json() == {
        "total": 1,
        "entries": [{"id": 446, "name": "+7 920 854-74-33 Чёрный вход, склад", "rule_id": 1}],
    }


def test_ids_get_their_names_and_unknown_ones_are_left_out(signed_in: Browser) -> None:
    assert sorted(found(signed_in, "number_capacity_ids", "", ids="446, 999, 352")) == [352, 446]


def test_all_that_is_found_can_be_had_at_once(app: Flask, api: FlaskClient, signed_in: Browser) -> None:
    entries = [{"id": 1000 + each, "number": f"7499500{each:04}", "comment": "Салон"} for each in range(120)]
    everything = [*({"comment": None, **each} for each in NUMBERS), *entries]
    assert api.put("/numbers/virtual-number", json=everything).status_code == 200
    some = signed_in.client.get("/rules/choices?field=number_capacity_ids&q=салон").get_json()
    assert (some["total"], len(some["entries"])) == (120, 50)
    assert len(found(signed_in, "number_capacity_ids", "салон", all="1")) == 120


def test_without_a_script_what_is_found_is_ticked_and_saved(signed_in: Browser, api: FlaskClient) -> None:
    found = {"find-number_capacity_ids": "единый", "find": "number_capacity_ids", "media_id": "50"}
    page = signed_in.submit("/rules/new", **found)
    ticks = page.main.all("input", type="checkbox", name="number_capacity_ids")
    assert [each.attributes["value"] for each in ticks] == ["352"]
    assert api.get("/melodies/personal").get_json()[1:] == []  # a search saves nothing
    signed_in.submit("/rules/new", number_capacity_ids=["448", "352"], media_id="50")
    assert api.get("/melodies/personal").get_json()[1]["number_capacity_ids"] == [448, 352]


def test_a_stranger_learns_nothing(client: FlaskClient, call_api: FlaskClient) -> None:
    assert client.get("/rules/choices?field=number_capacity_ids").status_code == 401
    assert call_api.get("/rules/choices?field=number_capacity_ids").status_code == 403
