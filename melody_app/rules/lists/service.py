"""What happens when a list of rules is taken over: all of it in one transaction, or nothing."""

from itertools import starmap

from melody_app import journal
from melody_app.actor import the_actor
from melody_app.db import read, write
from melody_app.lean import Lean
from melody_app.rules.known import Known
from melody_app.rules.lists import store
from melody_app.rules.lists.difference import Difference, compare, unknown
from melody_app.rules.lists.reading import Line, Sheet
from melody_app.rules.store import RuleValues, StoredRule


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
    difference = preview(sheet, keep=keep)
    if difference.seen != seen:
        raise ChangedMeanwhileError
    if not difference.is_possible:
        raise RefusedError
    writing = _Writing(difference)

    def work(lean: Lean) -> None:
        if store.fingerprint(store.versions(lean)) != seen:
            raise ChangedMeanwhileError
        if next(unknown(difference, Known.read(lean, lock=True)), None):
            raise RefusedError
        writing.run(lean)

    write(work, alone=True)
    return difference


class _Writing:
    """A difference, made ready to be stored before the transaction, in which others wait for their turn.

    Args:
        difference: the difference.
    """

    def __init__(self, difference: Difference) -> None:
        self._by = the_actor().name
        moved = [(before, line) for before, line in difference.changed if before.ids != line.values.ids]
        self._gone = [_id(rule) for rule in difference.gone]
        self._given_up = [_id(before) for before, _ in moved]
        self._changed = [(_id(before), line.values) for before, line in difference.changed]
        self._taken = [(_id(before), line.values.ids) for before, line in moved]
        self._new = [line.values for line in difference.new]
        self._told = [*map(_deletion, difference.gone), *starmap(_change, difference.changed)]

    def run(self, lean: Lean) -> None:
        """Store it, and tell the journal."""
        # Two rules may swap what they hold: all give up theirs before any takes another's.
        store.delete_rules(lean, self._gone)
        store.give_up(lean, self._given_up)
        store.update_rules(lean, self._changed, self._by)
        new = list(zip(store.insert_rules(lean, self._new, self._by), self._new, strict=True))
        store.take(lean, [*self._taken, *((rule_id, values.ids) for rule_id, values in new)])
        journal.record_many(lean, "rule", [*self._told, *starmap(_creation, new)])


def _deletion(rule: StoredRule) -> journal.Change:
    return journal.Change("deleted", _id(rule), before=journal.spell(rule.to_entry()))


def _change(before: StoredRule, line: Line) -> journal.Change:
    after = StoredRule(id=before.id, version=before.version + 1, **line.values.what_it_says())
    return journal.Change(
        "changed", _id(before), before=journal.spell(before.to_entry()), after=journal.spell(after.to_entry())
    )


def _creation(rule_id: int, values: RuleValues) -> journal.Change:
    rule = StoredRule(id=rule_id, version=1, **values.what_it_says())
    return journal.Change("created", rule_id, after=journal.spell(rule.to_entry()))


def _id(rule: StoredRule) -> int:
    assert rule.id is not None  # noqa: S101  (it is stored)
    return rule.id
