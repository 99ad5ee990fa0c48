"""Write a directory as CSV: an import takes it back unchanged, and no spreadsheet takes a cell of it for a formula."""

import csv
import io

from melody_app.directory import phone
from melody_app.directory.columns import COLUMNS, harmless
from melody_app.directory.store import Directory, Entry


def to_csv(directory: Directory, entries: list[Entry], language: str) -> bytes:
    """Return the directory as a spreadsheet of that language opens it at once: UTF-8 with its mark, `;` in Russian.

    Args:
        directory: which directory.
        entries: all of its entries.
        language: `ru` or `en`.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=";" if language == "ru" else ",", lineterminator="\r\n")
    writer.writerow(column.heading(language) for column in COLUMNS[directory.name])
    for entry in entries:
        values = entry.values
        if "number" in values:
            values = {**values, "number": phone.for_sheet(values["number"])}
        writer.writerow([entry.id, *(harmless(value or "") for value in values.values())])
    return file.getvalue().encode("utf-8-sig")
