"""Copies of a SQLite database, each in a file of its own: whole, or not there at all."""

import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, NullPool, create_engine
from sqlalchemy.exc import DBAPIError

from melody_app.db.driver import driver
from melody_app.db.errors import CopyError, UnavailableError

MINUTE_S = 60
SHORTENINGS = 20
SHORTEN_AGAIN_S = 0.05
BUSY = frozenset({5, 6})  # sqlite.org/rescode.html


@contextmanager
def saying(what: str, advice: str = "") -> Iterator[None]:
    """Turn what a file system or the driver refuses the body into a sentence.

    Args:
        what: what can't be done then.
        advice: what to do where the database is damaged.

    Raises:
        CopyError: it was refused.
    """
    try:
        yield
    except OSError as error:
        raise CopyError(f"{what}: {error.strerror}.") from error
    except (driver.Error, DBAPIError) as error:
        refusal = getattr(error, "orig", error)
        is_damage = not isinstance(refusal, driver.OperationalError)
        raise CopyError(f"{what}: {refusal}.{advice if is_damage else ''}") from error


@contextmanager
def drafts(folder: Path) -> Iterator[Path]:
    """Give the body the name of a new file that nobody else may read; it is gone afterwards, with what SQLite puts beside it.

    Args:
        folder: where, so that the file can get a name there without being copied again.
    """
    with TemporaryDirectory(prefix=".melody-", dir=folder) as private:
        draft = Path(private) / "copy.db"
        draft.touch(mode=0o600)
        yield draft


@contextmanager
def opened(path: Path, mode: str = "ro", *, wait_s: float = 5) -> Iterator[Connection]:
    """Give the body a connection to the database in a file, outside of any transaction.

    Args:
        path: the file, which has to be there.
        mode: `ro` to read alone, `rw` to write as well.
        wait_s: the longest wait for a lock, in seconds.
    """
    # A URI holds whatever bytes the name has; the driver takes no other name that isn't UTF-8.
    address = f"{path.absolute().as_uri()}?mode={mode}"
    engine = create_engine(
        "sqlite://",
        module=driver,
        creator=lambda: driver.connect(address, uri=True, isolation_level=None, timeout=wait_s),
        poolclass=NullPool,
    )
    with engine.connect() as connection:
        yield connection


def page_size(path: Path) -> int:
    """Return in which portions a database is kept."""
    with opened(path) as connection:
        connection.exec_driver_sql("SELECT 1 FROM sqlite_master")  # the pragma alone reads no file
        return int(connection.exec_driver_sql("PRAGMA page_size").scalar_one())


def is_empty(path: Path) -> bool:
    """Tell whether a database has no table."""
    with opened(path) as connection:
        return connection.exec_driver_sql("SELECT 1 FROM sqlite_master").first() is None


def pour(source: Path, draft: Path, *, page_size: int | None = None) -> None:
    """Write what a database holds at this moment into an empty file; who uses it is not disturbed.

    Args:
        source: the database.
        draft: the file.
        page_size: in which portions; those of the source when absent.
    """
    with opened(source) as connection:
        if page_size:
            connection.exec_driver_sql(f"PRAGMA page_size={page_size}")
        connection.exec_driver_sql("VACUUM INTO ?", (draft.absolute().as_uri(),))


def refuse_no_file(path: Path) -> None:
    """Refuse a folder, or whatever else isn't a file.

    Raises:
        CopyError: it is none.
        OSError: there is nothing of this name.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise CopyError(f"{path} can't be restored: it is no file.")


def refuse_damaged(path: Path, what: str, advice: str = "") -> None:
    """Look through a whole file.

    Args:
        path: the file.
        what: what is damaged then.
        advice: what to do about it.

    Raises:
        CopyError: it is damaged.
    """
    with opened(path) as connection:
        (found,) = connection.exec_driver_sql("PRAGMA integrity_check(1)").one()
        if found != "ok":
            raise CopyError(f"{what} is damaged: {found}.{advice}")
        if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise CopyError(f"{what} is damaged: it refers to rows that are not in it.{advice}")


def sign(draft: Path) -> None:
    """Let a copy say when it was made, to the minute: a file's own time doesn't outlive every way to another machine."""
    with opened(draft, "rw") as connection:
        connection.exec_driver_sql(f"PRAGMA user_version={int(time.time()) // MINUTE_S}")


def made_at(path: Path) -> datetime:
    """Return when a copy was made; what wasn't made by `sign` has the file's time."""
    with opened(path) as connection:
        minutes = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
    return datetime.fromtimestamp(minutes * MINUTE_S if minutes > 0 else path.stat().st_mtime, UTC)


def refuse_existing(path: Path) -> None:
    """Refuse a name that something has.

    Raises:
        CopyError: something has it.
    """
    if os.path.lexists(path):
        raise CopyError(f"{path} is there already. Name a new file, or move that one away first.")


def give_name(draft: Path, path: Path) -> None:
    """Let a draft be found under its name from now on, also after a power cut.

    Raises:
        CopyError: something has the name.
    """
    _sync(draft)
    try:
        path.hardlink_to(draft)  # unlike a new name by rename(2), it takes nobody's place
    except FileExistsError:
        refuse_existing(path)
        raise
    except OSError:  # a memory stick's file system has no links
        refuse_existing(path)
        draft.rename(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def keep_ids(live: Path, draft: Path) -> None:
    """Let no id be given again that the live database gave since the copy was made: programs may still hold it."""
    with opened(draft, "rw") as connection:
        connection.exec_driver_sql("ATTACH ? AS live", (f"{live.absolute().as_uri()}?mode=ro",))
        if not connection.exec_driver_sql("SELECT 1 FROM live.sqlite_master WHERE name = 'sqlite_sequence'").first():
            return
        connection.exec_driver_sql(
            "UPDATE main.sqlite_sequence SET seq = given.seq FROM live.sqlite_sequence given"
            " WHERE given.name = sqlite_sequence.name AND given.seq > sqlite_sequence.seq"
        )
        connection.exec_driver_sql(
            "INSERT INTO main.sqlite_sequence (name, seq) SELECT name, seq FROM live.sqlite_sequence"
            " WHERE name IN (SELECT name FROM main.sqlite_master)"
            " AND name NOT IN (SELECT name FROM main.sqlite_sequence)"
        )


def replace(live: Path, draft: Path, settings: tuple[str, ...]) -> None:
    """Put what a draft holds in the place of what a live database holds, by one transaction.

    Who reads at this moment goes on with what was there; whoever begins to read afterwards, by whatever connection, reads what
    is there now.

    Args:
        live: the database; its writers' turn is ours.
        draft: the copy, with pages of the same size.
        settings: what the live database's connections are told.

    Raises:
        UnavailableError: somebody writes out of turn.
    """

    def give_up(status: int, _left: int, _all: int) -> None:
        if status in BUSY:  # else the driver would try again for ever
            raise UnavailableError

    with opened(draft) as source, opened(live, "rw") as target:
        for each in settings:
            target.exec_driver_sql(each)
        origin: Any = source.connection.driver_connection
        origin.backup(target.connection.driver_connection, progress=give_up)


def shorten_log(live: Path) -> None:
    """Give back the room that all of the database took in its log, if nobody reads there any more; else a later one does."""
    # Not a moment's wait in SQLite itself: it would let nobody write meanwhile.
    with opened(live, "rw", wait_s=0) as connection:
        for _ in range(SHORTENINGS):
            is_busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
            if not is_busy:
                break
            time.sleep(SHORTEN_AGAIN_S)
