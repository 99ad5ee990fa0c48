"""What holds for every answer: one shape of errors, the order of refusal, request ids, languages, headers."""

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest
from bodies import PERSONAL, rule
from browser_like import Browser
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from melody_app.db import UnavailableError

SECRET = "driver's own text: no such table melody_secret"


def problem(answer: TestResponse, status: int) -> dict[str, Any]:
    """Return the problem, having checked that it is one (RFC 9457)."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.mimetype == "application/problem+json"
    body: dict[str, Any] = answer.get_json()
    assert list(body)[:4] == ["type", "title", "status", "detail"]
    assert body["status"] == status
    assert all(isinstance(body[name], str) and body[name] for name in ("type", "title", "detail"))
    return body


@contextmanager
def failing(app: Flask, endpoint: str, error: Exception) -> Iterator[None]:
    """Let a view fail."""
    view = mock.Mock(side_effect=error, permission=app.view_functions[endpoint].permission)
    with mock.patch.dict(app.view_functions, {endpoint: view}):
        yield


# ---------------------------------------------------------------- the shape of errors


def test_every_refusal_is_a_problem(api: FlaskClient, client: FlaskClient, call_api: FlaskClient) -> None:
    made = api.post(PERSONAL, json=rule(1)).headers["Location"]
    for status, answer in (
        (401, client.get(PERSONAL)),
        (403, call_api.get(PERSONAL)),
        (404, api.get("/nowhere")),
        (404, api.get("/melodies/personal/")),
        (404, api.get(f"{PERSONAL}/1000")),
        (405, api.patch(made)),
        (405, api.delete(PERSONAL)),
        (400, api.post(PERSONAL, data="{", content_type="application/json")),
        (409, api.post(PERSONAL, json=rule(1))),
        (412, api.put(made, json=rule(1), headers={"If-Match": '"77"'})),
        (412, api.get(made, headers={"If-Match": '"77"'})),
        (413, api.post(PERSONAL, data=b" " * 2_000_000, content_type="application/json")),
        (415, api.post(PERSONAL, data="x")),
        (422, api.post(PERSONAL, json={})),
    ):
        problem(answer, status)


def test_the_type_of_a_problem_is_a_page_that_explains_it(api: FlaskClient, client: FlaskClient) -> None:
    api.post(PERSONAL, json=rule(1))
    for answer in (
        api.get("/nowhere"),
        api.post(PERSONAL, json={}),
        api.post(PERSONAL, json=rule(1)),
        client.get(PERSONAL),
    ):
        page = api.get(answer.get_json()["type"])
        assert page.status_code == 200, answer.get_json()["type"]


def test_405_names_the_methods_that_are_taken(api: FlaskClient) -> None:
    assert {"GET", "POST"} <= set(api.delete(PERSONAL).headers["Allow"].split(", "))
    assert {"GET", "PUT", "DELETE"} <= set(api.post(f"{PERSONAL}/1").headers["Allow"].split(", "))


def test_a_fault_is_500_that_tells_nothing_of_it(app: Flask, api: FlaskClient, signed_in: Browser) -> None:
    with failing(app, "rules.index", RuntimeError(SECRET)), failing(app, "rules.table", RuntimeError(SECRET)):
        answer = api.get(PERSONAL)
        problem(answer, 500)
        page = signed_in.get("/rules")
    assert page.status == 500
    assert page.response.headers["X-Request-ID"] in page.text
    for text in (answer.get_data(as_text=True), page.response.get_data(as_text=True)):
        assert SECRET not in text
        assert "Traceback" not in text
        assert "RuntimeError" not in text


def test_a_request_that_fails_before_anything_is_done_with_it_is_500_with_an_id(
    app: Flask, client: FlaskClient
) -> None:
    with mock.patch.object(app.session_interface, "open_session", side_effect=RuntimeError(SECRET)):
        answer = client.get(PERSONAL, headers={"Accept": "application/json"})
    assert SECRET not in json.dumps(problem(answer, 500))
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-ID"])
    assert answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "error", [OperationalError("SELECT", {}, sqlite3.OperationalError(SECRET)), UnavailableError(SECRET)]
)
def test_a_database_that_does_not_answer_is_503_with_a_time_to_try_again(
    app: Flask, api: FlaskClient, signed_in: Browser, error: Exception
) -> None:
    with failing(app, "rules.index", error), failing(app, "rules.table", error):
        answer, page = api.get(PERSONAL), signed_in.get("/rules")
    problem(answer, 503)
    assert page.status == 503
    for each in (answer, page.response):
        assert int(each.headers["Retry-After"]) >= 1
        assert "driver" not in each.get_data(as_text=True)


def test_a_database_without_tables_is_503_and_not_ready(app: Flask, api: FlaskClient, sql: Callable[..., Any]) -> None:
    assert api.get("/readyz").status_code == 200
    for table in ("rule_numbers", "rule_departments", "rules"):
        sql(f"DROP TABLE {table}")
    for answer in (api.get(PERSONAL), api.get(f"{PERSONAL}/1"), api.post(PERSONAL, json=rule())):
        assert "rules" not in json.dumps(problem(answer, 503)).replace("/problems/", "")
    sql("UPDATE alembic_version SET version_num = '0'")
    not_ready = problem(api.get("/readyz"), 503)
    assert api.get(not_ready["type"]).status_code == 200
    assert app.test_client().get("/healthz").status_code == 200


def test_addresses_are_those_of_the_host_that_was_asked(api: FlaskClient) -> None:
    for scheme, host in (("http", "one.example"), ("https", "one.example"), ("https", "two.example:8443")) * 2:
        for query in ("", "?q=%D1%8F&limit=1"):
            place = {"HTTP_HOST": host, "wsgi.url_scheme": scheme}  # the server's own name stays what it is
            answer = api.get(f"/melodies//personal{query}", environ_overrides=place)
            wanted = f"{scheme}://{host}/melodies/personal{query}"
            assert (answer.status_code, answer.headers["Location"]) == (308, wanted)


@pytest.mark.parametrize("host", ["", "one.example/x", "[::1", "one.example:99999", 'a b"<>'])
def test_nothing_is_answered_with_addresses_of_a_host_that_is_none(api: FlaskClient, host: str) -> None:
    place = {"HTTP_HOST": host}
    problem(api.get(PERSONAL, environ_overrides=place), 400)
    asked = api.post("/asterisk/musiconhold_entry/multi", data={"name": "default"}, environ_overrides=place)
    assert (asked.status_code, asked.data) == (400, b"")


def test_an_unknown_address_is_a_page_for_a_browser_and_a_problem_for_a_program(
    api: FlaskClient, signed_in: Browser
) -> None:
    assert signed_in.get("/nowhere").status == 404
    problem(api.get("/nowhere"), 404)
    problem(api.get("/nowhere", headers={"Accept": "*/*"}), 404)


def test_a_json_address_answers_a_browser_by_a_problem_too(signed_in: Browser) -> None:
    problem(signed_in.raw("GET", f"{PERSONAL}/1"), 404)


# ---------------------------------------------------------------- the order of refusal


def test_refusals_come_in_one_order(api: FlaskClient, client: FlaskClient, call_api: FlaskClient) -> None:
    made = api.post(PERSONAL, json=rule(1)).headers["Location"]
    gone = f"{PERSONAL}/1000"
    large = b"{" * 2_000_000
    not_json = {"data": large, "content_type": "text/plain"}
    too_large = {"data": large, "content_type": "application/json"}
    broken = {"data": "{", "content_type": "application/json"}
    assert client.put("/nowhere", **not_json).status_code == 401
    assert client.patch(made, **not_json).status_code == 401
    assert call_api.put(gone, **not_json).status_code == 403
    assert api.put(gone, **not_json).status_code == 404
    assert api.patch(made, **not_json).status_code == 405
    assert api.put(made, **not_json).status_code == 415
    assert api.put(made, **too_large).status_code == 413
    assert api.put(f"{made}?dry_run=perhaps", **broken).status_code == 400
    assert api.put(f"{made}?dry_run=perhaps", json=rule(1)).status_code == 422
    api.post(PERSONAL, json=rule(2))
    assert api.put(made, json=rule(2, media_id=0)).status_code == 422
    assert api.put(made, json=rule(2)).status_code == 409


# ---------------------------------------------------------------- request ids


def test_a_sane_request_id_comes_back_and_another_is_replaced(api: FlaskClient, client: FlaskClient) -> None:
    for sane in ("abc", "0f8fad5b-d9cb-469f-a165-70867728950e", "a" * 128, "Root=1-67891233-abcdef"):
        assert api.get(PERSONAL, headers={"X-Request-ID": sane}).headers["X-Request-ID"] == sane
    for insane in ("", "a" * 129, "a b", 'a"b', "<script>", "ы".encode().decode("latin-1")):
        given = api.get(PERSONAL, headers={"X-Request-ID": insane}).headers["X-Request-ID"]
        assert re.fullmatch(r"[0-9a-f]{32}", given), insane
    for path in ("/healthz", "/nowhere", "/static/style.css", "/sign-in", "/rules"):
        assert client.get(path).headers["X-Request-ID"]
    assert api.get(PERSONAL).headers["X-Request-ID"] != api.get(PERSONAL).headers["X-Request-ID"]


# ---------------------------------------------------------------- languages


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        (None, "en"),
        ("ru", "ru"),
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("en-US,en;q=0.9,ru;q=0.8", "en"),
        ("de,ru;q=0.5", "ru"),
        ("de", "en"),
        ("*", "en"),
        ("fr, *;q=0.5", "en"),
        ("ru, *;q=0.5", "ru"),
        ("%%%;q=x", "en"),
    ],
)
def test_messages_are_in_the_language_asked_for_and_codes_in_none(
    api: FlaskClient, asked: str | None, language: str
) -> None:
    answer = api.post(PERSONAL, json=rule(0), headers={"Accept-Language": asked} if asked else {})
    (error,) = answer.get_json()["errors"]
    assert (error["field"], error["code"]) == ("number_capacity_ids", "out_of_range")
    assert "Accept-Language" in answer.headers["Vary"]
    assert answer.headers["Content-Language"] == language
    for text in (error["message"], answer.get_json()["detail"], answer.get_json()["title"]):
        assert bool(re.search("[а-яё]", text)) == (language == "ru"), text


# ---------------------------------------------------------------- headers


SAFE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def every_kind(app: Flask, api: FlaskClient, client: FlaskClient, signed_in: Browser) -> dict[str, TestResponse]:
    """Return an answer of each kind."""
    made = api.post(PERSONAL, json=rule(1))
    tag = made.headers["ETag"]
    answers = {
        "created": made,
        "list": api.get(PERSONAL),
        "not modified": api.get(made.headers["Location"], headers={"If-None-Match": tag}),
        "problem": api.get("/nowhere"),
        "stranger": client.get(PERSONAL),
        "redirect": client.get("/rules"),
        "static": client.get("/static/style.css"),
        "static, not there": client.get("/static/nothing.css"),
        "health": client.get("/healthz"),
        "options": api.options(PERSONAL),
        "page": signed_in.get("/rules").response,
        "page, not there": signed_in.get("/nowhere").response,
        "page of a wrong form": signed_in.submit("/rules/new", media_id="x").response,
        "csrf": signed_in.raw("POST", "/rules/new", data={}),
    }
    with failing(app, "rules.table", RuntimeError()):
        answers["fault"] = signed_in.get("/rules").response
    return answers


def test_every_kind_of_answer_has_the_headers_of_a_safe_one(
    app: Flask, api: FlaskClient, client: FlaskClient, signed_in: Browser
) -> None:
    for kind, answer in every_kind(app, api, client, signed_in).items():
        assert {name: answer.headers.get(name) for name in SAFE} == SAFE, kind
        policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == "'none'", kind
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'", kind
        assert policy["base-uri"] == policy["frame-ancestors"] == "'none'", kind
        assert "unsafe" not in answer.headers["Content-Security-Policy"], kind
        assert "Strict-Transport-Security" not in answer.headers, kind
        if "static" not in kind:
            assert answer.headers["Cache-Control"] in {"no-store", "private, no-cache"}, kind


def test_a_browser_keeps_the_static_files_that_a_page_names(signed_in: Browser, client: FlaskClient) -> None:
    page = signed_in.get("/rules/new")
    named = [node.attributes["href"] for node in page.root.all("link")]
    named += [node.attributes["src"] for node in page.root.all("script")]
    assert len(named) > 5
    for address in named:
        bare, _, version = address.partition("?")
        kept = client.get(address).headers
        assert kept["Cache-Control"] == "public, max-age=31536000", address
        assert kept["Cross-Origin-Resource-Policy"] == "same-origin"
        for other in (bare, f"{bare}?{version}0", f"{bare}?v="):
            assert client.get(other).headers["Cache-Control"] == "no-cache", other


def test_over_tls_the_browser_is_told_to_stay_there(make_app: Callable[..., Flask]) -> None:
    answer = make_app().test_client().get("/healthz", base_url="https://melody.example")
    assert "max-age=" in answer.headers["Strict-Transport-Security"]
