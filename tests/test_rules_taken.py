"""Ids that another rule holds: refused with every conflict at once, or moved when that is asked for."""

from typing import Any

import pytest
from bodies import PERSONAL, rule
from flask.testing import FlaskClient

NUMBERS, DEPARTMENTS = "number_capacity_ids", "employee_group_ids"


def make(api: FlaskClient, *numbers: int, **changes: Any) -> dict[str, Any]:
    """Make a rule and return it."""
    answer = api.post(PERSONAL, json=rule(*numbers, **changes))
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return answer.get_json()


def get(api: FlaskClient, rule_id: int) -> Any:
    """Return a rule, or None."""
    answer = api.get(f"{PERSONAL}/{rule_id}")
    return answer.get_json() if answer.status_code == 200 else None


@pytest.fixture
def held(api: FlaskClient) -> list[dict[str, Any]]:
    """Make two rules that hold some ids."""
    return [
        make(api, 1, 2, 3, employee_group_ids=[10], source_type="client", media_id=7),
        make(api, 4, employee_group_ids=[11, 12]),
    ]


def conflict(field: str, index: int, id_: int, holder: dict[str, Any]) -> dict[str, Any]:
    """Spell a conflict as the API does."""
    melody = {"source_type": holder["source_type"], "media_id": holder["media_id"]}
    return {"field": field, "index": index, "id": id_, "rule_id": holder["id"], **melody}


def test_every_conflict_is_told_at_once_and_nothing_is_stored(api: FlaskClient, held: list[dict[str, Any]]) -> None:
    own = make(api, 5)
    body = rule(6, 4, 5, 2, employee_group_ids=[13, 11, 10])
    one, two = held
    expected = [
        conflict(NUMBERS, 1, 4, two),
        conflict(NUMBERS, 3, 2, one),
        conflict(DEPARTMENTS, 1, 11, two),
        conflict(DEPARTMENTS, 2, 10, one),
    ]
    put = api.put(f"{PERSONAL}/{own['id']}", json=body)
    assert put.get_json()["conflicts"] == expected  # its own 5 is no conflict
    post = api.post(PERSONAL, json=body)
    assert post.get_json()["conflicts"] == [*expected[:1], conflict(NUMBERS, 2, 5, own), *expected[1:]]
    for answer in (put, post):
        assert (answer.status_code, answer.mimetype) == (409, "application/problem+json")
        problem = answer.get_json()
        assert problem["type"].endswith("/taken")
        assert (problem["status"], bool(problem["title"]), bool(problem["detail"])) == (409, True, True)
    assert api.get(PERSONAL).get_json() == [one, two, own]


def test_conflicts_of_10000_ids_are_all_told(api: FlaskClient) -> None:
    holder = make(api, *range(1, 10_001))
    answer = api.post(PERSONAL, json=rule(*range(1, 10_001)))
    assert answer.status_code == 409
    assert [each["id"] for each in answer.get_json()["conflicts"]] == list(range(1, 10_001))
    assert {each["rule_id"] for each in answer.get_json()["conflicts"]} == {holder["id"]}


def test_conflicts_are_named_in_snake_case_whatever_was_sent(api: FlaskClient, held: list[dict[str, Any]]) -> None:
    answer = api.post(PERSONAL, json=rule(number_capacity_ids=..., numbercapacityids=[2]))
    assert answer.get_json()["conflicts"] == [conflict(NUMBERS, 0, 2, held[0])]


def test_refusing_can_be_asked_for(api: FlaskClient, held: list[dict[str, Any]]) -> None:
    assert api.post(f"{PERSONAL}?on_conflict=refuse", json=rule(2)).status_code == 409


# ---------------------------------------------------------------- moves


def test_a_move_takes_the_ids_from_the_rules_that_hold_them(api: FlaskClient, held: list[dict[str, Any]]) -> None:
    one, two = held
    tag = api.get(f"{PERSONAL}/{one['id']}").headers["ETag"]
    answer = api.post(f"{PERSONAL}?on_conflict=move", json=rule(9, 2, employee_group_ids=[12]))
    assert answer.status_code == 201
    body = answer.get_json()
    assert body.pop("moved") == [conflict(NUMBERS, 1, 2, one), conflict(DEPARTMENTS, 0, 12, two)]
    assert get(api, body["id"]) == body
    assert get(api, one["id"]) == {**one, NUMBERS: [1, 3]}
    assert get(api, two["id"]) == {**two, DEPARTMENTS: [11]}
    # Who edits the robbed rule meanwhile is told that it has changed.
    assert api.get(f"{PERSONAL}/{one['id']}").headers["ETag"] != tag


def test_a_rule_left_without_ids_is_deleted(api: FlaskClient, held: list[dict[str, Any]]) -> None:
    one, two = held
    answer = api.post(f"{PERSONAL}?on_conflict=move", json=rule(4, employee_group_ids=[12, 11]))
    assert [(each["id"], each["rule_id"]) for each in answer.get_json()["moved"]] == [
        (4, two["id"]),
        (12, two["id"]),
        (11, two["id"]),
    ]
    assert get(api, two["id"]) is None
    assert get(api, one["id"]) == one


