"""The lean statements by which rules are read and written, one a table."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from itertools import count
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, bindparam, delete, exists, func, insert, or_, select, update

from melody_app.lean import Lean, LeanLookup, LeanStatement
from melody_app.models import SOURCE_TYPES, Department, Melody, Rule, RuleDepartment, RuleNumber, VirtualNumber


@dataclass(frozen=True, kw_only=True)
class RuleValues:
    """What somebody wants a rule to say.

    Args:
        number_capacity_ids: the numbers, in the order sent.
        employee_group_ids: the departments, in the order sent.
        source_type: whose melody: `client` or `system`.
        media_id: the melody.
    """

    number_capacity_ids: list[int] = field(default_factory=list)
    employee_group_ids: list[int] = field(default_factory=list)
    source_type: str
    media_id: int

    def what_it_says(self) -> dict[str, Any]:
        """Return the four values by their names in the API."""
        return {**self.ids, "source_type": self.source_type, "media_id": self.media_id}

    @property
    def ids(self) -> "Ids":
        """Return the ids by the array that names them."""
        return {NUMBERS.field: self.number_capacity_ids, DEPARTMENTS.field: self.employee_group_ids}


@dataclass(frozen=True, kw_only=True)
class StoredRule(RuleValues):
    """A rule as it is stored. Its `id` is None only in what a dry run answers."""

    id: int | None
    version: int

    def to_dict(self) -> dict[str, Any]:
        """Spell the rule as the API does."""
        return {**self.what_it_says(), "id": self.id}

    def to_entry(self) -> dict[str, Any]:
        """Spell the rule as the journal keeps it: with its version, so that it can be restored."""
        return {**self.to_dict(), "version": self.version}

    def is_empty(self) -> bool:
        """Tell whether the rule applies to nothing."""
        return not self.number_capacity_ids and not self.employee_group_ids


@dataclass(frozen=True)
class Holding:
    """An id that is asked for and the rule that holds it.

    Args:
        field: the array that names the id.
        index: its place in that array, from 0.
        id: the number or department.
        rule_id: the rule that holds it.
        source_type: whose melody that rule plays.
        media_id: which one.
    """

    field: str
    index: int
    id: int
    rule_id: int
    source_type: str
    media_id: int

    def to_dict(self) -> dict[str, Any]:
        """Spell it as an item of a problem's `conflicts`, or of an answer's `moved`."""
        return asdict(self)


class Targets:
    """One kind of what a rule applies to, and its statements.

    Args:
        field: the array's name in the API.
        table: the model that stores the array's elements.
        column: the name of its id column.
        directory: the model that knows which ids there are, once it knows any.
        code: the error's code for an id that it doesn't know.
    """

    def __init__(self, field: str, table: Any, column: str, directory: Any, code: str) -> None:
        self.field = field
        self.column = column
        self.code = code
        self.directory = directory
        self.table = table
        self.id_column = target = getattr(table, column)
        self.insert = LeanStatement(
            insert(table).values(
                rule_id=bindparam("rule_id"), position=bindparam("position"), **{column: bindparam("target_id")}
            )
        )
        self.of_rule = LeanStatement(
            select(target).where(table.rule_id == bindparam("rule_id", type_=BigInteger)).order_by(table.position)
        )
        self.delete_of_rule = LeanStatement(
            delete(table).where(table.rule_id == bindparam("rule_id", type_=BigInteger))
        )
        self.delete_one = LeanStatement(
            delete(table).where(
                table.rule_id == bindparam("rule_id", type_=BigInteger),
                target == bindparam("target_id", type_=BigInteger),
            )
        )
        self.holders = LeanLookup(
            lambda ids: (
                select(target, Rule.id, Rule.source_type, Rule.media_id)
                .join_from(table, Rule, Rule.id == table.rule_id)
                .where(target.in_(ids))
            )
        )
        # Locked, so that none of them is deleted before the rule that uses it is there.
        self.known = LeanLookup(
            lambda ids: select(directory.id).where(directory.id.in_(ids)).with_for_update(read=True)
        )

    def add(self, lean: Lean, rule_id: int, ids: list[int]) -> None:
        """Give the ids to the rule.

        Raises:
            DuplicateError: another rule holds one of them.
        """
        # In one order for everybody: transactions that wait for each other's rows crosswise would deadlock.
        placed = sorted(zip(ids, count(), strict=False))
        lean.many(self.insert, [{"rule_id": rule_id, "position": place, "target_id": each} for each, place in placed])

    def held(self, lean: Lean, ids: list[int], *, besides: int | None) -> list[Holding]:
        """Return which of the ids other rules hold, in the order of the ids.

        Args:
            lean: where to ask.
            ids: the ids that are asked for.
            besides: the rule that asks, whose own ids are no conflict.
        """
        places = {each: index for index, each in enumerate(ids)}
        rows = self.holders.all(lean, places)
        held = [Holding(self.field, places[row[0]], *row) for row in rows if row[1] != besides]
        return sorted(held, key=lambda each: each.index)


NUMBERS = Targets("number_capacity_ids", RuleNumber, "number_capacity_id", VirtualNumber, "unknown_number")
DEPARTMENTS = Targets("employee_group_ids", RuleDepartment, "employee_group_id", Department, "unknown_department")
KINDS = (NUMBERS, DEPARTMENTS)
BY_FIELD = {targets.field: targets for targets in KINDS}

Ids = Mapping[str, list[int]]
"""Ids by the array that names them."""

_RULE = select(Rule.id, Rule.version, Rule.source_type, Rule.media_id).where(
    Rule.id == bindparam("rule_id", type_=BigInteger)
)
FIND = LeanStatement(_RULE)
FIND_AND_LOCK = LeanStatement(_RULE.with_for_update())
INSERT = LeanStatement(
    insert(Rule)
    .values(
        source_type=bindparam("source_type"),
        media_id=bindparam("media_id"),
        changed_by=bindparam("changed_by"),
        version=bindparam("version"),
    )
    .returning(Rule.id)
)
INSERT_WITH_ID = LeanStatement(
    insert(Rule).values(
        id=bindparam("rule_id"),
        source_type=bindparam("source_type"),
        media_id=bindparam("media_id"),
        changed_by=bindparam("changed_by"),
        version=bindparam("version"),
    )
)
UPDATE = LeanStatement(
    update(Rule)
    .where(Rule.id == bindparam("rule_id", type_=BigInteger))
    .values(
        source_type=bindparam("source_type"),
        media_id=bindparam("media_id"),
        changed_by=bindparam("changed_by"),
        version=Rule.version + 1,
        changed_at=func.current_timestamp(),
    )
)
DELETE = LeanStatement(delete(Rule).where(Rule.id == bindparam("rule_id", type_=BigInteger)))

WHAT_IS_KNOWN = LeanStatement(
    select(
        exists(select(VirtualNumber.id)),
        exists(select(Department.id)),
        exists(select(Melody.id).where(Melody.source_type == bindparam("source_type"))),
    )
)
"""Whether either directory and the catalogue hold anything."""
FIND_AND_LOCK_MELODY = LeanStatement(
    select(Melody.id)
    .where(Melody.source_type == bindparam("source_type"), Melody.id == bindparam("media_id", type_=BigInteger))
    .with_for_update(read=True)
)


def plays(media_id: Any) -> ColumnElement[bool]:
    """Return the condition that a rule plays a melody of this id, whatever its source: an index has them both.

    Args:
        media_id: the id, or a parameter for it.
    """
    return and_(or_(*(Rule.source_type == each for each in SOURCE_TYPES)), Rule.media_id == media_id)


def find(lean: Lean, rule_id: int, *, lock: bool = False) -> StoredRule | None:
    """Return the rule, or None.

    Args:
        lean: where to ask.
        rule_id: which one.
        lock: keep others from changing it until the transaction ends.
    """
    row = lean.one(FIND_AND_LOCK if lock else FIND, rule_id=rule_id)
    if row is None:
        return None
    id_, version, source_type, media_id = row
    ids = {targets.field: [each for (each,) in lean.all(targets.of_rule, rule_id=rule_id)] for targets in KINDS}
    return StoredRule(id=id_, version=version, source_type=source_type, media_id=media_id, **ids)


def held_by_others(lean: Lean, ids: Ids, *, besides: int | None) -> list[Holding]:
    """Return every one of the ids that another rule holds."""
    return [each for targets in KINDS for each in targets.held(lean, ids[targets.field], besides=besides)]


def add_targets(lean: Lean, rule_id: int, ids: Ids) -> None:
    """Give the rule all the ids."""
    for targets in KINDS:
        targets.add(lean, rule_id, ids[targets.field])


def remove_targets(lean: Lean, rule_id: int) -> None:
    """Take all ids from the rule."""
    for targets in KINDS:
        lean.count(targets.delete_of_rule, rule_id=rule_id)


def take_away(lean: Lean, holdings: Iterable[Holding]) -> int:
    """Take ids from the rules that hold them, and return how many were still held so."""
    rows: dict[str, list[dict[str, int]]] = {targets.field: [] for targets in KINDS}
    for each in holdings:
        rows[each.field].append({"rule_id": each.rule_id, "target_id": each.id})
    return sum(lean.many(targets.delete_one, rows[targets.field]) for targets in KINDS)
