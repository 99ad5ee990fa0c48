"""Read rules for lists: the API's and the page's."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from melody_app.db import db
from melody_app.directory import phone
from melody_app.models import Department, Melody, Rule, VirtualNumber
from melody_app.rules.store import DEPARTMENTS, KINDS, NUMBERS, StoredRule, Targets
from melody_app.search import digits_typed, like_pattern, search_key

PAGE_SIZE = 50
SHOWN = 6
"""As many numbers or departments of a rule stand in the table; a rule may have 10,000."""


def list_rules(
    *,
    number_capacity_id: int | None = None,
    employee_group_id: int | None = None,
    source_type: str | None = None,
    media_id: int | None = None,
    limit: int,
    after: int,
) -> tuple[list[StoredRule], int, bool]:
    """Return a page of rules in the order of their ids, how many there are in all, and whether more follow.

    Args:
        number_capacity_id: only the rule of this number.
        employee_group_id: only the rule of this department.
        source_type: only rules that play melodies of this source.
        media_id: only rules that play this melody.
        limit: how many at most.
        after: only ids above this one.
    """
    equal = [
        (Rule.source_type, source_type),
        (Rule.media_id, media_id),
    ]
    wanted: list[ColumnElement[bool]] = [column == value for column, value in equal if value is not None]
    for targets, value in ((NUMBERS, number_capacity_id), (DEPARTMENTS, employee_group_id)):
        if value is not None:
            wanted.append(Rule.id.in_(select(targets.table.rule_id).where(targets.id_column == value)))
    total = db.session.scalar(select(func.count()).select_from(Rule).where(*wanted)) or 0
    rows = db.session.execute(
        select(Rule.id, Rule.version, Rule.source_type, Rule.media_id)
        .where(*wanted, Rule.id > after)
        .order_by(Rule.id)
        .limit(limit + 1)
    ).all()
    more = len(rows) > limit
    rows = rows[:limit]
    ids = {targets.field: _ids_by_rule(targets, [row.id for row in rows]) for targets in KINDS}
    rules = [
        StoredRule(
            id=row.id,
            version=row.version,
            source_type=row.source_type,
            media_id=row.media_id,
            **{name: by_rule.get(row.id, []) for name, by_rule in ids.items()},
        )
        for row in rows
    ]
    return rules, total, more


def _ids_by_rule(targets: Targets, rule_ids: list[int]) -> dict[int, list[int]]:
    table = targets.table
    by_rule: dict[int, list[int]] = {}
    statement = (
        select(table.rule_id, targets.id_column)
        .where(table.rule_id.in_(rule_ids))
        .order_by(table.rule_id, table.position)
    )
    for rule_id, each in db.session.execute(statement):
        by_rule.setdefault(rule_id, []).append(each)
    return by_rule


# ---------------------------------------------------------------- the page's table


@dataclass(frozen=True)
class Named:
    """An id with the name that its directory gives it, if it does."""

    id: int
    name: str | None
    rule_id: int | None = None


@dataclass
class NamedList:
    """The first few of a rule's numbers or departments, and how many more there are."""

    shown: list[Named] = field(default_factory=list)
    more: int = 0

    @property
    def count(self) -> int:
        """Return how many there are in all."""
        return len(self.shown) + self.more


@dataclass
class Row:
    """A rule as the table shows it."""

    id: int
    version: int
    source_type: str
    media_id: int
    melody_name: str | None
    changed_by: str
    changed_at: datetime
    numbers: NamedList = field(default_factory=NamedList)
    departments: NamedList = field(default_factory=NamedList)


