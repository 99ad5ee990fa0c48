"""What the tables have in common."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ColumnElement, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from melody_app.db import UtcDateTime

SOURCE_TYPES = ("client", "system")


def among(column: str, values: tuple[str, ...]) -> CheckConstraint:
    """Let a column hold one of these values only.

    Args:
        column: its name.
        values: what it may hold.
    """
    return CheckConstraint(f"{column} IN ({', '.join(repr(value) for value in values)})", name=column)


def index_where(condition: ColumnElement[bool], *columns: str) -> Index:
    """Make an index of those rows alone for which the condition holds.

    Args:
        condition: what a statement must ask for, word for word or more narrowly, to be answered by the index.
        columns: their names.
    """
    return Index(None, *columns, sqlite_where=condition, postgresql_where=condition)


def now() -> Mapped[datetime]:
    """Make a column that says when its row came in, by the database's clock: the one that all hosts share."""
    return mapped_column(UtcDateTime, server_default=func.current_timestamp())
