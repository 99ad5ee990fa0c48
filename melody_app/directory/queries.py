"""Read a directory for lists: the API's and the page's."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from melody_app.db import db
from melody_app.directory import finding
from melody_app.directory.store import DEPARTMENTS, NUMBERS, Directory, Entry
from melody_app.models import JournalEntry
from melody_app.paging import Page

_COLUMNS = {
    NUMBERS.name: {"number": "number", "comment": "search_key", "type": "type", "state": "state", "id": "id"},
    DEPARTMENTS.name: {"name": "search_key", "short_phone": "short_phone", "id": "id"},
}
SORTS = {name: [sign + sort for sort in columns for sign in ("", "-")] for name, columns in _COLUMNS.items()}
"""What the page's table can be sorted by."""


@dataclass(frozen=True)
class Row:
    """An entry as the table shows it, with the rule that uses it."""

    entry: Entry
    rule_id: int | None

    @property
    def id(self) -> int | None:
        """Return the entry's id."""
        return self.entry.id

    @property
    def name(self) -> str:
        """Return what people call the entry."""
        return self.entry.name

    @property
    def values(self) -> dict[str, Any]:
        """Return what the entry's columns say."""
        return self.entry.values


@dataclass(frozen=True)
class Saving:
    """Who last saved an entry, and when."""

    person: str
    at: datetime


def list_entries(directory: Directory, *, limit: int | None, after: int, **equal: Any) -> tuple[list[Entry], int, bool]:
    """Return entries in the order of their ids, how many there are in all, and whether more follow.

    Args:
        directory: which directory.
        limit: how many at most; all when absent.
        after: only ids above this one.
        equal: what columns must say; None for whatever.
    """
    model = directory.model
    wanted = [getattr(model, name) == value for name, value in equal.items() if value is not None]
    total = db.session.scalar(select(func.count()).select_from(model).where(*wanted)) or 0
    statement = _entries(directory).where(*wanted, model.id > after).order_by(model.id)
    rows = db.session.execute(statement.limit(limit + 1 if limit else None)).all()
    more = limit is not None and len(rows) > limit
    return [directory.entry(row) for row in rows[:limit]], total, more


def search(directory: Directory, text: str, sort: str, number: int) -> Page:
    """Return a page of the table.

    Args:
        directory: which directory.
        text: an id, digits anywhere in a number, or a part of a comment or a name; empty for all.
        sort: one of SORTS.
        number: which page, from 1; the last one when there are fewer.
    """
    model = directory.model
    columns = dict.fromkeys([_COLUMNS[directory.name][sort.removeprefix("-")], "id"])
    order = [getattr(model, each) for each in columns]
    page = finding.find_page(model, text, order, number, descending=sort.startswith("-"))
    found = {
        row.id: _row(directory, row) for row in db.session.execute(_with_rule(directory).where(model.id.in_(page.rows)))
    }
    page.rows = [found[each] for each in page.rows]
    return page


def get_row(directory: Directory, entry_id: int) -> Row | None:
    """Return an entry with the rule that uses it, or None."""
    found = db.session.execute(_with_rule(directory).where(directory.model.id == entry_id)).one_or_none()
    return _row(directory, found) if found else None


def last_saving(directory: Directory, entry_id: int) -> Saving | None:
    """Return who last saved an entry by itself; None if only imports did."""
    entry = db.session.scalar(
        select(JournalEntry)
        .where(JournalEntry.subject == directory.subject, JournalEntry.subject_id == entry_id)
        .order_by(JournalEntry.id.desc())
        .limit(1)
    )
    return Saving(entry.person, entry.at) if entry else None


def _entries(directory: Directory) -> Select[Any]:
    model = directory.model
    return select(model.id, model.version, *(getattr(model, name) for name in directory.columns))


def _with_rule(directory: Directory) -> Select[Any]:
    return (
        _entries(directory)
        .add_columns(directory.rules.rule_id)
        .join(directory.rules, directory.target == directory.model.id, isouter=True)
    )


def _row(directory: Directory, found: Any) -> Row:
    *stored, rule_id = found
    return Row(directory.entry(stored), rule_id)
