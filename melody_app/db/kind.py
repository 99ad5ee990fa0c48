"""What a kind of database has for itself, under names that are the same for both."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from melody_app.db.gate import Gate

READ_WAIT_S = 0.5
"""The longest wait of a lean read for a lock, in seconds: a caller waits for a lookup. Then it is a 503."""


@dataclass(frozen=True)
class Staged:
    """A copy that stands ready to be taken over, as a database of its own.

    Args:
        url: what an application connects to it by.
        path: its file.
        made_at: when the copy was made.
    """

    url: str
    path: Path
    made_at: datetime


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

    is_at_hand = False
    """Whether a lookup waits for nothing but a file beside us; a server's answer comes when it comes."""

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

    @abstractmethod
    def copying(self, path: Path) -> AbstractContextManager[Connection]:
        """Write a copy of the database to a new file; the body may look into it before it gets its name.

        Args:
            path: the file.

        Raises:
            CopyError: it can't be written; there is no such file then.
        """

    @abstractmethod
    def staging(self, path: Path) -> AbstractContextManager[Staged]:
        """Give the body a copy of a copy, sound and its alone, to be made fit for `take_over`.

        Args:
            path: the file that `copying` wrote.

        Raises:
            CopyError: it can't be read, or is damaged.
        """

    @abstractmethod
    def take_over(self, staged: Staged) -> Path | None:
        """Put what was staged in the place of what is stored, at once and for everybody, and keep that in a file.

        Args:
            staged: the copy, to which nothing is connected any more.

        Returns:
            The file that keeps what was stored; None where there was nothing.

        Raises:
            CopyError: what is stored stays as it is.
            UnavailableError: likewise; the turn did not come in time.
        """
