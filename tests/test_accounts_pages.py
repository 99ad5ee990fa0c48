"""The pages of people, tokens and one's own password."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from bodies import PERSONAL
from browser_like import Browser, Page
from conftest import MANAGE_TOKEN, PASSWORD, PERSON, with_token
from flask import Flask

from melody_app.accounts import secrets


def secret(page: Page) -> str:
    """Return the password or token that the page shows once."""
    return page.root.one("pre", id="secret").text


def id_of(sql: Callable[..., Any], table: str, name: str) -> int:
    """Return the id of a person or token."""
    return int(sql(f"SELECT id FROM {table} WHERE name = :name", name=name)[0][0])


def test_a_new_person_signs_in_with_the_password_that_was_shown_once(app: Flask, signed_in: Browser) -> None:
    page = signed_in.submit("/people/new", name="  Борис Ёлкин ")
    assert page.status == 200
    password = secret(page)
    people = signed_in.get("/people").text
    assert "Борис Ёлкин" in people
    assert password not in people
    assert page.response.headers["Cache-Control"] == "no-store"
    boris = Browser(app)
    boris.sign_in("борис елкин", password)
    assert "Борис Ёлкин" in boris.get("/rules").text


@pytest.mark.parametrize("name", [PERSON, PERSON.upper(), f" {PERSON}  "])
def test_a_name_that_is_taken_is_refused_in_any_case(signed_in: Browser, name: str) -> None:
    page = signed_in.submit("/people/new", name=name)
    assert page.status == 422
    assert page.errors("name")
    assert "#name" in page.links  # the summary leads to the field


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "x" * 101, "\u202eanna"])
def test_what_can_be_no_name_is_refused(signed_in: Browser, sql: Callable[..., Any], name: str) -> None:
    for path in ("/people/new", "/tokens/new"):
        page = signed_in.submit(path, name=name, scope="call")
        assert (page.status, bool(page.errors("name"))) == (422, True), path
    assert len(sql("SELECT id FROM people")) == 1
    assert len(sql("SELECT id FROM tokens")) == 2


def test_what_a_person_is_called_is_shown_as_text(signed_in: Browser) -> None:
    name = "<script>alert(1)</script>"
    signed_in.submit("/people/new", name=name)
    page = signed_in.get("/people")
    assert name in page.text
    assert not page.root.all("script", src="")
    assert name in signed_in.get("/journal").text


def test_a_new_password_for_somebody_signs_him_out_everywhere(
    app: Flask, signed_in: Browser, sql: Callable[..., Any]
) -> None:
    first = secret(signed_in.submit("/people/new", name="Борис"))
    boris = Browser(app)
    boris.sign_in("Борис", first)
    own = id_of(sql, "people", "Борис")
    second = secret(signed_in.submit("/people", action=f"/people/{own}/password"))
    assert second != first
    assert boris.raw("GET", PERSONAL).status_code == 401
    boris.sign_in("Борис", second)


def test_a_removed_person_is_out_at_once(app: Flask, signed_in: Browser, sql: Callable[..., Any]) -> None:
    password = secret(signed_in.submit("/people/new", name="Борис"))
    boris = Browser(app)
    boris.sign_in("Борис", password)
    own = id_of(sql, "people", "Борис")
    question = signed_in.get(f"/people/{own}/remove")
    assert "Борис" in question.root.one("h1").text
    assert boris.raw("GET", PERSONAL).status_code == 200  # asking removes nobody
    assert signed_in.send(question).path == "/people"
    assert boris.raw("GET", PERSONAL).status_code == 401
    assert signed_in.get(f"/people/{own}/remove").status == 404


def test_the_last_person_can_not_be_removed(signed_in: Browser, sql: Callable[..., Any]) -> None:
    own = id_of(sql, "people", PERSON)
    page = signed_in.submit(f"/people/{own}/remove")
    assert page.status == 200
    assert len(sql("SELECT id FROM people")) == 1
    assert signed_in.get("/people").status == 200


# ---------------------------------------------------------------- one's own password


def change(visitor: Browser, current: str, new: str, repeat: str | None = None) -> Page:
    """Change one's own password."""
    return visitor.submit("/password", current=current, new=new, repeat=new if repeat is None else repeat)


