"""The headers that every answer should have."""

from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response

from melody_app.current import the_request

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # Bootstrap's own pictures are data: URLs
        "font-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_ALL = list(HEADERS.items())
YEAR_S = 365 * 24 * 3600


class ConstantHeaders:
    """Add to every answer the headers that are the same for all, unless it has its own.

    It stands around the application, for there they cost a tenth of what they cost in werkzeug's hands.

    Args:
        app: the WSGI application.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            own = HEADERS.keys() & {name for name, _ in headers}
            more = [each for each in _ALL if each[0] not in own] if own else _ALL
            return start_response(status, headers + more, exc_info)

        return self._app(environ, start)


def decide_caching(response: Response) -> Response:
    """Give the answer the caching that it hasn't decided itself."""
    request = the_request()
    caching = response.headers.get("Cache-Control", "")
    if caching.startswith("public") and request.endpoint != "static":
        # What every cache may keep, the pages of the company's other programs may play, too.
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = f"max-age={YEAR_S}"
    if not caching and request.endpoint != "static":
        # What a signed-in person sees must not stay in a shared computer's cache; a 304 is decided by the ETag all the same.
        response.headers.add("Cache-Control", "private, no-cache" if "ETag" in response.headers else "no-store")
    return response


def init_app(app: Flask) -> None:
    """Add the headers to every answer, errors included."""
    app.wsgi_app = ConstantHeaders(app.wsgi_app)  # type: ignore[method-assign]
    app.after_request(decide_caching)
