"""The database: the handle, constraint names, transactions.

The only package that knows which database it is: SQLite in a file beside us, or PostgreSQL. What is the one's own stands in
`sqlite`, the other's in `postgresql`; both are a `Kind`. It imports nothing of ours but the lean statements, and what others
need of it, they import from here.
"""

from melody_app.db.base import Base, BigId, UtcDateTime, db
from melody_app.db.connecting import disconnect, init_app
from melody_app.db.driver import driver as sqlite_driver
from melody_app.db.errors import CopyError, DuplicateError, LostRaceError, UnavailableError
from melody_app.db.kind import Staged
from melody_app.db.transactions import ATTEMPTS, has_phrase_table, migrating, read, the_kind, write, write_session

__all__ = [
    "ATTEMPTS",
    "Base",
    "BigId",
    "CopyError",
    "DuplicateError",
    "LostRaceError",
    "Staged",
    "UnavailableError",
    "UtcDateTime",
    "db",
    "disconnect",
    "has_phrase_table",
    "init_app",
    "migrating",
    "read",
    "sqlite_driver",
    "the_kind",
    "write",
    "write_session",
]
