"""The headers that every answer should have, put on where it leaves."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Request

from melody_app.current import the_request

Source = Callable[[Request, str, Mapping[str, str]], Mapping[str, str]]
"""Is told of the request, and of the answer its status and its own headers; returns what takes their place, or comes besides."""


class LastHeaders:
    """Add headers to every answer.

    It stands around the application, for there a header costs a tenth of what it costs in werkzeug's hands, which spell and copy
    each of them twice.

    Args:
        app: the WSGI application; its request is still the current one when it starts its answer.
        sources: where the headers come from.
    """

    def __init__(self, app: WSGIApplication, sources: Iterable[Source]) -> None:
        self._app = app
        self._sources = tuple(sources)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        return self._app(environ, partial(self._start, start_response))

    def _start(
        self, start_response: StartResponse, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], object]:
        request, own = the_request(), dict(headers)
        more: dict[str, str] = {}
        for source in self._sources:
            more.update(source(request, status, own))
        kept = headers if own.keys().isdisjoint(more) else [each for each in headers if each[0] not in more]
        return start_response(status, [*kept, *more.items()], exc_info)


def init_app(app: Flask, *sources: Source) -> None:
    """Add to every answer of the application, errors included, what the sources say."""
    app.wsgi_app = LastHeaders(app.wsgi_app, sources)  # type: ignore[method-assign]
