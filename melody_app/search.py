"""How texts are found: one key for what is stored and for what is typed."""

from typing import Any

from sqlalchemy import ColumnElement


def search_key(text: str) -> str:
    """Return the text as it is searched: without regard to case, ё as е, one space between words.

    The databases' own lower() differ, and SQLite's knows ASCII only.
    """
    return " ".join(text.casefold().replace("ё", "е").split())


def holds(column: Any, key: str) -> ColumnElement[bool]:
    """Return the condition that a column holds the key anywhere."""
    for special in ("\\", "%", "_"):
        key = key.replace(special, "\\" + special)
    found: ColumnElement[bool] = column.like(f"%{key}%", escape="\\")
    return found
