"""The calls of both directories: what they take, what they answer and what they refuse."""

from typing import Any

import pytest
from entries import DEPARTMENTS, KINDS, NUMBERS, ONE, department, fill, number, use
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

BOTH = pytest.mark.parametrize("path", KINDS.values(), ids=KINDS)


def errors(answer: TestResponse) -> list[tuple[Any, ...]]:
    assert answer.status_code == 422, answer.text
    assert answer.mimetype == "application/problem+json"
    return [(each["field"], each.get("index"), each["code"]) for each in answer.get_json()["errors"]]


def journal(sql: Any) -> list[tuple[Any, ...]]:
    return sql("SELECT action, subject, subject_id FROM journal_entries ORDER BY id")  # type: ignore[no-any-return]


@BOTH
def test_an_entry_is_made_read_changed_and_deleted(api: FlaskClient, sql: Any, path: str) -> None:
    made = api.post(path, json=ONE[path])
    assert (made.status_code, made.get_json(), made.headers["ETag"]) == (201, ONE[path], '"1"')
    url = made.headers["Location"]
    assert url == f"{path}/{ONE[path]['id']}"
    read = api.get(url)
    assert (read.get_json(), read.headers["ETag"]) == (ONE[path], '"1"')
    assert api.get(url, headers={"If-None-Match": '"1"'}).status_code == 304
    changed = {**ONE[path], **({"comment": "Другой"} if path == NUMBERS else {"name": "Другой"})}
    put = api.put(url, json=changed)
    assert (put.status_code, put.get_json(), put.headers["ETag"]) == (200, changed, '"2"')
    assert api.get(path).get_json() == [changed]
    deleted = api.delete(url)
    assert (deleted.status_code, deleted.get_json()) == (200, {"id": ONE[path]["id"]})
    assert api.get(url).status_code == api.put(url, json=changed).status_code == api.delete(url).status_code == 404
    subject = "number" if path == NUMBERS else "department"
    assert journal(sql) == [(action, subject, ONE[path]["id"]) for action in ("created", "changed", "deleted")]


@BOTH
def test_every_call_is_there_with_and_without_a_final_slash(api: FlaskClient, path: str) -> None:
    url = f"{path}/{ONE[path]['id']}"
    assert api.post(f"{path}/", json=ONE[path]).status_code == 201
    assert api.get(f"{path}/").get_json() == api.get(path).get_json() == [ONE[path]]
    assert api.get(f"{url}/").get_json() == ONE[path]
    assert api.put(f"{url}/", json=ONE[path]).status_code == api.put(f"{path}/", json=[ONE[path]]).status_code == 200
    assert api.delete(f"{url}/").status_code == 200


def test_a_number_in_any_spelling_is_stored_as_its_digits(api: FlaskClient) -> None:
    made = api.post(NUMBERS, json={"number": " 8 (920) 854-74-33"})
    assert made.get_json() == number(made.get_json()["id"], comment=None)
    for text in ("+7 920 854-74-33", "89208547433", "79208547433"):
        assert api.get(NUMBERS, query_string={"number": text}).get_json() == [made.get_json()]
    assert api.get(NUMBERS, query_string={"number": "89208547434"}).get_json() == []


def test_numbers_are_filtered_by_their_type_and_paged(api: FlaskClient) -> None:
    entries = [number(at, f"7920000000{at}", type="abc" if at % 2 else "def") for at in range(1, 6)]
    fill(api, NUMBERS, *entries)
    assert [each["id"] for each in api.get(f"{NUMBERS}?type=abc").get_json()] == [1, 3, 5]
    page = api.get(f"{NUMBERS}?limit=2&after=1")
    assert [each["id"] for each in page.get_json()] == [2, 3]
    assert page.headers["X-Total-Count"] == "5"
    assert page.headers["Link"] == f'<{NUMBERS}?limit=2&after=3>; rel="next"'
    assert "Link" not in api.get(f"{NUMBERS}?limit=5").headers


def test_a_number_whose_kind_nobody_said_has_none(api: FlaskClient) -> None:
    made = api.post(NUMBERS, json={"id": 352, "number": "79208547433"}).get_json()
    assert (made["type"], made["state"]) == (None, "active")
    assert api.put(f"{NUMBERS}/352", json=made).get_json() == made
    assert api.get(f"{NUMBERS}?type=def").get_json() == []
    assert api.put(f"{NUMBERS}/352", json={**made, "type": "def"}).get_json()["type"] == "def"
    assert api.put(NUMBERS, json=[made]).get_json()["counts"]["changed"] == 1
    assert api.get(NUMBERS).get_json() == [made]


