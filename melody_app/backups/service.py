"""What happens to backups.

What a backup lacks of this version, and what must not come back with it, is seen to in a copy of it: only what is fit in every
part takes the place of what is stored, and takes it at once.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import Flask
from sqlalchemy import Connection, delete, func, inspect, select

from melody_app import journal
from melody_app.actor import set_actor, the_actor
from melody_app.db import CopyError, Staged, db, disconnect, init_app, the_kind, write_session
from melody_app.models import Rule, SignIn
from melody_app.schema import bring_up_to_date, is_known, migrate, newest_revision, stored_revision

SUBJECT_ID = 1
"""There is one database."""


@dataclass(frozen=True)
class Written:
    """A backup that was written.

    Args:
        bytes: its size.
        rules: how many rules it holds.
    """

    bytes: int
    rules: int


@dataclass(frozen=True)
class Prepared:
    """A backup that can take the place of what is stored.

    Args:
        staged: the copy of it that will do so.
        rules: how many rules it holds.
        rules_now: how many are stored.
    """

    staged: Staged
    rules: int
    rules_now: int

    @property
    def made_at(self) -> datetime:
        """Return when the backup was made."""
        return self.staged.made_at


def back_up(path: Path) -> Written:
    """Write all that is stored to a new file, while others read and write.

    Args:
        path: the file.

    Raises:
        CopyError: it can't be written, or nothing is stored yet.
    """
    with the_kind().copying(path) as copy:
        if not _has_rules(copy):
            raise CopyError("Nothing is stored yet that could be backed up. Run: flask --app wsgi init")
        rules = _count_rules(copy)
    return Written(path.stat().st_size, rules)


@contextmanager
def prepared(path: Path) -> Iterator[Prepared]:
    """Check a backup, and bring a copy of it to where it can be restored in one step; nothing stored is touched.

    Args:
        path: the backup.

    Raises:
        CopyError: it can't be restored.
    """
    with the_kind().staging(path) as staged:
        rules = _fit(staged, path)
        with db.engine.connect() as connection:
            rules_now = _count_rules(connection) if _has_rules(connection) else 0
        yield Prepared(staged, rules, rules_now)


def restore(backup: Prepared) -> Path | None:
    """Put a backup in the place of what is stored, for whoever asks from now on.

    Args:
        backup: what to put there.

    Returns:
        The backup of what was stored until now; None where nothing was.

    Raises:
        CopyError: what is stored stays as it is.
        UnavailableError: likewise; the database is busy.
    """
    return the_kind().take_over(backup.staged)


def _fit(staged: Staged, path: Path) -> int:
    """Bring a copy's schema up to date, end its sign-ins, let its journal tell of it; return how many rules it holds.

    It is done as to any database, by an application on the copy alone.
    """
    actor, wait_s = the_actor(), the_kind().wait_s
    app = Flask(__name__)
    init_app(app, staged.url, wait_s=int(wait_s))
    migrate.init_app(app)
    with app.app_context():
        set_actor(actor)
        try:
            _refuse_foreign(path)
            bring_up_to_date()
            with write_session() as session:
                # One that was ended since the backup was made would open the door again.
                session.execute(delete(SignIn))
                journal.record(session, "restored", "database", SUBJECT_ID, after={"name": _spell(path)})
            with db.engine.connect() as connection:
                return _count_rules(connection)
        finally:
            disconnect()


def _spell(path: Path) -> str:
    return os.fsencode(path.name).decode("utf-8", "replace")  # a file's name may be no text


def _refuse_foreign(path: Path) -> None:
    revision = stored_revision()
    with db.engine.connect() as connection:
        is_ours = _has_rules(connection)
    if revision is None or not is_ours:
        raise CopyError(f"{path} can't be restored: it isn't a backup of Melody.")
    if not is_known(revision):
        raise CopyError(
            f"{path} can't be restored: it was made by a newer version of Melody. Its schema is {revision}, "
            f"and this version knows those up to {newest_revision()}. Install that version first."
        )


def _has_rules(connection: Connection) -> bool:
    return inspect(connection).has_table(Rule.__tablename__)


def _count_rules(connection: Connection) -> int:
    return connection.scalar(select(func.count()).select_from(Rule)) or 0
