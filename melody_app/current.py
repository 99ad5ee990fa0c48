"""What stands behind Flask's proxies, for what runs at every request.

Each look through a proxy finds the object anew: whoever looks at several things takes the object itself, once.
"""

from collections.abc import Callable

from flask import Flask, Request, current_app, g, request
from flask.ctx import _AppCtxGlobals

the_app: Callable[[], Flask] = current_app._get_current_object  # type: ignore[attr-defined]
"""Returns the application itself."""

the_request: Callable[[], Request] = request._get_current_object  # type: ignore[attr-defined]
"""Returns the request itself."""

the_g: Callable[[], _AppCtxGlobals] = g._get_current_object
"""Returns what holds the request's own things."""
