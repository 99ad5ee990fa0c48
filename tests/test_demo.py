"""The sample company: there at once, like a real one, and never poured over real data."""

from collections.abc import Callable

from browser_like import Browser
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
