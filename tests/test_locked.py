"""A database that is locked or slow gives a fast answer: a caller waits for it, and rings meanwhile."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import psycopg
import pytest
from bodies import PERSONAL, rule
from conftest import CALL_TOKEN, MANAGE_TOKEN, with_token
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from melody_app.db import UnavailableError, db, read, sqlite_driver, write
from melody_app.lean import Lean, LeanStatement

AT_LENGTH_S = 20
"""What a write may wait in these tests, in seconds: a lookup that waited for as long would be seen."""

SOON_S = 10
"""Half a second is what it takes; the rest is for a machine that has other things to do."""

ASTERISK = "/asterisk/musiconhold/single"


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app(write_wait_s=AT_LENGTH_S)


@contextmanager
def locked(app: Flask, database: str) -> Iterator[None]:
    """Let another connection have the tables of the rules for itself."""
    url = make_url(database)
    if url.drivername == "sqlite":
        # SQLite gives all of a file to one connection only while there is no other.
        for lender in ("melody_readers", "melody_writers"):
            app.extensions[lender].close()
        with app.app_context():
            for engine in db.engines.values():
                engine.dispose()
        with closing(sqlite_driver.connect(url.database, isolation_level=None)) as other:
            other.execute("PRAGMA locking_mode=EXCLUSIVE")
            other.execute("BEGIN IMMEDIATE")
            yield
        return
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as other:
        # A wait without an end ends here, and is seen.
        other.execute(f"SET idle_in_transaction_session_timeout = '{AT_LENGTH_S}s'")
        other.execute("LOCK TABLE rules, rule_numbers IN ACCESS EXCLUSIVE MODE")
        yield


def test_a_lookup_in_a_locked_database_is_503_soon_and_right_again_afterwards(app: Flask, database: str) -> None:
    api, exchange = with_token(app, MANAGE_TOKEN), with_token(app, CALL_TOKEN)
    assert api.post(PERSONAL, json=rule(352)).status_code == 201
    with locked(app, database):
        began = time.monotonic()
        answers = [
            exchange.get("/melodies/resolve?number_capacity_id=352"),
            exchange.post(ASTERISK, data={"name": "number-74994088157"}),
            exchange.get("/freeswitch/ringback?number=74994088157"),
        ]
        assert time.monotonic() - began < SOON_S
    assert [each.status_code for each in answers] == [503, 503, 503]
    assert answers[0].mimetype == "application/problem+json"
    assert answers[1].text == ""
    assert exchange.get("/melodies/resolve?number_capacity_id=352").get_json()["rule_id"] == 1


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)  # a statement of SQLite's is done by ourselves
def test_a_slow_lookup_is_given_up_and_what_needs_its_time_gets_it(app: Flask) -> None:
    def sleep(seconds: float) -> LeanStatement:
        return LeanStatement(select(func.pg_sleep(seconds)))

    with app.app_context():
        began = time.monotonic()
        with pytest.raises(UnavailableError), read() as lean:
            lean.one(sleep(AT_LENGTH_S))
        assert time.monotonic() - began < SOON_S
        with read(snapshot=True) as lean:
            assert lean.one(sleep(1.2)) is not None
        assert db.session.scalar(select(func.pg_sleep(1.2))) is not None


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)  # on SQLite it is the gate that a write waits at
def test_a_write_waits_for_a_lock_as_long_as_the_setting_says(make_app: Callable[..., Flask], database: str) -> None:
    app = make_app(write_wait_s=1)
    api = with_token(app, MANAGE_TOKEN)
    with locked(app, database):
        began = time.monotonic()
        answer = api.post(PERSONAL, json=rule(352))
        assert time.monotonic() - began >= 1
        assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert api.post(PERSONAL, json=rule(352)).status_code == 201


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_connection_that_the_server_cuts_is_told_as_such_and_the_next_one_is_fine(app: Flask) -> None:
    def cut(lean: Lean) -> None:
        lean.one(LeanStatement(select(func.pg_terminate_backend(func.pg_backend_pid()))))

    with app.app_context():
        with pytest.raises(UnavailableError):
            write(cut)
        with pytest.raises(UnavailableError), read(snapshot=True) as lean:
            cut(lean)
        assert write(lambda lean: lean.one(LeanStatement(select(1)))) == (1,)
