"""The database: the handle, constraint names, transactions. Imports nothing of ours but gate, group, lean and readers.

The only module that knows which database it is: SQLite in a file beside us, or PostgreSQL.
"""

import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    Table,
    event,
)
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from melody_app.gate import Gate, GateTimeoutError
from melody_app.group import Group, Take, WaitTimeoutError
from melody_app.lean import Lean
from melody_app.readers import Readers

try:
    import pysqlite3.dbapi2 as sqlite_driver
except ImportError:  # no wheel for this machine: the standard module, if its library is new enough
    sqlite_driver = sqlite3

SQLITE_LEAST = (3, 51, 3)
"""Before it, writers and a checkpoint in different processes can lose commits (sqlite.org/wal.html, "the WAL-reset bug")."""

TRANSIENT = {"40001", "40P01"}
"""SQLSTATEs of a transaction that lost to another and may be run again: serialization failure, deadlock."""

ATTEMPTS = 5

READ_WAIT_S = 0.5
"""The longest wait of a lean read for a lock on the file, in seconds: a caller waits for a lookup. Then it is a 503."""

RULES_LOCK = 0x4D656C6F6479
"""The key of PostgreSQL's advisory lock that all writes of lean statements share, but for one that must be alone."""

READERS = "readers"
"""The name of the connections that lean reads have for themselves."""

T = TypeVar("T")


class Base(DeclarativeBase):
    """Give every constraint and index a name that a migration can refer to."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)

# SQLite numbers rows by itself only in a column that is called INTEGER (64 bits all the same).
BigId = BigInteger().with_variant(Integer, "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """Store a moment in UTC and give it back aware: SQLite keeps no time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Turn an aware moment into UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Make what the database holds aware."""
        return None if value is None else value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)


class UnavailableError(Exception):
    """The database can't take the request now: it is busy, out of reach, or its schema isn't there."""


class LostRaceError(Exception):
    """The transaction lost to another one and may be run again; a service raises it when it sees that itself."""


class DuplicateError(Exception):
    """A unique constraint refused a lean statement."""


def init_app(app: Flask, url: str, *, wait_s: int) -> None:
    """Connect the application to the database that the URL names; no connection is opened before it is used.

    Args:
        app: the application.
        url: `sqlite:////path` or `postgresql+psycopg://…`.
        wait_s: the longest wait for a write's turn, in seconds.

    Raises:
        SystemExit: the SQLite library linked here has a bug that loses data.
    """
    gate: Gate | None = None
    if url.startswith("sqlite"):
        _refuse_old_sqlite()
        path = Path(make_url(url).database or "")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        gate = Gate(path, wait_s)
    else:
        # It warns of what follows a refused row of several; the refusal itself is what we answer.
        logging.getLogger("psycopg").setLevel(logging.ERROR)
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _options_of_sqlite(wait_s) if gate else _options_of_postgresql(wait_s)
    # To a file, lean reads have connections of their own, that give up soon: writers can't keep them waiting. To a server they
    # share the pool, for it grants no more than so many connections to all of us.
    app.config["SQLALCHEMY_BINDS"] = {READERS: {"url": url, **_options_of_sqlite(READ_WAIT_S)}} if gate else {}
    db.init_app(app)
    app.extensions["melody_gate"] = gate
    app.extensions["melody_group"] = Group(_commit_group)
    with app.app_context():
        for engine in db.engines.values():
            _prepare(engine)
        app.extensions["melody_readers"] = Readers(db.engines[READERS] if gate else db.engine, _told, keeps=bool(gate))


def _options_of_sqlite(wait_s: float) -> dict[str, Any]:
    return {
        "module": sqlite_driver,
        # Without its own transactions the driver leaves BEGIN to us: its default loses updates.
        "connect_args": {"isolation_level": None, "check_same_thread": False, "timeout": wait_s},
        "pool_size": 64,
        "pool_reset_on_return": None,  # lean statements and sessions roll back themselves what they leave open
    }


def _options_of_postgresql(wait_s: float) -> dict[str, Any]:
    return {
        "pool_size": 10,
        "max_overflow": 20,
        "pool_timeout": wait_s,
        "pool_pre_ping": True,
    }


def _prepare(engine: Engine) -> None:
    event.listen(engine, "begin", _on_begin)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect)
    # A connection shared over a fork would corrupt both sides; the child forgets it without closing the parent's.
    os.register_at_fork(after_in_child=lambda: engine.dispose(close=False))


@contextmanager
def write_session() -> Iterator[Session]:
    """Run the body in one write transaction of the ORM: commit at its end, roll back on any error.

    Raises:
        UnavailableError: the turn did not come in time.
    """
    engine = db.engine.execution_options(writing=True)
    with _turn(), Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


def write(work: Callable[[Lean], T], *, keep: bool = True, alone: bool = False, wait_s: float | None = None) -> T:
    """Run the work in one write transaction of lean statements and commit it.

    The short name is the hot path's: everything else writes by `write_session`.

    Args:
        work: what to do; run again from its start when the database says that another transaction got in its way.
        keep: False rolls back what was done, for a dry run.
        alone: let no other write of lean statements run beside it, for work that reads first what it then changes.
        wait_s: the longest wait for SQLite's one writer's turn, in seconds; the setting's when absent.

    Raises:
        DuplicateError: a unique constraint refused a row; nothing was stored.
        UnavailableError: the turn did not come in time, or the database can't be reached.
    """
    gate: Gate | None = current_app.extensions["melody_gate"]
    group: Group = current_app.extensions["melody_group"]
    for _ in range(ATTEMPTS):
        try:
            if gate:
                result: T = group.run(_in_savepoint(work, keep=keep), gate.wait_s if wait_s is None else wait_s)
            else:
                result = _write_one(work, keep=keep, alone=alone)
        except LostRaceError:
            continue
        except WaitTimeoutError as error:
            raise UnavailableError from error
        return result
    raise UnavailableError


def _write_one(work: Callable[[Lean], T], *, keep: bool, alone: bool) -> T:
    with _lean(db.engine) as lean:
        lean.begin(_begin(db.engine.dialect, writing=True, alone=alone))
        result = work(lean)
        if keep:
            lean.commit()
        return result


def _in_savepoint(work: Callable[[Lean], T], *, keep: bool) -> Callable[[Lean], T]:
    """Let the work be undone without what else its transaction holds."""

    def run(lean: Lean) -> T:
        lean.begin(["SAVEPOINT work"])
        try:
            with _driver_errors():
                result = work(lean)
        except Exception:  # whatever it was: it is raised again, once the others' work is without it
            lean.begin(["ROLLBACK TO work", "RELEASE work"])
            raise
        lean.begin(["RELEASE work"] if keep else ["ROLLBACK TO work", "RELEASE work"])
        return result

    return run


def _commit_group(take: Take, wait_s: float) -> None:
    with _lean(db.engine) as lean, _turn(wait_s):
        lean.begin(_begin(db.engine.dialect, writing=True))
        for each in take():
            each.do(lean)
            if not lean.in_transaction:  # a full disk, for one, rolls back all of it: what comes next would stand alone
                raise UnavailableError
        lean.commit()


def read(*, snapshot: bool = False) -> AbstractContextManager[Lean]:
    """Give the body lean statements to read with.

    Args:
        snapshot: let all statements of the body see one state of the database.

    Raises:
        UnavailableError: the database can't answer now.
    """
    readers: Readers = current_app.extensions["melody_readers"]
    return readers.reading(_begin(readers.engine.dialect, writing=False) if snapshot else ())


def has_phrase_index() -> bool:
    """Tell whether parts of words are found by a table of SQLite's full-text search; PostgreSQL does it behind LIKE by itself."""
    return bool(db.engine.dialect.name == "sqlite")


