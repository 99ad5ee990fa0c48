"""Group commit: writes of a process that wait for their turn at the same time are committed together.

A commit costs a write to the disk, and SQLite takes one writer at a time. One of those who wait leads: he waits for the turn,
and when it comes he does the work of all who wait by then and commits it at once. Nobody is
answered before his own work is on the disk, and a write that fails takes nothing of the others with it.
"""

import threading
import time
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

from melody_app.db.errors import UnavailableError

PATIENT = 24
"""As many writes of a process wait for as long as they may; the rest of its threads are for all else (gunicorn.conf.py)."""

STUCK_S = 1.0
"""Where for so long, in seconds, nobody has begun with any of them, whoever is beyond those is refused."""


class Write:
    """A piece of work that waits to be done, by whichever thread.

    Args:
        work: what to do.
        wait_s: the longest wait until somebody begins with it, in seconds.
    """

    def __init__(self, work: Callable[[Any], Any], wait_s: float) -> None:
        self.leads = False
        self.refusal: BaseException | None = None
        self._work = work
        self._deadline = time.monotonic() + wait_s
        # It is done on behalf of whoever asked: the request and the actor are looked up in here.
        self._context = copy_context()
        self._error: Exception | None = None
        self._result: Any = None
        # Free when the thread that waits may go on. An Event would be the same around three more locks.
        self._asleep = threading.Lock()
        self._asleep.acquire()

    @property
    def left_s(self) -> float:
        """Return how long it may still wait, in seconds."""
        return max(0.0, self._deadline - time.monotonic())

    def wait_until(self, moment: float) -> None:
        """Let it wait no longer than until then, by the monotonic clock."""
        self._deadline = min(self._deadline, moment)

    def do(self, place: Any) -> bool:
        """Do the work, and keep what it gave, or what it raised: that is the asker's alone. Tell whether it is done."""
        self._error = None
        try:
            self._result = self._context.run(self._work, place)
        except Exception as error:
            self._error = error
        return self._error is None

    def result(self) -> Any:
        """Return what the work gave, or raise what it raised, or why nothing at all was committed."""
        for error in (self.refusal, self._error):
            if error:
                raise error
        return self._result

    def wait(self, seconds: float | None) -> bool:
        """Wait until it is done, or is to lead; tell whether that came in time."""
        return self._asleep.acquire(timeout=-1 if seconds is None else seconds)

    def wake(self, *, leads: bool) -> None:
        """Let the thread that waits go on."""
        self.leads = leads
        self._asleep.release()


Take = Callable[[], list[Write]]


class Group:
    """Bring the writes of a process together.

    Args:
        commit: waits for the turn, no longer than it is told, then takes the writes, does every one of them in one
            transaction, and commits it.
    """

    def __init__(self, commit: Callable[[Take, float], None]) -> None:
        self._commit = commit
        self._lock = threading.Lock()
        self._waiting: list[Write] = []
        self._first_came = 0.0
        self._is_led = False

    def run(self, work: Callable[[Any], Any], wait_s: float) -> Any:
        """Have the work done and committed, together with whatever else waits, and return its result.

        Args:
            work: what to do.
            wait_s: the longest wait until somebody begins with it, in seconds.

        Raises:
            UnavailableError: nobody began with it in time, or too many wait already while nothing moves.
            Exception: what the work raised, or why nothing was committed.
        """
        write = Write(work, wait_s)
        with self._lock:
            if not self._waiting:
                self._first_came = time.monotonic()
            self._waiting.append(write)
            if len(self._waiting) > PATIENT:
                write.wait_until(self._first_came + STUCK_S)
            write.leads = not self._is_led
            self._is_led = True
        if not write.leads and not write.wait(write.left_s):
            self._withdraw(write)
            write.wait(None)  # somebody has just begun with it
        if write.leads:
            self._lead(write)
        return write.result()

    def _lead(self, leader: Write) -> None:
        taken: list[Write] = []

        def take() -> list[Write]:
            with self._lock:
                taken.extend(self._waiting)
                self._waiting.clear()
            return taken

        try:
            self._commit(take, leader.left_s)
        except BaseException as error:
            for each in taken:
                each.refusal = error
            raise
        finally:
            # First of all: the next one waits for the turn while these write their answers.
            self._hand_over(leader)
            for each in taken:
                if each is not leader:
                    each.wake(leads=False)

    def _hand_over(self, leader: Write) -> None:
        with self._lock:
            if leader in self._waiting:  # its turn did not come; those who came later may still wait for theirs
                self._waiting.remove(leader)
            self._is_led = bool(self._waiting)
            if self._waiting:
                self._waiting[0].wake(leads=True)

    def _withdraw(self, write: Write) -> None:
        with self._lock:
            if write in self._waiting and not write.leads:
                self._waiting.remove(write)
                raise UnavailableError
