"""gunicorn's worker of many threads, but that lookups go first.

Of the threads of a process one runs at a time. To hand a request to another thread, and its connection back, takes as long as
a lookup takes by itself; and where many threads want to run, each statement of a lookup is one more wait for the turn. So what a
telephone exchange asks is answered between two looks for what has come, by the thread that looks; and while exchanges ask, only
a few other requests are begun at a time: a caller is on the line.
"""

import fcntl
import mmap
import re
import socket
import termios
import time
from collections import deque
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from functools import partial
from typing import Any

from gunicorn.workers.gthread import _DEFER, TConn, ThreadWorker

LOOKUP_THREADS = 4
"""As many threads answer lookups, and nothing else, where an answer has to be waited for: by a server, or by a slow disk.

No write, upload or page keeps these waiting. Of many, each would wait longer for its turn; of one or two, all for the database.
"""

AT_ONCE_S = 0.05
"""A lookup that took longer, in seconds, has kept all else waiting."""

REST = 20
"""As many times as long as it took, the next ones are left to the threads: a twentieth of the time is the most that is lost."""

CALLS_S = 0.1
"""For as long after a lookup, in seconds, exchanges are taken to be asking."""

FEW, MANY = 3, 8
"""As many other requests are begun at a time meanwhile, and while no exchange asks."""

BEGUN_S = 0.05
"""One that has run for longer, in seconds, doesn't count among them: it waits for the disk, its turn or its client."""

GIVE_WAY_S = 0.001
"""As long, in seconds, a new connection is left to a worker that has clearly fewer."""

CLEARLY = 2
"""By more than so many: where each connection brings one request, both are to work."""

_MOST_WORKERS = 256
# Of each worker that looks for new connections, one more than it has; shared, for the workers are forked when this is there.
_connections = memoryview(mmap.mmap(-1, 4 * _MOST_WORKERS)).cast("I")

_LOOKUP = re.compile(rb"(?:GET|POST) /(?:melodies/resolve|asterisk/|freeswitch/)")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,9})[ \t]*(?=\r\n|$)")
_PEEKED = 4096
"""As many bytes of a request are looked at; what an exchange asks has a few hundred."""


