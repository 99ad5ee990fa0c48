"""What telephone exchanges send, byte for byte as a real Asterisk 22 sent it, and what they get."""

import base64
from collections.abc import Callable
from typing import Any
from unittest import mock
from urllib.parse import quote

import pytest
from bodies import PERSONAL, rule
from conftest import CALL_TOKEN, MANAGE_TOKEN
from entries import DEPARTMENTS, NUMBERS, department, fill, number
from flask import Flask
from flask.testing import FlaskClient
from rows import add_melody
from werkzeug.test import TestResponse

from melody_app.calls import lookups, resolver
from melody_app.db import UnavailableError
from melody_app.melodies import catalogue

SINGLE, MULTI = "/asterisk/musiconhold/single", "/asterisk/musiconhold_entry/multi"
CLASS = "number-74994088157"
FORM = "application/x-www-form-urlencoded"
URL = f"http://localhost/media/{'1' * 64}.wav"
RINGING = "%(1000,4000,425)"


@pytest.fixture
def exchange(app: Flask) -> FlaskClient:
    """Ask as Asterisk does: the token is the password of HTTP Basic."""
    client = app.test_client()
    basic = base64.b64encode(f"pbx:{CALL_TOKEN}".encode()).decode()
    client.environ_base.update(HTTP_AUTHORIZATION=f"Basic {basic}", HTTP_USER_AGENT="asterisk-libcurl-agent/1.0")
    return client


@pytest.fixture
def company(api: FlaskClient, sql: Callable[..., Any]) -> FlaskClient:
    """A company whose number and department have rules, and whose default is plain ringing."""
    fill(api, NUMBERS, number(352, "74994088157"), number(353, "74994088158"))
    fill(api, DEPARTMENTS, department(93, short_phone="200"))
    add_melody(sql, "client", 1, "Утро", "утро", "1" * 64)
    add_melody(sql, "client", 2, "Вечер", "вечер", "2" * 64)
    for body in (rule(352, media_id=1), rule(number_capacity_ids=[], employee_group_ids=[93], media_id=2)):
        answer = api.post(PERSONAL, json={**body, "source_type": "client"})
        assert answer.status_code == 201, answer.text
    return api


def plays(api: FlaskClient, dialing: int | None, hold: int | None) -> None:
    """Let the company play melodies of its own; None is plain ringing."""
    body: dict[str, Any] = {}
    for kind, its_id in (("dialing", dialing), ("hold", hold)):
        body |= {f"{kind}_source_type": "client" if its_id else "beeps", f"{kind}_media_id": its_id or 123}
    assert api.put("/melodies/main", json=body).status_code == 200


def text(answer: TestResponse) -> str:
    """Return the body of an answer as an exchange takes it."""
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "text/plain"
    return answer.text


def asked(exchange: FlaskClient, name: str) -> tuple[str, str]:
    """Return what Asterisk gets for a class: the class's row and its entries."""
    single = exchange.post(SINGLE, data=f"name={name}", content_type=FORM)
    multi = exchange.post(MULTI, data=f"position%20%3E%3D=0&name={name}", content_type=FORM)
    return text(single), text(multi)


def rows(name: str, url: str) -> tuple[str, str]:
    """Return what Asterisk has to get for a class that plays an address."""
    return f"name={name}&mode=playlist", f"position=1&name={name}&entry={quote(url, safe='')}"


def test_the_recorded_requests_get_the_recorded_answers(company: FlaskClient, exchange: FlaskClient) -> None:
    single = exchange.post(SINGLE, data=b"name=number-74994088157", content_type=FORM)
    assert text(single) == "name=number-74994088157&mode=playlist"
    multi = exchange.post(MULTI, data=b"position%20%3E%3D=0&name=number-74994088157", content_type=FORM)
    entry = f"http%3A%2F%2Flocalhost%2Fmedia%2F{'1' * 64}.wav"
    assert text(multi) == f"position=1&name=number-74994088157&entry={entry}"


