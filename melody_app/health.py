"""Whether the process lives, and whether it can do its work."""

from flask import Blueprint, Response, jsonify

from melody_app.accounts import guard
from melody_app.errors import Problem
from melody_app.schema import is_current

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@guard.public
def healthz() -> Response:
    """Answer that the process lives."""
    return jsonify(status="ok")


@bp.get("/readyz")
@guard.call("call")
def readyz() -> Response:
    """Answer whether the database answers and its schema is this version's."""
    if not is_current():
        raise Problem(503, "schema", "Run: flask --app wsgi init")
    return jsonify(status="ok")
