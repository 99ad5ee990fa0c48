"""What stands behind Flask's proxies, for what runs at every request.

Each look through a proxy finds the object anew: whoever looks at several things takes the object itself, once.
"""

from flask import Request, g, request
from flask.ctx import _AppCtxGlobals


def the_request() -> Request:
    """Return the request itself."""
    the_one: Request = request._get_current_object()  # type: ignore[attr-defined]
    return the_one


def the_g() -> _AppCtxGlobals:
    """Return what holds the request's own things."""
    the_one: _AppCtxGlobals = g._get_current_object()
    return the_one