@contextmanager
def migrating() -> Iterator[Connection]:
    """Give migrations a connection, in the writers' turn.

    A migration that rebuilds a table on SQLite would delete what refers to it: the references are checked after it instead.
    """
    with _turn(), db.engine.connect().execution_options(writing=True) as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            _pragma(connection, "foreign_keys=OFF")  # inside a transaction it would do nothing
        try:
            yield connection
            if sqlite and _pragma(connection, "foreign_key_check"):
                raise SystemExit("The migration would leave references to rows that are gone. Nothing was changed.")
            connection.commit()
        finally:
            connection.rollback()
            if sqlite:
                _pragma(connection, "foreign_keys=ON")


def _pragma(connection: Connection, text: str) -> list[Any]:
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA {text}")
    return list(cursor.fetchall())


@contextmanager
def _lean(engine: Engine) -> Iterator[Lean]:
    with _driver_errors():
        lean = Lean(engine)
        try:
            yield lean
        finally:
            lean.close()


@contextmanager
def _driver_errors() -> Iterator[None]:
    try:
        yield
    except db.engine.dialect.loaded_dbapi.Error as error:
        raise _told(error) from error


def _told(error: Any) -> Exception:
    """Return how an error of the driver is told; the services know no driver."""
    if isinstance(error, db.engine.dialect.loaded_dbapi.IntegrityError):
        return DuplicateError()
    return LostRaceError() if getattr(error, "sqlstate", None) in TRANSIENT else UnavailableError()


@contextmanager
def _turn(wait_s: float | None = None) -> Iterator[None]:
    gate: Gate | None = current_app.extensions["melody_gate"]
    turn: AbstractContextManager[None] = gate.turn(wait_s) if gate else nullcontext()
    try:
        with turn:
            yield
    except GateTimeoutError as error:
        raise UnavailableError from error


def _begin(dialect: Dialect, *, writing: bool, alone: bool | None = None) -> list[str]:
    if dialect.name == "sqlite":
        # A deferred BEGIN that writes later fails at once when another writer came between.
        return ["BEGIN IMMEDIATE" if writing else "BEGIN"]
    if not writing:
        return ["SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"]
    # Taken first of all, so that it can't take part in a deadlock; on SQLite a writer is alone anyway.
    shared = "" if alone else "_shared"
    return [] if alone is None else [f"SELECT pg_advisory_xact_lock{shared}({RULES_LOCK})"]


def _on_begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    for sql in _begin(connection.dialect, writing=writing):
        connection.exec_driver_sql(sql)


def _on_connect(connection: Any, _record: object) -> None:
    # FULL: after a power cut NORMAL had lost acknowledged rules in every trial, FULL in none.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Table, "after_parent_attach")
def _fit_sqlite(table: Table, _metadata: MetaData) -> None:
    """Let SQLite number rows as PostgreSQL does, and keep a table of a rule's ids as one tree in the order of its key."""
    options = table.dialect_options["sqlite"]
    if table.autoincrement_column is not None:
        options["autoincrement"] = True  # an id that was given once is never given again
    elif len(table.primary_key) > 1:
        options["with_rowid"] = False


def _refuse_old_sqlite() -> None:
    version = sqlite_driver.sqlite_version
    if tuple(int(part) for part in version.split(".")) < SQLITE_LEAST:
        least = ".".join(str(part) for part in SQLITE_LEAST)
        raise SystemExit(
            f"SQLite {version} can lose what several processes write (sqlite.org/wal.html, the WAL-reset bug). "
            f"Install the package pysqlite3, or use SQLite {least} or newer, or PostgreSQL (MELODY_DATABASE_URL)."
        )
