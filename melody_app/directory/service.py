"""What happens to numbers and departments: the only place that writes them.

What deletes entries runs alone: no rule can take a number between the question which rules use it and its end.
"""

from collections.abc import Callable, Container
from typing import Any, TypeVar

from melody_app import journal
from melody_app.db import ATTEMPTS, DuplicateError, UnavailableError, read, write
from melody_app.directory.difference import Difference, Sheet, compare
from melody_app.directory.refusals import (
    ChangedMeanwhileError,
    InUseError,
    NoEntryError,
    NoIdLeftError,
    RefusedError,
    StaleEntryError,
    TakenError,
)
from melody_app.directory.store import Directory, Entry, Row, fingerprint
from melody_app.fields import MAX_ID
from melody_app.lean import Lean

T = TypeVar("T")

Versions = Container[int] | None
"""The versions that a change was meant for; None for whatever is there."""

IMPORT_ID = 0
"""What the journal calls the subject of an import, which is no single entry."""


def get(directory: Directory, entry_id: int) -> Entry:
    """Return an entry.

    Raises:
        NoEntryError: there is none.
    """
    with read() as lean:
        stored = lean.one(directory.find, entry_id=entry_id)
    if stored is None:
        raise NoEntryError
    return directory.entry(stored)


def get_all(directory: Directory) -> tuple[list[Entry], str]:
    """Return the whole directory in the order of the ids, and its fingerprint."""
    with read(snapshot=True) as lean:
        stored = lean.all(directory.all)
    return [directory.entry(each) for each in stored], fingerprint(stored)


def create(
    directory: Directory, values: dict[str, Any], entry_id: int | None = None, *, dry_run: bool = False
) -> Entry:
    """Add an entry.

    Args:
        directory: to which directory.
        values: what its columns say.
        entry_id: its id; the next free one when absent.
        dry_run: answer what would happen and store nothing.

    Raises:
        TakenError: another entry has the id or the number.
        NoIdLeftError: none was given, and there is no next one.
        UnavailableError: the database can't take the change now.
    """

    def work(lean: Lean) -> Entry:
        its_id = entry_id or _next_id(lean, directory)
        entry = Entry(directory, its_id, 1, values)
        lean.count(directory.insert, **directory.parameters(_row(its_id, values)))
        journal.record(lean, "created", directory.subject, its_id, after=entry.to_entry())
        return entry

    entry = _settle(work, directory, values, entry_id, keep=not dry_run)
    return Entry(directory, entry_id, 1, values) if dry_run else entry


def change(
    directory: Directory, entry_id: int, values: dict[str, Any], *, versions: Versions = None, dry_run: bool = False
) -> Entry:
    """Replace the whole of what an entry says.

    Args:
        directory: in which directory.
        entry_id: which entry.
        values: what its columns shall say.
        versions: the versions that this was meant for.
        dry_run: answer what would happen and store nothing.

    Raises:
        NoEntryError: there is no such entry.
        StaleEntryError: it has another version by now.
        TakenError: another entry has the number.
        UnavailableError: the database can't take the change now.
    """

    def work(lean: Lean) -> Entry:
        before = _find(lean, directory, entry_id, versions)
        after = Entry(directory, entry_id, before.version + 1, values)
        lean.count(directory.update, **directory.parameters(_row(entry_id, values)))
        journal.record(lean, "changed", directory.subject, entry_id, before=before.to_entry(), after=after.to_entry())
        return after

    return _settle(work, directory, values, None, own_id=entry_id, keep=not dry_run)


def delete(directory: Directory, entry_id: int, *, versions: Versions = None, dry_run: bool = False) -> Entry:
    """Delete an entry and return it as it was.

    Args:
        directory: from which directory.
        entry_id: which entry.
        versions: the versions that this was meant for.
        dry_run: answer what would happen and store nothing.

    Raises:
        NoEntryError: there is no such entry.
        StaleEntryError: it has another version by now.
        InUseError: a rule uses it.
        UnavailableError: the database can't take the change now.
    """

    def work(lean: Lean) -> Entry:
        before = _find(lean, directory, entry_id, versions)
        if held := directory.held(lean, [entry_id]):
            raise InUseError(held)
        lean.count(directory.delete, entry_id=entry_id)
        journal.record(lean, "deleted", directory.subject, entry_id, before=before.to_entry())
        return before

    return write(work, keep=not dry_run, alone=True)


def preview(directory: Directory, sheet: Sheet, *, keep: bool = False) -> Difference:
    """Return what taking over a list would change now, and what stands in the way.

    Args:
        directory: which directory.
        sheet: the list.
        keep: leave entries alone that the list lacks, instead of deleting them.
    """
    with read(snapshot=True) as lean:
        return _compare(lean, directory, sheet, lean.all(directory.all), keep=keep)


