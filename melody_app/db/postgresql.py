"""PostgreSQL: the database on a server."""

import logging
from typing import Any

from melody_app.db.kind import Kind

RULES_LOCK = 0x4D656C6F6479
"""The key of the advisory lock that all writes of lean statements share, but for one that must be alone."""


class Postgresql(Kind):
    """Let the server decide who waits for whom."""

    transient = frozenset({"40001", "40P01"})  # serialization failure, deadlock

    def __init__(self, wait_s: int) -> None:
        super().__init__(wait_s)
        # It warns of what follows a refused row of several; the refusal itself is what we answer.
        logging.getLogger("psycopg").setLevel(logging.ERROR)

    @property
    def options(self) -> dict[str, Any]:
        """Return what the engine is made with; lean reads share its pool, for the server grants no more than so many."""
        return {"pool_size": 10, "max_overflow": 20, "pool_timeout": self.wait_s, "pool_pre_ping": True}

    def begin_reading(self, *, snapshot: bool = False) -> list[str]:
        """Return the statements that begin a transaction which only reads."""
        return ["SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"] if snapshot else []

    def begin_writing(self, wait_s: float | None = None, *, alone: bool | None = None) -> list[str]:  # noqa: ARG002
        """Return the statements that begin a transaction which writes."""
        # Taken first of all, so that it can't take part in a deadlock.
        shared = "" if alone else "_shared"
        return [] if alone is None else [f"SELECT pg_advisory_xact_lock{shared}({RULES_LOCK})"]
