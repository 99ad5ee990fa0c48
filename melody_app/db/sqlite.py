"""SQLite: the database in a file beside us."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, Table, event
from sqlalchemy.engine import make_url

from melody_app.db import copies
from melody_app.db.driver import driver, refuse_old_library
from melody_app.db.errors import CopyError
from melody_app.db.gate import Gate
from melody_app.db.kind import READ_WAIT_S, Kind, Staged


class Sqlite(Kind):
    """Let one writer in at a time, in turn, and keep readers apart from them.

    Args:
        url: `sqlite:////path`, or `sqlite:///path` within the folder. What isn't there of it is made, for nobody else to read.
        wait_s: the longest wait for a write's turn, in seconds.
        folder: where a path that doesn't begin at the root begins, as it does for Flask-SQLAlchemy.

    Raises:
        SystemExit: the SQLite library linked here has a bug that loses data, or the file can't be made.
    """

    keeps_connections = True
    is_at_hand = True
    phrase_table = True

    # FULL: after a power cut NORMAL had lost acknowledged rules in every trial, FULL in none.
    settings = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON")
    # Each thread's connection would fill 2 MB of its own with pages that the system keeps in memory anyhow.
    reader_settings = ("PRAGMA cache_size=-200",)

    def __init__(self, url: str, wait_s: int, folder: str) -> None:
        super().__init__(wait_s)
        refuse_old_library()
        self.path = Path(folder, make_url(url).database or "")
        _make(self.path)
        self.gate = Gate(self.path, wait_s)
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

    @contextmanager
    def copying(self, path: Path) -> Iterator[Connection]:
        """Write a copy of the database to a new file; the body may look into it before it gets its name."""
        with copies.saying(f"{path} was not written", self._way_out):
            copies.refuse_existing(path)
            with copies.drafts(path.parent) as draft:
                copies.pour(self.path, draft)
                copies.sign(draft)
                copies.refuse_damaged(draft, f"What is stored in {self.path}", self._way_out)
                with copies.opened(draft) as connection:
                    yield connection
                copies.give_name(draft, path)

    @contextmanager
    def staging(self, path: Path) -> Iterator[Staged]:
        """Give the body a copy of a copy, sound and its alone, to be made fit for `take_over`."""
        with copies.saying(f"What is stored in {self.path} can't be read", self._way_out):
            page_size = copies.page_size(self.path)
        with copies.saying("Nothing was restored"), copies.drafts(self.path.parent) as draft:
            with copies.saying(f"{path} can't be restored"):
                copies.refuse_no_file(path)
                if path.samefile(self.path):
                    raise CopyError(f"{path} can't be restored: it is the database itself.")
                copies.refuse_damaged(path, str(path))
                copies.pour(path, draft, page_size=page_size)
                made_at = copies.made_at(path)
            yield Staged(f"sqlite:///{draft}", draft, made_at)

    def take_over(self, staged: Staged) -> Path | None:
        """Put what was staged in the place of what is stored, at once and for everybody, and keep that in a file."""
        # Nobody writes from here on: what is kept is all that anybody was told to be stored.
        with copies.saying("Nothing was restored"), self.turn():
            kept = None if copies.is_empty(self.path) else self._keep()
            copies.keep_ids(self.path, staged.path)
            copies.replace(self.path, staged.path, self.settings)
        with suppress(CopyError), copies.saying("The log is long"):
            copies.shorten_log(self.path)
        return kept

    def _keep(self) -> Path:
        moment = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
        kept = self.path.with_name(f"{self.path.stem}-before-restore-{moment}{self.path.suffix}")
        with self.copying(kept):
            return kept

    @property
    def _way_out(self) -> str:
        name = self.path.name
        return f" Stop the service, move {name} and {name}-wal elsewhere, and restore a backup."


def _options(wait_s: float) -> dict[str, Any]:
    return {
        "module": driver,
        # Without its own transactions the driver leaves BEGIN to us: its default loses updates.
        "connect_args": {"isolation_level": None, "check_same_thread": False, "timeout": wait_s},
        "pool_size": 64,
        "pool_reset_on_return": None,  # lean statements and sessions roll back themselves what they leave open
    }


def _make(path: Path) -> None:
    """Make the file, and the folder that it stands in, unless they are there: SQLite would let everybody read it.

    Raises:
        SystemExit: they can't be made.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            # One that is there is not even opened: to close it would end the locks that this process has on it (fcntl(2)).
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise SystemExit(
            f"The database {path} can't be made: {error.strerror}. MELODY_INSTANCE_PATH or MELODY_DATABASE_URL says where it is."
        ) from error


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
