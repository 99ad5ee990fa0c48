"""What happens to rules: the only place that writes them.

The database decides who holds a number or a department: a rule is inserted, and when a unique constraint refuses it, all is
rolled back and the holders are asked for.
"""

from collections.abc import Callable, Container
from dataclasses import dataclass, field, replace
from typing import Any

from melody_app import journal
from melody_app.actor import the_actor
from melody_app.db import ATTEMPTS, DuplicateError, LostRaceError, UnavailableError, read, write
from melody_app.lean import Lean
from melody_app.rules import store
from melody_app.rules.known import refuse_unknown
from melody_app.rules.refusals import NoRuleError, RestoredAlreadyError, StaleRuleError, TakenError
from melody_app.rules.store import Holding, Ids, RuleValues, StoredRule


@dataclass(frozen=True)
class Outcome:
    """What was done, or would be.

    Args:
        rule: the rule as it is now; a deleted one as it was.
        moved: what was taken away from other rules for it.
        entry_id: the journal's entry.
        emptied: the rules that were deleted because nothing was left in them, each with the journal's entry of that.
    """

    rule: StoredRule
    moved: list[Holding] = field(default_factory=list)
    entry_id: int = 0
    emptied: dict[int, int] = field(default_factory=dict)


Movable = Callable[[Holding], bool]
"""Whether an id may be taken away from the rule that holds it."""

Versions = Container[int] | None
"""The versions that a change was meant for; None for whatever is there."""


def nothing_moves(_holding: Holding) -> bool:
    """Leave every id with the rule that holds it."""
    return False


def all_moves(_holding: Holding) -> bool:
    """Take every id from whichever rule holds it."""
    return True


def create(values: RuleValues, *, movable: Movable = nothing_moves, dry_run: bool = False) -> Outcome:
    """Make a rule.

    Args:
        values: what it says.
        movable: which ids may be taken away from other rules.
        dry_run: answer what would happen and store nothing.

    Raises:
        TakenError: other rules hold ids that may not be moved.
        UnknownIdsError: a directory or a catalogue doesn't know an id.
        UnavailableError: the database can't take the change now.
    """

    def work(lean: Lean) -> Outcome:
        refuse_unknown(lean, values)
        moved, emptied = _take(lean, values, None, movable)
        rule = _insert(lean, values)
        return Outcome(rule, moved, _record(lean, "created", rule, after=rule), emptied)

    outcome = _settle(work, values, None, movable, keep=not dry_run)
    return replace(outcome, rule=replace(outcome.rule, id=None)) if dry_run else outcome


def change(
    rule_id: int,
    values: RuleValues,
    *,
    versions: Versions = None,
    movable: Movable = nothing_moves,
    dry_run: bool = False,
) -> Outcome:
    """Replace the whole of what a rule says.

    Args:
        rule_id: which rule.
        values: what it shall say.
        versions: the versions that this was meant for.
        movable: which ids may be taken away from other rules.
        dry_run: answer what would happen and store nothing.

    Raises:
        NoRuleError: there is no such rule.
        StaleRuleError: it has another version by now.
        TakenError: other rules hold ids that may not be moved.
        UnknownIdsError: a directory or a catalogue doesn't know an id.
        UnavailableError: the database can't take the change now.
    """

    def work(lean: Lean) -> Outcome:
        before = _find(lean, rule_id, versions)
        refuse_unknown(lean, values)
        moved, emptied = _take(lean, values, rule_id, movable)
        store.remove_targets(lean, rule_id)
        store.add_targets(lean, rule_id, values.ids)
        lean.count(store.UPDATE, rule_id=rule_id, **_melody(values), changed_by=the_actor().name)
        after = StoredRule(**values.what_it_says(), id=rule_id, version=before.version + 1)
        return Outcome(after, moved, _record(lean, "changed", after, before=before, after=after), emptied)

    return _settle(work, values, rule_id, movable, keep=not dry_run)


def delete(rule_id: int, *, versions: Versions = None, dry_run: bool = False) -> Outcome:
    """Delete a rule.

    Args:
        rule_id: which rule.
        versions: the versions that this was meant for.
        dry_run: answer what would happen and store nothing.

    Raises:
        NoRuleError: there is no such rule.
        StaleRuleError: it has another version by now.
        UnavailableError: the database can't take the change now.
    """

    def work(lean: Lean) -> Outcome:
        before = _find(lean, rule_id, versions)
        store.remove_targets(lean, rule_id)
        lean.count(store.DELETE, rule_id=rule_id)
        return Outcome(before, [], _record(lean, "deleted", before, before=before))

    return write(work, keep=not dry_run)


