"""Whatever JSON stands in whatever field, there is a rule or a refusal that names the culprit; and both doors agree.

The examples are the same in every run: a failure here is somebody's change, never chance.
"""

import json
from typing import Any

import pytest
from bodies import LARGEST, PERSONAL
from browser_like import Browser
from conftest import PASSWORD, PERSON
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ARRAYS = ("number_capacity_ids", "employee_group_ids")
FIELDS = (*ARRAYS, "source_type", "media_id")
ALIASES = {"numbercapacityids": ARRAYS[0], "employeegroupids": ARRAYS[1]}

steady = settings(
    derandomize=True,
    deadline=None,
    max_examples=60,
    database=None,
    # The database is the test's, not the example's: every rule that an example makes is deleted by it.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.integers(-2, 60)
    | st.sampled_from([LARGEST, LARGEST + 1, -LARGEST - 1])
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["client", "system", "5", "", " 5", "\x00", "NaN"])
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
ids = st.lists(st.integers(1, 60), max_size=6)


@st.composite
def nearly_right(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a body in which one or two fields hold anything, and the others what they should."""
    body: dict[str, Any] = {
        "number_capacity_ids": draw(ids),
        "employee_group_ids": draw(ids),
        "source_type": draw(st.sampled_from(["client", "system"])),
        "media_id": draw(st.integers(1, 99)),
    }
    for name in draw(st.lists(st.sampled_from([*FIELDS, *ALIASES]), max_size=2)):
        body[name] = draw(anything)
    for name in draw(st.lists(st.sampled_from(FIELDS), max_size=1)):
        body.pop(name, None)
    return body


def judge(api: FlaskClient, body: Any) -> None:
    """Send a body and check that the answer is a rule as sent, or a refusal that names its culprit."""
    answer = api.post(PERSONAL, data=json.dumps(body), content_type="application/json")
    assert answer.status_code in {201, 400, 422}, answer.get_data(as_text=True)
    stored = api.get(PERSONAL).get_json()
    if answer.status_code == 201:
        made = answer.get_json()
        read = api.get(answer.headers["Location"]).get_json()
        assert stored == [read]
        for name in FIELDS:
            sent = next((body[each] for each in body if ALIASES.get(each, each) == name), None)
            assert read[name] == (sent or [] if name in ARRAYS else sent)
            assert type(read[name]) is type(sent if sent is not None else [])
        assert made["id"] == read["id"]
        assert api.delete(answer.headers["Location"]).status_code == 200
        return
    assert stored == []
    assert answer.mimetype == "application/problem+json"
    problem = answer.get_json()
    assert problem["detail"]
    if answer.status_code == 422:
        assert problem["errors"]
        for error in problem["errors"]:
            assert error["field"] in {*FIELDS, *body}
            assert error["code"]
            assert error["message"]
            if "index" in error:
                value = next(body[each] for each in body if ALIASES.get(each, each) == error["field"])
                assert 0 <= error["index"] < len(value)


@steady
@given(body=nearly_right())
def test_anything_in_a_field_gives_a_rule_or_names_the_culprit(api: FlaskClient, body: dict[str, Any]) -> None:
    judge(api, body)


@steady
@given(
    body=st.dictionaries(st.sampled_from([*FIELDS, *ALIASES, "id"]) | st.text(max_size=10), anything, max_size=6)
    | anything
)
def test_any_json_at_all_gives_a_rule_or_a_refusal(api: FlaskClient, body: Any) -> None:
    judge(api, body if isinstance(body, dict) else {"media_id": body})
    answer = api.post(PERSONAL, data=json.dumps(body), content_type="application/json")
    assert answer.status_code in ({400} if not isinstance(body, dict) else {201, 400, 422})
    if answer.status_code == 201:
        api.delete(answer.headers["Location"])


@steady
@given(
    body=st.binary(max_size=60) | st.text(alphabet='{}[]":,0123456789.eE-+truefalsn\\u ', max_size=60).map(str.encode)
)
def test_any_bytes_at_all_are_refused(api: FlaskClient, body: bytes) -> None:
    for path, method in ((PERSONAL, "POST"), (f"{PERSONAL}/1", "PUT")):
        answer = api.open(path, method=method, data=body, content_type="application/json")
        assert answer.status_code in {400, 404, 422}
        assert answer.mimetype == "application/problem+json"


@steady
@given(
    query=st.dictionaries(
        st.sampled_from(["number_capacity_id", "employee_group_id", "source_type", "media_id", "limit", "after", "x"]),
        st.text(max_size=12) | st.integers(-5, 2**66).map(str) | st.sampled_from(["client", "system"]),
        max_size=3,
    )
)
def test_any_filter_gives_a_list_or_names_the_culprit(api: FlaskClient, query: dict[str, str]) -> None:
    answer = api.get(PERSONAL, query_string=query)
    assert answer.status_code in {200, 422}
    if answer.status_code == 422:
        assert {error["field"] for error in answer.get_json()["errors"]} <= set(query)


# ---------------------------------------------------------------- two doors, one judgement

numbers = st.integers(-3, 70) | st.sampled_from([LARGEST, LARGEST + 1, -LARGEST])
words = st.text(
    alphabet=st.characters(codec="utf-8", exclude_categories=["Z", "C"], exclude_characters=",;"),
    min_size=1,
    max_size=6,
)
words = words.filter(lambda word: not word.lstrip("+-").isdigit())


@st.composite
def spelled_twice(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, str]]:
    """Draw a value that both doors can spell: as JSON, and as what somebody types."""
    body: dict[str, Any] = {}
    typed: dict[str, str] = {}
    for name in ARRAYS:
        elements = draw(st.lists(numbers | words, max_size=5))
        separator = draw(st.sampled_from([",", ", ", " ", ";", "\n", " ;, "]))
        body[name], typed[name] = elements, separator.join(str(each) for each in elements)
    source = draw(st.sampled_from(["client", "system", None]) | words)
    media = draw(numbers | words | st.none())
    for name, value in (("source_type", source), ("media_id", media)):
        body[name], typed[name] = value, "" if value is None else str(value)
    return body, typed


@pytest.fixture
def both(app: Flask, api: FlaskClient) -> tuple[FlaskClient, Browser]:
    """Open both doors."""
    visitor = Browser(app)
    visitor.sign_in(PERSON, PASSWORD)
    return api, visitor


@settings(steady, max_examples=30)
@given(spelled=spelled_twice())
def test_the_call_and_the_page_agree_on_every_value(
    both: tuple[FlaskClient, Browser], spelled: tuple[dict[str, Any], dict[str, str]]
) -> None:
    api, visitor = both
    body, typed = spelled
    answer = api.post(PERSONAL, json=body)
    made = api.get(PERSONAL).get_json()
    for each in made:
        api.delete(f"{PERSONAL}/{each['id']}")
    page = visitor.submit("/rules/new", **typed)
    from_page = api.get(PERSONAL).get_json()
    for each in from_page:
        api.delete(f"{PERSONAL}/{each['id']}")

    def bare(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{name: rule[name] for name in FIELDS} for rule in rules]

    assert bare(made) == bare(from_page)
    if answer.status_code == 201:
        assert page.path == "/rules"
        return
    assert (answer.status_code, page.status) == (422, 422)
    for name in FIELDS:
        told = " ".join(error["message"] for error in answer.get_json()["errors"] if error["field"] == name)
        assert " ".join(told.split()) == page.errors(name)