def test_a_put_moves_too_and_keeps_its_own(api: FlaskClient, held: list[dict[str, Any]]) -> None:
    one, two = held
    answer = api.put(f"{PERSONAL}/{one['id']}?on_conflict=move", json=rule(3, 4, 1))
    assert answer.status_code == 200
    assert answer.get_json()["moved"] == [conflict(NUMBERS, 1, 4, two)]
    assert get(api, one["id"])[NUMBERS] == [3, 4, 1]
    assert get(api, two["id"])[NUMBERS] == []


def test_moved_is_empty_when_nothing_was_held(api: FlaskClient) -> None:
    assert api.post(f"{PERSONAL}?on_conflict=move", json=rule(1)).get_json()["moved"] == []
    assert "moved" not in api.post(PERSONAL, json=rule(2)).get_json()


def test_moving_10000_ids_out_of_many_rules_is_one_change(api: FlaskClient) -> None:
    holders = [make(api, *range(start, start + 500)) for start in range(1, 10_001, 500)]
    answer = api.post(f"{PERSONAL}?on_conflict=move", json=rule(*range(10_000, 0, -1)))
    assert (answer.status_code, len(answer.get_json()["moved"])) == (201, 10_000)
    assert [each["id"] for each in api.get(PERSONAL).get_json()] == [answer.get_json()["id"]]
    assert len(holders) == 20


# ---------------------------------------------------------------- dry runs


@pytest.mark.parametrize("query", ["dry_run=1", "dry_run=true"])
def test_a_dry_run_answers_what_would_happen_and_stores_nothing(
    api: FlaskClient, held: list[dict[str, Any]], query: str
) -> None:
    one, two = held
    url = f"{PERSONAL}/{one['id']}"
    tag = api.get(url).headers["ETag"]
    post = api.post(f"{PERSONAL}?{query}", json=rule(20))
    assert post.status_code == 200
    assert "Location" not in post.headers
    assert {**post.get_json(), "id": None} == {**rule(20), DEPARTMENTS: [], "id": None}
    put = api.put(f"{url}?{query}", json=rule(20))
    assert (put.status_code, put.get_json()) == (200, {**rule(20), DEPARTMENTS: [], "id": one["id"]})
    delete = api.delete(f"{url}?{query}")
    assert (delete.status_code, delete.get_json()) == (200, {"id": one["id"]})
    moved = api.post(f"{PERSONAL}?on_conflict=move&{query}", json=rule(4, employee_group_ids=[11, 12]))
    assert (moved.status_code, len(moved.get_json()["moved"])) == (200, 3)
    assert api.get(PERSONAL).get_json() == [one, two]
    assert api.get(url).headers["ETag"] == tag


def test_a_dry_run_refuses_what_the_call_itself_would(api: FlaskClient, held: list[dict[str, Any]]) -> None:
    url = f"{PERSONAL}/{held[1]['id']}"
    assert api.post(f"{PERSONAL}?dry_run=1", json=rule(2)).status_code == 409
    assert api.put(f"{url}?dry_run=1", json=rule(2)).status_code == 409
    assert api.post(f"{PERSONAL}?dry_run=1", json=rule(0)).status_code == 422
    assert api.delete(f"{url}?dry_run=1", headers={"If-Match": '"77"'}).status_code == 412
    assert api.delete(f"{PERSONAL}/1000?dry_run=1").status_code == 404


def test_a_wrong_option_is_named_and_nothing_is_done(api: FlaskClient, held: list[dict[str, Any]]) -> None:
    url = f"{PERSONAL}/{held[0]['id']}"
    for query, field, code in (
        ("on_conflict=steal", "on_conflict", "not_a_choice"),
        ("dry_run=yes", "dry_run", "not_a_choice"),
        ("dry_run", "dry_run", "not_a_choice"),  # taken for the default, it would write
        ("dry_run=", "dry_run", "not_a_choice"),
        ("on_conflict=", "on_conflict", "not_a_choice"),
        ("dry-run=1", "dry-run", "unknown_field"),  # taken for nothing, it would delete in earnest
        ("dry_run=1&dry_run=0", "dry_run", "given_twice"),
    ):
        for method, address in (("POST", PERSONAL), ("PUT", url)):
            answer = api.open(f"{address}?{query}", method=method, json=rule(30))
            assert answer.status_code == 422, query
            assert [(each["field"], each["code"]) for each in answer.get_json()["errors"]] == [(field, code)]
        if field != "on_conflict":
            assert api.delete(f"{url}?{query}").status_code == 422
    assert api.delete(f"{url}?on_conflict=move").status_code == 422
    assert api.get(PERSONAL).get_json() == held
