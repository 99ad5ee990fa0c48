"""How gunicorn serves the application: `gunicorn wsgi:app` reads this file by itself.

Whatever is given on the command line wins over it.
"""

import ctypes
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from gunicorn import util
from gunicorn.glogging import Logger

from melody_app.worker import forget

_M_ARENA_MAX = -8  # malloc.h
# glibc would give each of many threads a heap of its own, and a worker would grow by a tenth for nothing: the threads take
# turns anyway. The workers inherit this; another C library may lack it (mallopt(3)).
with suppress(AttributeError):
    ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"


def _cores() -> int:
    # Those that this process may use: a container, or systemd's CPUAffinity, may leave it fewer than the machine has.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


# At least two: the one still answers while the other is replaced.
workers = int(os.environ.get("WEB_CONCURRENCY") or max(2, _cores()))
# A write waits for its turn in a thread: with few of them the waiting ones would leave none for the pages.
threads = 32
preload_app = True

# No reuse_port: each worker would have a listening socket of its own, and whoever waits on a socket whose worker is being
# replaced is dropped. The one socket of the master outlives every worker.
reuse_port = False
keepalive = 5
# Who asks, and by what, is told by the proxies that MELODY_TRUSTED_PROXIES counts, and by nobody else: by itself gunicorn
# would believe whatever runs on this machine.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
# As long an address as nginx lets through: a page asks about 200 ids at once.
limit_request_line = 8190
# What runs at TERM or HUP is finished: a write may wait for its turn (MELODY_WRITE_WAIT_S), a body may arrive slowly.
graceful_timeout = 30
max_requests = 0

# A worker touches a file here once a second to show that it lives: a busy disk would make a healthy one look dead.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  (gunicorn unlinks the file at once)
# Since gunicorn 25.1 a socket that controls the service is opened unless one says no.
control_socket_disable = True

worker_class = "melody_app.worker.Worker"


def child_exit(_server: Any, worker: Any) -> None:
    """Be told by gunicorn that a worker has ended."""
    forget(worker)


def _refuse(sock: Any, status: int, reason: str, message: str) -> None:
    """Refuse what never gets as far as the application, in the shape of its own errors (RFC 9457)."""
    problem = {"type": "about:blank", "title": reason, "status": status, "detail": message[:200]}
    body = json.dumps(problem) + "\n"
    head = (
        f"HTTP/1.1 {status} {reason}", "Connection: close", "Content-Type: application/problem+json",
        f"Content-Length: {len(body)}", "Cache-Control: no-store", "X-Content-Type-Options: nosniff",
    )  # fmt: skip
    util.write_nonblock(sock, "\r\n".join((*head, "", body)).encode("ascii"))


util.write_error = _refuse  # gunicorn has no setting for it


class OwnMessagesOnly(Logger):
    """Write gunicorn's own messages; the application logs every request itself.

    With a `logconfig_dict`, gunicorn would spell a line for each request that nobody reads, which takes as long as a lookup's
    statements.
    """

    def access(self, *_: Any) -> None:
        """Spell no line about a request."""


logger_class = OwnMessagesOnly
accesslog = None
errorlog = None
# gunicorn's own messages take the application's way to its JSON: they get no handler here, and `incremental` leaves the
# application's handlers alone when HUP reads this file again.
logconfig_dict = {
    "version": 1,
    "incremental": True,
    "root": {},
    "handlers": {},
    "loggers": {"gunicorn.error": {"propagate": True}},
}