@dataclass
class Page:
    """One page of the table.

    Args:
        rows: the rules.
        total: how many there are in all.
        number: which page this is, from 1.
    """

    rows: list[Row]
    total: int
    number: int

    @property
    def pages(self) -> int:
        """Return how many pages there are, at least one."""
        return max(1, -(-self.total // PAGE_SIZE))

    @property
    def first(self) -> int:
        """Return the ordinal of the first row."""
        return (self.number - 1) * PAGE_SIZE + 1

    @property
    def last(self) -> int:
        """Return the ordinal of the last row."""
        return self.first + len(self.rows) - 1


_ORDERS: dict[str, tuple[Any, ...]] = {
    "id": (Rule.id,),
    "melody": (Rule.source_type, Rule.media_id),
    "changed": (Rule.changed_at,),
    "person": (Rule.changed_by,),
}
SORTS = [sign + name for name in _ORDERS for sign in ("", "-")]

_ROWS: Select[*tuple[Any, ...]] = select(
    Rule.id,
    Rule.version,
    Rule.source_type,
    Rule.media_id,
    Melody.name.label("melody_name"),
    Rule.changed_by,
    Rule.changed_at,
).join_from(Rule, Melody, and_(Melody.source_type == Rule.source_type, Melody.id == Rule.media_id), isouter=True)


def search_rules(text: str, sort: str, number: int) -> Page:
    """Return a page of the table.

    Args:
        text: an id, or a part of the name of a number, a department or a melody; empty for all rules.
        sort: one of SORTS.
        number: which page, from 1; the last one when there are fewer.
    """
    wanted = _matching(text)
    total = db.session.scalar(select(func.count()).select_from(Rule).where(*wanted)) or 0
    page = Page([], total, 1)
    page.number = min(number, page.pages)
    columns = _ORDERS[sort.removeprefix("-")]
    order = [column.desc() if sort.startswith("-") else column for column in (*columns, Rule.id)]
    statement = _ROWS.where(*wanted).order_by(*order).limit(PAGE_SIZE).offset(page.first - 1)
    page.rows = _with_targets(statement)
    return page


def get_row(rule_id: int, *, shown: int = SHOWN) -> Row | None:
    """Return a rule as the pages show it, or None.

    Args:
        rule_id: which rule.
        shown: how many of its numbers and departments to name.
    """
    rows = _with_targets(_ROWS.where(Rule.id == rule_id), shown=shown)
    return rows[0] if rows else None


def _matching(text: str) -> list[ColumnElement[bool]]:
    key = search_key(text)
    if not key:
        return []
    pattern = like_pattern(key)
    found: list[ColumnElement[bool]] = [
        Rule.id.in_(_rules_of(NUMBERS, VirtualNumber, like_pattern(digits_typed(text) or key))),
        Rule.id.in_(_rules_of(DEPARTMENTS, Department, pattern)),
        select(Melody.id)
        .where(Melody.source_type == Rule.source_type, Melody.id == Rule.media_id, _like(Melody.search_key, pattern))
        .correlate(Rule)
        .exists(),
    ]
    if text.strip().isdecimal() and len(text.strip()) < 19:  # noqa: PLR2004  (what fits into 64 bits)
        wanted = int(text)
        found += [Rule.id == wanted, Rule.media_id == wanted]
        found += [Rule.id.in_(select(each.table.rule_id).where(each.id_column == wanted)) for each in KINDS]
    return [or_(*found)]


def _rules_of(targets: Targets, directory: type[VirtualNumber] | type[Department], pattern: str) -> Select[Any]:
    return (
        select(targets.table.rule_id)
        .join(directory, directory.id == targets.id_column)
        .where(_like(directory.search_key, pattern))
    )


def _like(column: InstrumentedAttribute[str], pattern: str) -> ColumnElement[bool]:
    return column.like(pattern, escape="\\")


def _with_targets(statement: Select[*tuple[Any, ...]], *, shown: int = SHOWN) -> list[Row]:
    rows = {row.id: Row(**row._mapping) for row in db.session.execute(statement)}
    for targets, attribute in ((NUMBERS, "numbers"), (DEPARTMENTS, "departments")):
        table = targets.table
        place = func.row_number().over(partition_by=table.rule_id, order_by=table.position).label("place")
        count = func.count().over(partition_by=table.rule_id).label("count")
        counted = (
            select(table.rule_id, targets.id_column.label("id"), place, count).where(table.rule_id.in_(rows)).subquery()
        )
        named = (
            select(counted.c.rule_id, counted.c.id, counted.c.count, *name_columns(targets))
            .join_from(counted, targets.directory, targets.directory.id == counted.c.id, isouter=True)
            .where(counted.c.place <= shown)
            .order_by(counted.c.rule_id, counted.c.place)
        )
        for its_rule, its_id, total, *name in db.session.execute(named):
            named_list: NamedList = getattr(rows[its_rule], attribute)
            named_list.shown.append(Named(its_id, spell_name(targets, name), its_rule))
            named_list.more = total - len(named_list.shown)
    return list(rows.values())


def name_columns(targets: Targets) -> list[InstrumentedAttribute[Any]]:
    """Return the columns of a directory that make an entry's name, for `spell_name`."""
    return [Department.name] if targets is DEPARTMENTS else [VirtualNumber.number, VirtualNumber.comment]


def spell_name(targets: Targets, values: Sequence[str | None]) -> str | None:
    """Return what a directory's entry is called: a department's name, a number as people write it and its comment.

    Args:
        targets: which directory.
        values: what stands in its `name_columns`; None for an entry that is not there.
    """
    first, *rest = values
    if first is None or targets is DEPARTMENTS:
        return first
    return " ".join([phone.shown(first), *(each for each in rest if each)])
