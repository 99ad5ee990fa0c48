"""PostgreSQL: the database on a server."""

import logging
import shlex
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy.engine import URL, make_url

from melody_app.db.errors import CopyError
from melody_app.db.kind import READ_WAIT_S, Kind, Staged

READ_S = 1.0
"""The longest time of a lean read's statement, in seconds: whoever needs more says so by asking for a snapshot."""

RULES_LOCK = 0x4D656C6F6479
"""The key of the advisory lock that all writes of lean statements share, but for one that must be alone."""


class Postgresql(Kind):
    """Let the server decide who waits for whom, and for how long.

    Args:
        url: `postgresql+psycopg://…`.
        wait_s: the longest wait for a lock of a write, in seconds.

    Raises:
        SystemExit: the driver isn't installed.
    """

    transient = frozenset({"40001", "40P01"})  # serialization failure, deadlock

    def __init__(self, url: str, wait_s: int) -> None:
        super().__init__(wait_s)
        _refuse_without_driver()
        self._address = _without_password(url)
        # It warns of what follows a refused row of several; the refusal itself is what we answer.
        logging.getLogger("psycopg").setLevel(logging.ERROR)
        # A lookup is in a hurry and has no time to say so: that is how a connection begins. All else says how long it takes.
        self.settings = (_limit("lock", READ_WAIT_S), _limit("statement", READ_S))
        # How long a server is waited for that says nothing at all, as where the network is cut; the names are libpq's. Whoever
        # waits for a lock takes in nothing of what else he is sent: only what lasts longer than that wait is silence.
        self._patience = {
            "connect_timeout": 2,  # seconds; the least that the driver knows
            "tcp_user_timeout": 1000 * (wait_s + 1),  # milliseconds until what was sent must have arrived
            # Where nothing is on its way but the answer, the server's machine is asked whether it is there.
            "keepalives_idle": wait_s,
            "keepalives_interval": 1,
        }

    @property
    def options(self) -> dict[str, Any]:
        """Return what the engine is made with; lean reads share its pool, for the server grants no more than so many."""
        return {
            "connect_args": self._patience,
            "pool_size": 10,
            "max_overflow": 26,  # with them as many as a worker has threads: none waits for another's
            "pool_timeout": self.wait_s,
            "pool_pre_ping": True,
        }

    def begin_reading(self, *, snapshot: bool = False) -> list[str]:
        """Return the statements that begin a transaction which only reads."""
        mode = ["SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"] if snapshot else []
        return ["; ".join([*mode, _limit("statement", 0, local=True)])]

    def begin_writing(self, wait_s: float | None = None, *, alone: bool | None = None) -> list[str]:
        """Return the statements that begin a transaction which writes."""
        wait_s = self.wait_s if wait_s is None else wait_s
        limits = [_limit("statement", 0, local=True), _limit("lock", wait_s, local=True)]
        # Taken first of all, so that it can't take part in a deadlock.
        shared = "" if alone else "_shared"
        lock = [] if alone is None else [f"SELECT pg_advisory_xact_lock{shared}({RULES_LOCK})"]
        return ["; ".join([*limits, *lock])]  # in one go: each would be a way to the server and back

    def copying(self, path: Path) -> NoReturn:
        """Say by what command a copy is written."""
        raise CopyError(
            "This database is on PostgreSQL, which has a command of its own for it:\n\n"
            f"  pg_dump --format=custom --file={_quoted(path)} {self._address}\n"
        )

    def staging(self, path: Path) -> NoReturn:
        """Say by what command a copy is restored."""
        raise CopyError(
            "This database is on PostgreSQL, which has a command of its own for it. Stop the service, then:\n\n"
            f"  pg_restore --clean --if-exists --single-transaction --dbname={self._address} {_quoted(path)}\n"
            "  flask --app wsgi init\n"
        )

    def take_over(self, staged: Staged) -> NoReturn:
        """Refuse: nothing was staged."""
        raise NotImplementedError


def _limit(what: str, seconds: float, *, local: bool = False) -> str:
    """Return the statement that limits the time of a lock's wait, or of a statement's run; 0 is no limit."""
    return f"SET {'LOCAL ' if local else ''}{what}_timeout = {round(seconds * 1000)}"


def _refuse_without_driver() -> None:
    try:
        import_module("psycopg")  # SQLAlchemy would do it, and tell whoever starts the service of a module
    except ImportError as error:
        raise SystemExit(
            "MELODY_DATABASE_URL: PostgreSQL needs a driver that isn't installed. "
            "Run: .venv/bin/pip install --editable '.[postgres]'"
        ) from error


def _without_password(url: str) -> str:
    """Return the URL as the server's own programs take it; they ask for the password, or read ~/.pgpass."""
    given = make_url(url).difference_update_query(["password", "sslpassword"])
    address = URL.create("postgresql", given.username, None, given.host, given.port, given.database, given.query)
    return shlex.quote(address.render_as_string())


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
