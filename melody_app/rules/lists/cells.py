"""Read the cells that name numbers and departments: by their ids, or by what people call them."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flask_babel import LazyString, lazy_gettext
from sqlalchemy import BigInteger, bindparam, select

from melody_app.db import read
from melody_app.directory.forms import NumberForm
from melody_app.directory.phone import digits_typed
from melody_app.fields import FieldError, to_int
from melody_app.lean import LeanStatement
from melody_app.models import Department, RuleNumber, VirtualNumber
from melody_app.rules.forms import RuleForm
from melody_app.search import search_key

LONG = 10
"""As many digits have telephone numbers; a word of as many is an id only where one is known."""

_NUMBERS = LeanStatement(select(VirtualNumber.number, VirtualNumber.id))
_DEPARTMENTS = LeanStatement(select(Department.name, Department.id).order_by(Department.id))
_LONG_IDS_HELD = LeanStatement(
    select(RuleNumber.number_capacity_id).where(RuleNumber.number_capacity_id >= bindparam("least", type_=BigInteger))
)

# Between two numbers stands a separator, or the plus of the next one.
_PARTS = re.compile(r"[;,\t\r\n]+|(?=\+)")
_SHORTENED = re.compile(r"\d(?:[.,]\d+)?[eE]\+\d+")
_ONLY_IDS = re.compile(r"[\s,;]*(?:[+-]?\d+(?:[\s,;]+|\Z))*")
_ONLY_DIGITS = re.compile(r"[\d\s]+")
_LONG_WORD = re.compile(rf"[0-9]{{{LONG},}}")
_QUOTED = re.compile(r'"([^"]*)"|«([^»]*)»|“([^”]*)”')


@dataclass
class Read:
    """What a cell says.

    Args:
        ids: the ids; what is none stays text, for the form to refuse.
        errors: names that lead to no id, or to more than one.
    """

    ids: list[Any] = field(default_factory=list)
    errors: list[FieldError] = field(default_factory=list)

    def take(self, found: Any) -> None:
        """Count in an id, or why there is none."""
        (self.errors if isinstance(found, FieldError) else self.ids).append(found)


class Cells:
    """Read cells; the directories are asked when a cell first needs them."""

    def __init__(self) -> None:
        self._words = RuleForm().number_capacity_ids.from_text
        self._read_phone = NumberForm().number.read

    def numbers(self, cell: str) -> Read:
        """Return the numbers that a cell names, by ids or in any spelling.

        What begins with a plus, or is no mere digits and holds ten of them, is a telephone number. Ten digits in one word are
        one too, unless a number has that id: what is exported comes back as it was.

        Args:
            cell: ids and numbers with separators between them; spaces do between ids.
        """
        said = Read()
        if shortened := _SHORTENED.search(cell):
            said.take(self._read_phone(shortened[0]))
            return said
        for part in filter(None, map(str.strip, _PARTS.split(cell))):
            if _is_phone(part):
                said.take(self._id_of_phone(part))
            else:
                for word in part.split():
                    self._take_word(said, word)
        return said

    def departments(self, cell: str) -> Read:
        """Return the departments that a cell names, by ids or by exact names.

        Args:
            cell: ids with separators between them, one name as it is, or names in quotation marks.
        """
        if _ONLY_IDS.fullmatch(cell):
            return Read(self._words([cell]))
        if not _QUOTED.search(cell) or search_key(cell) in self._departments:
            said = Read()
            said.take(self._id_of_name(cell))
            return said
        said = Read(self._words([_QUOTED.sub(" ", cell)]))
        for each in _QUOTED.finditer(cell):
            said.take(self._id_of_name(each[each.lastindex or 0]))
        return said

    def _take_word(self, said: Read, word: str) -> None:
        is_phone = _LONG_WORD.fullmatch(word) and self._phones and to_int(word) not in self._long_ids
        said.take(self._id_of_phone(word)) if is_phone else said.ids.extend(self._words([word]))

    def _id_of_phone(self, text: str) -> int | FieldError:
        number = self._read_phone(text)
        if isinstance(number, FieldError):
            return FieldError(number.code, _quoting(text, number.message))
        if number not in self._phones:
            message = lazy_gettext("%(value)s is not in the directory of numbers.", value=text)
            return FieldError("unknown_number", message)
        return self._phones[number]

    def _id_of_name(self, name: str) -> int | FieldError:
        ids = self._departments.get(search_key(name), [])
        if len(ids) == 1:
            return ids[0]
        if ids:
            shown = ", ".join(map(str, ids))
            message = lazy_gettext(
                "Several departments are called «%(name)s». Write the ID of the one you mean (%(ids)s).",
                name=name,
                ids=shown,
            )
            return FieldError("ambiguous", message)
        message = lazy_gettext(
            "No department is called «%(name)s». If there are several names, put each in quotation marks.", name=name
        )
        return FieldError("unknown_department", message)

    @cached_property
    def _phones(self) -> dict[str, int]:
        with read(snapshot=True) as lean:
            return dict(lean.all(_NUMBERS))

    @cached_property
    def _long_ids(self) -> set[int]:
        with read(snapshot=True) as lean:
            held = {each for (each,) in lean.all(_LONG_IDS_HELD, least=10 ** (LONG - 1))}
        return held | set(self._phones.values())

    @cached_property
    def _departments(self) -> dict[str, list[int]]:
        ids: dict[str, list[int]] = {}
        with read(snapshot=True) as lean:
            for name, each in lean.all(_DEPARTMENTS):
                ids.setdefault(search_key(name), []).append(each)
        return ids


def _is_phone(part: str) -> bool:
    if part.startswith("+"):
        return True
    return not _ONLY_DIGITS.fullmatch(part) and len(digits_typed(part)) >= LONG


def _quoting(text: str, message: str | LazyString) -> LazyString:
    return lazy_gettext("%(value)s: %(reason)s", value=text, reason=message)