class Worker(ThreadWorker):
    """Answer lookups at once, and all else by threads."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Until when, by the monotonic clock: lookups are left to threads; exchanges are taken to be asking.
        self._threads_until, self._calls_until = float("inf"), 0.0
        self._gives_way_until, self._insists = 0.0, False
        self._begun: dict[TConn, float] = {}
        self._postponed: deque[TConn] = deque()

    def init_process(self) -> None:
        """Begin to work, in the process of its own."""
        self._lookup_threads = ThreadPoolExecutor(LOOKUP_THREADS)
        super().init_process()

    def load_wsgi(self) -> None:
        """Load the application, and find out whether its database is at hand."""
        super().load_wsgi()
        kind = getattr(self.wsgi, "extensions", {}).get("melody_kind")
        if kind and kind.is_at_hand:
            self._threads_until = 0.0

    def enqueue_req(self, conn: TConn) -> None:
        """Have answered what a connection brings."""
        if self.alive and not conn.initialized and not conn.data_ready:
            self.finish_request(conn, _Done(_DEFER))  # a new one: first of all something has to come
        elif is_lookup(conn):
            self._look_up(conn)
        else:
            self._postponed.append(conn)
            self._begin_postponed()

    def finish_request(self, conn: TConn, done: "Future[Any] | _Done") -> None:
        """Keep a connection whose request is answered, or close it: by a thread, for its client may take his time to do so."""
        if done.cancelled() or not done.result():
            self.nr_conns -= 1
            self.tpool.submit(conn.close, graceful=True)
        else:
            super().finish_request(conn, done)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Look for what has come, and have it answered."""
        self._tell_connections()
        gives_way = GIVE_WAY_S if time.monotonic() < self._gives_way_until else timeout
        super().wait_for_and_dispatch_events(min(timeout, gives_way, BEGUN_S if self._postponed else timeout))
        self._insists = False
        self._begin_postponed()

    def accept(self, listener: socket.socket) -> None:
        """Take a new connection, unless a worker that has fewer takes it first.

        Whoever is awake would take all of them, and be the only one to work.
        """
        least = min(each for each in _connections if each)
        if not self._insists and self.nr_conns + 1 > least + CLEARLY:
            self._gives_way_until = time.monotonic() + GIVE_WAY_S
            self.set_accept_enabled(False)
        else:
            super().accept(listener)
        self._tell_connections()

    def _tell_connections(self) -> None:
        _connections[self.age % _MOST_WORKERS] = self.nr_conns + 1 if self._accepting else 0

    def set_accept_enabled(self, enabled: bool) -> None:  # noqa: FBT001  (as gunicorn calls it)
        """Look for new connections, or don't; not while one is left to others."""
        enabled = enabled and time.monotonic() >= self._gives_way_until
        self._insists = enabled and not self._accepting  # whatever waits right now was left to others before
        super().set_accept_enabled(enabled)

    def _look_up(self, conn: TConn) -> None:
        began = time.monotonic()
        self._calls_until = began + CALLS_S
        if began < self._threads_until:
            self._submit(self._lookup_threads, conn, self.finish_request)
            return
        done = _Done(self.handle(conn))
        took_s = time.monotonic() - began
        if took_s > AT_ONCE_S:
            self._threads_until = began + took_s * (1 + REST)
        self.finish_request(conn, done)

    def _begin_postponed(self) -> None:
        while self._postponed and self._has_room():
            conn = self._postponed.popleft()
            self._begun[conn] = time.monotonic()
            self._submit(self.tpool, conn, self._finish)

    def _has_room(self) -> bool:
        now = time.monotonic()
        most = FEW if now < self._calls_until else MANY
        return sum(now - began < BEGUN_S for began in self._begun.values()) < most

    def _finish(self, conn: TConn, done: Future[Any]) -> None:
        del self._begun[conn]
        self.finish_request(conn, done)
        self._begin_postponed()

    def _submit(self, threads: Executor, conn: TConn, finish: Any) -> None:
        pending = threads.submit(self.handle, conn)
        pending.add_done_callback(partial(self.method_queue.defer, finish, conn))


def forget(worker: Any) -> None:
    """Forget a worker that has ended, however it did.

    Args:
        worker: which one, as gunicorn's master knows it.
    """
    _connections[worker.age % _MOST_WORKERS] = 0


class _Done:
    """What a thread would have given for a connection, in the shape of a future that is done."""

    def __init__(self, keeps: object) -> None:
        self._keeps = keeps

    def cancelled(self) -> bool:
        return False

    def result(self) -> object:
        return self._keeps


def is_lookup(conn: TConn) -> bool:
    """Tell whether a connection brings a telephone exchange's question, and whoever answers it has to wait for nothing.

    The question must have come whole, and the last answer gone: else it would be waited for the rest, or for room for the next.

    Args:
        conn: a connection from which something can be read.
    """
    if conn.parser and conn.parser.unreader.buf.getvalue():
        return False  # what was read ahead comes first, and can't be looked at
    try:
        request = conn.sock.recv(_PEEKED, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        return _LOOKUP.match(request) is not None and _is_whole(request) and _is_sent(conn.sock)
    except (OSError, ValueError):  # nothing has come yet; or it comes by TLS, which can't be looked into
        return False


def _is_whole(request: bytes) -> bool:
    head, end, body = request.partition(b"\r\n\r\n")
    head = head.lower()
    length = _LENGTH.search(head)
    if head.count(b"content-length") > bool(length) or b"transfer-encoding" in head:
        return False
    return bool(end) and len(body) >= (int(length[1]) if length else 0)


def _is_sent(sock: socket.socket) -> bool:
    # SIOCOUTQ (tcp(7), unix(7)): what the other side has not taken yet, in bytes; by its other name.
    return not any(fcntl.ioctl(sock, termios.TIOCOUTQ, bytes(4)))
