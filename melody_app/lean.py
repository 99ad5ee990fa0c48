"""Lean statements: Core statements that are compiled once and run on the driver's own cursor, for the hot paths."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, BindParameter, Dialect, Engine, bindparam
from sqlalchemy.sql.expression import Executable
from sqlalchemy.types import TypeEngine


class LeanStatement:
    """A Core statement that is compiled once and then run on the driver's own cursor.

    SQLAlchemy's execution costs several times what SQLite takes for a statement; the hot paths go without it.
    """

    def __init__(self, clause: Executable) -> None:
        self.clause = clause
        self._compiled: dict[str, tuple[str, list[str] | None, Mapping[str, Any]]] = {}

    def bind(self, dialect: Dialect, values: Mapping[str, Any]) -> tuple[str, Any]:
        """Return the SQL text and the parameters in the form that the driver takes."""
        if dialect.name not in self._compiled:
            compiled: Any = self.clause.compile(dialect=dialect)  # type: ignore[attr-defined]
            order = list(compiled.positiontup) if compiled.positional else None
            self._compiled[dialect.name] = (str(compiled), order, compiled.params)
        sql, order, defaults = self._compiled[dialect.name]
        if order is None:
            return sql, {**defaults, **values}
        return sql, [values[name] if name in values else defaults[name] for name in order]


class LeanLookup:
    """A lean SELECT over a set of ids of any size.

    It is asked in chunks of a few fixed sizes, so that there is one text to compile for each size.

    Args:
        make: makes the SELECT from the list of bound ids.
    """

    SIZES = (4, 64, 1024)

    def __init__(self, make: Callable[[list[BindParameter[int]]], Executable]) -> None:
        self._statements = {
            size: LeanStatement(make([bindparam(f"id_{place}", type_=BigInteger) for place in range(size)]))
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
            places = {f"id_{place}": chunk[min(place, len(chunk) - 1)] for place in range(size)}
            rows += lean.all(self._statements[size], **places, **values)
        return rows


class LeanBatch:
    """A lean statement that writes many rows at once.

    A statement that runs triggers, as those on a table with a full-text index do, is one that SQLite must be able to undo by
    itself. In a savepoint it walks through everything it has noted for that at the end of each (seen with 3.53.4): by a
    statement a row, 100,000 rows took minutes.

    Like a LeanLookup, it has a few fixed sizes.

    Args:
        columns: the names and types of what a row says.
        make: makes the statement from the bound values of its rows.
    """

    SIZES = (256, 16, 1)

    def __init__(
        self, columns: Mapping[str, TypeEngine[Any]], make: Callable[[list[dict[str, BindParameter[Any]]]], Executable]
    ) -> None:
        self._columns = columns
        self._statements = {size: LeanStatement(make(self._bound(size))) for size in self.SIZES}

    def run(self, lean: "Lean", rows: Sequence[Mapping[str, Any]]) -> None:
        """Write the rows."""
        at = 0
        for size in self.SIZES:
            while len(rows) - at >= size:
                chunk = rows[at : at + size]
                values = {f"{name}_{place}": row[name] for place, row in enumerate(chunk) for name in self._columns}
                lean.count(self._statements[size], **values)
                at += size

    def _bound(self, size: int) -> list[dict[str, BindParameter[Any]]]:
        return [
            {name: bindparam(f"{name}_{place}", type_=kind) for name, kind in self._columns.items()}
            for place in range(size)
        ]


class Lean:
    """Run lean statements on one connection of the pool."""

    def __init__(self, engine: Engine) -> None:
        self._dialect = engine.dialect
        self._connection = engine.raw_connection()
        self._cursor = self._connection.cursor()
        self._is_open = False

    def all(self, statement: LeanStatement, **values: Any) -> list[Any]:
        """Return every row that the statement gives, as tuples."""
        self._cursor.execute(*statement.bind(self._dialect, values))
        return list(self._cursor.fetchall()) if self._cursor.description else []

    def one(self, statement: LeanStatement, **values: Any) -> Any:
        """Return the first row, or None."""
        rows = self.all(statement, **values)
        return rows[0] if rows else None

    def count(self, statement: LeanStatement, **values: Any) -> int:
        """Run the statement and return how many rows it changed."""
        self._cursor.execute(*statement.bind(self._dialect, values))
        return int(self._cursor.rowcount)

    def many(self, statement: LeanStatement, rows: Sequence[Mapping[str, Any]]) -> int:
        """Run the statement once for each of the rows and return how many rows it changed."""
        if not rows:
            return 0
        bound = [statement.bind(self._dialect, row) for row in rows]
        self._cursor.executemany(bound[0][0], [parameters for _, parameters in bound])
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
        """Roll back what was not committed, and give the connection back."""
        self.roll_back()
        self._connection.close()
