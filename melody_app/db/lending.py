"""Lend connections to lean statements."""

import os
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from sqlalchemy import Engine

from melody_app.lean import Lean


class Lender:
    """Lend connections to lean statements.

    Args:
        engine: whose connections.
        told: returns how an error of the driver is told.
        keeps: keep connections open beside the engine's pool, for to take one from there and give it back takes as long as a
            lookup. One to a file lasts; one to a server may be cut at any time, which the pool finds out.
    """

    def __init__(self, engine: Engine, told: Callable[[BaseException], Exception], *, keeps: bool = False) -> None:
        self.engine = engine
        self.told = told
        self.driver_error: type[Exception] = engine.dialect.loaded_dbapi.Error
        self._keeps = keeps
        self._idle: deque[Lean] = deque()
        self._of_parent: list[deque[Lean]] = []
        os.register_at_fork(after_in_child=self._forget)

    def lend(self, begin: Sequence[str] = ()) -> AbstractContextManager[Lean]:
        """Lend a connection to the body of a `with`.

        Args:
            begin: the statements that begin a transaction; none where each statement may see a state of its own.
        """
        return _Loan(self, begin)

    def take(self, begin: Sequence[str]) -> Lean:
        """Return a connection that nobody uses, with a transaction begun by the statements."""
        try:
            lean = self._idle.pop()
        except IndexError:
            lean = Lean(self.engine)
        if not begin:
            return lean
        try:
            lean.begin(begin)
        except self.driver_error:
            lean.close()
            raise
        return lean

    def give_back(self, lean: Lean, *, is_fine: bool) -> None:
        """Keep the connection for the next one who asks, if it can be kept."""
        if self._keeps and is_fine:
            lean.roll_back()
            self._idle.append(lean)
        else:
            lean.close()

    def close(self) -> None:
        """Close every connection that nobody uses."""
        while self._idle:
            self._idle.pop().close()

    def _forget(self) -> None:
        self._of_parent.append(self._idle)  # a child that closed them would disturb its parent
        self._idle = deque()


class _Loan(AbstractContextManager[Lean]):
    """One `with`, written out: a generator's machinery is felt on the hot path."""

    def __init__(self, lender: Lender, begin: Sequence[str]) -> None:
        self._lender = lender
        self._begin = begin

    def __enter__(self) -> Lean:
        try:
            self._lean = self._lender.take(self._begin)
        except self._lender.driver_error as error:
            raise self._lender.told(error) from error
        return self._lean

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self._lender.give_back(self._lean, is_fine=error is None)
        if isinstance(error, self._lender.driver_error):
            raise self._lender.told(error) from error
