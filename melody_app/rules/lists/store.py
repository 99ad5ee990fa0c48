"""The lean statements by which all rules are read at once, and many are written."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam, insert, select

from melody_app.lean import Lean, LeanStatement
from melody_app.models import Rule
from melody_app.rules.store import DELETE, KINDS, UPDATE, Ids, RuleValues, StoredRule

Stored = dict[int, StoredRule]
"""All rules by their ids, in the order of these."""

_RULES = LeanStatement(select(Rule.id, Rule.version, Rule.source_type, Rule.media_id).order_by(Rule.id))
_VERSIONS = LeanStatement(select(Rule.id, Rule.version).order_by(Rule.id))
_TARGETS = {
    targets.field: LeanStatement(
        select(targets.table.rule_id, targets.id_column).order_by(targets.table.rule_id, targets.table.position)
    )
    for targets in KINDS
}
_INSERT = LeanStatement(
    insert(Rule).values({name: bindparam(name) for name in ("source_type", "media_id", "changed_by")})
)


def read_all(lean: Lean) -> Stored:
    """Return all rules."""
    stored: Stored = {
        rule_id: StoredRule(id=rule_id, version=version, source_type=source_type, media_id=media_id)
        for rule_id, version, source_type, media_id in lean.all(_RULES)
    }
    for field, statement in _TARGETS.items():
        for rule_id, each in lean.all(statement):
            stored[rule_id].ids[field].append(each)
    return stored


def versions(lean: Lean) -> list[tuple[int, int]]:
    """Return the id and the version of every rule, in the order of the ids."""
    return lean.all(_VERSIONS)


def fingerprint(found: Iterable[Sequence[int]]) -> str:
    """Return a short text that differs whenever any rule does.

    Args:
        found: every rule's id and version.
    """
    digest = sha256()
    for rule_id, version in found:
        digest.update(b"%d:%d\n" % (rule_id, version))
    return digest.hexdigest()[:32]


def delete_rules(lean: Lean, rule_ids: Sequence[int]) -> None:
    """Delete rules; what they hold is given up before."""
    give_up(lean, rule_ids)
    lean.many(DELETE, [{"rule_id": each} for each in rule_ids])


def give_up(lean: Lean, rule_ids: Sequence[int]) -> None:
    """Take all numbers and departments from rules."""
    for targets in KINDS:
        lean.many(targets.delete_of_rule, [{"rule_id": each} for each in rule_ids])


def update_rules(lean: Lean, melodies: Iterable[tuple[int, RuleValues]], changed_by: str) -> None:
    """Let rules play other melodies, as their next versions."""
    lean.many(UPDATE, [{"rule_id": rule_id, **_melody(values, changed_by)} for rule_id, values in melodies])


def insert_rules(lean: Lean, rules: Sequence[RuleValues], changed_by: str) -> list[int]:
    """Make rules that hold nothing yet, and return their ids in the same order."""
    if not rules:
        return []
    before = {rule_id for rule_id, _ in versions(lean)}
    lean.many(_INSERT, [_melody(values, changed_by) for values in rules])
    # Nobody else makes any meanwhile, and each gets a higher id than the one before.
    return [rule_id for rule_id, _ in versions(lean) if rule_id not in before]


def take(lean: Lean, rules: Iterable[tuple[int, Ids]]) -> None:
    """Give rules all their numbers and departments."""
    rules = list(rules)
    for targets in KINDS:
        rows: list[dict[str, Any]] = [
            {"rule_id": rule_id, "position": position, "target_id": each}
            for rule_id, ids in rules
            for position, each in enumerate(ids[targets.field])
        ]
        lean.many(targets.insert, rows)


def _melody(values: RuleValues, changed_by: str) -> dict[str, Any]:
    return {"source_type": values.source_type, "media_id": values.media_id, "changed_by": changed_by}
