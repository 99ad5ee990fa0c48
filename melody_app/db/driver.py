"""SQLite's driver, and whether the library behind it may be trusted with a database."""

import sqlite3

try:
    import pysqlite3.dbapi2 as driver
except ImportError:  # no wheel for this machine: the standard module, if its library is new enough
    driver = sqlite3

__all__ = ["driver", "refuse_old_library"]

LEAST = (3, 51, 3)
"""Before it, writers and a checkpoint in different processes can lose commits (sqlite.org/wal.html, "the WAL-reset bug")."""


def refuse_old_library() -> None:
    """Stop the start where the SQLite library linked here loses data.

    Raises:
        SystemExit: it does.
    """
    version = driver.sqlite_version
    if tuple(int(part) for part in version.split(".")) < LEAST:
        least = ".".join(str(part) for part in LEAST)
        raise SystemExit(
            f"SQLite {version} can lose what several processes write (sqlite.org/wal.html, the WAL-reset bug). "
            f"Install the package pysqlite3, or use SQLite {least} or newer, or PostgreSQL (MELODY_DATABASE_URL)."
        )
