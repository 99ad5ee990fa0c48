"""Work that no answer waits for: a thread does what many requests have left it, at once."""

import atexit
import os
import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

import structlog

T = TypeVar("T")


class Batches(Generic[T]):
    """Hand things over to a thread, that starts with the first one in each process and does them together.

    A process that is killed has not done its last ones; one that ends has.

    Args:
        work: does them; one call at a time, in the order in which they came.
        name: the thread's.
        after_s: how long more are waited for, in seconds.
        most: as many wait.
        keeps_all: whoever comes when too many wait does them himself; without it, the oldest are forgotten.
    """

    def __init__(
        self, work: Callable[[list[T]], object], *, name: str, after_s: float, most: int, keeps_all: bool
    ) -> None:
        self._work = work
        self._name = name
        self._after_s = after_s
        self._most = most if keeps_all else None
        self._waiting: deque[T] = deque(maxlen=None if keeps_all else most)
        self._pid = 0
        self._lock = threading.Lock()
        self._comes = threading.Event()
        self._closed = threading.Event()

    def put(self, thing: T) -> None:
        """Leave a thing to be done soon."""
        self._waiting.append(thing)
        if self._pid != os.getpid():
            self._start()
        if not self._comes.is_set():
            self._comes.set()
        if self._most and len(self._waiting) > self._most:
            self.flush()

    def flush(self) -> None:
        """Do what waits."""
        with self._lock:
            things = [self._waiting.popleft() for _ in range(len(self._waiting))]
            if things:
                self._work(things)

    def close(self) -> None:
        """Do what waits, for the last time."""
        self._closed.set()
        self._comes.set()
        atexit.unregister(self.close)
        self.flush()

    def _start(self) -> None:
        with self._lock:
            if self._pid == os.getpid():
                return
            self._pid = os.getpid()
        threading.Thread(target=self._run, name=self._name, daemon=True).start()
        atexit.register(self.close)

    def _run(self) -> None:
        while not self._closed.is_set():
            self._comes.wait()
            self._comes.clear()
            self._closed.wait(self._after_s)
            try:
                self.flush()
            except Exception:  # whatever it was: what comes next is done all the same
                structlog.get_logger().exception("batch failed", batch=self._name)
