"""What taking over a list would change in the rules."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from flask_babel import lazy_gettext

from melody_app.fields import FieldError
from melody_app.rules.known import Known
from melody_app.rules.lists.reading import MOST_REFUSED, Line, Sheet
from melody_app.rules.lists.store import Stored, fingerprint
from melody_app.rules.store import BY_FIELD, StoredRule
from melody_app.sheets.refusal import Refusal


@dataclass
class Difference:
    """What a list would change.

    Args:
        seen: the fingerprint of the rules that it was compared with.
        new: the lines that would become rules.
        changed: rules as they are, and the lines that say what they would be.
        gone: rules that would be deleted.
        same: how many would stay as they are.
        refused: what in the list stands in the way.
    """

    seen: str
    new: list[Line] = field(default_factory=list)
    changed: list[tuple[StoredRule, Line]] = field(default_factory=list)
    gone: list[StoredRule] = field(default_factory=list)
    same: int = 0
    refused: list[Refusal] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """Return how many rules come, change, go and stay."""
        return {"new": len(self.new), "changed": len(self.changed), "gone": len(self.gone), "same": self.same}

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing would change."""
        return not (self.new or self.changed or self.gone)

    @property
    def is_possible(self) -> bool:
        """Tell whether nothing stands in the way."""
        return not self.refused

    def written(self) -> Iterator[Line]:
        """Yield the lines that something would be written for."""
        yield from self.new
        yield from (line for _, line in self.changed)

    def add(self, line: Line, stored: Stored) -> None:
        """Count in a line.

        Args:
            line: the line.
            stored: the rules as they are.
        """
        before = None if line.rule_id is None else stored.get(line.rule_id)
        if line.rule_id is None:
            self.new.append(line)
        elif before is None:
            message = lazy_gettext("There is no rule %(id)s. To create a rule, leave this cell empty.", id=line.rule_id)
            self.refused.append(Refusal(line.place, "id", FieldError("no_rule", message)))
        elif before.what_it_says() != line.values.what_it_says():
            self.changed.append((before, line))
        else:
            self.same += 1


def compare(sheet: Sheet, stored: Stored, known: Known, *, keep: bool) -> Difference:
    """Hold a list against the rules.

    Args:
        sheet: the list.
        stored: all rules.
        known: what the directories and catalogues hold.
        keep: leave rules alone that the list lacks, instead of deleting them.
    """
    seen = fingerprint((rule_id, rule.version) for rule_id, rule in stored.items())
    found = Difference(seen, refused=list(sheet.refused))
    for line in sheet.lines:
        found.add(line, stored)
    listed = {line.rule_id for line in sheet.lines}
    others = [rule for rule in stored.values() if rule.id not in listed]
    found.refused += islice(unknown(found, known), MOST_REFUSED)
    if keep:
        found.same += len(others)
        found.refused += islice(_held(found, others), MOST_REFUSED)
    else:
        found.gone = others
    found.refused.sort(key=lambda each: each.place)
    return found


def unknown(found: Difference, known: Known) -> Iterator[Refusal]:
    """Yield what the directories and catalogues don't know of what would be written."""
    for line in found.written():
        for name, error in known.errors(line.values):
            yield Refusal(line.place, name, error)


def _held(found: Difference, kept: list[StoredRule]) -> Iterator[Refusal]:
    """Yield the ids that a rule holds which the list lacks."""
    for name in BY_FIELD:
        holders = {each: rule.id for rule in kept for each in rule.ids[name]}
        for line in found.written():
            for each in line.values.ids[name]:
                if each in holders:
                    message = lazy_gettext(
                        "%(id)s is in rule %(rule)s, which isn't in the list and stays as it is.",
                        id=each,
                        rule=holders[each],
                    )
                    yield Refusal(line.place, name, FieldError("taken", message))
