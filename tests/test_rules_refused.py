"""What a rule's body is refused for: every row of the API's table, with field, index and code."""

import json
from typing import Any

import pytest
from bodies import LARGEST, PERSONAL, rule
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

NUMBERS, DEPARTMENTS = "number_capacity_ids", "employee_group_ids"
ARRAYS = (NUMBERS, DEPARTMENTS)

NO_LIST = [5, 0, 5.5, True, False, "5", "", "1,2", {}, {"0": 5}, {"ids": [5]}]
NO_INTEGER = ["5", "", 5.0, 5.5, 1e300, True, False, None, [], [5], {}, {"id": 5}]
OUT_OF_RANGE = [0, -1, LARGEST + 1, -LARGEST - 1, 10**30, -(10**30)]
NO_CHOICE = ["", "System", "system ", "клиент", "client\x00", 0, 1, 1.5, True, False, [], ["system"], {}, {"system": 1}]


def errors(response: TestResponse) -> list[tuple[Any, ...]]:
    """Return field, index and code of each error, having checked the problem's own shape."""
    assert response.status_code == 422, response.get_data(as_text=True)
    assert response.mimetype == "application/problem+json"
    problem = response.get_json()
    assert {"type", "title", "status", "detail", "errors"} <= set(problem)
    assert problem["status"] == 422
    assert all(error["message"] for error in problem["errors"])
    return [(error["field"], error.get("index"), error["code"]) for error in problem["errors"]]


@pytest.fixture
def post(api: FlaskClient) -> Any:
    """Send a body by POST and by PUT: both refuse it in the same words, and nothing is stored."""
    made = api.post(PERSONAL, json=rule(1)).get_json()

    def send(body: Any) -> list[tuple[Any, ...]]:
        data = body if isinstance(body, str) else json.dumps(body)
        posted = api.post(PERSONAL, data=data, content_type="application/json")
        put = api.put(f"{PERSONAL}/{made['id']}", data=data, content_type="application/json")
        assert errors(posted) == errors(put)
        assert posted.get_json()["errors"] == put.get_json()["errors"]
        assert api.get(PERSONAL).get_json() == [made]
        return errors(posted)

    return send


@pytest.mark.parametrize("field", ARRAYS)
def test_an_array_of_another_type_is_not_a_list(post: Any, field: str) -> None:
    for value in NO_LIST:
        assert post(rule(**{field: value})) == [(field, None, "not_a_list")], value


@pytest.mark.parametrize("field", ARRAYS)
def test_an_element_of_another_type_is_named_by_its_index(post: Any, field: str) -> None:
    for value in NO_INTEGER:
        assert post(rule(**{field: [7, 8, value, 9]})) == [(field, 2, "not_an_integer")], value


@pytest.mark.parametrize("field", ARRAYS)
def test_an_id_out_of_range_is_named_by_its_index(post: Any, field: str) -> None:
    for value in OUT_OF_RANGE:
        assert post(rule(**{field: [7, value]})) == [(field, 1, "out_of_range")], value


@pytest.mark.parametrize("field", ARRAYS)
def test_the_second_of_two_equal_ids_is_named(post: Any, field: str) -> None:
    assert post(rule(**{field: [7, 8, 7, 9, 8, 7]})) == [(field, index, "repeated") for index in (2, 4, 5)]


@pytest.mark.parametrize("field", ARRAYS)
def test_more_than_10000_ids_are_too_many(post: Any, field: str) -> None:
    assert post(rule(**{field: list(range(1, 10_002))})) == [(field, None, "too_many")]


def test_every_wrong_element_is_named_in_one_answer(post: Any) -> None:
    body = rule(0, **{DEPARTMENTS: ["x", 5, 5, None]}, source_type="none", media_id=True)
    assert post(body) == [
        (NUMBERS, 0, "out_of_range"),
        (DEPARTMENTS, 0, "not_an_integer"),
        (DEPARTMENTS, 2, "repeated"),
        (DEPARTMENTS, 3, "not_an_integer"),
        ("source_type", None, "not_a_choice"),
        ("media_id", None, "not_an_integer"),
    ]


