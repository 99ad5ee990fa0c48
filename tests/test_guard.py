"""Who may come in: closed by default, tokens in every form that clients send, scopes."""

import base64
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from bodies import PERSONAL, rule
from browser_like import Browser
from conftest import CALL_TOKEN, MANAGE_TOKEN
from flask import Flask
from flask.testing import FlaskClient

from melody_app.accounts import guard

PUBLIC = {"static", "health.healthz", "accounts.sign_in", "media.wav"}
"""Who adds to these opens a door to strangers."""

FOR_CALLS = {
    "health.readyz", "problems.explain", "calls.show", "asterisk.music_class", "asterisk.music_entries",
    "asterisk.class_of_call", "freeswitch.ringback",
}  # fmt: skip


def routes(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Yield endpoint, method and an address for every way in."""
    for each in app.url_map.iter_rules():
        path = re.sub(r"<any\((\w+)[^>]*>", r"\1", each.rule)
        path = re.sub(r"<(\w+:)?\w+>", "1", path)
        for method in sorted(each.methods or ()):
            yield each.endpoint, method, path


def test_every_route_but_the_public_ones_is_closed_to_a_stranger(app: Flask, client: FlaskClient) -> None:
    for endpoint, method, path in routes(app):
        answer = client.open(path, method=method)
        if endpoint in PUBLIC:
            assert answer.status_code not in {401, 403} or method == "POST", path
        elif answer.status_code == 302:
            assert answer.headers["Location"].startswith("/sign-in?next="), path
        else:
            assert answer.status_code == 401, f"{method} {path}"
            assert "WWW-Authenticate" in answer.headers or answer.mimetype == "text/html", path


def test_the_public_routes_are_the_ones_listed(app: Flask) -> None:
    stated = {name for name, view in app.view_functions.items() if not view.permission.scope}
    assert stated == PUBLIC


def test_a_route_that_states_no_permission_stops_the_start(app: Flask) -> None:
    app.view_functions["new"] = lambda: "open"
    with pytest.raises(RuntimeError, match="new"):
        guard.check_all_stated(app)


def test_an_address_that_leads_nowhere_is_closed_too(client: FlaskClient) -> None:
    assert client.get("/nowhere").status_code == 401
    assert client.patch(PERSONAL).status_code == 401


def test_a_call_token_opens_only_what_an_exchange_asks(app: Flask, call_api: FlaskClient) -> None:
    for endpoint, method, path in routes(app):
        if endpoint in PUBLIC or method == "OPTIONS":
            continue
        status = call_api.open(path, method=method, json=rule()).status_code
        if endpoint in FOR_CALLS:
            assert status not in {401, 403}, path
        else:
            assert status == 403, f"{method} {path}"


def test_a_manage_token_opens_every_call_and_no_page(app: Flask, api: FlaskClient) -> None:
    for endpoint, method, path in routes(app):
        if endpoint in PUBLIC or method == "OPTIONS":
            continue
        permission = app.view_functions[endpoint].permission
        status = api.open(path, method=method).status_code
        assert (status == 403) == (not permission.tokens), f"{method} {path}"
        assert status != 401, path


def basic(user: str, password: str) -> str:
    """Spell HTTP Basic."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.parametrize(
    "header",
    [
        f"Bearer {MANAGE_TOKEN}",
        f"bearer {MANAGE_TOKEN}",
        f"BEARER   {MANAGE_TOKEN} ",
        MANAGE_TOKEN,
        f" {MANAGE_TOKEN} ",
        basic("", MANAGE_TOKEN),
        basic("asterisk", MANAGE_TOKEN),
        basic("Анна", MANAGE_TOKEN).replace("Basic", "basic"),
    ],
)
def test_a_token_comes_in_every_form_that_clients_send(client: FlaskClient, header: str) -> None:
    assert client.get(PERSONAL, headers={"Authorization": header}).status_code == 200


WRONG = [
    "",
    "Bearer",
    "Bearer ",
    "Basic",
    "Basic !!!",
    "Basic " + base64.b64encode(b"\xff\xfe").decode(),
    "Basic " + base64.b64encode(MANAGE_TOKEN.encode()).decode(),
    basic(MANAGE_TOKEN, ""),
    basic("x", "wrong"),
    f"Digest {MANAGE_TOKEN}",
    f"Token {MANAGE_TOKEN}",
    f"Bearer {MANAGE_TOKEN[:-1]}",
    f"Bearer {MANAGE_TOKEN}x",
    f"Bearer {MANAGE_TOKEN.upper()}",
    f"Bearer {MANAGE_TOKEN}, Bearer {MANAGE_TOKEN}",
    "Bearer ' OR 1=1 --",
    "Bearer \xff\xfe",
    "x" * 10_000,
]


