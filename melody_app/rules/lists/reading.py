"""Read a list of rules: every line by the rules of the form, but with one form for all of 100,000."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext

from melody_app.fields import FieldError, IntField
from melody_app.rules.forms import RuleForm
from melody_app.rules.lists.cells import Cells
from melody_app.rules.lists.columns import COLUMNS, FOR_READING, NEEDED, read_source
from melody_app.rules.store import BY_FIELD, RuleValues
from melody_app.sheets.reading import UnreadableError, decode, read_table
from melody_app.sheets.refusal import Refusal

MOST_LINES = 100_000
MOST_REFUSED = 10_000
"""After as many things to put right the rest isn't looked at."""


@dataclass(frozen=True)
class Line:
    """A right line of a list.

    Args:
        place: where it stands, from 1.
        rule_id: the rule that it changes; None for a new one.
        values: what the rule shall say.
    """

    place: int
    rule_id: int | None
    values: RuleValues


@dataclass
class Sheet:
    """A list that was read.

    Args:
        lines: what is right in it.
        refused: what is wrong in it.
        passed_over: columns that mean nothing here.
    """

    lines: list[Line] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)


class LineForm(RuleForm):
    """A line: a rule, and its id when there is it already."""

    id = IntField(lazy_gettext("Rule"), optional=True)


def read(data: bytes) -> Sheet:
    """Return what a file says, and what is wrong in it.

    Args:
        data: the file, in CSV.

    Raises:
        UnreadableError: it is no list of rules at all.
    """
    table = read_table((*COLUMNS, *FOR_READING), NEEDED, decode(data), most=MOST_LINES)
    reader = _Reader()
    for place, said in table.rows():
        reader.add(place, said)
        if len(reader.sheet.refused) >= MOST_REFUSED:
            break
    reader.sheet.passed_over = table.passed_over
    if not table.records:
        raise UnreadableError("empty", lazy_gettext("There is no entry in this list."))
    return reader.sheet


class _Reader:
    """Read line after line, and note what stands in more than one."""

    def __init__(self) -> None:
        self.sheet = Sheet()
        self._cells = Cells()
        self._form = LineForm()
        self._seen: dict[str, dict[int, int]] = {name: {} for name in ("id", *BY_FIELD)}

    def add(self, place: int, said: dict[str, str] | FieldError) -> None:
        """Take a line, or note what is wrong with it.

        Args:
            place: where it stands, from 1.
            said: what its columns say, or why that can't be told.
        """
        wrong = [("", said)] if isinstance(said, FieldError) else list(self._problems(place, said))
        if wrong:
            self.sheet.refused += [Refusal(place, name, error) for name, error in wrong]
        else:
            self.sheet.lines.append(Line(place, self._form.id.data, self._form.values))

    def _problems(self, place: int, said: dict[str, str]) -> Iterator[tuple[str, FieldError]]:
        form = self._form
        cells = {
            "number_capacity_ids": self._cells.numbers(said.get("number_capacity_ids", "")),
            "employee_group_ids": self._cells.departments(said.get("employee_group_ids", "")),
        }
        named = [(name, error) for name, cell in cells.items() for error in cell.errors]
        yield from named
        form.check_again(
            {
                **{name: cell.ids for name, cell in cells.items()},
                "id": form.id.from_text([said.get("id", "")]),
                "source_type": read_source(said.get("source_type", "")),
                "media_id": form.media_id.from_text([said.get("media_id", "")]),
            }
        )
        yield from _told(form.errors_list, has_names=bool(named))
        yield from self._repeated(place)

    def _repeated(self, place: int) -> Iterator[tuple[str, FieldError]]:
        for name, seen in self._seen.items():
            value = self._form[name].data
            for each in value if isinstance(value, list) else [value]:
                first = seen.setdefault(each, place) if type(each) is int else place
                if first != place:
                    message = lazy_gettext("%(value)s is already in line %(line)s.", value=each, line=first)
                    yield name, FieldError("repeated", message)


def _told(errors: list[tuple[str, FieldError]], *, has_names: bool) -> Iterator[tuple[str, FieldError]]:
    """Yield the form's errors as a reader of the list needs them.

    Args:
        errors: the errors.
        has_names: the line names something that is refused already, so that it isn't empty.
    """
    told = has_names
    for name, error in errors:
        if error.code == "required_one_of":
            if not told:
                yield "", error
            told = True
        elif error.code == "not_a_choice":
            yield name, FieldError(error.code, lazy_gettext("Write “standard” or “own”."))
        else:
            yield name, error


def pack(sheet: Sheet) -> list[list[Any]]:
    """Return a list in which nothing is wrong as JSON holds it."""
    return [[each.place, each.rule_id, *each.values.what_it_says().values()] for each in sheet.lines]


def unpack(lines: list[list[Any]]) -> Sheet:
    """Return what was packed."""
    names = ("number_capacity_ids", "employee_group_ids", "source_type", "media_id")
    return Sheet(
        [Line(place, rule_id, RuleValues(**dict(zip(names, values, strict=True)))) for place, rule_id, *values in lines]
    )
