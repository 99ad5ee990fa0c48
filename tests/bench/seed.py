"""Fill a database with a company of any size: rules, a directory, a journal."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, insert

from melody_app.directory.store import DEPARTMENTS, NUMBERS
from melody_app.models import Department, JournalEntry, Rule, RuleDepartment, RuleNumber, VirtualNumber

FIRST_NUMBER = 74990000000
"""The telephone number of the entry 0 of the directory; entry 1 has the next one."""
MELODIES = range(50, 62)
"""The standard melodies that rules play."""
PEOPLE = [f"Сотрудник {each}" for each in range(1, 21)]
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
GUARDED = 100
"""As many numbers, the first ones, have a comment with a word of their own: it finds as many in a company of any size."""
BATCH = 10_000


def fill(connection: Connection, *, rules: int, numbers: int, departments: int = 0, journal: bool = False) -> None:
    """Write rules of two numbers each, and what they refer to, past the application.

    Args:
        connection: an empty database of the newest schema, in a transaction that the caller commits.
        rules: how many; the rule 1 holds the numbers 1 and `rules + 1`, and so on.
        numbers: how many numbers the directory holds, from the id 1 on.
        departments: how many departments it holds; the department 1 is in the rule 1, and so on.
        journal: whether each rule has an entry that tells of its making.
    """
    every = range(1, rules + 1)
    _insert(connection, Rule, map(_rule, every))
    _insert(connection, RuleNumber, (_place(each, place, rules) for each in every for place in (0, 1)))
    _insert(connection, VirtualNumber, map(_number, range(1, numbers + 1)))
    _insert(connection, Department, map(_department, range(1, departments + 1)))
    held = range(1, min(rules, departments) + 1)
    _insert(connection, RuleDepartment, ({"rule_id": each, "position": 0, "employee_group_id": each} for each in held))
    if journal:
        _insert(connection, JournalEntry, map(_entry, every))


def _insert(connection: Connection, model: Any, rows: Iterable[dict[str, Any]]) -> None:
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        connection.execute(insert(model.__table__), batch)


def _rule(rule_id: int) -> dict[str, Any]:
    return {
        "id": rule_id,
        "source_type": "system",
        "media_id": MELODIES[rule_id % len(MELODIES)],
        "changed_at": BEGINNING + timedelta(minutes=rule_id * 7919 % 500_000),
        "changed_by": PEOPLE[rule_id % len(PEOPLE)],
    }


def _place(rule_id: int, place: int, rules: int) -> dict[str, int]:
    return {"rule_id": rule_id, "position": place, "number_capacity_id": rule_id + place * rules}


def _number(entry_id: int) -> dict[str, Any]:
    row = (
        entry_id,
        str(FIRST_NUMBER + entry_id),
        f"Линия {entry_id * 7919 % 1000:03} отдела {'охраны' if entry_id <= GUARDED else 'продаж'}",
        "def",
        "active",
        "",
    )
    return {"id": entry_id, **dict(zip(NUMBERS.columns, row[1:], strict=True)), "search_key": NUMBERS.key_of(row)}


def _department(entry_id: int) -> dict[str, Any]:
    row = (entry_id, f"Отдел {entry_id}", str(1000 + entry_id))
    return {"id": entry_id, "name": row[1], "short_phone": row[2], "search_key": DEPARTMENTS.key_of(row)}


def _entry(rule_id: int) -> dict[str, Any]:
    rule = _rule(rule_id)
    said = {"number_capacity_ids": [rule_id], "source_type": "system", "media_id": rule["media_id"], "id": rule_id}
    return {
        "at": rule["changed_at"],
        "person": rule["changed_by"],
        "door": "page",
        "action": "created",
        "subject": "rule",
        "subject_id": rule_id,
        "after": said,
    }
