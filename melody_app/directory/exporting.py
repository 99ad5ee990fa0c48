"""Write a directory as a list: an import takes it back unchanged, and no spreadsheet takes a cell of it for a formula."""

from collections.abc import Iterable, Iterator

from melody_app.directory import phone
from melody_app.directory.store import Entry
from melody_app.sheets.columns import harmless


def rows(entries: Iterable[Entry]) -> Iterator[list[str]]:
    """Yield the cells of every entry."""
    for entry in entries:
        values = entry.values
        if "number" in values:
            values = {**values, "number": phone.for_sheet(values["number"])}
        first, *others = (harmless(value or "") for value in values.values())
        yield [first, str(entry.id), *others]
