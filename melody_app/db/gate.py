"""A gate that lets one writer at a time in, in turn, across the threads and processes of one host."""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from melody_app.db.errors import UnavailableError

POLL_S = 0.0003


class Gate:
    """Let writers in one after the other.

    SQLite's own busy handler is unfair: a writer that sleeps is overtaken again and again. Here the threads of a process
    queue on a lock, and the first of each process queues on two locked files: whoever holds the `queue` file is the next to
    lock the `turn` file, so that a process can't hand its turn to itself past another that waits.
    """

    def __init__(self, path: Path, wait_s: float) -> None:
        """Keep the files' names; they are opened at the first turn, so never before a fork.

        Args:
            path: the database's file; the lock files stand beside it.
            wait_s: the longest wait for a turn, in seconds.
        """
        self.wait_s = wait_s
        self._paths = [path.with_name(f"{path.name}.{name}") for name in ("queue", "turn")]
        self._threads = threading.Lock()
        self._files: tuple[int, list[int]] = (0, [])

    @contextmanager
    def turn(self, wait_s: float | None = None) -> Iterator[None]:
        """Hold the gate for the body.

        Args:
            wait_s: the longest wait for this turn, in seconds; the gate's own when absent.

        Raises:
            UnavailableError: the wait was over before the turn came.
        """
        wait_s = self.wait_s if wait_s is None else wait_s
        deadline = time.monotonic() + wait_s
        if not self._threads.acquire(timeout=wait_s):
            raise UnavailableError
        try:
            queue, turn = self._open()
            _lock(queue, deadline)
            try:
                _lock(turn, deadline)
            finally:
                fcntl.flock(queue, fcntl.LOCK_UN)
            try:
                yield
            finally:
                fcntl.flock(turn, fcntl.LOCK_UN)
        finally:
            self._threads.release()

    def _open(self) -> list[int]:
        pid, files = self._files
        if pid != os.getpid():
            # A descriptor inherited over a fork would share the parent's lock, which is none.
            files = [os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600) for path in self._paths]
            self._files = (os.getpid(), files)
        return files


def _lock(file: int, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise UnavailableError from None
            time.sleep(POLL_S)
        else:
            return
