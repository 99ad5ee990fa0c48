"""The two directories, and the lean statements by which they are read and written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import BigInteger, bindparam, delete, func, insert, select, update

from melody_app.directory import phone
from melody_app.lean import Lean, LeanLookup, LeanStatement
from melody_app.models import Department, JournalEntry, RuleDepartment, RuleNumber, VirtualNumber
from melody_app.search import search_key

KEY_LENGTH = 400
NAME_LENGTH = 300
"""What the search keeps of a comment or a name: its lower case can be longer than itself."""

Row = tuple[Any, ...]
"""An entry's id and the values of its columns, in their order."""


@dataclass(frozen=True)
class Entry:
    """A number or a department as it is stored.

    Args:
        directory: where it stands.
        id: what rules know it by; None only in what a dry run answers.
        version: which of its versions this is.
        values: what its columns say.
    """

    directory: "Directory"
    id: int | None
    version: int
    values: dict[str, Any]

    @property
    def name(self) -> str:
        """Return what people call it."""
        return self.directory.name_of(self.values)

    def to_dict(self) -> dict[str, Any]:
        """Spell it as the API does."""
        return {"id": self.id, **self.directory.spell(self.values)}

    def to_entry(self) -> dict[str, Any]:
        """Spell it as the journal keeps it."""
        return {"name": self.name, **self.to_dict()}


@dataclass(frozen=True)
class Holding:
    """An entry that a rule uses.

    Args:
        id: the number or department.
        rule_id: the rule.
    """

    id: int
    rule_id: int


class Directory:
    """One of the two directories, and its statements.

    Args:
        name: its name in addresses.
        subject: what the journal calls an entry.
        model: the model that stores the entries.
        columns: what an entry says besides its id, and what it says where nobody does; people call it by the first.
        target: the column by which rules use the entries.
        unique: the column that no two entries share; empty for none.
    """

    def __init__(
        self, name: str, subject: str, model: Any, columns: dict[str, str | None], target: Any, *, unique: str
    ) -> None:
        self.name = name
        self.subject = subject
        self.model = model
        self.columns = tuple(columns)
        self.defaults: Row = tuple(columns.values())
        self.target = target
        self.rules = target.class_
        self.unique = unique
        self._make_reading()
        self._make_writing()

    def _make_reading(self) -> None:
        model = self.model
        entries = select(model.id, model.version, *(getattr(model, name) for name in self.columns))
        this_one = entries.where(model.id == bindparam("entry_id", type_=BigInteger))
        self.all = LeanStatement(entries.order_by(model.id))
        self.find = LeanStatement(this_one)
        self.find_and_lock = LeanStatement(this_one.with_for_update())
        self.holders = LeanLookup(
            lambda ids: select(self.target, self.rules.rule_id).where(self.target.in_(ids)).order_by(self.target)
        )
        # The journal remembers an id after its entry is gone: it is never given to another one.
        told = select(func.max(JournalEntry.subject_id)).where(JournalEntry.subject == self.subject)
        self.last_ids = LeanStatement(select(select(func.max(model.id)).scalar_subquery(), told.scalar_subquery()))
        self.with_unique = LeanStatement(
            select(model.id).where(getattr(model, self.unique or "id") == bindparam("value"))
        )

    def _make_writing(self) -> None:
        model = self.model
        said: dict[str, Any] = {name: bindparam(name) for name in (*self.columns, "search_key")}
        this_one = model.id == bindparam("entry_id", type_=BigInteger)
        self.insert = LeanStatement(insert(model).values(id=bindparam("entry_id", type_=BigInteger), **said))
        self.update = LeanStatement(update(model).where(this_one).values(**said, version=model.version + 1))
        self.delete = LeanStatement(delete(model).where(this_one))
        self.set_unique = LeanStatement(update(model).where(this_one).values({self.unique or "id": bindparam("value")}))

    def name_of(self, values: dict[str, Any]) -> str:
        """Return what people call an entry that says this."""
        first = str(values[self.columns[0]])
        return phone.shown(first) if self.unique else first

    def spell(self, values: dict[str, Any]) -> dict[str, Any]:
        """Spell what an entry says as the API does."""
        return {**values, "number": phone.bare(values["number"])} if "number" in values else values

    def key_of(self, row: Row) -> str:
        """Return what an entry is searched by, and sorted by: the comment or name first, then the digits."""
        values = dict(zip(self.columns, row[1:], strict=True))
        if "number" in values:
            words, digits = values["comment"] or "", phone.searched(values["number"])
        else:
            words, digits = values["name"], values["short_phone"] or ""
        return f"{search_key(words)[:NAME_LENGTH]} {search_key(digits)}".strip()[:KEY_LENGTH]

    def entry(self, stored: Sequence[Any]) -> Entry:
        """Make an entry of what the statements give."""
        entry_id, version, *values = stored
        return Entry(self, entry_id, version, dict(zip(self.columns, values, strict=True)))

    def entry_of(self, row: Row) -> Entry:
        """Make an entry of a row that has no version yet."""
        return self.entry((row[0], 1, *row[1:]))

    def held(self, lean: Lean, ids: Iterable[int]) -> list[Holding]:
        """Return which of the entries rules use, in the order of their ids."""
        return [Holding(*row) for row in self.holders.all(lean, set(ids))]

    def parameters(self, row: Row) -> dict[str, Any]:
        """Return what the writing statements take for an entry."""
        return {"entry_id": row[0], **dict(zip(self.columns, row[1:], strict=True)), "search_key": self.key_of(row)}


NUMBERS = Directory(
    "numbers",
    "number",
    VirtualNumber,
    {"number": None, "comment": None, "type": None, "state": "active", "region_name": None},
    RuleNumber.number_capacity_id,
    unique="number",
)
DEPARTMENTS = Directory(
    "departments",
    "department",
    Department,
    {"name": None, "short_phone": None},
    RuleDepartment.employee_group_id,
    unique="",
)
BY_NAME = {directory.name: directory for directory in (NUMBERS, DEPARTMENTS)}


def fingerprint(stored: Iterable[Sequence[Any]]) -> str:
    """Return a short text that differs whenever anything in a directory does.

    Args:
        stored: all its entries as the statements give them, in the order of their ids.
    """
    digest = sha256()
    for row in stored:
        digest.update(repr(tuple(row)).encode("utf-8", "backslashreplace"))
    return digest.hexdigest()[:32]
