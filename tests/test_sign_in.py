"""The way in and out: throttled, silent about which half was wrong, safe cookies, no open redirects."""

import hashlib
import time
from collections.abc import Callable
from typing import Any
from unittest import mock
from urllib.parse import quote

import pytest
from bodies import PERSONAL
from browser_like import Browser, Page
from conftest import PASSWORD, PERSON
from flask import Flask

from melody_app.accounts import secrets, throttle


def attempt(visitor: Browser, name: str = PERSON, password: str = "wrong", **options: Any) -> Page:
    """Try to sign in."""
    page = visitor.get("/sign-in")
    return visitor.post("/sign-in", {**page.fields(), "name": name, "password": password}, **options)


def is_in(visitor: Browser) -> bool:
    """Tell whether the browser is signed in."""
    return visitor.raw("GET", PERSONAL).status_code == 200


def test_a_person_signs_in_by_name_in_any_case_and_password(app: Flask) -> None:
    for name in (PERSON, PERSON.upper(), f"  {PERSON.lower()} "):
        visitor = Browser(app)
        page = attempt(visitor, name, PASSWORD)
        assert (page.status, page.path) == (200, "/rules")
        assert PERSON in page.text
        assert is_in(visitor)


def test_an_unknown_name_and_a_wrong_password_are_answered_alike(visitor: Browser) -> None:
    unknown, wrong = attempt(visitor, "Nobody"), attempt(visitor, PERSON)
    assert unknown.status == wrong.status == 401
    assert unknown.errors("name") == wrong.errors("name") != ""
    assert not is_in(visitor)
    # What was typed stays, but for the password.
    assert wrong.fields()["name"] == PERSON
    assert wrong.fields()["password"] == ""


def test_an_unknown_name_costs_the_same_work_as_a_wrong_password(visitor: Browser) -> None:
    costs = []
    check = secrets.check_password_hash

    def note(stored: str, password: str) -> bool:
        costs.append(stored.partition("$")[0])
        return check(stored, password)

    with mock.patch.object(secrets, "check_password_hash", note):
        attempt(visitor, "Nobody")
        attempt(visitor, PERSON)
    assert len(costs) == 2
    assert costs[0] == costs[1]


def test_a_stored_password_is_hashed_by_scrypt_at_full_cost(quick_passwords: None) -> None:
    with mock.patch.object(secrets, "METHOD", "scrypt:32768:8:3"):
        stored = secrets.hash_password(PASSWORD)
    assert stored.startswith("scrypt:32768:8:3$")
    assert secrets.is_password(PASSWORD, stored)
    assert not secrets.is_password(PASSWORD + " ", stored)


@pytest.mark.parametrize(
    ("name", "password", "wrong"),
    [
        ("", PASSWORD, "name"),
        (PERSON, "", "password"),
        ("a\x00b", PASSWORD, "name"),
        ("x" * 101, PASSWORD, "name"),
        (PERSON, "x" * 201, "password"),
    ],
)
def test_what_can_be_no_name_or_password_is_told_beside_the_field(
    visitor: Browser, name: str, password: str, wrong: str
) -> None:
    page = attempt(visitor, name, password)
    assert page.status == 422
    assert page.errors(wrong)
    assert not is_in(visitor)


# ---------------------------------------------------------------- guessing


def fail(visitor: Browser, times: int, **options: Any) -> None:
    """Fail to sign in, so often."""
    for _ in range(times):
        assert attempt(visitor, **options).status == 401


def test_guessing_one_name_is_stopped_for_that_name_from_everywhere(app: Flask, visitor: Browser) -> None:
    fail(visitor, throttle.LIMITS["name"])
    page = attempt(visitor)
    assert page.status == 429
    assert 0 < int(page.response.headers["Retry-After"]) <= throttle.WINDOW_S
    assert attempt(visitor, PERSON.upper(), PASSWORD).status == 429  # the right one is not told from a wrong one
    elsewhere = attempt(Browser(app), PERSON, PASSWORD, environ_base={"REMOTE_ADDR": "10.9.9.9"})
    assert elsewhere.status == 429
    assert attempt(visitor, "Nobody").status == 401
    assert not is_in(visitor)


def test_guessing_many_names_is_stopped_for_that_address(app: Flask, visitor: Browser) -> None:
    for place in range(throttle.LIMITS["address"]):
        assert attempt(visitor, f"name {place}").status == 401
    assert attempt(visitor, PERSON, PASSWORD).status == 429
    elsewhere = Browser(app)
    assert attempt(elsewhere, PERSON, PASSWORD, environ_base={"REMOTE_ADDR": "10.9.9.9"}).path == "/rules"


def test_the_count_is_kept_in_the_database_for_all_workers(make_app: Callable[..., Flask], visitor: Browser) -> None:
    fail(visitor, throttle.LIMITS["name"])
    assert attempt(Browser(make_app())).status == 429


def test_a_new_window_and_a_success_begin_anew(visitor: Browser, sql: Callable[..., Any]) -> None:
    fail(visitor, throttle.LIMITS["name"])
    with mock.patch.object(time, "time", return_value=time.time() + throttle.WINDOW_S):
        assert attempt(visitor).status == 401
        assert attempt(visitor, PERSON, PASSWORD).path == "/rules"
    rows = sql("SELECT count FROM sign_in_attempts")
    assert sum(count for (count,) in rows) <= 1


def test_what_was_typed_for_a_name_is_not_stored(visitor: Browser, sql: Callable[..., Any]) -> None:
    attempt(visitor, "my-password-by-mistake")
    assert sql("SELECT * FROM sign_in_attempts")
    assert "my-password" not in str(sql("SELECT * FROM sign_in_attempts"))


