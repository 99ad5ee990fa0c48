"""The transactions: by the ORM, or by lean statements on the hot paths."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar

from flask import current_app
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from melody_app.db.base import db
from melody_app.db.errors import DuplicateError, LostRaceError, UnavailableError
from melody_app.db.group import Group, Take, Write
from melody_app.db.kind import Kind
from melody_app.db.lending import Lender
from melody_app.lean import Lean

ATTEMPTS = 5

T = TypeVar("T")


@contextmanager
def write_session() -> Iterator[Session]:
    """Run the body in one write transaction of the ORM: commit at its end, roll back on any error.

    Raises:
        UnavailableError: the turn did not come in time.
    """
    engine = db.engine.execution_options(writing=True)
    with the_kind().turn(), Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


def write(work: Callable[[Lean], T], *, keep: bool = True, alone: bool = False, wait_s: float | None = None) -> T:
    """Run the work in one write transaction of lean statements and commit it.

    The short name is the hot path's: everything else writes by `write_session`.

    Args:
        work: what to do; run again from its start when another transaction got in its way, or a write that was to be
            committed with it failed.
        keep: False rolls back what was done, for a dry run.
        alone: let no other write of lean statements run beside it, for work that reads first what it then changes.
        wait_s: the longest wait for the turn, or where there are no turns for a lock, in seconds; the setting's when absent.

    Raises:
        DuplicateError: a unique constraint refused a row; nothing was stored.
        UnavailableError: the turn did not come in time, or the database can't be reached.
    """
    kind = the_kind()
    group: Group = _own("group")
    for _ in range(ATTEMPTS):
        try:
            if kind.gate and keep and not alone:
                result: T = group.run(work, kind.wait_s if wait_s is None else wait_s)
            else:
                result = _write_one(work, wait_s, keep=keep, alone=alone)
        except LostRaceError:
            continue
        except db.engine.dialect.loaded_dbapi.Error as error:  # of the group: there it had to stay the work's own
            raise told(error) from error
        return result
    raise UnavailableError


def _write_one(work: Callable[[Lean], T], wait_s: float | None, *, keep: bool, alone: bool) -> T:
    """Run the work in a transaction of its own.

    It has no savepoint: in one, each statement that runs a trigger takes SQLite longer the more were run before it (seen with
    3.53.4: 100,000 changed numbers took five minutes).
    """
    with the_kind().turn(wait_s), _writers().lend(the_kind().begin_writing(wait_s, alone=alone)) as lean:
        result = work(lean)
        if keep:
            lean.commit()
        return result


def commit_group(take: Take, wait_s: float) -> None:
    """Wait for the turn, and do and commit in one transaction what waits by then; for `Group`."""
    kind = the_kind()
    with _writers().lend() as lean, kind.turn(wait_s):
        lean.begin(kind.begin_writing())
        writes = take()
        if not all(each.do(lean) for each in writes):
            lean.roll_back()
            if len(writes) > 1:
                lean.begin(kind.begin_writing())
                _do_apart(writes, lean)
        lean.commit()


def _do_apart(writes: list[Write], lean: Lean) -> None:
    """Do all of it again, each in a savepoint: what fails is undone without what else its transaction holds.

    Only when one has failed: two statements more for each write are felt.
    """
    for each in writes:
        lean.begin(["SAVEPOINT work"])
        is_done = each.do(lean)
        if not lean.in_transaction:  # a full disk, for one, rolls back all of it: what comes next would stand alone
            raise UnavailableError
        lean.begin(["RELEASE work"] if is_done else ["ROLLBACK TO work", "RELEASE work"])


def read(*, snapshot: bool = False) -> AbstractContextManager[Lean]:
    """Give the body lean statements to read with.

    Args:
        snapshot: let all statements of the body see one state of the database, and take the time that they need; without
            it, they are lookups, that are answered soon or not at all.

    Raises:
        UnavailableError: the database can't answer now.
    """
    readers: Lender = _own("readers")
    return readers.lend(the_kind().begin_reading(snapshot=True) if snapshot else ())


@contextmanager
def migrating() -> Iterator[Connection]:
    """Give migrations a connection, in the writers' turn."""
    with (
        the_kind().turn(),
        db.engine.connect().execution_options(writing=True) as connection,
        the_kind().migrating(connection),
    ):
        yield connection


def has_phrase_table() -> bool:
    """Tell whether parts of words are found by a table of full-text search."""
    return the_kind().phrase_table


def the_kind() -> Kind:
    """Return what the application's database has for itself."""
    kind: Kind = _own("kind")
    return kind


def _writers() -> Lender:
    writers: Lender = _own("writers")
    return writers


def _own(name: str) -> Any:
    # Each look through the proxy costs the hot path as much as a statement's parameters do.
    return current_app._get_current_object().extensions[f"melody_{name}"]  # type: ignore[attr-defined]


def told(error: Any) -> Exception:
    """Return how an error of the driver is told; the services know no driver."""
    if isinstance(error, db.engine.dialect.loaded_dbapi.IntegrityError):
        return DuplicateError()
    return LostRaceError() if getattr(error, "sqlstate", None) in the_kind().transient else UnavailableError()
