"""Write the journal, in the same transaction as the change that it tells of."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g
from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.orm import Session

from melody_app.actor import the_actor
from melody_app.db import db
from melody_app.lean import Lean, LeanStatement
from melody_app.models import JournalEntry

COLUMNS = ("person", "door", "action", "subject", "subject_id", "before", "after", "request_id")

_INSERT_ONLY = insert(JournalEntry).values({name: bindparam(name) for name in COLUMNS})
_INSERT = LeanStatement(_INSERT_ONLY.returning(JournalEntry.id))
_INSERT_MANY = LeanStatement(_INSERT_ONLY)


@dataclass(frozen=True)
class Change:
    """One of many things that are done at once.

    Args:
        action: `created`, `changed`, `deleted`.
        subject_id: what it was done to.
        before: what that was, by `spell`; None when it was not there.
        after: what it is, by `spell`; None when it is gone.
    """

    action: str
    subject_id: int
    before: str | None = None
    after: str | None = None


def record(
    place: Lean | Session,
    action: str,
    subject: str,
    subject_id: int,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> int:
    """Add an entry, done by whoever acts now.

    Args:
        place: the transaction of the change itself.
        action: `created`, `changed`, `deleted`, …
        subject: what kind of thing it was done to: `rule`, `person`, `token`.
        subject_id: which one.
        before: what it was, None when it was not there.
        after: what it is, None when it is gone.

    Returns:
        The entry's id.
    """
    values = {**_doing(), "action": action, "subject": subject, "subject_id": subject_id}
    if isinstance(place, Lean):
        row = place.one(_INSERT, **values, before=_text(before), after=_text(after))
        return int(row[0])
    entry = JournalEntry(**values, before=before, after=after)
    place.add(entry)
    place.flush()
    return entry.id


def record_many(lean: Lean, subject: str, changes: Iterable[Change]) -> None:
    """Add an entry for each of many changes, done by whoever acts now.

    Args:
        lean: the transaction of the changes themselves.
        subject: what kind of thing they were done to.
        changes: what was done.
    """
    doing = {**_doing(), "subject": subject}
    lean.many(_INSERT_MANY, [{**doing, **vars(each)} for each in changes])


def _doing() -> dict[str, str]:
    """Say who acts, and in which request."""
    actor = the_actor()
    return {"person": actor.name, "door": actor.door, "request_id": g.get("request_id", "")}


def find(entry_id: int, *, action: str, subject: str) -> JournalEntry | None:
    """Return an entry if it tells of the action on such a subject, else None."""
    entry = db.session.get(JournalEntry, entry_id)
    return entry if entry and (entry.action, entry.subject) == (action, subject) else None


@dataclass(frozen=True)
class Filter:
    """Which entries to show.

    Args:
        rule: only what was done to this rule.
        person: only what was done by this person or token.
        since: only from this moment on.
        until: only before this moment.
        before: only entries before this one, for the next page.
    """

    rule: int | None = None
    person: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


def list_entries(wanted: Filter, limit: int) -> list[JournalEntry]:
    """Return the newest entries first.

    Args:
        wanted: which.
        limit: how many at most.
    """
    statement = select(JournalEntry)
    if wanted.rule is not None:
        statement = statement.where(JournalEntry.subject == "rule", JournalEntry.subject_id == wanted.rule)
    if wanted.person is not None:
        statement = statement.where(JournalEntry.person == wanted.person)
    if wanted.since is not None and wanted.until is not None:
        statement = statement.where(JournalEntry.at >= wanted.since, JournalEntry.at < wanted.until)
    if wanted.before is not None:
        statement = statement.where(JournalEntry.id < wanted.before)
    return list(db.session.scalars(statement.order_by(JournalEntry.id.desc()).limit(limit)))


def list_persons() -> list[str]:
    """Return everybody who stands in the journal, each found by a step in the index, however much he has done."""
    first = select(func.min(JournalEntry.person).label("person")).cte("persons", recursive=True)
    after = select(func.min(JournalEntry.person)).where(JournalEntry.person > first.c.person).scalar_subquery()
    persons = first.union_all(select(after).where(first.c.person.is_not(None)))
    return list(db.session.scalars(select(persons.c.person).where(persons.c.person.is_not(None))))


def spell(value: dict[str, Any]) -> str:
    """Spell what something was, or is, as the journal keeps it."""
    return json.dumps(value)


def _text(value: dict[str, Any] | None) -> str | None:
    return None if value is None else spell(value)
