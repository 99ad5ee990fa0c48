"""Read rules for the API's list, by lean statements."""

from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, bindparam, func, select

from melody_app.db import read
from melody_app.lean import Lean, LeanLookup, LeanStatement
from melody_app.models import Rule
from melody_app.rules.store import DEPARTMENTS, KINDS, NUMBERS, StoredRule, Targets, plays


def list_rules(*, limit: int, after: int, **filters: Any) -> tuple[list[StoredRule], int, bool]:
    """Return a page of rules in the order of their ids, how many there are in all, and whether more follow.

    Args:
        limit: how many at most.
        after: only ids above this one.
        filters: what the rules must say, by the names in `_FILTERS`; None for whatever.
    """
    equal = {name: value for name, value in filters.items() if value is not None}
    counted, listed = _statements(frozenset(equal))
    with read(snapshot=True) as lean:
        (total,) = lean.one(counted, **equal)
        rows = lean.all(listed, **equal, after=after, most=limit + 1)
        rules = [
            StoredRule(id=rule_id, version=version, source_type=source_type, media_id=media_id)
            for rule_id, version, source_type, media_id in rows[:limit]
        ]
        _add_targets(lean, rules)
    return rules, total, len(rows) > limit


def _add_targets(lean: Lean, rules: list[StoredRule]) -> None:
    by_id = {rule.id: rule.ids for rule in rules}
    for targets in KINDS:
        for rule_id, each in _OF_RULES[targets.field].all(lean, by_id):  # type: ignore[arg-type]
            by_id[rule_id][targets.field].append(each)


def _of_rules(targets: Targets) -> LeanLookup:
    table = targets.table
    return LeanLookup(
        lambda ids: (
            select(table.rule_id, targets.id_column)
            .where(table.rule_id.in_(ids))
            .order_by(table.rule_id, table.position)
        )
    )


_OF_RULES = {targets.field: _of_rules(targets) for targets in KINDS}


def _holds(targets: Targets) -> ColumnElement[bool]:
    value = bindparam(targets.column, type_=BigInteger)
    return Rule.id.in_(select(targets.table.rule_id).where(targets.id_column == value))


_FILTERS: dict[str, Callable[[], ColumnElement[bool]]] = {
    "number_capacity_id": lambda: _holds(NUMBERS),
    "employee_group_id": lambda: _holds(DEPARTMENTS),
    "source_type": lambda: Rule.source_type == bindparam("source_type"),
    "media_id": lambda: plays(bindparam("media_id", type_=BigInteger)),
}


@cache
def _statements(filters: frozenset[str]) -> tuple[LeanStatement, LeanStatement]:
    """Return what counts the rules, and what lists them; there are sixteen such pairs."""
    wanted = [_FILTERS[name]() for name in sorted(filters)]
    counted = select(func.count()).select_from(Rule).where(*wanted)
    listed = select(Rule.id, Rule.version, Rule.source_type, Rule.media_id).where(
        *wanted, Rule.id > bindparam("after", type_=BigInteger)
    )
    return LeanStatement(counted), LeanStatement(listed.order_by(Rule.id).limit(bindparam("most")))
