"""What the columns of a list are called, and how a cell is written so that a spreadsheet takes it for no formula."""

import re
from dataclasses import dataclass

from melody_app.directory.store import DEPARTMENTS, NUMBERS, Directory
from melody_app.search import search_key

_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
"""What a spreadsheet takes for a formula (OWASP, CSV injection), and a text that was such before it was made harmless."""


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
    def keys(self) -> set[str]:
        """Return every name that it is known by, without regard to case."""
        return {search_key(each) for each in (self.name, self.english, self.russian, *self.others)}


_ID = Column("id", "Id", "Ид", ("Код", "Идентификатор", "number_capacity_id", "employee_group_id"))

COLUMNS = {
    NUMBERS.name: (
        _ID,
        Column("number", "Number", "Номер", ("Телефон", "Номер телефона", "Виртуальный номер", "Phone")),
        Column("comment", "Comment", "Комментарий", ("Примечание", "Описание", "Note")),
        Column("type", "Kind", "Вид", ("Тип",)),
        Column("state", "State", "Состояние", ("Статус", "Status")),
        Column("region_name", "Region", "Регион"),
    ),
    DEPARTMENTS.name: (
        _ID,
        Column("name", "Name", "Название", ("Отдел", "Наименование", "Department")),
        Column("short_phone", "Internal number", "Внутренний номер", ("Короткий номер", "Добавочный", "Extension")),
    ),
}


def names_of(directory: Directory, headings: list[str]) -> list[str]:
    """Return the column that each heading means; an empty text for one that means none here."""
    known = {key: column.name for column in COLUMNS[directory.name] for key in column.keys}
    return [known.get(search_key(plain(heading)), "") for heading in headings]


def harmless(cell: str) -> str:
    """Return a cell's text with an apostrophe before what a spreadsheet would take for a formula."""
    return "'" + cell if _FORMULA.match(cell) else cell


def plain(cell: str) -> str:
    """Return what was written, from what `harmless` made of it and from what people typed; without spaces around it."""
    cell = cell.strip()
    return cell[1:].strip() if cell.startswith("'") and _FORMULA.match(cell) else cell