@pytest.mark.parametrize("nothing", [..., None, []])
@pytest.mark.parametrize("other", [..., None, []])
def test_a_rule_for_nobody_is_refused_on_both_arrays(post: Any, nothing: Any, other: Any) -> None:
    body = rule(**{NUMBERS: nothing, DEPARTMENTS: other})
    assert post(body) == [(NUMBERS, None, "required_one_of"), (DEPARTMENTS, None, "required_one_of")]


@pytest.mark.parametrize("nothing", [..., None])
@pytest.mark.parametrize("field", ["source_type", "media_id"])
def test_a_field_that_is_absent_or_null_is_required(post: Any, field: str, nothing: Any) -> None:
    assert post(rule(**{field: nothing})) == [(field, None, "required")]


def test_a_source_that_is_no_choice_is_refused(post: Any) -> None:
    for value in NO_CHOICE:
        assert post(rule(source_type=value)) == [("source_type", None, "not_a_choice")], value


def test_a_melody_of_another_type_is_refused(post: Any) -> None:
    for value in [value for value in NO_INTEGER if value is not None]:
        assert post(rule(media_id=value)) == [("media_id", None, "not_an_integer")], value


def test_a_melody_out_of_range_is_refused(post: Any) -> None:
    for value in OUT_OF_RANGE:
        assert post(rule(media_id=value)) == [("media_id", None, "out_of_range")], value


@pytest.mark.parametrize(
    "name", ["number_capacity_id", "numberCapacityIds", "meta", "csrf_token", "version", "errors", "data", "", "номер"]
)
def test_a_field_that_the_api_does_not_know_is_refused(post: Any, name: str) -> None:
    assert post({**rule(), name: [5]}) == [(name, None, "unknown_field")]


def test_an_id_in_the_body_of_a_post_is_unknown(api: FlaskClient) -> None:
    assert errors(api.post(PERSONAL, json=rule(id=5))) == [("id", None, "unknown_field")]


@pytest.mark.parametrize(("field", "alias"), [(NUMBERS, "numbercapacityids"), (DEPARTMENTS, "employeegroupids")])
@pytest.mark.parametrize("second", [[5], [], None])
def test_an_array_under_both_names_is_given_twice(post: Any, field: str, alias: str, second: Any) -> None:
    assert post(rule(**{field: [5], alias: second})) == [(field, None, "given_twice")]
    assert post(rule(**{alias: second, field: [5]})) == [(field, None, "given_twice")]


def test_errors_of_the_examples_spelling_name_the_field_in_snake_case(post: Any) -> None:
    assert post(rule(number_capacity_ids=..., numbercapacityids=["x"])) == [(NUMBERS, 0, "not_an_integer")]


def test_what_is_written_as_a_fraction_or_with_an_exponent_is_no_integer(post: Any) -> None:
    for number in ("5.0", "5e0", "1E2", "1e400", "-0.0"):
        body = f'{{"number_capacity_ids": [1], "source_type": "system", "media_id": {number}}}'
        assert post(body) == [("media_id", None, "not_an_integer")], number


def test_a_number_of_any_length_is_out_of_range(post: Any) -> None:
    digits = "9" * 100_000
    body = f'{{"number_capacity_ids": [{digits}], "source_type": "system", "media_id": 5}}'
    assert post(body) == [(NUMBERS, 0, "out_of_range")]


def test_the_largest_and_the_smallest_ids_are_taken(api: FlaskClient) -> None:
    body = rule(1, LARGEST, employee_group_ids=[LARGEST, 1], media_id=LARGEST)
    answer = api.post(PERSONAL, json=body)
    assert answer.status_code == 201
    assert answer.get_json() == {**body, "id": answer.get_json()["id"]}
    assert api.get(answer.headers["Location"]).get_json() == answer.get_json()


def test_10000_ids_in_each_array_are_taken_in_the_order_sent(api: FlaskClient) -> None:
    body = rule(*range(10_000, 0, -1), employee_group_ids=list(range(1, 10_001)))
    answer = api.post(PERSONAL, json=body)
    assert answer.status_code == 201
    assert api.get(answer.headers["Location"]).get_json() == {**body, "id": answer.get_json()["id"]}


