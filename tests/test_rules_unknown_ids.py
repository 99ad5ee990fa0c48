"""A directory or a catalogue that holds an entry vouches for all of its kind; an empty one for none."""

from collections.abc import Callable
from typing import Any

import pytest
import rows
from bodies import LARGEST, PERSONAL, rule
from flask.testing import FlaskClient

Sql = Callable[..., Any]


def add_number(sql: Sql, *ids: int) -> None:
    """Put numbers into their directory."""
    for each in ids:
        sql(
            "INSERT INTO virtual_numbers (id, number, search_key) VALUES (:id, :number, 'x')",
            id=each,
            number=f"7{each}",
        )


def add_department(sql: Sql, *ids: int) -> None:
    """Put departments into their directory."""
    for each in ids:
        sql("INSERT INTO departments (id, name, search_key) VALUES (:id, 'Sales', 'sales')", id=each)


def add_melody(sql: Sql, source_type: str, *ids: int) -> None:
    """Put melodies into a catalogue."""
    for each in ids:
        rows.add_melody(sql, source_type, each, "Waltz", "waltz")


def errors(answer: Any) -> list[tuple[Any, ...]]:
    """Return field, index and code of each error."""
    assert answer.status_code == 422, answer.get_data(as_text=True)
    return [(each["field"], each.get("index"), each["code"]) for each in answer.get_json()["errors"]]


def test_while_all_is_empty_any_id_is_taken(api: FlaskClient) -> None:
    body = rule(LARGEST, 1, employee_group_ids=[LARGEST], media_id=LARGEST)
    assert api.post(PERSONAL, json=body).status_code == 201


def test_an_id_that_its_directory_does_not_hold_is_named(api: FlaskClient, sql: Sql) -> None:
    add_number(sql, 1, 2)
    add_department(sql, 1)
    add_melody(sql, "system", 50)
    body = rule(3, 1, LARGEST, employee_group_ids=[1, 2], media_id=51)
    assert errors(api.post(PERSONAL, json=body)) == [
        ("number_capacity_ids", 0, "unknown_number"),
        ("number_capacity_ids", 2, "unknown_number"),
        ("employee_group_ids", 1, "unknown_department"),
        ("media_id", None, "unknown_melody"),
    ]
    assert api.get(PERSONAL).get_json() == []
    assert api.post(PERSONAL, json=rule(2, 1, employee_group_ids=[1])).status_code == 201


def test_a_directory_vouches_for_its_own_kind_only(api: FlaskClient, sql: Sql) -> None:
    add_number(sql, 1)
    assert api.post(PERSONAL, json=rule(1, employee_group_ids=[77], media_id=77)).status_code == 201
    assert errors(api.post(PERSONAL, json=rule(2))) == [("number_capacity_ids", 0, "unknown_number")]


@pytest.mark.parametrize(("filled", "empty"), [("system", "client"), ("client", "system")])
def test_each_catalogue_vouches_for_its_own_melodies(api: FlaskClient, sql: Sql, filled: str, empty: str) -> None:
    add_melody(sql, filled, 50)
    assert errors(api.post(PERSONAL, json=rule(1, source_type=filled, media_id=51))) == [
        ("media_id", None, "unknown_melody")
    ]
    assert api.post(PERSONAL, json=rule(1, source_type=filled, media_id=50)).status_code == 201
    assert api.post(PERSONAL, json=rule(2, source_type=empty, media_id=51)).status_code == 201


def test_a_put_and_a_dry_run_are_checked_too(api: FlaskClient, sql: Sql) -> None:
    url = api.post(PERSONAL, json=rule(1)).headers["Location"]
    add_number(sql, 2)
    for answer in (
        api.put(url, json=rule(3)),
        api.put(url, json=rule(1)),
        api.post(f"{PERSONAL}?dry_run=1", json=rule(3)),
    ):
        assert errors(answer) == [("number_capacity_ids", 0, "unknown_number")]
    assert api.put(url, json=rule(2)).status_code == 200


def test_an_unknown_id_is_told_before_a_taken_one(api: FlaskClient, sql: Sql) -> None:
    api.post(PERSONAL, json=rule(1))
    add_number(sql, 1)
    assert errors(api.post(PERSONAL, json=rule(1, 2))) == [("number_capacity_ids", 1, "unknown_number")]
    assert api.post(PERSONAL, json=rule(1)).status_code == 409


def test_10000_known_ids_are_taken(api: FlaskClient, sql: Sql) -> None:
    values = ", ".join(f"({each}, '7{each}', 'x')" for each in range(1, 10_001))
    sql(f"INSERT INTO virtual_numbers (id, number, search_key) VALUES {values}")
    assert api.post(PERSONAL, json=rule(*range(1, 10_001))).status_code == 201
