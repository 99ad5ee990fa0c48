"""What a difference looks like on a page: its first rules, in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask_babel import gettext, ngettext

from melody_app.rules import pickers
from melody_app.rules.forms import SOURCES
from melody_app.rules.lists.difference import Difference
from melody_app.rules.lists.reading import LineForm
from melody_app.rules.store import BY_FIELD, RuleValues
from melody_app.sheets.refusal import SHOWN, show, spell_line

NAMED = 8
"""As many of a rule's numbers or departments are named."""


@dataclass(frozen=True)
class ShownRule:
    """A rule that would come or go.

    Args:
        name: what it is called, or the line that makes it.
        says: its numbers, its departments and its melody.
    """

    name: str
    says: str


@dataclass(frozen=True)
class ShownChange:
    """A rule that would change.

    Args:
        name: what it is called.
        changes: what of it changes, what it says and what it would say.
    """

    name: str
    changes: list[tuple[str, str, str]]


class Preview:
    """The first rules of a difference, in words.

    Args:
        found: the difference.
    """

    def __init__(self, found: Difference) -> None:
        new, changed, gone = found.new[:SHOWN], found.changed[:SHOWN], found.gone[:SHOWN]
        pairs = [(before, line.values) for before, line in changed]
        self._spell = _Spelling([*(line.values for line in new), *gone], pairs)
        self._labels = {field.name: str(field.label.text) for field in LineForm()}
        self.refused = show(found.refused[:SHOWN], self._labels)
        self.new = [ShownRule(spell_line(each.place), self._says(each.values)) for each in new]
        self.changed = [ShownChange(_name(before.id), self._changes(before, after)) for before, after in pairs]
        self.gone = [ShownRule(_name(rule.id), self._says(rule)) for rule in gone]

    def _says(self, rule: RuleValues) -> str:
        said = [f"{self._labels[name]}: {self._spell.ids(name, rule.ids[name])}" for name in BY_FIELD if rule.ids[name]]
        return "; ".join([*said, self._spell.melody(rule)])

    def _changes(self, before: RuleValues, after: RuleValues) -> list[tuple[str, str, str]]:
        changes = []
        for name in BY_FIELD:
            if before.ids[name] != after.ids[name]:
                was, will_be = _unlike_first(before.ids[name], after.ids[name])
                changes.append((self._labels[name], self._spell.ids(name, was), self._spell.ids(name, will_be)))
        melodies = self._spell.melody(before), self._spell.melody(after)
        if melodies[0] != melodies[1]:
            changes.append((self._labels["media_id"], *melodies))
        return changes


class _Spelling:
    """Spell ids with the names that the directories and catalogues know.

    Args:
        rules: the rules that are shown as they are.
        pairs: the rules that are shown as they are and as they would be.
    """

    def __init__(self, rules: Iterable[RuleValues], pairs: Iterable[tuple[RuleValues, RuleValues]]) -> None:
        pairs = list(pairs)
        shown = [*rules, *(each for pair in pairs for each in pair)]
        ids: dict[str, set[int]] = {name: set() for name in BY_FIELD}
        for name, wanted in ids.items():
            for each in shown:
                wanted.update(each.ids[name][:NAMED])
            for before, after in pairs:
                wanted.update(*(each[:NAMED] for each in _unlike_first(before.ids[name], after.ids[name])))
        self._names = {name: pickers.names(BY_FIELD[name], wanted) for name, wanted in ids.items()}
        self._melodies = pickers.melody_names({(each.source_type, each.media_id) for each in shown})

    def ids(self, name: str, ids: Sequence[int]) -> str:
        """Spell the first of the ids, and how many more there are."""
        known = self._names[name]
        words = [f"{known[each]} ({each})" if known.get(each) else str(each) for each in ids[:NAMED]]
        more = len(ids) - len(words)
        return ", ".join([*words, *([ngettext("and %(num)s more", "and %(num)s more", more)] if more else [])])

    def melody(self, rule: RuleValues) -> str:
        """Spell a rule's melody."""
        name = self._melodies.get((rule.source_type, rule.media_id))
        called = f"{name} ({rule.media_id})" if name else str(rule.media_id)
        return f"{SOURCES[rule.source_type]}: {called}"


def _unlike_first(before: list[int], after: list[int]) -> tuple[list[int], list[int]]:
    """Return both lists, with what only one of them has in front where it would not be shown."""
    if max(len(before), len(after)) <= NAMED:
        return before, after
    left, right = set(before), set(after)
    return sorted(before, key=right.__contains__), sorted(after, key=left.__contains__)


def _name(rule_id: int | None) -> str:
    return str(gettext("Rule %(id)s", id=rule_id))
