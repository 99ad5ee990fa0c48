"""SQLite: the database in a file beside us."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, Table, event
from sqlalchemy.engine import make_url

from melody_app.db.gate import Gate
from melody_app.db.kind import READ_WAIT_S, Kind

try:
    import pysqlite3.dbapi2 as driver
except ImportError:  # no wheel for this machine: the standard module, if its library is new enough
    driver = sqlite3

__all__ = ["Sqlite", "driver"]

LEAST = (3, 51, 3)
"""Before it, writers and a checkpoint in different processes can lose commits (sqlite.org/wal.html, "the WAL-reset bug")."""


class Sqlite(Kind):
    """Let one writer in at a time, in turn, and keep readers apart from them.

    Args:
        url: `sqlite:////path`; the folder is made when it isn't there.
        wait_s: the longest wait for a write's turn, in seconds.

    Raises:
        SystemExit: the SQLite library linked here has a bug that loses data.
    """

    keeps_connections = True
    phrase_table = True

    # FULL: after a power cut NORMAL had lost acknowledged rules in every trial, FULL in none.
    settings = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON")
    # Each thread's connection would fill 2 MB of its own with pages that the system keeps in memory anyhow.
    reader_settings = ("PRAGMA cache_size=-200",)

    def __init__(self, url: str, wait_s: int) -> None:
        super().__init__(wait_s)
        _refuse_old_library()
        path = Path(make_url(url).database or "")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.gate = Gate(path, wait_s)
        # Lean reads have connections of their own, that give up soon: writers can't keep them waiting.
        self.reader_options = _options(READ_WAIT_S)

    @property
    def options(self) -> dict[str, Any]:
        """Return what the engine is made with."""
        return _options(self.wait_s)

    def begin_reading(self, *, snapshot: bool = False) -> list[str]:  # noqa: ARG002  (it always is one)
        """Return the statement that begins a transaction which only reads."""
        return ["BEGIN"]

    def begin_writing(self, wait_s: float | None = None, *, alone: bool | None = None) -> list[str]:  # noqa: ARG002
        """Return the statement that begins a transaction which writes: the gate has waited, and a writer is always alone."""
        # A deferred BEGIN that writes later fails at once when another writer came between.
        return ["BEGIN IMMEDIATE"]

    @contextmanager
    def migrating(self, connection: Connection) -> Iterator[None]:
        """Let the body change the schema, and commit it.

        What refers to a table that is rebuilt would be deleted with it: the references are checked afterwards instead.

        Raises:
            SystemExit: a reference would lead nowhere.
        """
        _pragma(connection, "foreign_keys=OFF")  # inside a transaction it would do nothing
        try:
            yield
            if _pragma(connection, "foreign_key_check"):
                raise SystemExit("The migration would leave references to rows that are gone. Nothing was changed.")
            connection.commit()
        finally:
            connection.rollback()
            _pragma(connection, "foreign_keys=ON")


def _options(wait_s: float) -> dict[str, Any]:
    return {
        "module": driver,
        # Without its own transactions the driver leaves BEGIN to us: its default loses updates.
        "connect_args": {"isolation_level": None, "check_same_thread": False, "timeout": wait_s},
        "pool_size": 64,
        "pool_reset_on_return": None,  # lean statements and sessions roll back themselves what they leave open
    }


def _refuse_old_library() -> None:
    version = driver.sqlite_version
    if tuple(int(part) for part in version.split(".")) < LEAST:
        least = ".".join(str(part) for part in LEAST)
        raise SystemExit(
            f"SQLite {version} can lose what several processes write (sqlite.org/wal.html, the WAL-reset bug). "
            f"Install the package pysqlite3, or use SQLite {least} or newer, or PostgreSQL (MELODY_DATABASE_URL)."
        )


def _pragma(connection: Connection, text: str) -> list[Any]:
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA {text}")
    return list(cursor.fetchall())


@event.listens_for(Table, "after_parent_attach")
def _fit(table: Table, _metadata: MetaData) -> None:
    """Let SQLite number rows as PostgreSQL does, and keep a table of a rule's ids as one tree in the order of its key."""
    options = table.dialect_options["sqlite"]
    if table.autoincrement_column is not None:
        options["autoincrement"] = True  # an id that was given once is never given again
    elif len(table.primary_key) > 1:
        options["with_rowid"] = False
