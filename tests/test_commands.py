"""What an operator does on the command line."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bodies import PERSONAL
from browser_like import Browser
from click.testing import Result
from conftest import MANAGE_TOKEN, PASSWORD, PERSON, with_token
from flask import Flask
from sqlalchemy import inspect

from melody_app.db import db

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    """Run a command."""

    def invoke(*words: str, typed: str | None = None) -> Result:
        result = app.test_cli_runner().invoke(args=list(words), input=typed)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert "Traceback" not in result.output
        return result

    return invoke


@pytest.fixture
def empty(app: Flask) -> Flask:
    """Give the application on a database without any table."""
    with app.app_context(), db.engine.execution_options(writing=True).begin() as connection:
        db.metadata.drop_all(connection)
        connection.exec_driver_sql("DROP TABLE alembic_version")
        connection.exec_driver_sql("DROP TABLE IF EXISTS virtual_numbers_parts")  # SQLite's index of parts is no model
    return app


def test_init_makes_the_schema_a_person_and_a_token_and_says_how_to_try_it(
    empty: Flask, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "8222")
    result = run("init")
    assert result.exit_code == 0
    password = re.search(r"password +(\S+)", result.output)[1]  # type: ignore[index]
    token = re.search(r"mel_\w+", result.output)[0]  # type: ignore[index]
    Browser(empty).sign_in("admin", password)
    assert with_token(empty, token).get("/readyz").status_code == 200
    body = re.search(r"-d '(\{.*\})'", result.output)[1]  # type: ignore[index]
    assert f"http://127.0.0.1:8222{PERSONAL}" in result.output
    answer = with_token(empty, token).post(PERSONAL, data=body, content_type="application/json")
    assert answer.status_code == 201
    assert answer.get_json()["numbercapacityids"] == [352, 446, 448]


def test_init_again_changes_nothing_and_shows_no_secret(run: Run, sql: Callable[..., Any]) -> None:
    before = [sql(f"SELECT * FROM {table}") for table in ("people", "tokens", "journal_entries")]
    result = run("init")
    assert result.exit_code == 0
    assert "mel_" not in result.output
    assert "password" not in result.output.lower()
    assert [sql(f"SELECT * FROM {table}") for table in ("people", "tokens", "journal_entries")] == before


def test_a_database_in_a_folder_that_is_not_there_yet_is_made(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "melody.db"
    app = make_app(url=f"sqlite:///{path}")
    assert app.test_cli_runner().invoke(args=["init"]).exit_code == 0
    assert path.exists()
    with app.app_context():
        assert inspect(db.engine).has_table("rules")


def test_a_person_is_made_with_a_password_from_standard_input(app: Flask, run: Run) -> None:
    result = run("user", "create", "Борис", "--password-stdin", typed="three loud words\nmore\n")
    assert (result.exit_code, "three loud words" in result.output) == (0, False)
    Browser(app).sign_in("Борис", "three loud words")


def test_a_person_is_made_with_a_password_that_is_asked_for_twice(app: Flask, run: Run) -> None:
    result = run("user", "create", "Борис", typed="three loud words\nthree loud words\n")
    assert (result.exit_code, "three loud words" in result.output) == (0, False)
    Browser(app).sign_in("Борис", "three loud words")


def test_a_persons_password_is_changed_and_he_is_signed_out_everywhere(
    app: Flask, run: Run, signed_in: Browser
) -> None:
    assert run("user", "password", PERSON.lower(), "--password-stdin", typed="three loud words\n").exit_code == 0
    assert signed_in.raw("GET", PERSONAL).status_code == 401
    assert Browser(app).submit("/sign-in", name=PERSON, password=PASSWORD).status == 401
    Browser(app).sign_in(PERSON, "three loud words")


def test_a_person_is_removed_but_for_the_last(run: Run, sql: Callable[..., Any]) -> None:
    run("user", "create", "Борис", "--password-stdin", typed="three loud words\n")
    assert run("user", "remove", "борис").exit_code == 0
    last = run("user", "remove", PERSON)
    assert last.exit_code != 0
    assert sql("SELECT name FROM people") == [(PERSON,)]


def test_a_token_is_printed_alone(app: Flask, run: Run) -> None:
    result = run("token", "create", "Billing", "--scope", "manage")
    assert result.exit_code == 0
    assert re.fullmatch(r"mel_[A-Za-z0-9]{40}\n", result.stdout)
    assert with_token(app, result.stdout.strip()).get(PERSONAL).status_code == 200


def test_tokens_are_listed_without_their_secrets_and_revoked_by_name(app: Flask, run: Run) -> None:
    listed = run("token", "list")
    assert listed.exit_code == 0
    assert {"CRM", "Asterisk", "manage", "call"} <= set(listed.stdout.split())
    assert MANAGE_TOKEN not in listed.stdout
    assert run("token", "revoke", "CRM").exit_code == 0
    assert with_token(app, MANAGE_TOKEN).get(PERSONAL).status_code == 401
    assert "CRM" not in run("token", "list").stdout


@pytest.mark.parametrize(
    ("words", "typed"),
    [
        (("user", "create", PERSON, "--password-stdin"), "three loud words\n"),
        (("user", "create", PERSON.upper(), "--password-stdin"), "three loud words\n"),
        (("user", "create", "", "--password-stdin"), "three loud words\n"),
        (("user", "create", "a\nb", "--password-stdin"), "three loud words\n"),
        (("user", "create", "x" * 101, "--password-stdin"), "three loud words\n"),
        (("user", "create", "Борис", "--password-stdin"), "short\n"),
        (("user", "create", "Борис", "--password-stdin"), ""),
        (("user", "create", "Борис"), "three loud words\nthree other words\n"),
        (("user", "password", "Nobody", "--password-stdin"), "three loud words\n"),
        (("user", "password", PERSON, "--password-stdin"), "short\n"),
        (("user", "remove", "Nobody"), ""),
        (("token", "create", "CRM", "--scope", "call"), ""),
        (("token", "create", "", "--scope", "call"), ""),
        (("token", "create", "Billing"), ""),
        (("token", "create", "Billing", "--scope", "all"), ""),
        (("token", "revoke", "Nobody"), ""),
    ],
)
def test_what_can_not_be_done_is_said_on_standard_error_and_nothing_is_stored(
    run: Run, sql: Callable[..., Any], words: tuple[str, ...], typed: str
) -> None:
    before = [sql(f"SELECT * FROM {table}") for table in ("people", "tokens", "journal_entries")]
    result = run(*words, typed=typed)
    assert result.exit_code != 0
    assert result.stderr.strip()
    assert [sql(f"SELECT * FROM {table}") for table in ("people", "tokens", "journal_entries")] == before


def test_a_name_with_spaces_around_it_is_the_same_name(app: Flask, run: Run, sql: Callable[..., Any]) -> None:
    assert run("user", "create", "  Борис ", "--password-stdin", typed="three loud words\n").exit_code == 0
    assert ("Борис",) in sql("SELECT name FROM people")