@pytest.mark.parametrize(("purpose", "found"), [("not_specified", [1, 2]), ("company", []), ("employee", [])])
def test_nobody_has_said_what_purpose_a_number_has(api: FlaskClient, purpose: str, found: list[int]) -> None:
    fill(api, NUMBERS, number(1, "79200000001"), number(2, "79200000002", type="abc"))
    answer = api.get(f"{NUMBERS}?purpose={purpose}")
    assert ([each["id"] for each in answer.get_json()], answer.headers["X-Total-Count"]) == (found, str(len(found)))
    assert [each["id"] for each in api.get(f"{NUMBERS}?purpose={purpose}&type=abc").get_json()] == found[1:]


@pytest.mark.parametrize(
    ("path", "query", "error"),
    [
        (NUMBERS, "number=abc", ("number", None, "not_a_phone")),
        (NUMBERS, "type=mobile", ("type", None, "not_a_choice")),
        (NUMBERS, "limit=1001", ("limit", None, "out_of_range")),
        (NUMBERS, "purpose=x", ("purpose", None, "not_a_choice")),
        (NUMBERS, "colour=x", ("colour", None, "unknown_field")),
        (DEPARTMENTS, "type=def", ("type", None, "unknown_field")),
    ],
)
def test_a_wrong_filter_is_refused(api: FlaskClient, path: str, query: str, error: tuple[Any, ...]) -> None:
    assert errors(api.get(f"{path}?{query}")) == [error]


def test_without_an_id_the_next_one_is_given_and_never_one_that_was(api: FlaskClient) -> None:
    assert api.post(DEPARTMENTS, json={"name": "А"}).get_json()["id"] == 1
    assert api.post(DEPARTMENTS, json={"name": "Б", "id": 40}).get_json()["id"] == 40
    assert api.post(DEPARTMENTS, json={"name": "В"}).get_json()["id"] == 41
    api.delete(f"{DEPARTMENTS}/41")
    assert api.post(DEPARTMENTS, json={"name": "Г"}).get_json()["id"] == 42
    assert api.post(DEPARTMENTS, json={"name": "Д", "id": 2**63 - 1}).status_code == 201
    assert errors(api.post(DEPARTMENTS, json={"name": "Е"})) == [("id", None, "required")]


@pytest.mark.parametrize(
    ("path", "changes", "error"),
    [
        (NUMBERS, {"number": None}, ("number", None, "required")),
        (NUMBERS, {"number": ""}, ("number", None, "not_a_phone")),
        (NUMBERS, {"number": "7,92085E+10"}, ("number", None, "not_a_phone")),
        (NUMBERS, {"number": 79208547433}, ("number", None, "not_a_text")),
        (NUMBERS, {"number": ["79208547433"]}, ("number", None, "not_a_text")),
        (NUMBERS, {"id": "352"}, ("id", None, "not_an_integer")),
        (NUMBERS, {"id": 0}, ("id", None, "out_of_range")),
        (NUMBERS, {"comment": "а" * 201}, ("comment", None, "wrong_length")),
        (NUMBERS, {"comment": "а\0б"}, ("comment", None, "not_printable")),
        (NUMBERS, {"comment": "а\nб"}, ("comment", None, "not_printable")),
        (NUMBERS, {"type": "mobile"}, ("type", None, "not_a_choice")),
        (NUMBERS, {"state": True}, ("state", None, "not_a_choice")),
        (NUMBERS, {"purpose": "x"}, ("purpose", None, "unknown_field")),
        (DEPARTMENTS, {"name": None}, ("name", None, "required")),
        (DEPARTMENTS, {"name": 5}, ("name", None, "not_a_text")),
        (DEPARTMENTS, {"short_phone": 101}, ("short_phone", None, "not_a_text")),
        (DEPARTMENTS, {"short_phone": "1" * 21}, ("short_phone", None, "wrong_length")),
    ],
)
def test_what_is_wrong_is_named(api: FlaskClient, path: str, changes: dict[str, Any], error: tuple[Any, ...]) -> None:
    body = {**ONE[path], **changes}
    assert errors(api.post(path, json=body)) == [error]
    fill(api, path, ONE[path])
    assert errors(api.put(f"{path}/{ONE[path]['id']}", json=body)) in ([error], [(*error[:2], "id_mismatch")])
    assert api.get(path).get_json() == [ONE[path]]


