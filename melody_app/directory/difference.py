"""What taking over a list would change in a directory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext

from melody_app.directory.store import Directory, Entry, Holding, Row, fingerprint
from melody_app.fields import FieldError
from melody_app.sheets.refusal import Refusal


@dataclass(frozen=True)
class Line:
    """A right line of a list.

    Args:
        place: the line of the file, or the element of the JSON array, from 1.
        row: the entry's id and the values of the list's columns.
    """

    place: int
    row: Row


@dataclass
class Sheet:
    """A list that was read.

    Args:
        columns: what it says of each entry besides the id; of what it doesn't say nothing is changed.
        is_json: whether it is an array of JSON, whose places are elements; else they are a file's lines.
        lines: what is right in it.
        refused: what is wrong in it.
        passed_over: columns that mean nothing here.
    """

    columns: tuple[str, ...]
    is_json: bool = False
    lines: list[Line] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)


@dataclass
class Difference:
    """What a list would change.

    Args:
        directory: in which directory.
        seen: the fingerprint of the directory that it was compared with.
        new: entries that would come in.
        changed: entries as they are and as they would be.
        gone: entries that would be deleted.
        same: how many would stay as they are.
        refused: what in the list stands in the way.
        held: entries that would be deleted although rules use them.
    """

    directory: Directory
    seen: str
    new: list[Row] = field(default_factory=list)
    changed: list[tuple[Row, Row]] = field(default_factory=list)
    gone: list[Row] = field(default_factory=list)
    same: int = 0
    refused: list[Refusal] = field(default_factory=list)
    held: list[Holding] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """Return how many entries come, change, go and stay."""
        return {"new": len(self.new), "changed": len(self.changed), "gone": len(self.gone), "same": self.same}

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing would change."""
        return not (self.new or self.changed or self.gone)

    @property
    def is_possible(self) -> bool:
        """Tell whether nothing stands in the way."""
        return not (self.refused or self.held)

    def to_dict(self) -> dict[str, Any]:
        """Spell it as the API does."""
        return {
            "counts": self.counts,
            "new": [self._entry(row).to_dict() for row in self.new],
            "changed": [
                {"before": self._entry(before).to_dict(), "after": self._entry(after).to_dict()}
                for before, after in self.changed
            ],
            "gone": [self._entry(row).to_dict() for row in self.gone],
        }

    def add(self, before: Row | None, after: Row) -> None:
        """Count in an entry of the list.

        Args:
            before: the entry as it is; None when it isn't there.
            after: the entry as it would be.
        """
        if before is None:
            self.new.append(after)
        elif before != after:
            self.changed.append((before, after))
        else:
            self.same += 1

    def part_with(self, others: list[Row], sheet: Sheet, *, keep: bool) -> None:
        """Count in the entries that the list lacks."""
        if keep:
            self.same += len(others)
            self.refused += _shared(self.directory, sheet, others)
        else:
            self.gone = others

    def _entry(self, row: Row) -> Entry:
        return self.directory.entry_of(row)


def compare(directory: Directory, sheet: Sheet, stored: Sequence[Sequence[Any]], *, keep: bool) -> Difference:
    """Hold a list against a directory.

    Args:
        directory: which directory.
        sheet: the list.
        stored: all of the directory's entries, as its statements give them.
        keep: leave entries alone that the list lacks, instead of deleting them.
    """
    found = Difference(directory, fingerprint(stored), refused=list(sheet.refused))
    old: dict[int, Row] = {each[0]: (each[0], *each[2:]) for each in stored}
    places = [sheet.columns.index(name) + 1 if name in sheet.columns else 0 for name in directory.columns]
    listed = set()
    for line in sheet.lines:
        entry_id = line.row[0]
        listed.add(entry_id)
        before = old.get(entry_id)
        base = before[1:] if before else directory.defaults
        after = (entry_id, *(line.row[place] if place else base[at] for at, place in enumerate(places)))
        found.add(before, after)
    found.part_with([row for entry_id, row in old.items() if entry_id not in listed], sheet, keep=keep)
    return found


def _shared(directory: Directory, sheet: Sheet, kept: list[Row]) -> Iterator[Refusal]:
    """Yield the lines whose number an entry has that the list lacks."""
    if directory.unique not in sheet.columns:
        return
    place = sheet.columns.index(directory.unique) + 1
    holders = {row[1]: row[0] for row in kept}
    for line in sheet.lines:
        holder = holders.get(line.row[place])
        if holder is not None:
            message = lazy_gettext(
                "The directory already has this number, with the ID %(id)s, which is not in the list.", id=holder
            )
            yield Refusal(line.place, directory.unique, FieldError("taken", message))
