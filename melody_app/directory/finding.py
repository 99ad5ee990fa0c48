"""Find numbers and departments by any part of what they are searched by.

Whatever of a number's search key holds three letters or more in a row is found by an index of just these: FTS5 on SQLite, and
pg_trgm on PostgreSQL, where LIKE uses it by itself. Fewer letters stand in nearly every key, and departments are few: there
the keys are read, each once.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, column, or_, select, table, union
from sqlalchemy.orm import InstrumentedAttribute

from melody_app.db import has_phrase_table
from melody_app.directory import phone
from melody_app.models import Department, VirtualNumber
from melody_app.paging import PAGE_SIZE, Page, count, ids_on, page_of
from melody_app.search import holds, search_key

LEAST = 3
"""As many letters a text must have to be found by the index."""

OFTEN = 1000
"""What matches more often than this is found sooner by reading along the order that is asked for, until a page is full."""

ID_DIGITS = 18
"""As many digits of an id fit into 64 bits whatever they are."""

_PARTS = table("virtual_numbers_parts", column("rowid"), column("virtual_numbers_parts"))

Directory = type[VirtualNumber] | type[Department]


def ids_holding(model: Directory, text: str) -> Select[Any]:
    """Return the ids of the entries that hold the text, by the index where there is one.

    Args:
        model: which directory.
        text: digits anywhere in a number, in any spelling, or a part of a comment or a name.
    """
    keys = _keys(model, text)
    if model is VirtualNumber and has_phrase_table() and min(map(len, keys)) >= LEAST:
        # A phrase of the index is found as it stands, every letter of it.
        phrases = " OR ".join('"' + each.replace('"', '""') + '"' for each in keys)
        return select(_PARTS.c.rowid).where(_PARTS.c.virtual_numbers_parts.op("MATCH")(phrases))
    return select(model.id).where(reading(model, text))


def reading(model: Directory, text: str) -> ColumnElement[bool]:
    """Return the same as a condition, for whoever reads along an order until he has found enough."""
    return or_(*(holds(model.search_key, each) for each in _keys(model, text)))


def find_page(
    model: Directory,
    text: str,
    columns: Sequence[InstrumentedAttribute[Any]],
    number: int = 1,
    *,
    size: int = PAGE_SIZE,
    descending: bool = False,
) -> Page:
    """Return a page of the entries that hold the text, or have it for their id; its rows are their ids.

    Args:
        model: which directory.
        text: what is sought; empty for every entry.
        columns: what they are sorted by, an index's columns; the last one is the id.
        number: which page, from 1; the last one when there are fewer.
        size: how many stand on a full page.
        descending: whether the largest stand first.
    """
    if not text.strip():
        page = page_of(count(model), number, size)
        page.rows = ids_on(page, columns, descending=descending)
        return page
    total, wanted = matching(model, text)
    page = page_of(total, number, size)
    page.rows = ids_on(page, columns, wanted, descending=descending)
    return page


def matching(model: Directory, text: str) -> tuple[int, ColumnElement[bool]]:
    """Return how many entries hold the text or have it for their id, and the condition that finds them soonest.

    Args:
        model: which directory.
        text: what is sought, not empty.
    """
    own_id = id_typed(text)
    found = union(ids_holding(model, text), select(model.id).where(model.id == own_id)).subquery()
    total = count(found)
    often = or_(reading(model, text), model.id == own_id)
    return total, often if total > OFTEN else model.id.in_(select(found.c[0]))


def id_typed(text: str) -> int:
    """Return the id that the text spells; 0, which is nobody's, for any other text."""
    key = search_key(text)
    return int(key) if key.isascii() and key.isdecimal() and len(key) <= ID_DIGITS else 0


def _keys(model: Directory, text: str) -> list[str]:
    key = search_key(text)
    digits = phone.digits_typed(text) if model is VirtualNumber else ""
    return sorted({key, digits or key})