def test_an_id_or_a_number_that_another_entry_has_is_taken(api: FlaskClient) -> None:
    fill(api, NUMBERS, number(352), number(446, "74994088157"))
    taken = api.post(NUMBERS, json=number(352, "8 499 408-81-57"))
    assert taken.status_code == 409
    assert taken.get_json()["type"].endswith("/taken")
    assert taken.get_json()["conflicts"] == [{"field": "id", "id": 352}, {"field": "number", "id": 446}]
    taken = api.put(f"{NUMBERS}/352", json=number(352, "74994088157"))
    assert (taken.status_code, taken.get_json()["conflicts"]) == (409, [{"field": "number", "id": 446}])
    assert api.put(f"{NUMBERS}/352", json=number(352, comment="Тот же")).status_code == 200


@BOTH
def test_a_change_meant_for_another_version_is_refused(api: FlaskClient, path: str) -> None:
    fill(api, path, ONE[path])
    url = f"{path}/{ONE[path]['id']}"
    for answer in (
        api.put(url, json=ONE[path], headers={"If-Match": '"2"'}),
        api.delete(url, headers={"If-Match": '"2"'}),
    ):
        assert (answer.status_code, answer.headers["ETag"]) == (412, '"1"')
    assert api.put(url, json=ONE[path], headers={"If-Match": '"1"'}).headers["ETag"] == '"2"'
    assert api.delete(url, headers={"If-Match": '"1", "2"'}).status_code == 200


@BOTH
def test_a_dry_run_stores_nothing(api: FlaskClient, sql: Any, path: str) -> None:
    entry, url = ONE[path], f"{path}/{ONE[path]['id']}"
    dry = api.post(f"{path}?dry_run=1", json=entry)
    assert (dry.status_code, dry.get_json(), dry.headers.get("ETag")) == (200, entry, None)
    assert api.get(path).get_json() == []
    fill(api, path, entry)
    last = "comment" if path == NUMBERS else "short_phone"
    assert api.put(f"{url}?dry_run=true", json={**entry, last: "5"}).get_json() == {**entry, last: "5"}
    assert api.delete(f"{url}?dry_run=1").get_json() == {"id": entry["id"]}
    assert api.get(path).get_json() == [entry]
    assert [row[0] for row in journal(sql)] == ["imported"]


def test_what_a_rule_uses_is_not_deleted_and_the_rule_is_named(api: FlaskClient) -> None:
    fill(api, NUMBERS, number())
    fill(api, DEPARTMENTS, department())
    rule_id = use(api, numbers=(352,), departments=(93,))
    for path, entry in ONE.items():
        url = f"{path}/{entry['id']}"
        for answer in (api.delete(url), api.delete(f"{url}?dry_run=1"), api.put(path, json=[])):
            problem = answer.get_json()
            assert (answer.status_code, problem["type"]) == (409, "/problems/in_use")
            assert problem["conflicts"] == [{"id": entry["id"], "rule_id": rule_id}]
            assert problem["rule_ids"] == [rule_id]
            assert str(rule_id) in problem["detail"]
        assert api.get(url).get_json() == entry
    assert api.delete(f"/melodies/personal/{rule_id}").status_code == 200
    assert [api.delete(f"{path}/{entry['id']}").status_code for path, entry in ONE.items()] == [200, 200]


def test_a_used_number_may_be_changed(api: FlaskClient) -> None:
    fill(api, NUMBERS, number())
    use(api, numbers=(352,))
    changed = number(352, "74994088157", comment=None)
    assert api.put(f"{NUMBERS}/352", json=changed).get_json() == changed


def test_a_telephone_exchange_may_not_ask(call_api: FlaskClient, client: FlaskClient) -> None:
    for path in KINDS.values():
        assert (call_api.get(path).status_code, client.get(path).status_code) == (403, 401)
        assert (call_api.put(path, json=[]).status_code, client.put(path, json=[]).status_code) == (403, 401)
