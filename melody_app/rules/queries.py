"""Read rules for the page's table."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_, union
from sqlalchemy.orm import InstrumentedAttribute

from melody_app.db import db
from melody_app.directory import finding, phone
from melody_app.models import Department, Melody, Rule, VirtualNumber
from melody_app.paging import Page, count, ids_on, page_of
from melody_app.rules.store import DEPARTMENTS, KINDS, NUMBERS, Targets, plays
from melody_app.search import holds, search_key

ID_DIGITS = 18
"""As many digits of an id fit into 64 bits whatever they are."""
SHOWN = 6
"""As many numbers or departments of a rule stand in the table; a rule may have 10,000."""


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


_ORDERS: dict[str, tuple[Any, ...]] = {
    "id": (Rule.id,),
    "melody": (Rule.source_type, Rule.media_id, Rule.id),
    "changed": (Rule.changed_at, Rule.id),
    "person": (Rule.changed_by, Rule.id),
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
    wanted: list[ColumnElement[bool]] = []
    key = search_key(text)
    if key:
        found = union(*_found(key, text)).subquery()
        page = page_of(count(found), number)
        often = page.total > finding.OFTEN
        wanted = [or_(*_holding(key, text)) if often else Rule.id.in_(select(found.c[0]))]
    else:
        page = page_of(count(Rule), number)
    ids = ids_on(page, _ORDERS[sort.removeprefix("-")], *wanted, descending=sort.startswith("-"))
    by_id = {row.id: row for row in _with_targets(_ROWS.where(Rule.id.in_(ids)))}
    page.rows = [by_id[each] for each in ids]
    return page


def get_row(rule_id: int, *, shown: int = SHOWN) -> Row | None:
    """Return a rule as the pages show it, or None.

    Args:
        rule_id: which rule.
        shown: how many of its numbers and departments to name.
    """
    rows = _with_targets(_ROWS.where(Rule.id == rule_id), shown=shown)
    return rows[0] if rows else None


def _found(key: str, text: str) -> list[Select[Any]]:
    """Return the ids of the rules that the text finds, each kind by its own index."""
    found: list[Select[Any]] = [
        select(targets.table.rule_id).where(targets.id_column.in_(finding.ids_holding(targets.directory, text)))
        for targets in KINDS
    ]
    melodies = select(Melody.source_type, Melody.id).where(holds(Melody.search_key, key))
    found.append(select(Rule.id).where(tuple_(Rule.source_type, Rule.media_id).in_(melodies)))
    if key.isdecimal() and len(key) <= ID_DIGITS:
        found += [select(Rule.id).where(Rule.id == int(key)), select(Rule.id).where(plays(int(key)))]
        found += [select(each.table.rule_id).where(each.id_column == int(key)) for each in KINDS]
    return found


def _holding(key: str, text: str) -> list[ColumnElement[bool]]:
    """Return the same as conditions of one rule, for whoever reads along an order until a page is full."""
    holding: list[ColumnElement[bool]] = [
        select(targets.table.rule_id)
        .join(targets.directory, targets.directory.id == targets.id_column)
        .where(targets.table.rule_id == Rule.id, finding.reading(targets.directory, text))
        .correlate(Rule)
        .exists()
        for targets in KINDS
    ]
    melody = and_(Melody.source_type == Rule.source_type, Melody.id == Rule.media_id)
    holding.append(select(Melody.id).where(melody, holds(Melody.search_key, key)).correlate(Rule).exists())
    if key.isdecimal() and len(key) <= ID_DIGITS:
        holding += [Rule.id == int(key), Rule.media_id == int(key)]
        holding += [Rule.id.in_(select(each.table.rule_id).where(each.id_column == int(key))) for each in KINDS]
    return holding


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