def test_what_is_no_token_opens_nothing(client: FlaskClient) -> None:
    for header in WRONG:
        answer = client.get(PERSONAL, headers={"Authorization": header})
        assert (answer.status_code, answer.mimetype) == (401, "application/problem+json"), header
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_wrong_token_is_not_made_good_by_a_session(signed_in: Browser) -> None:
    assert signed_in.raw("GET", PERSONAL).status_code == 200
    assert signed_in.raw("GET", PERSONAL, headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_basic_is_asked_for_only_where_exchanges_call(client: FlaskClient) -> None:
    assert "Basic" in client.get("/readyz").headers["WWW-Authenticate"]
    # Elsewhere a browser would put a window of its own before the page.
    assert "Basic" not in client.get(PERSONAL).headers["WWW-Authenticate"]


def test_a_revoked_token_opens_nothing_from_that_moment_on(api: FlaskClient, sql: Callable[..., Any]) -> None:
    assert api.get(PERSONAL).status_code == 200
    sql("DELETE FROM tokens WHERE name = 'CRM'")
    assert api.get(PERSONAL).status_code == 401


def test_the_database_holds_no_token(api: FlaskClient, sql: Callable[..., Any]) -> None:
    stored = str(sql("SELECT * FROM tokens"))
    assert MANAGE_TOKEN not in stored
    assert CALL_TOKEN not in stored


def test_a_tokens_last_use_is_noted_once_in_a_while(app: Flask, api: FlaskClient, sql: Callable[..., Any]) -> None:
    def noted() -> int:
        app.extensions["melody_token_uses"].flush()  # or else a thread does it in a moment
        return int(sql("SELECT last_used_s FROM tokens WHERE name = 'CRM'")[0][0])

    assert noted() == 0
    api.get(PERSONAL)
    first = noted()
    assert first > 0
    sql("UPDATE tokens SET last_used_s = last_used_s - 30")
    api.get(PERSONAL)
    assert noted() == first - 30
    sql("UPDATE tokens SET last_used_s = last_used_s - 60")
    api.get(PERSONAL)
    assert noted() >= first


def test_a_page_leads_a_stranger_to_the_sign_in_and_back(visitor: Browser) -> None:
    page = visitor.get("/journal?rule=5")
    assert page.path == "/sign-in"
    back = visitor.send(page, name="Анна", password="three quiet words")
    assert (back.path, back.response.request.query_string) == ("/journal", b"rule=5")


def test_what_a_session_writes_needs_the_csrf_token(signed_in: Browser) -> None:
    for path, values in (
        ("/rules/new", {"number_capacity_ids": "1", "source_type": "system", "media_id": "5"}),
        ("/sign-out", {}),
    ):
        for token in ({}, {"csrf_token": ""}, {"csrf_token": "wrong"}):
            assert signed_in.raw("POST", path, data={**values, **token}).status_code == 403
    assert signed_in.raw("GET", PERSONAL).get_json() == []
    assert signed_in.raw("POST", PERSONAL, json=rule()).status_code == 403
    made = signed_in.raw("POST", PERSONAL, json=rule(), headers={"X-CSRFToken": signed_in.csrf()})
    assert made.status_code == 201
    for method in ("PUT", "DELETE"):
        assert signed_in.raw(method, made.headers["Location"], json=rule()).status_code == 403
    assert len(signed_in.raw("GET", PERSONAL).get_json()) == 1


def test_a_csrf_token_of_another_session_opens_nothing(app: Flask, signed_in: Browser) -> None:
    other = Browser(app)
    other.sign_in("Анна", "three quiet words")
    assert signed_in.raw("POST", PERSONAL, json=rule(), headers={"X-CSRFToken": other.csrf()}).status_code == 403


def test_a_forged_session_opens_nothing(app: Flask, client: FlaskClient) -> None:
    for value in ("x", "eyJrZXkiOiJ4In0.aaaa.bbbb"):
        client.set_cookie("melody", value)
        assert client.get(PERSONAL).status_code == 401
    with client.session_transaction() as session:
        session["key"] = "x"
    assert client.get(PERSONAL).status_code == 401
    with client.session_transaction() as session:
        session["key"] = ["x"]
    assert client.get(PERSONAL).status_code == 401
