"""Serve audio, content-addressed: an address never changes what it gives, so it is cached for good."""

import io
import re
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, request, send_file, url_for
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from melody_app.accounts import guard
from melody_app.current import the_request
from melody_app.errors import Problem
from melody_app.melodies import queries
from melody_app.melodies.audio import as_heard
from melody_app.security import YEAR_S

bp = Blueprint("media", __name__, url_prefix="/media")

_ONE_RANGE = re.compile(r"bytes\s*=\s*(?:[0-9]+-[0-9]*|-[0-9]+)", re.IGNORECASE)
_ANY = "0" * 64
TYPES = {"wav": "audio/wav", "flac": "audio/flac", "ogg": "audio/ogg", "mp3": "audio/mpeg"}


def wav_url(sha256: str) -> str:
    """Return the whole address of what callers hear: whoever asks fetches it from where he asked.

    Args:
        sha256: the hash of the WAV.
    """
    request = the_request()
    return _wav_urls(request.scheme, request.host, request.root_path).replace(_ANY, sha256)


@lru_cache(maxsize=100)
def _wav_urls(*_where_from: str) -> str:
    """Return the address of any WAV for whoever asks from there: to build each anew takes longer than to look its melody up."""
    return url_for("media.wav", sha256=_ANY, _external=True)


@bp.get("/<sha256>.wav")
@guard.public
def wav(sha256: str) -> Response:
    """Answer what callers hear; who knows the hash has been given the address, so it needs no token."""
    data = queries.find_wav(sha256)
    if data is None:
        raise Problem(404)
    return _send(data, "audio/wav", sha256, cache="public")


@bp.get("/<sha256>/heard.wav")
@guard.call("manage")
def heard(sha256: str) -> Response:
    """Answer what callers hear as they hear it: through the telephone network's A-law."""
    data = queries.find_wav(sha256)
    if data is None:
        raise Problem(404)
    etag = f"{sha256}-heard"
    known = request.if_none_match.contains(etag)
    return _send(b"" if known else as_heard(data), "audio/wav", etag, cache="private")


@bp.get("/<sha256>/original")
@guard.call("manage")
def original(sha256: str) -> Response:
    """Answer the file as uploaded, by its own hash or by that of the WAV made of it."""
    found = queries.find_original(sha256)
    if found is None:
        raise Problem(404)
    melody, data = found
    ending = f".{melody.original_format}"
    return _send(
        data,
        TYPES[melody.original_format],
        melody.original_sha256,
        cache="private",
        name=melody.name.removesuffix(ending) + ending,
    )


def _send(data: bytes, mimetype: str, etag: str, *, cache: str, name: str = "") -> Response:
    """Answer bytes: whole, in part (RFC 9110, 14) or not at all where the client has them.

    Args:
        data: the bytes.
        mimetype: what they are; by what was decoded, never by a name.
        etag: their entity tag.
        cache: `public` or `private`.
        name: under what name a browser saves them; none where it shall play them itself.
    """
    response = send_file(
        io.BytesIO(data), mimetype, etag=etag, conditional=False, as_attachment=bool(name), download_name=name or None
    )
    try:
        response.make_conditional(_understood(request.environ), accept_ranges=True, complete_length=len(data))
    except RequestedRangeNotSatisfiable:
        raise Problem(416, headers={"Content-Range": f"bytes */{len(data)}"}) from None
    response.headers["Cache-Control"] = f"{cache}, max-age={YEAR_S}, immutable"
    return response


def _understood(environ: dict[str, Any]) -> dict[str, Any]:
    """Return the request without a Range that is to be passed over (RFC 9110, 14.2).

    That is one of another unit, of several parts at once, or of a method other than GET.
    """
    if request.method == "GET" and _ONE_RANGE.fullmatch(environ.get("HTTP_RANGE", "").strip()):
        return environ
    return {name: value for name, value in environ.items() if name != "HTTP_RANGE"}