@pytest.mark.parametrize(
    ("name", "digit"),
    [
        (CLASS, "1"),
        ("number-84994088157", "1"),
        ("number-%2B74994088157", "1"),
        ("number-8%C2%A0499%E2%80%AF408%098157", "1"),
        ("number-%E2%80%AD84994088157%E2%80%AC", "1"),
        ("group-93", "2"),
        ("media-client-2", "2"),
    ],
)
def test_every_form_of_a_class_plays_its_melody(
    company: FlaskClient, exchange: FlaskClient, name: str, digit: str
) -> None:
    assert asked(exchange, name) == rows(name, URL.replace("1" * 64, digit * 64))


@pytest.mark.parametrize(
    "name",
    ["number-74994088158", "number-anonymous", "number-", "group-7", f"group-{2**70}", "media-client-9", "media-beeps-1",
     "default", "general", "", "x" * 5000, "number-%00", "group-%D9%A3"],
)  # fmt: skip
def test_nothing_to_play_is_an_empty_body(company: FlaskClient, exchange: FlaskClient, name: str) -> None:
    assert asked(exchange, name) == ("", "")


def test_the_companys_melody_is_for_whatever_has_no_rule(company: FlaskClient, exchange: FlaskClient) -> None:
    plays(company, 1, 2)
    for name in ("default", "number-74994088158", "number-74991112233", "number-200", "number-anonymous", "group-7"):
        assert asked(exchange, name) == rows(name, URL)
    assert asked(exchange, "hold") == rows("hold", URL.replace("1" * 64, "2" * 64))


def test_on_hold_nobody_is_rung_so_the_ringing_tone_is_played(company: FlaskClient, exchange: FlaskClient) -> None:
    """For an empty class Asterisk would go on to `default`, which the company chose for those who are being connected."""
    plays(company, 1, None)
    url = f"http://localhost/media/{catalogue.tone().sha256}.wav"
    assert asked(exchange, "hold") == rows("hold", url)
    assert company.get(url).status_code == 200


def test_one_number_keeps_plain_ringing_by_the_standard_tone(
    company: FlaskClient, exchange: FlaskClient, sql: Any
) -> None:
    tone = catalogue.tone()
    add_melody(sql, "system", tone.id, tone.name, tone.name, tone.sha256, tone.wav)
    plays(company, 1, None)
    answer = company.put(f"{PERSONAL}/1", json=rule(352, source_type="system", media_id=tone.id))
    assert answer.status_code == 200, answer.text
    assert asked(exchange, CLASS) == rows(CLASS, f"http://localhost/media/{tone.sha256}.wav")


def test_a_melody_that_is_not_in_the_library_lets_the_next_stage_go_on(
    company: FlaskClient, exchange: FlaskClient, sql: Any
) -> None:
    sql("UPDATE rules SET media_id = 9 WHERE id = 2")  # of the department
    both = "number=74994088157&employee_group_id=93"
    assert asked(exchange, "group-93") == ("", "")
    assert text(exchange.get(f"/asterisk/class?{both}")).startswith("class=media-client-1&")
    assert text(exchange.get(f"/freeswitch/ringback?{both}")) == f"http_cache://{URL}"
    plays(company, 2, None)
    assert asked(exchange, "group-93") == rows("group-93", URL.replace("1" * 64, "2" * 64))


def test_the_address_is_longer_than_60_characters_however_short_the_host_is(
    company: FlaskClient, exchange: FlaskClient
) -> None:
    """Asterisk has failed to fetch one of 30 (asterisk#444)."""
    answer = exchange.get("/freeswitch/ringback?number=74994088157", base_url="http://a")
    assert answer.text == f"http_cache://http://a/media/{'1' * 64}.wav"
    assert len(answer.text.removeprefix("http_cache://")) > 60


def test_a_number_and_a_department_together_get_a_class(company: FlaskClient, exchange: FlaskClient) -> None:
    answer = exchange.get("/asterisk/class?number=84994088157&employee_group_id=5")
    assert text(answer) == f"class=media-client-1&url={quote(URL, safe='')}"
    assert text(exchange.get("/asterisk/class?number=84994088157&short_phone=200")).startswith("class=media-client-2&")
    assert text(exchange.get("/asterisk/class?number=74994088158")) == ""