# ---------------------------------------------------------------- the key and the cookie


def key_of(visitor: Browser) -> str | None:
    """Return the key in the browser's cookie."""
    with visitor.client.session_transaction() as session:
        return session.get("key")


def test_the_key_changes_at_every_sign_in_and_what_was_planted_is_gone(visitor: Browser) -> None:
    visitor.get("/sign-in")
    with visitor.client.session_transaction() as session:
        session["key"] = "planted"
        session["more"] = "planted"
    attempt(visitor, PERSON, PASSWORD)
    first = key_of(visitor)
    attempt(visitor, PERSON, PASSWORD)
    second = key_of(visitor)
    assert len({"planted", first, second, None}) == 4
    with visitor.client.session_transaction() as session:
        assert "more" not in session


def test_the_database_holds_no_key(visitor: Browser, sql: Callable[..., Any]) -> None:
    visitor.sign_in(PERSON, PASSWORD)
    key = key_of(visitor) or ""
    assert len(key) >= 32
    ((stored,),) = sql("SELECT key_hash FROM sign_ins")
    assert stored == hashlib.sha256(key.encode()).hexdigest()


def cookies(page: Page) -> dict[str, str]:
    """Return every Set-Cookie on the way to the page, by the cookie's name."""
    answers = [*page.response.history, page.response]
    return {line.split("=")[0]: line for each in answers for line in each.headers.getlist("Set-Cookie")}


def test_the_cookie_is_closed_to_scripts_and_other_sites(visitor: Browser) -> None:
    cookie = cookies(attempt(visitor, PERSON, PASSWORD))["melody"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie  # or it would not come back over plain HTTP


def test_behind_a_trusted_proxy_with_tls_the_cookie_is_for_tls_alone(make_app: Callable[..., Flask]) -> None:
    proxied = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.5", "X-Forwarded-Host": "melody.example"}
    for hops, secure in ((1, True), (0, False)):
        app = make_app(trusted_proxies=hops)
        visitor = Browser(app)
        visitor.headers.update(proxied if hops else {**proxied, "Referer": "http://localhost/sign-in"})
        visitor.headers["Referer"] = "https://melody.example/sign-in" if secure else "http://localhost/sign-in"
        page = visitor.raw("GET", "/sign-in")
        assert ("Secure" in page.headers["Set-Cookie"]) == secure, hops


def test_a_late_answer_brings_no_older_session_back(app: Flask, signed_in: Browser) -> None:
    signed_in.get("/rules")  # whose session holds what the last change said, once it was made
    for path in ("/static/style.css", "/rules/choices?kind=numbers&q=1", "/rules"):
        assert "Set-Cookie" not in signed_in.raw("GET", path).headers, path


def test_a_sign_in_ends_after_its_days(signed_in: Browser) -> None:
    assert is_in(signed_in)
    with mock.patch.object(time, "time", return_value=time.time() + 15 * 24 * 3600):
        assert not is_in(signed_in)


def test_signing_out_ends_the_key_itself(signed_in: Browser) -> None:
    kept = signed_in.client.get_cookie("melody")
    assert kept is not None
    assert signed_in.submit("/rules", action="/sign-out").path == "/sign-in"
    signed_in.client.set_cookie("melody", kept.value)
    assert not is_in(signed_in)


def test_signing_out_takes_a_post(signed_in: Browser) -> None:
    assert signed_in.raw("GET", "/sign-out").status_code == 405
    assert is_in(signed_in)


def test_signing_out_here_leaves_other_browsers_signed_in(app: Flask, signed_in: Browser) -> None:
    other = Browser(app)
    other.sign_in(PERSON, PASSWORD)
    signed_in.submit("/rules", action="/sign-out")
    assert is_in(other)


def test_a_sign_in_page_left_open_still_works(app: Flask, visitor: Browser) -> None:
    page = visitor.get("/sign-in")
    visitor.get("/rules")
    visitor.raw("GET", "/nowhere")
    assert visitor.send(page, name=PERSON, password=PASSWORD).path == "/rules"


# ---------------------------------------------------------------- where it leads


ELSEWHERE = [
    "https://evil.example",
    "http:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/\x00/evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "@evil.example",
    "http://[evil",
    "//[evil",
    "/\u2028/evil.example",
    "",
]


def test_next_never_leads_to_another_site(visitor: Browser) -> None:
    for target in ELSEWHERE:
        page = visitor.get(f"/sign-in?next={quote(target)}")
        answer = visitor.raw(
            "POST", f"/sign-in?next={quote(target)}", data={**page.fields(), "name": PERSON, "password": PASSWORD}
        )
        assert (answer.status_code, answer.headers.get("Location")) == (302, "/rules"), target


@pytest.mark.parametrize("target", ["/journal?rule=5", "/rules/new", "/rules?q=%2F%2Fevil.example", "/people"])
def test_next_leads_within_the_site(visitor: Browser, target: str) -> None:
    page = visitor.get(f"/sign-in?next={quote(target, safe='')}")
    answer = visitor.raw(
        "POST",
        page.form().attributes.get("action") or f"/sign-in?next={quote(target, safe='')}",
        data={**page.fields(), "name": PERSON, "password": PASSWORD},
    )
    assert answer.headers["Location"] == target


def test_signing_in_without_the_csrf_token_is_refused(visitor: Browser) -> None:
    assert visitor.raw("POST", "/sign-in", data={"name": PERSON, "password": PASSWORD}).status_code == 403
    assert not is_in(visitor)


def test_an_installation_without_people_says_how_to_make_the_first(visitor: Browser, sql: Callable[..., Any]) -> None:
    sql("DELETE FROM people")
    assert "flask --app wsgi init" in visitor.get("/sign-in").text
