"""Turn the bytes of an upload into records: CSV as spreadsheets write it."""

import csv
import io
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from flask_babel import LazyString, lazy_gettext

from melody_app.fields import FieldError
from melody_app.sheets.columns import Column, names_of, plain

DELIMITERS = ";,\t"

MOST_IN_CELL = 32_767
"""As many characters Excel keeps of a cell; it cuts off the rest in silence."""

_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)
_ARCHIVE = b"PK\x03\x04"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")

# A rule's 10,000 ids of 19 digits are longer than the 128 KiB at which the module takes a quotation mark for forgotten.
csv.field_size_limit(1024 * 1024)

Cells = tuple[int, list[str]]
"""Where a record begins, from 1, and its cells."""


class UnreadableError(Exception):
    """A file is no list at all.

    Args:
        code: a stable name of what is wrong.
        message: what is wrong and what to do, in a sentence.
    """

    def __init__(self, code: str, message: str | LazyString) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Table:
    """A CSV that was read.

    Args:
        names: the column that each heading means; an empty text for one that means none.
        passed_over: the headings that mean nothing here.
        records: the records below them.
    """

    names: list[str]
    passed_over: list[str]
    records: list[Cells]

    def rows(self) -> Iterator[tuple[int, dict[str, str] | FieldError]]:
        """Yield where each record begins and what its columns say, or why that can't be told."""
        for place, cells in self.records:
            yield place, self._wrong(cells) or self._said(cells)

    def _said(self, cells: list[str]) -> dict[str, str]:
        return {name: plain(cell) for name, cell in zip(self.names, cells, strict=False) if name}

    def _wrong(self, cells: list[str]) -> FieldError | None:
        if any(cell.strip() for cell in cells[len(self.names) :]):
            message = lazy_gettext(
                "There are more cells than columns. Put text that contains a separator in quotation marks."
            )
            return FieldError("too_many_cells", message)
        if any(len(cell) == MOST_IN_CELL for cell in cells):
            message = lazy_gettext(
                "A cell here is exactly as long as Excel allows, so its end may be cut off. Save the list with LibreOffice."
            )
            return FieldError("cut_off", message)
        return None


def decode(data: bytes) -> str:
    """Return the text of a file: UTF-8, with a mark of its order UTF-16, else Windows-1251.

    Raises:
        UnreadableError: it is no text.
    """
    if data.startswith(_ARCHIVE):
        raise UnreadableError(
            "spreadsheet", lazy_gettext("This is a spreadsheet, not CSV. Save it as CSV and choose that file.")
        )
    # Every file is text in Windows-1251, so it comes last.
    for encoding in ("utf-16",) if data.startswith(_UTF_16) else ("utf-8-sig", "cp1251"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableError("not_text", lazy_gettext("This file is not text. Choose a CSV file."))


def read_table(columns: Sequence[Column], needed: Collection[str], text: str, *, most: int) -> Table:
    """Return what a CSV says.

    Args:
        columns: what its headings may mean.
        needed: the columns without which it is no such list.
        text: the file.
        most: as many records are taken.

    Raises:
        UnreadableError: it is no such list.
    """
    headings, records = read_csv(columns, text)
    names = names_of(columns, headings)
    _refuse_headings(columns, needed, names)
    refuse_long(len(records), most)
    passed_over = [each.strip() for each, name in zip(headings, names, strict=True) if each.strip() and not name]
    return Table(names, passed_over, records)


def read_csv(columns: Sequence[Column], text: str) -> tuple[list[str], list[Cells]]:
    """Return the headings and the records of a CSV.

    Args:
        columns: what its headings may mean.
        text: the file; its cells are parted by whatever parts the headings best.

    Raises:
        UnreadableError: it is no CSV.
    """
    stated = _SEPARATOR_LINE.match(text)
    skipped = stated.end() if stated else 0
    delimiter = stated[1] if stated else _find_delimiter(columns, text)
    records = _records(text[skipped:], delimiter, 1 if stated else 0)
    _, headings = next(records, (0, []))
    return headings, list(records)


def refuse_long(count: int, most: int) -> None:
    """Refuse a list of too many entries.

    Raises:
        UnreadableError: it is too long.
    """
    if count > most:
        message = lazy_gettext("This list has %(count)s entries; the limit is %(most)s.", count=count, most=most)
        raise UnreadableError("too_many", message)


def _find_delimiter(columns: Sequence[Column], text: str) -> str:
    def found(delimiter: str) -> int:
        _, headings = next(_records(text, delimiter, 0, strict=False), (0, []))
        return sum(bool(name) for name in names_of(columns, headings))

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


def _refuse_headings(columns: Sequence[Column], needed: Collection[str], names: list[str]) -> None:
    for column in columns:
        if column.name in needed and column.name not in names:
            message = lazy_gettext(
                "The first line must name the columns, and there is none called “%(column)s”.", column=column.headings
            )
            raise UnreadableError("missing_column", message)
        if names.count(column.name) > 1:
            message = lazy_gettext("The column “%(column)s” appears twice.", column=column.headings)
            raise UnreadableError("repeated_column", message)
