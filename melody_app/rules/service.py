"""What happens to rules: the only place that writes them.

The database decides who holds a number or a department: a rule is inserted, and when a unique constraint refuses it, all is
rolled back and the holders are asked for.
"""

from collections.abc import Callable, Container
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from flask_babel import lazy_gettext

from melody_app import journal
from melody_app.actor import the_actor
from melody_app.db import ATTEMPTS, DuplicateError, Lean, LostRaceError, UnavailableError, read, write
from melody_app.fields import FieldError
from melody_app.rules import store
from melody_app.rules.store import KINDS, Holding, Ids, RuleValues, StoredRule


class NoRuleError(Exception):
    """There is no such rule."""


class StaleRuleError(Exception):
    """Somebody changed the rule after the version that was read."""

    def __init__(self, rule: StoredRule) -> None:
        super().__init__(rule.version)
        self.rule = rule


class TakenError(Exception):
    """Other rules hold some of the ids; every one of them is told."""

    def __init__(self, holdings: list[Holding]) -> None:
        super().__init__(len(holdings))
        self.holdings = holdings


class UnknownIdsError(Exception):
    """A directory or a catalogue doesn't know some of the ids."""

    def __init__(self, errors: list[tuple[str, FieldError]]) -> None:
        super().__init__(len(errors))
        self.errors = errors


class RestoredAlreadyError(Exception):
    """The rule is back already: somebody pressed the same button in another window."""


@dataclass(frozen=True)
class Outcome:
    """What was done, or would be.

    Args:
        rule: the rule as it is now; a deleted one as it was.
        moved: what was taken away from other rules for it.
        entry_id: the journal's entry.
    """

    rule: StoredRule
    moved: list[Holding] = field(default_factory=list)
    entry_id: int = 0


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
        _refuse_unknown(lean, values)
        moved = _take(lean, values, None, movable)
        rule = _insert(lean, values)
        return Outcome(rule, moved, _record(lean, "created", rule, after=rule))

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
        _refuse_unknown(lean, values)
        moved = _take(lean, values, rule_id, movable)
        store.remove_targets(lean, rule_id)
        store.add_targets(lean, rule_id, values.ids)
        lean.count(store.UPDATE, rule_id=rule_id, **_melody(values), changed_by=the_actor().name)
        after = StoredRule(**asdict(values), id=rule_id, version=before.version + 1)
        return Outcome(after, moved, _record(lean, "changed", after, before=before, after=after))

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


def restore(rule: StoredRule) -> Outcome:
    """Bring a deleted rule back under its id, as the version after the one that was deleted.

    Args:
        rule: the rule as it was.

    Raises:
        RestoredAlreadyError: it is there.
        TakenError: another rule holds some of its ids by now.
        UnknownIdsError: a directory or a catalogue no longer knows an id.
        UnavailableError: the database can't take the change now.
    """

    def work(lean: Lean) -> Outcome:
        if rule.id is not None and store.find(lean, rule.id):
            raise RestoredAlreadyError
        _refuse_unknown(lean, rule)
        back = _insert(lean, rule, rule_id=rule.id, version=rule.version + 1)
        return Outcome(back, [], _record(lean, "restored", back, after=back))

    return _settle(work, rule, None, nothing_moves, keep=True)


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
            return write(work, keep=keep)
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
    return StoredRule(**{**asdict(values), "id": rule_id, "version": version})


def _take(lean: Lean, values: RuleValues, rule_id: int | None, movable: Movable) -> list[Holding]:
    """Take the ids away from the rules that hold them, and delete the rules that are left without any."""
    if movable is nothing_moves:
        return []  # the unique constraints will tell
    holdings = store.held_by_others(lean, values.ids, besides=rule_id)
    blocked = [each for each in holdings if not movable(each)]
    if blocked:
        raise TakenError(blocked)
    # Locked in the order of the id, so that two moves that cross don't wait for each other.
    robbed = [store.find(lean, each, lock=True) for each in sorted({each.rule_id for each in holdings})]
    if store.take_away(lean, holdings) < len(holdings):
        raise LostRaceError
    for before in robbed:
        if before is not None:
            _settle_robbed(lean, before)
    return holdings


def _settle_robbed(lean: Lean, before: StoredRule) -> None:
    assert before.id is not None  # noqa: S101  (it is stored)
    after = store.find(lean, before.id)
    assert after is not None  # noqa: S101  (it is locked)
    if after.is_empty():
        lean.count(store.DELETE, rule_id=before.id)
        _record(lean, "deleted", before, before=before)
    else:
        lean.count(store.UPDATE, rule_id=before.id, **_melody(before), changed_by=the_actor().name)
        _record(lean, "changed", before, before=before, after=replace(after, version=before.version + 1))


def _melody(values: RuleValues) -> dict[str, Any]:
    return {"source_type": values.source_type, "media_id": values.media_id}


def _record(
    lean: Lean, action: str, rule: StoredRule, *, before: StoredRule | None = None, after: StoredRule | None = None
) -> int:
    assert rule.id is not None  # noqa: S101  (it is stored)
    spelled = [None if each is None else asdict(each) for each in (before, after)]
    return journal.record(lean, action, "rule", rule.id, before=spelled[0], after=spelled[1])


def _refuse_unknown(lean: Lean, values: RuleValues) -> None:
    """Refuse ids that a directory or a catalogue would have to know; an empty one vouches for nothing."""
    *known, any_melody, this_melody = lean.one(store.WHAT_IS_KNOWN, **_melody(values))
    errors = []
    for targets, holds_any in zip(KINDS, known, strict=True):
        if holds_any:
            errors += _unknown(lean, targets, values.ids[targets.field])
    if any_melody and not this_melody:
        message = lazy_gettext(
            "There is no melody %(id)s in this catalogue. Choose one that is there.", id=values.media_id
        )
        errors.append(("media_id", FieldError("unknown_melody", message)))
    if errors:
        raise UnknownIdsError(errors)


def _unknown(lean: Lean, targets: store.Targets, ids: list[int]) -> list[tuple[str, FieldError]]:
    known = {each for (each,) in targets.known.all(lean, ids)}
    return [
        (targets.field, FieldError(targets.code, lazy_gettext("%(id)s is not in the directory.", id=each), index))
        for index, each in enumerate(ids)
        if each not in known
    ]
