"""Turn the bytes of an upload into rows: CSV as spreadsheets write it, or JSON as the operator's API answers it."""

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

from flask_babel import lazy_gettext

from melody_app.directory.columns import names_of
from melody_app.directory.refusals import UnreadableError
from melody_app.directory.store import Directory
from melody_app.fields import to_int

DELIMITERS = ";,\t"
MOST_ENTRIES = 200_000

_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)
_ARCHIVE = b"PK\x03\x04"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")

Cells = tuple[int, list[str]]
"""Where a record begins, from 1, and its cells."""


def decode(data: bytes) -> str:
    """Return the text of a file: UTF-8, with a mark of its order UTF-16, else Windows-1251.

    Raises:
        UnreadableError: it is no text.
    """
    if data.startswith(_ARCHIVE):
        raise UnreadableError(
            "spreadsheet", lazy_gettext("This is a spreadsheet's own file. Save it there as CSV, and choose that file.")
        )
    # Every file is text in Windows-1251, so it comes last.
    for encoding in ("utf-16",) if data.startswith(_UTF_16) else ("utf-8-sig", "cp1251"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableError("not_text", lazy_gettext("This file is no text. Choose a file in CSV or JSON."))


def is_json(text: str) -> bool:
    """Tell whether the text is meant as JSON: no heading of a CSV begins so."""
    return text.lstrip()[:1] in {"[", "{"}


def read_json(text: str) -> list[Any]:
    """Return the elements of a JSON array.

    Raises:
        UnreadableError: it is none.
    """
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_int=to_int)
    except json.JSONDecodeError as error:
        message = lazy_gettext(
            "This is not JSON: see line %(line)s, column %(column)s.", line=error.lineno, column=error.colno
        )
        raise UnreadableError("not_json", message) from None
    except RecursionError:
        raise UnreadableError("nested_too_deep", lazy_gettext("This JSON is nested too deep.")) from None
    if not isinstance(value, list):
        message = lazy_gettext("The list must be a JSON array of objects: [{…}, {…}].")
        raise UnreadableError("bad_request", message)
    _refuse_long(len(value))
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise UnreadableError("repeated_name", lazy_gettext("A name stands twice in one object."))
    return value


def _constant(name: str) -> None:
    raise UnreadableError("not_json", lazy_gettext("%(name)s is not JSON.", name=name))


def read_csv(directory: Directory, text: str) -> tuple[list[str], list[Cells]]:
    """Return the headings and the records of a CSV.

    Args:
        directory: whose columns the headings name.
        text: the file; its cells are parted by whatever parts the headings best.

    Raises:
        UnreadableError: it is no CSV.
    """
    stated = _SEPARATOR_LINE.match(text)
    skipped = stated.end() if stated else 0
    delimiter = stated[1] if stated else _find_delimiter(directory, text)
    records = _records(text[skipped:], delimiter, 1 if stated else 0)
    _, headings = next(records, (0, []))
    cells = list(records)
    _refuse_long(len(cells))
    return headings, cells


def _find_delimiter(directory: Directory, text: str) -> str:
    def found(delimiter: str) -> int:
        _, headings = next(_records(text, delimiter, 0, strict=False), (0, []))
        return sum(bool(name) for name in names_of(directory, headings))

    return max(DELIMITERS, key=found)


def _records(text: str, delimiter: str, skipped: int, *, strict: bool = True) -> Iterator[Cells]:
    """Yield the records that hold anything, and where each begins: a quoted cell may go on over several lines."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield begins + skipped, cells
            begins = reader.line_num + 1
    except csv.Error:
        message = lazy_gettext(
            "The quotation marks in the record that begins in line %(line)s don't match.", line=begins + skipped
        )
        raise UnreadableError("not_csv", message) from None


def _refuse_long(count: int) -> None:
    if count > MOST_ENTRIES:
        message = lazy_gettext(
            "These are %(count)s entries; at most %(most)s are taken.", count=count, most=MOST_ENTRIES
        )
        raise UnreadableError("too_many", message)
