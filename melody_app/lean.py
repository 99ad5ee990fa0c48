"""Lean statements: Core statements that are compiled once and run on the driver's own cursor, for the hot paths."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, repeat
from operator import itemgetter
from typing import Any

from sqlalchemy import BigInteger, BindParameter, Dialect, Engine, bindparam
from sqlalchemy.sql.expression import Executable


class LeanStatement:
    """A Core statement that is compiled once and then run on the driver's own cursor.

    SQLAlchemy's execution costs several times what SQLite takes for a statement; the hot paths go without it.
    """

    def __init__(self, clause: Executable) -> None:
        self.clause = clause
        self._compiled: dict[str, tuple[str, Pick]] = {}

    def compiled(self, dialect: Dialect) -> "tuple[str, Pick]":
        """Return the SQL text, and what gives the parameters their form for the driver."""
        known = self._compiled.get(dialect.name)
        if known is None:
            compiled: Any = self.clause.compile(dialect=dialect)  # type: ignore[attr-defined]
            constants = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
            order = compiled.positiontup if compiled.positional else None
            known = self._compiled[dialect.name] = (str(compiled), _pick(order, constants))
        return known


Pick = Callable[[Mapping[str, Any]], Any]
"""Brings values, by their names, into the form that a driver takes."""


def _pick(order: Sequence[str] | None, constants: Mapping[str, Any]) -> Pick:
    if order is None:
        return lambda values: {**constants, **values}
    if not constants and len(order) > 1:
        return itemgetter(*order)
    if not constants and order:
        return lambda values: (values[order[0]],)
    return lambda values: [values[name] if name in values else constants[name] for name in order]


class LeanLookup:
    """A lean SELECT over a set of ids of any size.

    It is asked in chunks of a few fixed sizes, so that there is one text to compile for each size.

    Args:
        make: makes the SELECT from the list of bound ids.
    """

    SIZES = (4, 64, 1024)

    def __init__(self, make: Callable[[list[BindParameter[int]]], Executable]) -> None:
        self._names = [f"id_{place}" for place in range(self.SIZES[-1])]
        self._statements = {
            size: LeanStatement(make([bindparam(name, type_=BigInteger) for name in self._names[:size]]))
            for size in self.SIZES
        }

    def all(self, lean: "Lean", ids: Iterable[int], **values: Any) -> list[Any]:
        """Return every row that is found for any of the ids."""
        rows = []
        asked = sorted(ids)
        while asked:
            size = next((each for each in self.SIZES if each >= len(asked)), self.SIZES[-1])
            chunk, asked = asked[:size], asked[size:]
            # The last id fills the places that are left: asked twice, it is found once.
            places = zip(self._names[:size], chain(chunk, repeat(chunk[-1])), strict=False)
            rows += lean.all(self._statements[size], **dict(places), **values)
        return rows


class Lean:
    """Run lean statements on one connection of the pool."""

    def __init__(self, engine: Engine) -> None:
        self._dialect = engine.dialect
        self._connection = engine.raw_connection()
        self._cursor = self._connection.cursor()
        self._is_open = False

    def all(self, statement: LeanStatement, **values: Any) -> list[Any]:
        """Return every row that the statement gives, as tuples."""
        self._execute(statement, values)
        return list(self._cursor.fetchall()) if self._cursor.description else []

    def one(self, statement: LeanStatement, **values: Any) -> Any:
        """Return the first row, or None."""
        self._execute(statement, values)
        # All of them are fetched, for a statement that still has rows to give keeps the state of the database that it sees.
        rows = self._cursor.fetchall()
        return rows[0] if rows else None

    def count(self, statement: LeanStatement, **values: Any) -> int:
        """Run the statement and return how many rows it changed."""
        self._execute(statement, values)
        return int(self._cursor.rowcount)

    def _execute(self, statement: LeanStatement, values: Mapping[str, Any]) -> None:
        sql, pick = statement.compiled(self._dialect)
        self._cursor.execute(sql, pick(values))

    def many(self, statement: LeanStatement, rows: Sequence[Mapping[str, Any]]) -> int:
        """Run the statement once for each of the rows and return how many rows it changed."""
        if not rows:
            return 0
        sql, pick = statement.compiled(self._dialect)
        self._cursor.executemany(sql, [*map(pick, rows)])
        return int(self._cursor.rowcount)

    def begin(self, statements: Iterable[str]) -> None:
        """Begin a transaction by the statements that the database wants for it."""
        for sql in statements:
            self._cursor.execute(sql)
            self._is_open = True

    @property
    def in_transaction(self) -> bool:
        """Tell whether SQLite still has the transaction open that was begun."""
        return bool(self._connection.in_transaction)

    def commit(self) -> None:
        """Commit what was written."""
        self._connection.commit()
        self._is_open = False

    def roll_back(self) -> None:
        """Take back what was not committed."""
        if self._is_open:
            self._connection.rollback()
            self._is_open = False

    def close(self) -> None:
        """Roll back what was not committed, and give the connection back; one that was cut is thrown away."""
        try:
            self.roll_back()
        except self._dialect.loaded_dbapi.Error:
            self._connection.invalidate()
        else:
            self._connection.close()
