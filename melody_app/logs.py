"""Logs: one JSON object a line, with the request's id, for our own events and the libraries' records alike."""

import json
import logging
import re
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from random import getrandbits
from select import PIPE_BUF
from typing import NamedTuple

import structlog
from flask import Flask, Request, g, has_app_context

from melody_app.batches import Batches
from melody_app.current import the_app, the_g, the_request

SANE_ID = re.compile(r"[A-Za-z0-9._:+/=@-]{1,128}")

WRITE_AFTER_S = 0.05
"""A request's line waits as long for others: to write each by itself takes a tenth of a lookup."""

MOST_WAITING = 10_000
"""As many lines wait; whoever comes when there are more writes them himself."""

MOST_AT_ONCE = PIPE_BUF // 2
"""As many characters are written at once: a pipe takes as many bytes whole, between other processes' lines (pipe(7))."""

_ROOT = logging.getLogger()
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=repr)

_LINE = (
    '{"request_id": %s, "method": %s, "path": %s, "status": %d, "ms": %.1f, "person": %s, "address": %s, '
    '"event": "request", "level": "info", "timestamp": "%s"}\n'
)
"""A request's line: to spell a dictionary of it takes twice as long, and every lookup has one."""


class _StandardError:
    """Write each line to what is the standard error at that moment, by one write, so that processes don't mix their lines."""

    def msg(self, line: str) -> None:
        """Write a line."""
        sys.stderr.write(line + "\n")

    debug = info = warning = error = critical = msg


class Answered(NamedTuple):
    """What the log says of a request.

    Args:
        request_id: its id.
        method: its method.
        path: its path.
        status: what it was answered.
        took_s: how long that took, in seconds.
        person: the name of whoever asked; None for a stranger.
        address: where from.
        at_s: when it was answered, in seconds since 1970.
    """

    request_id: str
    method: str
    path: str
    status: int
    took_s: float
    person: str | None
    address: str | None
    at_s: float


def init_app(app: Flask, level: str) -> None:
    """Name every request and write a line about it.

    Args:
        app: the application.
        level: the least severe level that is written, such as `INFO`.
    """
    _configure(level)
    app.extensions["melody_request_lines"] = Batches(
        _write_lines, name="request lines", after_s=WRITE_AFTER_S, most=MOST_WAITING, keeps_all=True
    )
    app.before_request(_begin)


def _configure(level: str) -> None:
    shared: list[structlog.typing.Processor] = [
        _add_request_id,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    as_json = structlog.processors.JSONRenderer(serializer=lambda event, **_: _ENCODER.encode(event))
    structlog.configure(
        processors=[*shared, as_json],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=lambda *_: _StandardError(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, as_json],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # What a migration does step by step is of interest to nobody but its author.
    logging.getLogger("alembic").setLevel(logging.WARNING)


def _add_request_id(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Name the request that the event belongs to; a processor of structlog."""
    if has_app_context() and "request_id" in g:
        event["request_id"] = g.request_id
    return event


def _begin() -> None:
    sent = the_request().environ.get("HTTP_X_REQUEST_ID", "")
    its = the_g()
    # No secret: os.urandom would let go of the interpreter for it, and wait to have it back.
    its.request_id = sent if sent and SANE_ID.fullmatch(sent) else f"{getrandbits(128):032x}"
    its.began = time.perf_counter()


def headers(request: Request, status: str, _own: Mapping[str, str]) -> Mapping[str, str]:
    """Return the request's id, and let the log say what it was answered."""
    its = the_g()
    if "request_id" not in its:
        _begin()  # the request failed before anything could be done with it
    if _ROOT.isEnabledFor(logging.INFO):
        actor, now = its.get("actor"), time.time()
        lines: Batches[Answered] = the_app().extensions["melody_request_lines"]
        lines.put(
            Answered(
                its.request_id, request.method, request.path, int(status[:3]), time.perf_counter() - its.began,
                actor.name if actor else None, request.remote_addr, now,
            )
        )  # fmt: skip
    return {"X-Request-ID": its.request_id}


def _write_lines(answered: list[Answered]) -> None:
    """Write a line for each, a few together: past structlog's chain, which takes as long for one line as a lookup does."""
    with suppress(OSError):  # a full disk: there is no other place to tell it, and answers go on
        text = ""
        for each in answered:
            line = _spell(each)
            if len(text) + len(line) > MOST_AT_ONCE:
                sys.stderr.write(text)
                text = ""
            text += line
        sys.stderr.write(text)


def _spell(answered: Answered) -> str:
    spell = _ENCODER.encode
    return _LINE % (
        spell(answered.request_id),
        spell(answered.method),
        spell(answered.path),
        answered.status,
        answered.took_s * 1000,
        spell(answered.person),
        spell(answered.address),
        datetime.fromtimestamp(answered.at_s, UTC).isoformat().replace("+00:00", "Z"),
    )
