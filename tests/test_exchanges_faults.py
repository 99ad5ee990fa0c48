"""A fault inside is told to an exchange by the status, at once, with a body that it can take for an answer."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import CALL_TOKEN, with_token
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import make_url

SILENT = [
    ("POST", "/asterisk/musiconhold/single", ""),
    ("POST", "/asterisk/musiconhold_entry/multi", ""),
    ("GET", "/asterisk/class?number=74994088157", ""),
    ("GET", "/freeswitch/ringback?number=74994088157", "%(1000,4000,425)"),
]
SOON_S = 3
"""A caller waits for the answer; the machine that tests may be slow."""


def assert_told_at_once(client: FlaskClient) -> None:
    """Ask at every door."""
    for method, path, silent in SILENT:
        began = time.monotonic()
        answer = client.open(path, method=method, data={"name": "number-74994088157"} if method == "POST" else None)
        assert (answer.status_code, answer.text) == (503, silent), path
        assert time.monotonic() - began < SOON_S
    answer = client.get("/melodies/resolve?number=74994088157")
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert "Traceback" not in answer.text


def remove(path: Path) -> None:
    """Remove the file; SQLite makes a new one, which is empty."""
    path.unlink()


def overwrite(path: Path) -> None:
    """Put something else in its place."""
    path.write_bytes(b"This is not a database. " * 1000)


def cut(path: Path) -> None:
    """Lose all but its beginning, as a full disk does to a copy."""
    path.write_bytes(path.read_bytes()[:5000])


def bar(path: Path) -> None:
    """Let it not be opened, even by root."""
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("break_it", [remove, overwrite, cut, bar])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_file_that_is_broken(make_app: Callable[..., Flask], database: str, break_it: Callable[[Path], None]) -> None:
    break_it(Path(make_url(database).database or ""))
    assert_told_at_once(with_token(make_app(), CALL_TOKEN))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_file_that_is_broken_while_it_is_used(call_api: FlaskClient, database: str) -> None:
    """Connections that are open may still answer from what they have; but they answer at once, and rightly."""
    path = Path(make_url(database).database or "")
    assert call_api.get("/freeswitch/ringback").status_code == 200
    path.write_bytes(b"This is not a database. " * 1000)
    shutil.rmtree(path, ignore_errors=True)
    for method, url, silent in SILENT:
        answer = call_api.open(url, method=method)
        assert answer.status_code in {200, 503}
        assert answer.text == silent


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_server_that_is_not_there(make_app: Callable[..., Flask], database: str) -> None:
    nobody = make_url(database).set(host="127.0.0.1", port=1, query={}).render_as_string(hide_password=False)
    assert_told_at_once(with_token(make_app(url=nobody), CALL_TOKEN))


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_server_that_has_cut_every_connection_answers_again(call_api: FlaskClient, sql: Callable[..., Any]) -> None:
    assert call_api.get("/freeswitch/ringback").status_code == 200
    sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        " AND datname = current_database()")  # fmt: skip
    assert call_api.get("/freeswitch/ringback").status_code == 200


@pytest.mark.parametrize("table", ["tokens", "rule_numbers"])
def test_a_schema_that_is_not_there(call_api: FlaskClient, sql: Callable[..., Any], table: str) -> None:
    sql(f"DROP TABLE {table}")
    assert_told_at_once(call_api)
