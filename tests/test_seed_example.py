"""The seed's own example: what the task page prints is what the service answers."""

import json

import pytest
from bodies import PERSONAL
from flask.testing import FlaskClient

REQUEST = """{
  "numbercapacityids": [
    352,
    446,
    448
  ],
  "employeegroupids": [
    93,
    103
  ],
  "source_type": "system",
  "media_id": 50
}"""

RESPONSE = """
{
    "numbercapacityids": [
        352,
        446,
        448
    ],
    "employeegroupids": [
        93,
        103
    ],
    "source_type": "system",
    "media_id": 50,
    "id": 83
}"""


def test_the_example_comes_back_as_printed(api: FlaskClient) -> None:
    answer = api.post(PERSONAL, data=REQUEST, content_type="application/json")
    assert answer.status_code == 201
    made = json.loads(answer.get_data(), object_pairs_hook=list)
    printed = json.loads(RESPONSE, object_pairs_hook=list)
    # Pairs, so that the order of the names counts; the id is the next one free, and not the page's 83.
    assert made[:-1] == printed[:-1]
    assert made[-1] == ("id", int(answer.headers["Location"].rpartition("/")[2]))


def test_the_example_is_stored_in_snake_case(api: FlaskClient) -> None:
    url = api.post(PERSONAL, data=REQUEST, content_type="application/json").headers["Location"]
    stored = {
        "number_capacity_ids": [352, 446, 448],
        "employee_group_ids": [93, 103],
        "source_type": "system",
        "media_id": 50,
        "id": int(url.rpartition("/")[2]),
    }
    assert api.get(url).get_json() == stored
    assert api.get(PERSONAL).get_json() == [stored]


def test_the_example_sent_twice_is_refused_on_every_id(api: FlaskClient) -> None:
    api.post(PERSONAL, data=REQUEST, content_type="application/json")
    answer = api.post(PERSONAL, data=REQUEST, content_type="application/json")
    assert answer.status_code == 409
    assert [each["id"] for each in answer.get_json()["conflicts"]] == [352, 446, 448, 93, 103]


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        ({"numbercapacityids": [1]}, ["numbercapacityids", "employeegroupids"]),
        ({"employeegroupids": [1]}, ["numbercapacityids", "employeegroupids"]),
        ({"number_capacity_ids": [1]}, ["number_capacity_ids", "employee_group_ids"]),
        ({"number_capacity_ids": [1], "employee_group_ids": [1]}, ["number_capacity_ids", "employee_group_ids"]),
        ({"numbercapacityids": [1], "employee_group_ids": [1]}, ["numbercapacityids", "employee_group_ids"]),
        ({"number_capacity_ids": [1], "employeegroupids": [1]}, ["number_capacity_ids", "employeegroupids"]),
    ],
)
def test_post_and_put_answer_in_the_spelling_that_was_sent(
    api: FlaskClient, sent: dict[str, list[int]], answered: list[str]
) -> None:
    body = {**sent, "source_type": "client", "media_id": 7}
    posted = api.post(PERSONAL, json=body)
    url = posted.headers["Location"]
    put = api.put(url, json=body)
    dry = api.put(f"{url}?dry_run=1", json=body)
    for answer in (posted, put, dry):
        assert list(answer.get_json()) == [*answered, "source_type", "media_id", "id"]
