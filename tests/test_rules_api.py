"""Rules by the JSON call: made, read, replaced, deleted, listed."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from bodies import LARGEST, PERSONAL, rule
from flask.testing import FlaskClient


@pytest.fixture
def made(api: FlaskClient) -> str:
    """Make a rule and give its URL."""
    return api.post(PERSONAL, json=rule(5, 3, 4, employee_group_ids=[9, 8])).headers["Location"]


def test_a_rule_is_answered_with_its_place_and_its_version(api: FlaskClient) -> None:
    answer = api.post(PERSONAL, json=rule(5, 3, 4))
    assert answer.status_code == 201
    assert answer.mimetype == "application/json"
    assert list(answer.get_json()) == ["number_capacity_ids", "employee_group_ids", "source_type", "media_id", "id"]
    assert answer.headers["Location"] == f"{PERSONAL}/{answer.get_json()['id']}"
    assert re.fullmatch(r'"[^"]+"', answer.headers["ETag"])


@pytest.mark.parametrize("nothing", [..., None, []])
def test_an_array_of_nothing_is_answered_as_an_empty_list(api: FlaskClient, nothing: Any) -> None:
    numbers = api.post(PERSONAL, json=rule(1, employee_group_ids=nothing))
    assert (numbers.status_code, numbers.get_json()["employee_group_ids"]) == (201, [])
    departments = api.post(PERSONAL, json=rule(number_capacity_ids=nothing, employee_group_ids=[1]))
    assert (departments.status_code, departments.get_json()["number_capacity_ids"]) == (201, [])


def test_a_number_and_a_department_may_have_the_same_id(api: FlaskClient) -> None:
    assert api.post(PERSONAL, json=rule(7)).status_code == 201
    assert api.post(PERSONAL, json=rule(8, number_capacity_ids=[], employee_group_ids=[7])).status_code == 201
    assert api.post(PERSONAL, json=rule(9, employee_group_ids=[9])).status_code == 201


def test_a_rule_is_read_back_with_the_ids_in_the_order_sent(api: FlaskClient, made: str) -> None:
    answer = api.get(made)
    assert answer.status_code == 200
    assert answer.get_json()["number_capacity_ids"] == [5, 3, 4]
    assert answer.get_json()["employee_group_ids"] == [9, 8]


def test_a_put_replaces_the_whole_rule(api: FlaskClient, made: str) -> None:
    answer = api.put(made, json=rule(4, 6, source_type="client", media_id=1))
    assert answer.status_code == 200
    expected = {**rule(4, 6, source_type="client", media_id=1), "employee_group_ids": [], "id": answer.get_json()["id"]}
    assert answer.get_json() == expected
    assert api.get(made).get_json() == expected
    # What it let go of is free again.
    assert api.post(PERSONAL, json=rule(5, 3, employee_group_ids=[8, 9])).status_code == 201


def test_a_put_may_turn_round_its_own_ids(api: FlaskClient, made: str) -> None:
    assert api.put(made, json=rule(4, 3, 5, employee_group_ids=[8, 9])).status_code == 200
    assert api.get(made).get_json()["number_capacity_ids"] == [4, 3, 5]


def test_a_deleted_rule_is_gone_and_its_ids_are_free(api: FlaskClient, made: str) -> None:
    own = api.get(made).get_json()
    answer = api.delete(made)
    assert (answer.status_code, answer.get_json()) == (200, {"id": own["id"]})
    assert api.get(made).status_code == 404
    assert api.get(PERSONAL).get_json() == []
    again = api.post(PERSONAL, json={key: value for key, value in own.items() if key != "id"})
    assert again.status_code == 201
    # An id that was given once is never given again: a late PUT or DELETE must not hit another rule.
    assert again.get_json()["id"] > own["id"]


@pytest.mark.parametrize("rule_id", ["0", "1", "83", str(LARGEST), str(LARGEST + 1), "9" * 40, "9" * 5000])
def test_a_rule_that_is_not_there_is_404_to_every_method(api: FlaskClient, rule_id: str) -> None:
    for answer in (
        api.get(f"{PERSONAL}/{rule_id}"),
        api.put(f"{PERSONAL}/{rule_id}", json=rule()),
        api.put(f"{PERSONAL}/{rule_id}", data="no JSON"),
        api.delete(f"{PERSONAL}/{rule_id}"),
    ):
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


@pytest.mark.parametrize("rule_id", ["x", "-1", "1.5", "1 ", "%00", "١"])
def test_what_is_no_id_is_404(api: FlaskClient, made: str, rule_id: str) -> None:
    assert api.get(f"{PERSONAL}/{rule_id}").status_code == 404
    assert api.delete(f"{PERSONAL}/{rule_id}").status_code == 404


# ---------------------------------------------------------------- versions


def test_each_change_gives_another_entity_tag(api: FlaskClient, made: str) -> None:
    tags = [api.get(made).headers["ETag"]]
    for media_id in (1, 2):
        answer = api.put(made, json=rule(5, media_id=media_id))
        assert api.get(made).headers["ETag"] == answer.headers["ETag"]
        tags.append(answer.headers["ETag"])
    assert len(set(tags)) == 3


def test_a_rule_that_has_not_changed_is_304(api: FlaskClient, made: str) -> None:
    tag = api.get(made).headers["ETag"]
    for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        answer = api.get(made, headers={"If-None-Match": known})
        assert (answer.status_code, answer.get_data()) == (304, b""), known
        assert answer.headers["ETag"] == tag
    assert api.get(made, headers={"If-None-Match": '"other"'}).status_code == 200
    api.put(made, json=rule(5))
    assert api.get(made, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_write_meant_for_another_version_is_412_and_changes_nothing(api: FlaskClient, made: str, method: str) -> None:
    first = api.get(made).headers["ETag"]
    now = api.put(made, json=rule(5)).headers["ETag"]
    # A weak tag never matches, nor does what is no tag of ours (RFC 9110, 13.1.1).
    for stale in (
        first,
        '""',
        '"", "x"',
        '"x"',
        f"W/{now}",
        now.strip('"') + "0",
        f'"{"9" * 5000}"',
        '"-1"',
        '"²"',
        "nonsense",
    ):
        answer = api.open(made, method=method, json=rule(6), headers={"If-Match": stale})
        assert (answer.status_code, answer.mimetype) == (412, "application/problem+json"), stale
        assert api.get(made).get_json()["number_capacity_ids"] == [5]
        assert api.get(made).headers["ETag"] == now


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_write_meant_for_this_version_is_done(api: FlaskClient, made: str, method: str) -> None:
    tag = api.get(made).headers["ETag"]
    for known in (f'"0", {tag}', "*"):
        own = api.post(PERSONAL, json=rule(100)).headers["Location"]
        assert api.open(own, method=method, json=rule(100), headers={"If-Match": known}).status_code == 200
        api.delete(own)


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_write_not_meant_for_this_version_is_412(api: FlaskClient, made: str, method: str) -> None:
    now = api.get(made).headers["ETag"]
    for unwanted in ("*", now, f"W/{now}", f'"0", {now}'):
        answer = api.open(made, method=method, json=rule(6), headers={"If-None-Match": unwanted})
        assert (answer.status_code, answer.mimetype) == (412, "application/problem+json"), unwanted
    both = {"If-Match": now, "If-None-Match": now}
    assert api.open(made, method=method, json=rule(6), headers=both).status_code == 412
    fine = api.open(made, method=method, json=rule(6), headers={"If-Match": now, "If-None-Match": '"", "x"'})
    assert fine.status_code == 200


def test_if_match_on_a_rule_that_is_gone_is_404(api: FlaskClient) -> None:
    assert api.put(f"{PERSONAL}/1", json=rule(), headers={"If-Match": "*"}).status_code == 404


# ---------------------------------------------------------------- lists


def test_rules_are_listed_in_the_order_of_their_ids(api: FlaskClient) -> None:
    made = [api.post(PERSONAL, json=rule(number, employee_group_ids=[number + 1])).get_json() for number in (9, 1, 5)]
    answer = api.get(PERSONAL)
    assert answer.get_json() == made
    assert answer.headers["X-Total-Count"] == "3"
    assert "Link" not in answer.headers


def test_a_list_is_filtered_by_what_a_rule_says(api: FlaskClient) -> None:
    one = api.post(PERSONAL, json=rule(1, 2, employee_group_ids=[1])).get_json()
    two = api.post(PERSONAL, json=rule(3, employee_group_ids=[2], source_type="client")).get_json()
    three = api.post(PERSONAL, json=rule(4, source_type="client", media_id=7)).get_json()
    for query, expected in (
        ("number_capacity_id=2", [one]),
        ("number_capacity_id=5", []),
        ("employee_group_id=2", [two]),
        ("employee_group_id=4", []),
        ("source_type=client", [two, three]),
        ("media_id=50", [one, two]),
        ("media_id=50&source_type=client", [two]),
        ("number_capacity_id=1&employee_group_id=2", []),
        (f"media_id={LARGEST}", []),
    ):
        answer = api.get(f"{PERSONAL}?{query}")
        assert answer.get_json() == expected, query
        assert answer.headers["X-Total-Count"] == str(len(expected)), query


def test_pages_of_a_list_lead_through_all_of_it(api: FlaskClient) -> None:
    made = [api.post(PERSONAL, json=rule(number, media_id=1 + number % 2)).get_json() for number in range(1, 8)]
    wanted = [each for each in made if each["media_id"] == 2]
    url, seen, pages = f"{PERSONAL}?limit=2&media_id=2", [], 0
    while url:
        answer = api.get(url)
        assert answer.headers["X-Total-Count"] == str(len(wanted))
        seen += answer.get_json()
        pages += 1
        link = re.fullmatch(r'<([^>]+)>; rel="next"', answer.headers.get("Link", ""))
        url = link[1] if link else ""
    assert (seen, pages) == (wanted, 2)
    assert api.get(f"{PERSONAL}?after={made[-1]['id']}").get_json() == []
    assert api.get(f"{PERSONAL}?after=0&limit=1000").get_json() == made


def test_a_page_has_1000_rules_unless_another_limit_is_given(api: FlaskClient, sql: Callable[..., Any]) -> None:
    rules = ", ".join(f"({rule_id}, 'system', 1, 'x')" for rule_id in range(1, 1002))
    sql(f"INSERT INTO rules (id, source_type, media_id, changed_by) VALUES {rules}")
    answer = api.get(PERSONAL)
    assert [each["id"] for each in answer.get_json()] == list(range(1, 1001))
    assert answer.headers["X-Total-Count"] == "1001"
    assert answer.headers["Link"] == f'<{PERSONAL}?after=1000>; rel="next"'


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("limit=0", "limit", "out_of_range"),
        ("limit=1001", "limit", "out_of_range"),
        ("limit=many", "limit", "not_an_integer"),
        ("limit=1.5", "limit", "not_an_integer"),
        ("after=-1", "after", "out_of_range"),
        (f"after={LARGEST + 1}", "after", "out_of_range"),
        ("media_id=0", "media_id", "out_of_range"),
        ("number_capacity_id=x", "number_capacity_id", "not_an_integer"),
        ("employee_group_id=%00", "employee_group_id", "not_an_integer"),
        ("source_type=none", "source_type", "not_a_choice"),
        ("media_id=5&media_id=6", "media_id", "given_twice"),
        ("number_capacity_ids=5", "number_capacity_ids", "unknown_field"),
    ],
)
def test_a_wrong_filter_is_named(api: FlaskClient, query: str, field: str, code: str) -> None:
    answer = api.get(f"{PERSONAL}?{query}")
    assert answer.status_code == 422
    assert [(each["field"], each["code"]) for each in answer.get_json()["errors"]] == [(field, code)]