def restore(rule: StoredRule, *, movable: Movable = nothing_moves) -> Outcome:
    """Bring a deleted rule back under its id, as the version after the one that was deleted.

    Args:
        rule: the rule as it was.
        movable: which ids may be taken away from other rules.

    Raises:
        RestoredAlreadyError: it is there.
        TakenError: other rules hold ids by now that may not be moved.
        UnknownIdsError: a directory or a catalogue no longer knows an id.
        UnavailableError: the database can't take the change now.
    """

    def work(lean: Lean) -> Outcome:
        if rule.id is not None and store.find(lean, rule.id):
            raise RestoredAlreadyError
        refuse_unknown(lean, rule)
        moved, emptied = _take(lean, rule, None, movable)
        back = _insert(lean, rule, rule_id=rule.id, version=rule.version + 1)
        return Outcome(back, moved, _record(lean, "restored", back, after=back), emptied)

    return _settle(work, rule, None, movable, keep=True)


def get(rule_id: int) -> StoredRule:
    """Return a rule.

    Raises:
        NoRuleError: there is no such rule.
    """
    with read(snapshot=True) as lean:
        rule = store.find(lean, rule_id)
    if rule is None:
        raise NoRuleError
    return rule


def held_by_others(ids: Ids, *, besides: int | None = None) -> list[Holding]:
    """Return which of the ids other rules hold now.

    Args:
        ids: the ids by the array that names them.
        besides: the rule whose own ids are no conflict.
    """
    with read() as lean:
        return store.held_by_others(lean, ids, besides=besides)


def _settle(
    work: Callable[[Lean], Outcome], values: RuleValues, rule_id: int | None, movable: Movable, *, keep: bool
) -> Outcome:
    for _ in range(ATTEMPTS):
        try:
            return write(work, keep=keep, alone=movable is not nothing_moves)
        except DuplicateError:
            blocked = [each for each in held_by_others(values.ids, besides=rule_id) if not movable(each)]
            if blocked:
                raise TakenError(blocked) from None
            # The holder has let go since, or its id may be moved: try again.
    raise UnavailableError


def _find(lean: Lean, rule_id: int, versions: Versions) -> StoredRule:
    rule = store.find(lean, rule_id, lock=True)
    if rule is None:
        raise NoRuleError
    if versions is not None and rule.version not in versions:
        raise StaleRuleError(rule)
    return rule


def _insert(lean: Lean, values: RuleValues, *, rule_id: int | None = None, version: int = 1) -> StoredRule:
    melody = {**_melody(values), "changed_by": the_actor().name, "version": version}
    if rule_id is None:
        (rule_id,) = lean.one(store.INSERT, **melody)
    else:
        lean.count(store.INSERT_WITH_ID, rule_id=rule_id, **melody)
    assert rule_id is not None  # noqa: S101  (both ways give one)
    store.add_targets(lean, rule_id, values.ids)
    return StoredRule(**values.what_it_says(), id=rule_id, version=version)


def _take(
    lean: Lean, values: RuleValues, rule_id: int | None, movable: Movable
) -> tuple[list[Holding], dict[int, int]]:
    """Take the ids away from the rules that hold them, and delete the rules that are left without any."""
    if movable is nothing_moves:
        return [], {}  # the unique constraints will tell
    holdings = store.held_by_others(lean, values.ids, besides=rule_id)
    blocked = [each for each in holdings if not movable(each)]
    if blocked:
        raise TakenError(blocked)
    # Locked in the order of the id, so that two moves that cross don't wait for each other.
    robbed = [store.find(lean, each, lock=True) for each in sorted({each.rule_id for each in holdings})]
    if store.take_away(lean, holdings) < len(holdings):
        raise LostRaceError
    settled = {before.id: _settle_robbed(lean, before) for before in robbed if before is not None}
    return holdings, {each: entry_id for each, entry_id in settled.items() if each and entry_id}


def _settle_robbed(lean: Lean, before: StoredRule) -> int | None:
    """Note the change of a rule that ids were taken from; of one that was left without any return the entry of its end."""
    assert before.id is not None  # noqa: S101  (it is stored)
    after = store.find(lean, before.id)
    assert after is not None  # noqa: S101  (it is locked)
    if after.is_empty():
        lean.count(store.DELETE, rule_id=before.id)
        return _record(lean, "deleted", before, before=before)
    lean.count(store.UPDATE, rule_id=before.id, **_melody(before), changed_by=the_actor().name)
    _record(lean, "changed", before, before=before, after=replace(after, version=before.version + 1))
    return None


def _melody(values: RuleValues) -> dict[str, Any]:
    return {"source_type": values.source_type, "media_id": values.media_id}


def _record(
    lean: Lean, action: str, rule: StoredRule, *, before: StoredRule | None = None, after: StoredRule | None = None
) -> int:
    assert rule.id is not None  # noqa: S101  (it is stored)
    spelled = [None if each is None else each.to_entry() for each in (before, after)]
    return journal.record(lean, action, "rule", rule.id, before=spelled[0], after=spelled[1])
