"""Pages of long lists: which rows stand on a page, found along an index and without reading what stands before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from melody_app.db import db

PAGE_SIZE = 50
NEAR = 2
"""As many pages on either side of this one have a link."""


@dataclass
class Page:
    """One page of a table.

    Args:
        rows: what stands on it.
        total: how many there are in all.
        number: which page this is, from 1.
        size: how many rows stand on a full one.
    """

    rows: list[Any]
    total: int
    number: int
    size: int = PAGE_SIZE

    @property
    def pages(self) -> int:
        """Return how many pages there are, at least one."""
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """Return the ordinal of the first row."""
        return (self.number - 1) * self.size + 1

    @property
    def last(self) -> int:
        """Return the ordinal of the last row."""
        return min(self.total, self.number * self.size)

    @property
    def linked(self) -> list[int]:
        """Return the pages that a link leads to: the first, the last, and those beside this one."""
        near = range(max(2, self.number - NEAR), min(self.pages - 1, self.number + NEAR) + 1)
        return [1, *near, self.pages] if self.pages > 1 else [1]


def page_of(total: int, number: int, size: int = PAGE_SIZE) -> Page:
    """Return a page without its rows yet.

    Args:
        total: how many rows there are in all.
        number: which page, from 1; the last one when there are fewer.
        size: how many rows stand on a full one.
    """
    page = Page([], total, 1, size)
    page.number = min(number, page.pages)
    return page


def count(counted: Any, *wanted: ColumnElement[bool]) -> int:
    """Return how many rows there are.

    Args:
        counted: a model, or a subquery.
        wanted: what the rows must be.
    """
    # Not count(id): SQLite counts a whole table without looking at its rows.
    return db.session.scalar(select(func.count()).select_from(counted).where(*wanted)) or 0


def ids_on(
    page: Page, columns: Sequence[InstrumentedAttribute[Any]], *wanted: ColumnElement[bool], descending: bool = False
) -> list[int]:
    """Return the ids of the rows on a page, in their order.

    Args:
        page: which page of how many rows.
        columns: what the rows are sorted by, an index's columns; the last one is their id.
        wanted: what the rows must be.
        descending: whether the largest stand first.
    """
    size = max(0, page.last - page.first + 1)
    return ids_between(page.total, page.first - 1, size, columns, *wanted, descending=descending)


def ids_between(
    total: int,
    before: int,
    size: int,
    columns: Sequence[InstrumentedAttribute[Any]],
    *wanted: ColumnElement[bool],
    descending: bool = False,
) -> list[int]:
    """Return the ids of some rows that follow one another; past the middle they are sought from the end.

    Args:
        total: how many rows there are in all.
        before: how many stand before the first of them.
        size: how many of them there are.
        columns: what the rows are sorted by, an index's columns; the last one is their id.
        wanted: what the rows must be.
        descending: whether the largest stand first.
    """
    after = total - before - size
    backwards = after < before
    order = [each.desc() if descending != backwards else each for each in columns]
    statement = select(columns[-1]).where(*wanted).order_by(*order).limit(size).offset(min(before, after))
    ids = list(db.session.scalars(statement))
    return ids[::-1] if backwards else ids
