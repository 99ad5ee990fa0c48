"""A whole directory in one call: what the operator answers is taken over, all of it or nothing."""

from typing import Any

import pytest
from entries import DEPARTMENTS, KINDS, NUMBERS, ONE, department, fill, number, use
from flask.testing import FlaskClient

# As the operator's pages print it, with the fields that mean nothing here.
OPERATORS = [
    {
        "id": 352, "number": "74994088150", "comment": "Единый номер", "type": "abc", "state": "active", "purpose": "voice",
        "region_name": "Москва", "sip_login": None, "channels": {"in": [1, {"a": None}]}, "price": 1.5,
    },
    {"id": 446, "number": "79208547433", "comment": None, "type": "def", "state": "freeze", "region_name": None, "version": "9"},
]  # fmt: skip


def test_the_operators_answer_is_taken_over(api: FlaskClient) -> None:
    answer = api.put(NUMBERS, json=OPERATORS)
    assert (answer.status_code, answer.get_json()) == (
        200,
        {"counts": {"new": 2, "changed": 0, "gone": 0, "same": 0}},
    )
    names = set(number())
    assert api.get(NUMBERS).get_json() == [
        {name: value for name, value in each.items() if name in names} for each in OPERATORS
    ]


def test_the_difference_is_stored_in_one_piece_and_told_once(api: FlaskClient, sql: Any) -> None:
    fill(api, NUMBERS, *[number(at, f"7920000000{at}") for at in range(1, 5)])
    after = [number(1, "79200000001"), number(2, "79200000009"), number(3, "79200000003", comment="Новый"), number(7)]
    before, dry = api.get(NUMBERS).get_json(), api.put(f"{NUMBERS}?dry_run=1", json=after).get_json()
    assert dry == {
        "counts": {"new": 1, "changed": 2, "gone": 1, "same": 1},
        "new": [after[3]],
        "changed": [{"before": before[1], "after": after[1]}, {"before": before[2], "after": after[2]}],
        "gone": [before[3]],
    }
    assert api.get(NUMBERS).get_json() == before
    assert api.put(NUMBERS, json=after).get_json() == {"counts": dry["counts"]}
    assert api.get(NUMBERS).get_json() == after
    assert [api.get(f"{NUMBERS}/{each['id']}").headers["ETag"] for each in after] == ['"1"', '"2"', '"2"', '"1"']
    assert api.put(NUMBERS, json=after).get_json()["counts"] == {"new": 0, "changed": 0, "gone": 0, "same": 4}
    assert sql("SELECT action, subject, subject_id FROM journal_entries") == [("imported", "number", 0)] * 2


def test_numbers_may_be_swapped_and_passed_on(api: FlaskClient) -> None:
    digits = ["79200000001", "79200000002", "79200000003"]
    fill(api, NUMBERS, *[number(at, each) for at, each in enumerate(digits, 1)])
    turned = [number(1, digits[1]), number(2, digits[2]), number(4, digits[0])]
    fill(api, NUMBERS, *turned)
    assert api.get(NUMBERS).get_json() == turned


@pytest.mark.parametrize("path", KINDS.values(), ids=KINDS)
def test_what_get_answers_put_takes_back_unchanged(api: FlaskClient, path: str) -> None:
    foreign = [number(at, each) for at, each in enumerate(("+4930123456", "+84912345678", "375291234567"), 1)]
    entries = foreign if path == NUMBERS else [department(at, f"Отдел {at}", short_phone=None) for at in range(1, 4)]
    fill(api, path, *entries)
    assert api.get(path).get_json() == entries
    assert api.put(path, json=entries).get_json()["counts"] == {"new": 0, "changed": 0, "gone": 0, "same": 3}