def test_the_id_of_a_put_must_be_its_paths(api: FlaskClient) -> None:
    url = api.post(PERSONAL, json=rule(1)).headers["Location"]
    assert errors(api.put(url, json=rule(2, id=10**6))) == [("id", None, "id_mismatch")]
    for wrong, code in (("1", "not_an_integer"), (True, "not_an_integer"), (0, "out_of_range")):
        assert errors(api.put(url, json=rule(2, id=wrong))) == [("id", None, code)]
    own = int(url.rpartition("/")[2])
    assert api.put(url, json=rule(2, id=own)).status_code == 200
    assert api.put(url, json=rule(2, id=None)).status_code == 200


# ---------------------------------------------------------------- what is no body at all


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"{'media_id': 5}", "not_json"),
        (b'{"media_id": 5,}', "not_json"),
        (b'{"media_id": 5} x', "not_json"),
        (b'\xef\xbb\xbf{"media_id": 5}', "not_json"),
        (b'{"media_id": NaN}', "not_json"),
        (b'{"media_id": Infinity}', "not_json"),
        (b'{"media_id": -Infinity}', "not_json"),
        (b'{"media_id": "\xff"}', "not_utf8"),
        ('{"media_id": "ы"}'.encode("cp1251"), "not_utf8"),
        ('{"media_id": 5}'.encode("utf-16"), "not_utf8"),
        (b'{"media_id": "\\ud800"}', "not_utf8"),
        (b'{"\\udfff": 5}', "not_utf8"),
        (b'{"media_id": 5, "media_id": 5}', "repeated_name"),
        (b'{"media_id": {"x": 1, "y": 2, "x": 1}}', "repeated_name"),
        (b"[]", "not_an_object"),
        (b"null", "not_an_object"),
        (b"5", "not_an_object"),
        (b'"text"', "not_an_object"),
        (b'{"media_id": %s}' % (b"[" * 100_000 + b"]" * 100_000), "nested_too_deep"),
        (b'{"x":' * 50_000 + b"1" + b"}" * 50_000, "nested_too_deep"),
    ],
)
def test_what_is_no_json_object_is_400(api: FlaskClient, body: bytes, code: str) -> None:
    answer = api.post(PERSONAL, data=body, content_type="application/json")
    assert answer.status_code == 400, answer.get_data(as_text=True)
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["type"].endswith(f"/{code}")
    assert api.get(PERSONAL).get_json() == []


def test_any_depth_of_nesting_is_refused_and_never_a_fault(api: FlaskClient) -> None:
    for depth in (5, 20, 100, 400, *range(900, 1000, 3), 3000):
        opening, closing = "[" * depth, "]" * depth
        body = f'{{"media_id": {opening}5{closing}}}'
        answer = api.post(PERSONAL, data=body, content_type="application/json")
        assert answer.status_code in {400, 422}, depth


def test_another_media_type_is_415_that_says_which_one_to_send(api: FlaskClient) -> None:
    for media_type in (
        None,
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "text/json",
        "json",
    ):
        answer = api.post(PERSONAL, data=json.dumps(rule()), content_type=media_type)
        assert answer.status_code == 415, media_type
        assert answer.mimetype == "application/problem+json"
        assert "application/json" in answer.get_json()["detail"]


def test_any_json_media_type_is_taken(api: FlaskClient) -> None:
    for number, media_type in enumerate(
        ("application/json; charset=utf-8", "Application/JSON", "application/x+json"), 1
    ):
        assert api.post(PERSONAL, data=json.dumps(rule(number)), content_type=media_type).status_code == 201


def test_a_body_over_1_mib_is_413(api: FlaskClient) -> None:
    body = json.dumps(rule())
    fits, over = (body.ljust(size) for size in (1024 * 1024, 1024 * 1024 + 1))
    assert api.post(PERSONAL, data=fits, content_type="application/json").status_code == 201
    answer = api.post(PERSONAL, data=over, content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")


def test_a_body_of_many_names_is_refused_at_once_and_in_few_words(api: FlaskClient) -> None:
    names = ",".join(f'"k{place}":0' for place in range(80_000))
    strange = api.post(PERSONAL, data=f"{{{names}}}", content_type="application/json")
    assert strange.status_code == 422
    assert len(strange.get_data()) < 100_000
    twice = api.post(PERSONAL, data=f'{{{names},"k79999":0}}', content_type="application/json")
    assert twice.status_code == 400
