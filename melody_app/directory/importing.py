"""Check a list that is to be taken over: every line by the rules of the form, but without a form for each of 100,000."""

from collections.abc import Callable, Iterable
from typing import Any

from flask_babel import force_locale, lazy_gettext

from melody_app.directory.columns import COLUMNS
from melody_app.directory.difference import Line, Sheet
from melody_app.directory.forms import ENTRY_FORMS, PhoneField
from melody_app.directory.reading import MOST_ENTRIES, is_json, read_json
from melody_app.directory.store import BY_NAME, Directory
from melody_app.fields import ChoiceField, FieldError, TypedField, required, spell
from melody_app.i18n import LANGUAGES
from melody_app.search import search_key
from melody_app.sheets.columns import names_of
from melody_app.sheets.reading import Table, UnreadableError, decode, read_csv, read_table
from melody_app.sheets.refusal import Refusal

Said = dict[str, Any]


class Checker:
    """Check the entries of a list one by one, by the fields of the form.

    Args:
        directory: for which directory.
        columns: what the list says of each entry besides the id.
        is_json: whether it is an array of JSON.
    """

    def __init__(self, directory: Directory, columns: tuple[str, ...], *, is_json: bool = False) -> None:
        form = ENTRY_FORMS[directory.name]()
        self.sheet = Sheet(columns, is_json)
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
            error = self._problem(field, value) or self._repeated(place, field.name, value)
        if error:
            self.refuse(place, field.name, error)
        return value

    def _problem(self, field: TypedField, value: Any) -> FieldError | None:
        error = next(field.problems(value), None)
        if error and isinstance(field, ChoiceField) and not self.sheet.is_json:
            # Whoever wrote the file knows no codes, and may write what the pages say.
            words = ", ".join(f'"{code}" ({says})' for code, says in field.choices.items())
            message = lazy_gettext("%(value)s is not one of %(words)s.", value=spell(value), words=words)
            return FieldError(error.code, message)
        return error

    def _repeated(self, place: int, name: str, value: Any) -> FieldError | None:
        if name not in self._seen:
            return None
        first = self._seen[name].setdefault(value, place)
        if first == place:
            return None
        if self.sheet.is_json:
            return FieldError("repeated", lazy_gettext("This is already in entry %(entry)s.", entry=first))
        return FieldError("repeated", lazy_gettext("This is already in line %(line)s.", line=first))


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
        check_json(directory, read_json(text)) if is_json(text) else _check_csv(directory, _read_csv(directory, text))
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
            columns = COLUMNS[directory.name]
            names = names_of(columns, read_csv(columns, text)[0])
        if {"id", directory.columns[0]} <= set(names):
            return directory
    raise UnreadableError(
        "missing_column",
        lazy_gettext("The list needs an ID and a number for each number, or an ID and a name for each department."),
    )


def check_json(directory: Directory, elements: list[Any]) -> Sheet:
    """Check the elements of a JSON array; fields that mean nothing here are passed over.

    Args:
        directory: for which directory.
        elements: the array.
    """
    checker = Checker(directory, directory.columns, is_json=True)
    for place, element in enumerate(elements, 1):
        if isinstance(element, dict):
            checker.add(place, element)
        else:
            checker.refuse(place, "", FieldError("not_an_object", lazy_gettext("An entry must be a JSON object: {…}.")))
    return checker.sheet


def _read_csv(directory: Directory, text: str) -> Table:
    return read_table(COLUMNS[directory.name], {"id", directory.columns[0]}, text, most=MOST_ENTRIES)


def _check_csv(directory: Directory, table: Table) -> Sheet:
    checker = Checker(directory, tuple(name for name in directory.columns if name in table.names))
    checker.sheet.passed_over = table.passed_over
    readers = _readers(directory)
    for place, said in table.rows():
        if isinstance(said, FieldError):
            checker.refuse(place, "", said)
        else:
            checker.add(place, {name: readers[name]([cell]) for name, cell in said.items()})
    return checker.sheet


def _readers(directory: Directory) -> dict[str, Callable[[list[str]], Any]]:
    form = ENTRY_FORMS[directory.name]()
    return {name: _reader(form[name]) for name in ("id", *directory.columns)}


def _reader(field: TypedField) -> Callable[[list[str]], Any]:
    """Read a cell as the form does; a choice also by what the pages call it, in either language."""
    if not isinstance(field, ChoiceField):
        return field.from_text
    codes: dict[str, str] = {}
    for language in LANGUAGES:
        with force_locale(language):
            codes |= {search_key(str(words)): code for code, words in field.choices.items()}

    def read(texts: list[str]) -> Any:
        text = field.from_text(texts)
        return codes.get(search_key(text), text) if text else text

    return read
