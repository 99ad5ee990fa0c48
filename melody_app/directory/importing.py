"""Check a list that is to be taken over: every line by the rules of the form, but without a form for each of 100,000."""

from collections.abc import Callable, Iterable
from typing import Any

from flask_babel import lazy_gettext

from melody_app.directory.columns import COLUMNS, names_of, plain
from melody_app.directory.difference import Line, Refusal, Sheet
from melody_app.directory.forms import ENTRY_FORMS, PhoneField
from melody_app.directory.reading import Cells, decode, is_json, read_csv, read_json
from melody_app.directory.refusals import UnreadableError
from melody_app.directory.store import BY_NAME, Directory
from melody_app.fields import FieldError, TypedField, required

Said = dict[str, Any]


class Checker:
    """Check the entries of a list one by one, by the fields of the form.

    Args:
        directory: for which directory.
        columns: what the list says of each entry besides the id.
    """

    def __init__(self, directory: Directory, columns: tuple[str, ...]) -> None:
        form = ENTRY_FORMS[directory.name]()
        self.sheet = Sheet(columns)
        self._fields: list[TypedField] = [form[name] for name in columns]
        self._id: TypedField = form.id
        self._seen: dict[str, dict[Any, int]] = {name: {} for name in ("id", directory.unique) if name}

    def add(self, place: int, said: Said) -> None:
        """Take an entry, or note what is wrong with it.

        Args:
            place: where it stands, from 1.
            said: what it says, as it came.
        """
        wrong = len(self.sheet.refused)
        entry_id = self._check(place, self._id, said, needed=True)
        row = (entry_id, *(self._check(place, field, said) for field in self._fields))
        if len(self.sheet.refused) == wrong:
            self.sheet.lines.append(Line(place, row))

    def refuse(self, place: int, field: str, error: FieldError) -> None:
        """Note what is wrong."""
        self.sheet.refused.append(Refusal(place, field, error))

    def _check(self, place: int, field: TypedField, said: Said, *, needed: bool = False) -> Any:
        value = said.get(field.name)
        value = field.default if value is None else value
        if isinstance(field, PhoneField):
            value = field.read(value)
        if value is None:
            error = None if field.optional and not needed else required()
        else:
            error = next(field.problems(value), None) or self._repeated(place, field.name, value)
        if error:
            self.refuse(place, field.name, error)
        return value

    def _repeated(self, place: int, name: str, value: Any) -> FieldError | None:
        if name not in self._seen:
            return None
        first = self._seen[name].setdefault(value, place)
        if first == place:
            return None
        return FieldError("repeated", lazy_gettext("The same stands in line %(line)s already.", line=first))


def read(directory: Directory, data: bytes) -> Sheet:
    """Return what a file says, and what is wrong in it.

    Args:
        directory: for which directory it is meant.
        data: the file: CSV or JSON.

    Raises:
        UnreadableError: it is no list at all.
    """
    text = decode(data)
    sheet = (
        check_json(directory, read_json(text)) if is_json(text) else _check_csv(directory, *read_csv(directory, text))
    )
    if not sheet.lines and not sheet.refused:
        raise UnreadableError("empty", lazy_gettext("There is no entry in this list."))
    return sheet


def meant_for(data: bytes) -> Directory:
    """Return the directory that a file is for, by its columns.

    Raises:
        UnreadableError: it is no list, or its columns fit none.
    """
    text = decode(data)
    for directory in BY_NAME.values():
        if is_json(text):
            names: Iterable[str] = {name for each in read_json(text)[:1] if isinstance(each, dict) for name in each}
        else:
            names = names_of(directory, read_csv(directory, text)[0])
        if {"id", directory.columns[0]} <= set(names):
            return directory
    raise UnreadableError(
        "missing_column",
        lazy_gettext("The list needs an id and a number for each number, or an id and a name for each department."),
    )


def check_json(directory: Directory, elements: list[Any]) -> Sheet:
    """Check the elements of a JSON array; fields that mean nothing here are passed over.

    Args:
        directory: for which directory.
        elements: the array.
    """
    checker = Checker(directory, directory.columns)
    for place, element in enumerate(elements, 1):
        if isinstance(element, dict):
            checker.add(place, element)
        else:
            checker.refuse(place, "", FieldError("not_an_object", lazy_gettext("An entry must be a JSON object: {…}.")))
    return checker.sheet


def _check_csv(directory: Directory, headings: list[str], records: list[Cells]) -> Sheet:
    names = names_of(directory, headings)
    _refuse_headings(directory, names)
    checker = Checker(directory, tuple(name for name in directory.columns if name in names))
    checker.sheet.passed_over = [
        heading.strip() for heading, name in zip(headings, names, strict=True) if heading.strip() and not name
    ]
    readers = _readers(directory)
    for place, cells in records:
        if any(cell.strip() for cell in cells[len(names) :]):
            message = lazy_gettext(
                "There are more cells than columns. Put a text with a separator in it into quotation marks."
            )
            checker.refuse(place, "", FieldError("too_many_cells", message))
            continue
        said = {name: readers[name]([plain(cell)]) for name, cell in zip(names, cells, strict=False) if name}
        checker.add(place, said)
    return checker.sheet


def _readers(directory: Directory) -> dict[str, Callable[[list[str]], Any]]:
    form = ENTRY_FORMS[directory.name]()
    return {name: form[name].from_text for name in ("id", *directory.columns)}


def _refuse_headings(directory: Directory, names: list[str]) -> None:
    for column in COLUMNS[directory.name]:
        headings = {"english": column.english, "russian": column.russian}
        if column.name in {"id", directory.columns[0]} and column.name not in names:
            message = lazy_gettext(
                "The first line must name the columns, and there is none called «%(russian)s» or «%(english)s».",
                **headings,
            )
            raise UnreadableError("missing_column", message)
        if names.count(column.name) > 1:
            message = lazy_gettext("The column «%(russian)s» (%(english)s) stands there twice.", **headings)
            raise UnreadableError("repeated_column", message)