PASTED = "8%C2%A0(499)%E2%80%AF408%0981%E2%80%8957"


def test_no_text_of_a_number_is_refused(company: FlaskClient, exchange: FlaskClient) -> None:
    assert text(exchange.get(f"/asterisk/class?number={PASTED}")).startswith("class=media-client-1&")
    assert text(exchange.get(f"/freeswitch/ringback?number={PASTED}")) == f"http_cache://{URL}"
    plays(company, 2, None)
    for query in ("number=%00", "number=a%0D%0A", f"number={'7' * 300}", "short_phone=%00", f"short_phone={'2' * 300}"):
        assert text(exchange.get(f"/asterisk/class?{query}")).startswith("class=media-client-2&"), query
        assert text(exchange.get(f"/freeswitch/ringback?{query}")) == f"http_cache://{URL.replace('1' * 64, '2' * 64)}"


def test_freeswitch_gets_the_very_value(company: FlaskClient, exchange: FlaskClient) -> None:
    assert text(exchange.get("/freeswitch/ringback?number=84994088157")) == f"http_cache://{URL}"
    assert text(exchange.get("/freeswitch/ringback?number=74994088158")) == RINGING
    assert text(exchange.get("/freeswitch/ringback")) == RINGING


@pytest.mark.parametrize("error", [UnavailableError(), RuntimeError("a fault of our own")])
def test_a_fault_is_told_by_the_status_alone(company: FlaskClient, exchange: FlaskClient, error: Exception) -> None:
    with mock.patch.object(resolver, "read", side_effect=error):
        answers = [exchange.post(path, data=f"name={CLASS}", content_type=FORM) for path in (SINGLE, MULTI)]
        answers.append(exchange.get("/freeswitch/ringback?number=84994088157"))
    assert [(each.status_code, each.text) for each in answers] == [(503, ""), (503, ""), (503, RINGING)]


@pytest.mark.parametrize(("prefix", "silent"), [("/asterisk", ""), ("/freeswitch", RINGING)])
@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_an_address_where_nothing_is_has_nothing_that_could_be_played(
    client: FlaskClient, exchange: FlaskClient, prefix: str, silent: str, accept: str
) -> None:
    for path in ("", "/", "/foo", "/musiconhold/x/y"):
        answer = exchange.get(prefix + path, headers={"Accept": accept})
        assert (answer.status_code, answer.mimetype, answer.text) == (404, "text/plain", silent), path
    assert (client.get(f"{prefix}/foo").status_code, client.get(f"{prefix}/foo").text) == (401, silent)
    assert exchange.get(f"{prefix}s", headers={"Accept": accept}).text not in {"", RINGING}


@pytest.mark.parametrize(
    ("method", "path", "allowed", "silent"),
    [
        ("GET", SINGLE, {"POST", "OPTIONS"}, ""),
        ("PUT", "/asterisk/class", {"GET", "HEAD", "OPTIONS"}, ""),
        ("POST", "/freeswitch/ringback", {"GET", "HEAD", "OPTIONS"}, RINGING),
    ],
)
def test_another_method_is_told_by_the_status_and_by_what_is_allowed(
    exchange: FlaskClient, method: str, path: str, allowed: set[str], silent: str
) -> None:
    answer = exchange.open(path, method=method)
    assert (answer.status_code, answer.mimetype, answer.text) == (405, "text/plain", silent)
    assert set(answer.headers["Allow"].split(", ")) == allowed


ASKED = [
    ("POST", SINGLE, f"name={CLASS}", ""),
    ("POST", MULTI, f"position%20%3E%3D=0&name={CLASS}", ""),
    ("GET", "/asterisk/class?number=74994088157", None, ""),
    ("GET", "/freeswitch/ringback?number=74994088157", None, RINGING),
    ("GET", "/melodies/resolve?number=74994088157", None, None),
]


