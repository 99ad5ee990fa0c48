"""The sample company: there at once, like a real one, and never poured over real data."""

import re
from collections.abc import Callable

from bodies import PERSONAL
from browser_like import Browser
from conftest import with_token
from flask import Flask
from flask.testing import FlaskClient


def fill(app: Flask) -> str:
    result = app.test_cli_runner().invoke(args=["demo"])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_demo_holds_a_whole_company(app: Flask, api: FlaskClient) -> None:
    assert "is there" in fill(app)
    numbers = api.get("/numbers/virtual-number").get_json()
    assert len(numbers) == 40
    assert len({each["number"] for each in numbers}) == 40
    assert len(api.get("/employee-group").get_json()) == 8
    rules = api.get("/melodies/personal").get_json()
    assert len(rules) == 12
    melodies = {each["id"] for each in api.get("/melodies/system").get_json()}
    assert {rule["media_id"] for rule in rules} <= melodies


def test_every_rule_of_the_demo_says_who_is_called_by_name(app: Flask, signed_in: Browser) -> None:
    fill(app)
    table = signed_in.get("/rules").main.one("table").text
    for name in ("+7 499 408-81-50 Единый номер", "Сервисный центр", "Утренний свет"):
        assert name in table


def test_filling_twice_adds_nothing(app: Flask, sql: Callable[..., list[tuple[int]]]) -> None:
    fill(app)
    before = sql("SELECT count(*) FROM journal_entries")
    assert "nothing was added" in fill(app)
    assert sql("SELECT count(*) FROM journal_entries") == before


def test_the_demo_is_never_poured_over_real_numbers(app: Flask, api: FlaskClient) -> None:
    api.post("/numbers/virtual-number", json={"id": 5, "number": "79208547433"})
    fill(app)
    assert len(api.get("/numbers/virtual-number").get_json()) == 1
    assert api.get("/melodies/personal").get_json() == []


def test_an_empty_database_is_made_ready_and_what_is_printed_to_try_it_works(
    app: Flask, sql: Callable[..., list[tuple[int]]]
) -> None:
    for table in ("people", "tokens"):
        sql(f"DELETE FROM {table}")
    printed = fill(app)
    password, token, body = (
        re.search(pattern, printed)[1]  # type: ignore[index]
        for pattern in (r"password +(\S+)", r"(mel_\w+)", r"-d '(\{.*\})'")
    )
    Browser(app).sign_in("admin", password)
    assert with_token(app, token).post(PERSONAL, data=body, content_type="application/json").status_code == 201
    assert "mel_" not in fill(app)
