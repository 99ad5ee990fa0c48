"""Static files under addresses that change with their content: a browser asks for each of them once, until a new version."""

import hashlib
from pathlib import Path
from typing import Any

from flask import Flask, current_app, request

from melody_app.security import YEAR_S


def init_app(app: Flask) -> None:
    """Let `url_for` name the version of a static file.

    Args:
        app: the application; its static files are read now.
    """
    folder = Path(str(app.static_folder))
    files = [path for path in folder.rglob("*") if path.is_file()]
    app.extensions["melody_versions"] = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:12] for path in files
    }
    app.url_defaults(_name_version)


def max_age_s(filename: str | None) -> int | None:
    """Return how long the file that is asked for may be kept, in seconds; None where it may change under its address.

    Args:
        filename: a static file's path in its folder; None for a file of another kind.
    """
    asked = request.args.get("v")
    return YEAR_S if asked and filename and asked == _versions().get(filename) else None


def _name_version(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static":
        values["v"] = _versions().get(values["filename"])


def _versions() -> dict[str, str]:
    versions: dict[str, str] = current_app.extensions["melody_versions"]
    return versions
