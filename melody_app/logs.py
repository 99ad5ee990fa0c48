"""Logs: one JSON object a line, with the request's id, for our own events and the libraries' records alike."""

import json
import logging
import re
import sys
import time
from datetime import UTC, datetime
from random import getrandbits

import structlog
from flask import Flask, Response, g, has_app_context

from melody_app.current import the_g, the_request

SANE_ID = re.compile(r"[A-Za-z0-9._:+/=@-]{1,128}")

_ROOT = logging.getLogger()
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=repr)


class _StandardError:
    """Write each line to what is the standard error at that moment, by one write, so that processes don't mix their lines."""

    def msg(self, line: str) -> None:
        """Write a line."""
        sys.stderr.write(line + "\n")

    debug = info = warning = error = critical = msg


def init_app(app: Flask, level: str) -> None:
    """Name every request and write a line about it.

    Args:
        app: the application.
        level: the least severe level that is written, such as `INFO`.
    """
    _configure(level)
    app.before_request(_begin)
    app.after_request(_end)


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


def _end(response: Response) -> Response:
    its, request = the_g(), the_request()
    response.headers.add("X-Request-ID", its.request_id)
    if not _ROOT.isEnabledFor(logging.INFO):
        return response
    actor = its.get("actor")
    # The one line that every request writes goes past structlog's chain, which takes as long as a lookup does.
    line = {
        "request_id": its.request_id,
        "method": request.method,
        "path": request.path,
        "status": response.status_code,
        "ms": round((time.perf_counter() - its.began) * 1000, 1),
        "person": actor.name if actor else None,
        "address": request.remote_addr,
        "event": "request",
        "level": "info",
        "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
    }
    _StandardError().msg(_ENCODER.encode(line))
    return response