def test_every_wrong_element_is_named_and_nothing_is_stored(api: FlaskClient) -> None:
    fill(api, NUMBERS, number())
    wrong = [
        number(1, "79200000001"), 5, number(...), number(None), number("1"), number(2, ...), number(3, "123"), number(4, 5),
        number(1, "79200000002"), number(9, "8 920 000-00-01"), number(10, type="x", comment="а" * 201), number(0, "", state=5),
    ]  # fmt: skip
    answer = api.put(NUMBERS, json=wrong)
    assert answer.status_code == 422
    assert [(each["field"], each["index"], each["code"]) for each in answer.get_json()["errors"]] == [
        ("", 1, "not_an_object"),
        ("id", 2, "required"),
        ("id", 3, "required"),
        ("number", 3, "repeated"),
        ("id", 4, "not_an_integer"),
        ("number", 4, "repeated"),
        ("number", 5, "required"),
        ("number", 6, "not_a_phone"),
        ("number", 7, "not_a_text"),
        ("id", 8, "repeated"),
        ("number", 9, "repeated"),
        ("number", 10, "repeated"),
        ("comment", 10, "wrong_length"),
        ("type", 10, "not_a_choice"),
        ("id", 11, "out_of_range"),
        ("number", 11, "not_a_phone"),
        ("state", 11, "not_a_choice"),
    ]
    assert api.put(f"{NUMBERS}?dry_run=1", json=wrong).get_json() == answer.get_json()
    assert api.get(NUMBERS).get_json() == [number()]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "not_json"),
        (b"[", 400, "not_json"),
        (b"{}", 400, "bad_request"),
        (b"null", 400, "bad_request"),
        (b'[{"id": NaN}]', 400, "not_json"),
        (b'[{"id": 1, "id": 2}]', 400, "repeated_name"),
        (b'[{"number": "\xff"}]', 400, "not_utf8"),
        (b"[" * 200_000, 400, "nested_too_deep"),
        (b"[" + b"1," * 200_000 + b"1]", 413, "too_large"),
        (b" " * (20 * 1024 * 1024 + 1), 413, "too_large"),
    ],
    ids=range(10),
)
def test_what_is_no_list_is_refused(api: FlaskClient, body: bytes, status: int, code: str) -> None:
    answer = api.put(DEPARTMENTS, data=body, content_type="application/json")
    assert (answer.status_code, answer.get_json()["type"]) == (status, f"/problems/{code}")
    assert status == 400 or "20" in answer.get_json()["detail"]


def test_half_of_a_surrogate_pair_is_no_character(api: FlaskClient) -> None:
    body = rb'[{"id": 1, "name": "\ud800", "other": "\ud800"}]'
    answer = api.put(DEPARTMENTS, data=body, content_type="application/json")
    assert (answer.status_code, answer.get_json()["errors"][0]["code"]) == (422, "not_printable")


def test_another_media_type_is_refused(api: FlaskClient) -> None:
    assert api.put(NUMBERS, data="[]", content_type="text/csv").status_code == 415


def test_only_the_whole_directory_may_be_larger_than_other_bodies(api: FlaskClient) -> None:
    entry = {**number(), "other": "x" * 2 * 1024 * 1024}
    assert api.put(NUMBERS, json=[entry]).status_code == 200
    assert api.post(NUMBERS, json=entry).status_code == api.put(f"{NUMBERS}/352", json=entry).status_code == 413


def test_a_list_meant_for_another_state_of_the_directory_is_refused(api: FlaskClient) -> None:
    fill(api, NUMBERS, number())
    tag = api.get(NUMBERS).headers["ETag"]
    assert api.get(NUMBERS, headers={"If-None-Match": tag}).status_code == 304
    assert api.put(NUMBERS, json=[number(5)], headers={"If-Match": tag}).status_code == 200
    for query in ("", "?dry_run=1"):
        assert api.put(f"{NUMBERS}{query}", json=[], headers={"If-Match": tag}).status_code == 412
    assert api.put(NUMBERS, json=[], headers={"If-Match": "*"}).status_code == 200
    assert api.get(NUMBERS).get_json() == []


@pytest.mark.parametrize("path", KINDS.values(), ids=KINDS)
def test_what_rules_use_is_not_imported_away(api: FlaskClient, path: str) -> None:
    entries = [{**ONE[path], "id": at} for at in range(1, 6)]
    for at, entry in enumerate(entries):
        entry.update({"number": f"7920000000{at}"} if path == NUMBERS else {})
    fill(api, path, *entries)
    array = "numbers" if path == NUMBERS else "departments"
    first, second = use(api, **{array: (4, 1)}), use(api, **{array: (5,)})  # type: ignore[arg-type]
    for query in ("", "?dry_run=1"):
        answer = api.put(f"{path}{query}", json=entries[1:4])
        assert answer.status_code == 409
        assert answer.get_json()["conflicts"] == [{"id": 1, "rule_id": first}, {"id": 5, "rule_id": second}]
    assert api.get(path).get_json() == entries
    assert api.put(path, json=[entries[0], *entries[3:]]).status_code == 200
