"""Every number and department with what its callers hear: which of them stand on a page, and in which order.

The table is four lists behind one another, each in an order that an index has: the departments and the numbers of the
directories, then those that only rules know. What plays is said by the resolver itself, by the statement that answers a call.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, bindparam, or_, select, tuple_

from melody_app.calls import tally
from melody_app.calls.resolver import Resolution, resolve_each
from melody_app.calls.tally import Tally, has_mute_rule, has_rule, is_known, is_mute
from melody_app.db import read
from melody_app.directory import finding, phone
from melody_app.directory.store import DEPARTMENTS, NUMBERS, Directory
from melody_app.lean import Lean, LeanLookup, LeanStatement
from melody_app.models import Department, VirtualNumber
from melody_app.paging import Page, count, ids_between, page_of

CHUNK = 1000
"""As many rows are read at once for a list."""

KINDS = (DEPARTMENTS, NUMBERS)
"""Departments stand first: they are few, and a call that is passed on to one plays its melody."""

_STAGES = {NUMBERS.name: "number", DEPARTMENTS.name: "employee_group"}
_ORDERS: dict[str, tuple[Any, ...]] = {
    NUMBERS.name: (VirtualNumber.number, VirtualNumber.id),
    DEPARTMENTS.name: (Department.search_key, Department.id),
}
_DETAILS = {
    NUMBERS.name: LeanLookup(
        lambda ids: select(VirtualNumber.id, VirtualNumber.comment, VirtualNumber.state).where(
            VirtualNumber.id.in_(ids)
        )
    ),
    DEPARTMENTS.name: LeanLookup(
        lambda ids: select(Department.id, Department.short_phone).where(Department.id.in_(ids))
    ),
}


@dataclass(frozen=True)
class View:
    """Which rows are looked at.

    Args:
        show: one of tally.FILTERS.
        kind: `numbers` or `departments`; None for both.
        text: digits, an id, or a part of a comment or a name; empty for all.
    """

    show: str = "all"
    kind: str | None = None
    text: str = ""


@dataclass(frozen=True)
class Row:
    """A number or a department with what its callers hear.

    Args:
        kind: `numbers` or `departments`.
        id: its id.
        resolution: what plays, and why.
        note: the number's comment, or the department's internal number.
        state: the number's state; None for a department and where the directory doesn't know it.
    """

    kind: str
    id: int
    resolution: Resolution
    note: str | None = None
    state: str | None = None

    @property
    def name(self) -> str | None:
        """Return what people call it; None where only a rule knows it."""
        name = self.resolution.stages[0].name
        return phone.shown(name) if name and self.kind == NUMBERS.name else name

    @property
    def rule_id(self) -> int | None:
        """Return the rule that it has itself."""
        return self.resolution.stages[0].rule_id


@dataclass(frozen=True)
class Part:
    """Rows of one kind that stand behind one another.

    Args:
        directory: which kind.
        order: what they are sorted by, an index's columns; the last one is their id.
        wanted: what they must be.
        total: how many there are.
    """

    directory: Directory
    order: Sequence[Any]
    wanted: Sequence[ColumnElement[bool]]
    total: int


def find_page(view: View, tallies: dict[str, Tally], number: int) -> Page:
    """Return a page of the table.

    Args:
        view: which rows.
        tallies: how many there are of each kind.
        number: which page, from 1; the last one when there are fewer.
    """
    parts = _parts(view, tallies)
    page = page_of(sum(part.total for part in parts), number)
    found = list(_on_page(parts, page))
    with read(snapshot=True) as lean:
        page.rows = [row for part, ids in found for row in _read_rows(lean, part.directory, ids)]
    return page


def every_row(view: View) -> Iterator[Row]:
    """Yield all rows in the same order, as they are at one moment, read a few at a time."""
    parts = _parts(view, tally.take())
    with read(snapshot=True) as lean:
        for part in parts:
            for ids in _chunks(lean, part):
                yield from _read_rows(lean, part.directory, ids)


def _parts(view: View, tallies: dict[str, Tally]) -> list[Part]:
    kinds = [each for each in KINDS if view.kind in {None, each.name}]
    parts = [_known(each, view, tallies[each.name]) for each in kinds]
    return parts + [_strays(each, view, tallies[each.name]) for each in kinds]


def _known(directory: Directory, view: View, counts: Tally) -> Part:
    """Return those that the directory knows."""
    wanted = _conditions(directory, view.show, counts)
    total = counts.known[view.show]
    if view.text and total:
        total, holds_text = finding.matching(directory.model, view.text)
        wanted.append(holds_text)
        if len(wanted) > 1:
            total = count(directory.model, *wanted)
    return Part(directory, _ORDERS[directory.name], wanted, total)


def _conditions(directory: Directory, show: str, counts: Tally) -> list[ColumnElement[bool]]:
    if counts.known[show] == counts.known["all"]:
        return []  # there is nothing to look at in each of them
    if show == "no_rule":
        return [~has_rule(directory)]
    if show == "frozen":
        return [VirtualNumber.state == "freeze"]
    if show == "no_melody":
        mute = has_mute_rule(directory, counts)
        return [or_(mute, ~has_rule(directory)) if counts.is_company_mute else mute]
    return []


def _strays(directory: Directory, view: View, counts: Tally) -> Part:
    """Return those that only a rule knows: there is nothing to find them by but their id."""
    wanted: list[ColumnElement[bool]] = [~is_known(directory)]
    total = counts.strays[view.show]
    if view.show == "no_melody":
        wanted.append(is_mute(directory, counts))
    if view.text and total:
        wanted.append(directory.target == finding.id_typed(view.text))
        total = count(directory.rules, *wanted)
    return Part(directory, (directory.target,), wanted, total)


def _on_page(parts: list[Part], page: Page) -> Iterator[tuple[Part, list[int]]]:
    """Yield each part that a page shows something of, and the ids that it shows."""
    before = page.first - 1
    left = page.last - before
    for part in parts:
        here = min(left, part.total - before)
        if here > 0:
            yield part, ids_between(part.total, before, here, part.order, *part.wanted)
            left -= here
        before = max(0, before - part.total)


def _chunks(lean: Lean, part: Part) -> Iterator[list[int]]:
    """Yield the ids of a part in its order, each chunk found behind the last one by the index."""
    names = [f"after_{place}" for place in range(len(part.order))]
    places = [
        bindparam(name, type_=BigInteger if column is part.order[-1] else column.type)
        for name, column in zip(names, part.order, strict=True)
    ]
    behind = tuple_(*part.order) > tuple_(*places) if len(places) > 1 else part.order[0] > places[0]
    statement = LeanStatement(select(*part.order).where(*part.wanted, behind).order_by(*part.order).limit(CHUNK))
    last: Sequence[Any] = [*[""] * (len(places) - 1), 0] if part.total else ()
    while last and (rows := lean.all(statement, **dict(zip(names, last, strict=True)))):
        yield [row[-1] for row in rows]
        last = rows[-1]


def _read_rows(lean: Lean, directory: Directory, ids: Sequence[int]) -> list[Row]:
    """Return the rows of these ids in their order; what is gone by now is left out."""
    heard = resolve_each(lean, _STAGES[directory.name], ids)
    details = {row[0]: row[1:] for row in _DETAILS[directory.name].all(lean, ids)}
    return [Row(directory.name, each, heard[each], *details.get(each, ())) for each in ids if each in heard]