@pytest.mark.parametrize(("method", "path", "form", "silent"), ASKED)
def test_a_stranger_gets_nothing_that_could_be_played(
    client: FlaskClient, method: str, path: str, form: str | None, silent: str | None
) -> None:
    wrong = "Basic " + base64.b64encode(b"pbx:mel_wrong").decode()
    for headers in ({}, {"Authorization": wrong}):
        answer = client.open(path, method=method, data=form, content_type=FORM if form else None, headers=headers)
        assert answer.status_code == 401
        assert silent is None or answer.text == silent
        assert "Basic" in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(("method", "path", "form", "silent"), ASKED)
@pytest.mark.parametrize("token", [CALL_TOKEN, MANAGE_TOKEN])
def test_a_token_of_either_scope_may_ask(
    client: FlaskClient, token: str, method: str, path: str, form: str | None, silent: str | None
) -> None:
    basic = "Basic " + base64.b64encode(f"pbx:{token}".encode()).decode()
    for authorization in (f"Bearer {token}", basic):
        answer = client.open(
            path, method=method, data=form, content_type=FORM if form else None,
            headers={"Authorization": authorization},
        )  # fmt: skip
        assert answer.status_code == 200
        assert silent is None or answer.text == silent


def test_each_lookup_is_noted_and_only_the_last_few_are_kept(
    app: Flask, company: FlaskClient, exchange: FlaskClient, sql: Callable[..., list[tuple[Any, ...]]]
) -> None:
    for spelling in ("74994088157", "84994088157", "%2B74994088157") * 3:
        exchange.post(SINGLE, data=f"name=number-{spelling}", content_type=FORM)
    exchange.get("/freeswitch/ringback?number=74991112233")
    with app.app_context():
        lookups.flush()
    exchange.post(SINGLE, data=f"name={CLASS}", content_type=FORM)
    with app.app_context():
        lookups.flush()
    kept = sql("SELECT subject, door, exchange, source, rule_id, media_id, is_known FROM lookups ORDER BY id")
    assert kept.count((CLASS, "asterisk", "Asterisk", "number", 1, 1, True)) == lookups.KEPT
    assert ("number-74991112233", "freeswitch", "Asterisk", "none", None, None, False) in kept
    assert len(kept) == lookups.KEPT + 1


def test_a_lookup_says_what_was_really_answered(
    app: Flask, company: FlaskClient, exchange: FlaskClient, sql: Callable[..., list[tuple[Any, ...]]]
) -> None:
    """Where a rule's melody isn't in the library, the doors that give sound go on; JSON tells what was decided."""
    sql("UPDATE rules SET media_id = 9 WHERE id = 1")
    for dialing, sounds in ((2, ("company", 1, 2)), (None, ("none", 1, None))):
        plays(company, dialing, None)
        exchange.post(SINGLE, data=f"name={CLASS}", content_type=FORM)
        exchange.get("/asterisk/class?number=74994088157")
        exchange.get("/freeswitch/ringback?number=74994088157")
        exchange.get("/melodies/resolve?number=74994088157")
        with app.app_context():
            lookups.flush()
        kept = sql("SELECT door, source, rule_id, media_id FROM lookups ORDER BY id DESC LIMIT 4")
        asked = [("asterisk", *sounds), ("asterisk", *sounds), ("freeswitch", *sounds), ("json", "number", 1, 9)]
        assert [tuple(each) for each in kept] == asked[::-1]


@pytest.mark.parametrize("name", ["number-%00", "number-a%0Ab", "number-" + "9" * 90])
def test_a_class_that_no_database_takes_for_text_spoils_no_lookup(
    app: Flask, company: FlaskClient, exchange: FlaskClient, sql: Callable[..., list[tuple[Any, ...]]], name: str
) -> None:
    for each in (name, CLASS):
        exchange.post(SINGLE, data=f"name={each}", content_type=FORM)
    with app.app_context():
        lookups.flush()
    assert CLASS in [row[0] for row in sql("SELECT subject FROM lookups")]