def test_ones_own_password_is_changed_and_other_browsers_are_signed_out(app: Flask, signed_in: Browser) -> None:
    other = Browser(app)
    other.sign_in(PERSON, PASSWORD)
    assert change(signed_in, PASSWORD, "another good one").path == "/rules"
    assert signed_in.raw("GET", PERSONAL).status_code == 200
    assert other.raw("GET", PERSONAL).status_code == 401
    assert Browser(app).submit("/sign-in", name=PERSON, password=PASSWORD).status == 401
    other.sign_in(PERSON, "another good one")


def test_a_password_that_can_not_be_changed_is_told_beside_the_field(app: Flask, signed_in: Browser) -> None:
    for current, new, repeat, field in (
        ("wrong", "another good one", None, "current"),
        ("", "another good one", None, "current"),
        (PASSWORD, "short", None, "new"),
        (PASSWORD, "x" * 201, None, "new"),
        (PASSWORD, "another good one", "another good two", "repeat"),
        (PASSWORD, "another good one", "", "repeat"),
    ):
        page = change(signed_in, current, new, repeat)
        assert page.status == 422
        assert page.errors(field), field
        assert not any(page.fields()[name] for name in ("current", "new", "repeat"))
    Browser(app).sign_in(PERSON, PASSWORD)


# ---------------------------------------------------------------- tokens


@pytest.mark.parametrize(("scope", "status"), [("manage", 200), ("call", 403)])
def test_a_new_token_is_shown_once_and_opens_what_its_scope_says(
    app: Flask, signed_in: Browser, sql: Callable[..., Any], scope: str, status: int
) -> None:
    page = signed_in.submit("/tokens/new", name="Billing", scope=scope)
    token = secret(page)
    assert re.fullmatch(r"mel_[A-Za-z0-9]{40}", token)
    assert page.response.headers["Cache-Control"] == "no-store"
    assert with_token(app, token).get(PERSONAL).status_code == status
    listed = signed_in.get("/tokens").text
    assert "Billing" in listed
    assert token[: secrets.TOKEN_SHOWN] in listed
    assert token not in listed
    assert token not in str(sql("SELECT * FROM tokens")) + str(sql("SELECT * FROM journal_entries"))


def test_a_token_needs_a_name_of_its_own_and_a_scope(signed_in: Browser) -> None:
    taken = signed_in.submit("/tokens/new", name="CRM", scope="call")
    assert (taken.status, bool(taken.errors("name"))) == (422, True)
    for scope in ("", "all"):
        page = signed_in.submit("/tokens/new", name="Billing", scope=scope)
        assert (page.status, bool(page.errors("scope"))) == (422, True)
        assert page.fields()["name"] == "Billing"


def test_a_revoked_token_is_gone(app: Flask, signed_in: Browser, sql: Callable[..., Any]) -> None:
    own = id_of(sql, "tokens", "CRM")
    question = signed_in.get(f"/tokens/{own}/revoke")
    assert "CRM" in question.root.one("h1").text
    crm = with_token(app, MANAGE_TOKEN)
    assert crm.get(PERSONAL).status_code == 200
    assert signed_in.send(question).path == "/tokens"
    assert crm.get(PERSONAL).status_code == 401
    assert signed_in.post(f"/tokens/{own}/revoke", {"csrf_token": signed_in.csrf()}).status == 404


def test_a_tokens_last_use_is_shown(app: Flask, signed_in: Browser) -> None:
    def row() -> str:
        return next(row.text for row in signed_in.get("/tokens").root.all("tr") if "CRM" in row.text)

    assert "never" in row()
    with_token(app, MANAGE_TOKEN).get(PERSONAL)
    app.extensions["melody_token_uses"].flush()  # or else a thread does it in a moment
    assert "never" not in row()
