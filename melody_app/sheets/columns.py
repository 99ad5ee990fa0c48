"""What the columns of a list are called, and how a cell is written so that a spreadsheet takes it for no formula."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from melody_app.search import search_key

_FORMULA = re.compile(r"'*(?:[=+\-@\t\r\n＝＋－＠]|[0-9]{12,}\Z)")
"""What a spreadsheet takes for a formula (OWASP, CSV injection) or shortens (a figure of twelve digits is shown as 1E+11),
and a text that was such before it was made harmless."""

_BEGINS_A_CELL = re.compile(r"(?<=[;,\t\r\n])\s*(?=[=+\-@＝＋－＠])")
"""Where a formula would begin if the cell were taken apart: by a program that expects another delimiter."""


@dataclass(frozen=True)
class Column:
    """A column of a list.

    Args:
        name: its name in the API.
        english: its heading in English.
        russian: its heading in Russian.
        others: other headings by which it is known.
    """

    name: str
    english: str
    russian: str
    others: tuple[str, ...] = ()

    def heading(self, language: str) -> str:
        """Return its heading in a language."""
        return self.russian if language == "ru" else self.english

    @property
    def headings(self) -> str:
        """Return its headings in both languages; one, where they are the same."""
        return " / ".join(dict.fromkeys((self.russian, self.english)))

    @property
    def keys(self) -> set[str]:
        """Return every name that it is known by, without regard to case."""
        return {search_key(each) for each in (self.name, self.english, self.russian, *self.others)}


def names_of(columns: Iterable[Column], headings: list[str]) -> list[str]:
    """Return the column that each heading means; an empty text for one that means none of them."""
    known = {key: column.name for column in columns for key in column.keys}
    return [known.get(search_key(plain(heading)), "") for heading in headings]


def harmless(cell: str) -> str:
    """Return a cell's text with an apostrophe before what a spreadsheet would take for a formula."""
    return "'" + cell if _FORMULA.match(cell) else cell


def plain(cell: str) -> str:
    """Return what was written, from what `harmless` made of it and from what people typed; without spaces around it."""
    cell = cell.strip()
    return cell[1:].strip() if cell.startswith("'") and _FORMULA.match(cell) else cell


def harmless_throughout(cell: str) -> str:
    """Return the text of a cell that is only for reading, harmless at whichever delimiter it is taken apart."""
    return harmless(_BEGINS_A_CELL.sub(lambda found: found[0] + "'", cell))
