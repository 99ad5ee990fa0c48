"""What a kind of database has for itself, under names that are the same for both."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from sqlalchemy import Connection

from melody_app.db.gate import Gate

READ_WAIT_S = 0.5
"""The longest wait of a lean read for a lock, in seconds: a caller waits for a lookup. Then it is a 503."""


class Kind(ABC):
    """Know how one kind of database is connected to and how its transactions begin.

    Args:
        wait_s: the longest wait for a write's turn, in seconds.
    """

    gate: Gate | None = None
    """What lets one writer in at a time; None where the database itself lets them wait for each other's rows."""

    transient: frozenset[str] = frozenset()
    """SQLSTATEs of a transaction that lost to another and may be run again."""

    keeps_connections = False
    """Whether a connection lasts until its process ends; one to a server may be cut at any time, which the pool finds out."""

    reader_options: dict[str, Any] | None = None
    """What the engine of lean reads is made with; None where they share the pool with all else."""

    phrase_table = False
    """Whether parts of words are found by a table of full-text search; else an index does it behind LIKE by itself."""

    settings: tuple[str, ...] = ()
    """The statements that a new connection is told once."""

    reader_settings: tuple[str, ...] = ()
    """What a connection of lean reads is told besides."""

    def __init__(self, wait_s: float) -> None:
        self.wait_s = wait_s

    @property
    @abstractmethod
    def options(self) -> dict[str, Any]:
        """Return what the engine is made with."""

    @abstractmethod
    def begin_reading(self, *, snapshot: bool = False) -> list[str]:
        """Return the statements that begin a transaction which only reads, and takes the time that it needs.

        Args:
            snapshot: let all its statements see one state of the database.
        """

    @abstractmethod
    def begin_writing(self, wait_s: float | None = None, *, alone: bool | None = None) -> list[str]:
        """Return the statements that begin a transaction which writes.

        Args:
            wait_s: the longest wait for a lock, in seconds; the setting's when absent.
            alone: whether no other write of lean statements may run beside it; None for one of the ORM.
        """

    def turn(self, wait_s: float | None = None) -> AbstractContextManager[None]:
        """Let the body write when its turn comes, where writers take turns.

        Args:
            wait_s: the longest wait for it, in seconds; the setting's when absent.

        Raises:
            UnavailableError: it did not come in time.
        """
        return self.gate.turn(wait_s) if self.gate else nullcontext()

    @contextmanager
    def migrating(self, connection: Connection) -> Iterator[None]:
        """Let the body change the schema, and commit it.

        Args:
            connection: the one that does it, before its transaction begins.
        """
        yield
        connection.commit()
