"""What a difference looks like on a page: its first entries, in words."""

from dataclasses import dataclass
from typing import Any

from melody_app.directory import phone
from melody_app.directory.difference import Difference, Sheet
from melody_app.directory.forms import ENTRY_FORMS, STATES, TYPES
from melody_app.directory.store import Row
from melody_app.sheets.refusal import SHOWN, show, spell_entry, spell_line


@dataclass(frozen=True)
class ShownEntry:
    """An entry that would come or go.

    Args:
        id: its id.
        name: what people call it.
        says: the rest of what it says, where it says anything.
        rule_id: the rule that uses it, where that stands in the way.
    """

    id: int
    name: str
    says: str
    rule_id: int | None = None


@dataclass(frozen=True)
class ShownChange:
    """An entry that would change.

    Args:
        id: its id.
        name: what people call it now.
        changes: what a column is called, what it says and what it would say.
    """

    id: int
    name: str
    changes: list[tuple[str, str, str]]


class Preview:
    """The first entries of a difference, in words.

    Args:
        found: the difference.
        sheet: the list that makes it.
    """

    def __init__(self, found: Difference, sheet: Sheet) -> None:
        form = ENTRY_FORMS[found.directory.name]()
        self._directory = found.directory
        self._labels = {field.name: field.label.text for field in form}
        self.refused = show(found.refused[:SHOWN], self._labels, spell_entry if sheet.is_json else spell_line)
        rules = {each.id: each.rule_id for each in found.held[:SHOWN]}
        self.held = [self._entry(row, rules[row[0]]) for row in found.gone if row[0] in rules]
        self.new = [self._entry(row) for row in found.new[:SHOWN]]
        self.changed = [self._change(*rows) for rows in found.changed[:SHOWN]]
        self.gone = [self._entry(row) for row in found.gone[:SHOWN]]

    def _entry(self, row: Row, rule_id: int | None = None) -> ShownEntry:
        says = [spell(name, value) for name, value in zip(self._directory.columns[1:], row[2:], strict=True)]
        return ShownEntry(row[0], self._name(row), "\u00a0· ".join(text for text in says if text), rule_id)

    def _change(self, before: Row, after: Row) -> ShownChange:
        changes = [
            (self._labels[name], spell(name, old), spell(name, new))
            for name, old, new in zip(self._directory.columns, before[1:], after[1:], strict=True)
            if old != new
        ]
        return ShownChange(before[0], self._name(before), changes)

    def _name(self, row: Row) -> str:
        return self._directory.entry_of(row).name


def spell(name: str, value: Any) -> str:
    """Spell what a column says for a reader.

    Args:
        name: the column.
        value: what it says.
    """
    if value is None:
        return ""
    words = {"type": TYPES, "state": STATES}.get(name)
    if words:
        return str(words[value])
    return phone.shown(value) if name == "number" else str(value)