def take_over(
    directory: Directory, sheet: Sheet, *, keep: bool = False, meant_for: Callable[[str], bool] | None = None
) -> Difference:
    """Let the directory say what a list says: all of it, or nothing.

    Args:
        directory: which directory.
        sheet: the list.
        keep: leave entries alone that the list lacks, instead of deleting them.
        meant_for: tells whether a directory with this fingerprint is the one that the list was meant for.

    Returns:
        What was changed.

    Raises:
        RefusedError: something in the list is wrong.
        InUseError: rules use what would be deleted.
        ChangedMeanwhileError: the directory is another one by now.
        UnavailableError: the database can't take the change now.
    """
    for _ in range(ATTEMPTS):
        difference = preview(directory, sheet, keep=keep)
        if meant_for and not meant_for(difference.seen):
            raise ChangedMeanwhileError
        refuse_impossible(difference)
        if difference.is_empty or _apply(difference):
            return difference
        # Somebody has changed the directory since it was compared: compare again.
    raise UnavailableError


def refuse_impossible(difference: Difference) -> None:
    """Refuse a difference that something stands in the way of.

    Raises:
        RefusedError: something in the list is wrong.
        InUseError: rules use what would be deleted.
    """
    if difference.refused:
        raise RefusedError(difference)
    if difference.held:
        raise InUseError(difference.held)


def _compare(lean: Lean, directory: Directory, sheet: Sheet, stored: list[Any], *, keep: bool) -> Difference:
    difference = compare(directory, sheet, stored, keep=keep)
    difference.held = directory.held(lean, [row[0] for row in difference.gone])
    return difference


def _apply(difference: Difference) -> bool:
    """Store a difference, and tell whether the directory still was what it was found against.

    Everything is made ready before the transaction, in which others wait for their turn.
    """
    directory = difference.directory
    gone = [{"entry_id": row[0]} for row in difference.gone]
    changed = [directory.parameters(after) for _, after in difference.changed]
    new = [directory.parameters(row) for row in difference.new]
    # Two entries may swap their numbers: each is given up before either is taken. No real number begins so.
    moved = [after[0] for before, after in difference.changed if directory.unique and before[1] != after[1]]
    given_up = [{"entry_id": each, "value": f"~{at}"} for at, each in enumerate(moved)]

    def work(lean: Lean) -> bool:
        if fingerprint(lean.all(directory.all)) != difference.seen:
            return False
        if held := directory.held(lean, [row[0] for row in difference.gone]):
            raise InUseError(held)
        directory.delete_many.run(lean, gone)
        lean.many(directory.set_unique, given_up)
        directory.update_many.run(lean, changed)
        directory.insert_many.run(lean, new)
        journal.record(lean, "imported", directory.subject, IMPORT_ID, after=difference.counts)
        return True

    return write(work, alone=True)


def _settle(
    work: Callable[[Lean], T],
    directory: Directory,
    values: dict[str, Any],
    wanted_id: int | None,
    *,
    own_id: int | None = None,
    keep: bool,
) -> T:
    for _ in range(ATTEMPTS):
        try:
            return write(work, keep=keep, alone=wanted_id is None)  # the next id is asked for, then taken
        except DuplicateError:
            if holders := _holders(directory, values, wanted_id, own_id):
                raise TakenError(holders) from None
            # Whoever had it has let go since: try again.
    raise UnavailableError


def _holders(directory: Directory, values: dict[str, Any], wanted_id: int | None, own_id: int | None) -> dict[str, int]:
    holders = {}
    with read() as lean:
        if wanted_id is not None and lean.one(directory.find, entry_id=wanted_id):
            holders["id"] = wanted_id
        if directory.unique and (found := lean.one(directory.with_unique, value=values[directory.unique])):
            holders[directory.unique] = found[0]
    return {field: holder for field, holder in holders.items() if holder != own_id}


def _find(lean: Lean, directory: Directory, entry_id: int, versions: Versions) -> Entry:
    stored = lean.one(directory.find_and_lock, entry_id=entry_id)
    if stored is None:
        raise NoEntryError
    entry = directory.entry(stored)
    if versions is not None and entry.version not in versions:
        raise StaleEntryError(entry)
    return entry


def _next_id(lean: Lean, directory: Directory) -> int:
    last = max(each or 0 for each in lean.one(directory.last_ids))
    if last >= MAX_ID:
        raise NoIdLeftError
    return int(last) + 1


def _row(entry_id: int, values: dict[str, Any]) -> Row:
    return (entry_id, *values.values())
