"""What happens when a list of rules is taken over: all of it in one transaction, or nothing."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from melody_app import journal
from melody_app.actor import the_actor
from melody_app.db import read, write
from melody_app.lean import Lean
from melody_app.rules.known import Known
from melody_app.rules.lists import store
from melody_app.rules.lists.difference import Difference, compare, unknown
from melody_app.rules.lists.reading import Line, Sheet
from melody_app.rules.store import StoredRule


class ChangedMeanwhileError(Exception):
    """The rules are no longer what they were when somebody looked at them."""


class RefusedError(Exception):
    """A list can't be taken over: something in it is wrong."""


def preview(sheet: Sheet, *, keep: bool) -> Difference:
    """Return what taking over a list would change now, and what stands in the way.

    Args:
        sheet: the list.
        keep: leave rules alone that the list lacks, instead of deleting them.
    """
    with read(snapshot=True) as lean:
        stored, known = store.read_all(lean), Known.read(lean)
    return compare(sheet, stored, known, keep=keep)


def take_over(sheet: Sheet, *, keep: bool, seen: str) -> Difference:
    """Let the rules say what a list says: all of it, or nothing.

    Args:
        sheet: the list.
        keep: leave rules alone that the list lacks, instead of deleting them.
        seen: the fingerprint of the rules that the list was meant for.

    Returns:
        What was changed.

    Raises:
        ChangedMeanwhileError: the rules are other ones by now.
        RefusedError: something in the list is wrong.
        UnavailableError: the database can't take the change now.
    """
    # Compared before the transaction, in which others wait for their turn.
    difference = preview(sheet, keep=keep)
    if difference.seen != seen:
        raise ChangedMeanwhileError
    if not difference.is_possible:
        raise RefusedError

    def work(lean: Lean) -> Difference:
        if store.fingerprint(store.versions(lean)) != seen:
            raise ChangedMeanwhileError
        if next(unknown(difference, Known.read(lean, lock=True)), None):
            raise RefusedError
        journal.record_many(lean, "rule", _apply(lean, difference))
        return difference

    return write(work, alone=True)


def _apply(lean: Lean, difference: Difference) -> Iterator[journal.Change]:
    """Store a difference, and yield what the journal is to tell of it."""
    by = the_actor().name
    moved = [(before, line) for before, line in difference.changed if before.ids != line.values.ids]
    # Two rules may swap what they hold: all give up theirs before any takes another's.
    store.delete_rules(lean, [_id(rule) for rule in difference.gone])
    store.give_up(lean, [_id(before) for before, _ in moved])
    store.update_rules(lean, [(_id(before), line.values) for before, line in difference.changed], by)
    new_ids = store.insert_rules(lean, [line.values for line in difference.new], by)
    new = list(zip(new_ids, difference.new, strict=True))
    taking = [*((_id(before), line) for before, line in moved), *new]
    store.take(lean, [(rule_id, line.values.ids) for rule_id, line in taking])
    for rule in difference.gone:
        yield journal.Change("deleted", _id(rule), before=rule.to_entry())
    for before, line in difference.changed:
        after = replace(before, **line.values.what_it_says(), version=before.version + 1)
        yield journal.Change("changed", _id(before), before=before.to_entry(), after=after.to_entry())
    for rule_id, line in new:
        yield journal.Change("created", rule_id, after=_new(rule_id, line))


def _new(rule_id: int, line: Line) -> dict[str, Any]:
    return StoredRule(id=rule_id, version=1, **line.values.what_it_says()).to_entry()


def _id(rule: StoredRule) -> int:
    assert rule.id is not None  # noqa: S101  (it is stored)
    return rule.id
