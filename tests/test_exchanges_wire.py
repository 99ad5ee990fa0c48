"""A call on the wire: the very bytes that a real Asterisk 22 and mod_curl send, to a real gunicorn, and the very answers."""

import base64
import hashlib
import socket
from collections.abc import Callable
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from typing import Any, NamedTuple

from bodies import PERSONAL, rule
from conftest import CALL_TOKEN
from entries import NUMBERS, fill, number
from flask.testing import FlaskClient
from melodies import wav
from rows import add_melody
from service import PATIENCE_S, Service

BASIC = base64.b64encode(f"pbx:{CALL_TOKEN}".encode()).decode()
YEAR = "public, max-age=31536000, immutable"

POST = """\
POST {path} HTTP/1.1
Host: {host}
Authorization: Basic {basic}
User-Agent: asterisk-libcurl-agent/1.0
Accept: */*
Content-Length: {length}
Content-Type: application/x-www-form-urlencoded

{body}"""

GET = """\
GET {path} HTTP/1.1
Host: {host}
Authorization: Basic {basic}
User-Agent: freeswitch-curl/1.0
Accept: */*

"""

# What res_http_media_cache sends has no Authorization.
MEDIA = """\
{method} {path} HTTP/1.1
Host: {host}
User-Agent: asterisk-libcurl-agent/1.0
Accept: */*
{more}
"""


class Answer(NamedTuple):
    """What came back."""

    status: str
    headers: Message
    body: bytes


def send(port: int, text: str, **values: str) -> Answer:
    """Send the bytes of a request on a connection of its own, and read the answer as its headers say it ends."""
    request = text.format(host=f"127.0.0.1:{port}", basic=BASIC, **values).replace("\n", "\r\n").encode("ascii")
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as connection:
        connection.sendall(request)
        with connection.makefile("rb") as answer:
            status = answer.readline().decode().strip()
            head = b"".join(iter(answer.readline, b"\r\n"))
            headers = BytesParser().parsebytes(head)
            has_body = not request.startswith(b"HEAD") and " 304 " not in status
            body = answer.read(int(headers["Content-Length"])) if has_body else b""
            connection.settimeout(0.05)
            assert rest_of(connection) == b""
            return Answer(status, headers, body)


def rest_of(connection: socket.socket) -> bytes:
    """Return what comes after the answer, which is nothing."""
    try:
        return connection.recv(1000)
    except TimeoutError:
        return b""


def post(port: int, path: str, body: str) -> bytes:
    """Ask as res_config_curl does."""
    answer = send(port, POST, path=path, body=body, length=str(len(body)))
    assert (answer.status, answer.headers.get_content_type()) == ("HTTP/1.1 200 OK", "text/plain")
    return answer.body


def test_a_call_is_answered_byte_for_byte(
    api: FlaskClient, sql: Callable[..., Any], database: str, tmp_path: Path
) -> None:
    sound = wav()
    sha256 = hashlib.sha256(sound).hexdigest()
    fill(api, NUMBERS, number(352, "74994088157"), number(353, "74994088158"))
    add_melody(sql, "client", 1, "Утро", "утро", sha256, sound)
    assert api.post(PERSONAL, json=rule(352, source_type="client", media_id=1)).status_code == 201
    with Service(database, tmp_path, workers=1) as service:
        port = service.port
        url = f"http://127.0.0.1:{port}/media/{sha256}.wav"
        single = post(port, "/asterisk/musiconhold/single", "name=number-74994088157")
        assert single == b"name=number-74994088157&mode=playlist"
        multi = post(port, "/asterisk/musiconhold_entry/multi", "position%20%3E%3D=0&name=number-74994088157")
        entry = f"http%3A%2F%2F127.0.0.1%3A{port}%2Fmedia%2F{sha256}.wav"
        assert multi == f"position=1&name=number-74994088157&entry={entry}".encode()
        # Nothing to play: the name twice, then `default`.
        for name in ("number-74994088158", "number-74994088158", "default"):
            assert post(port, "/asterisk/musiconhold/single", f"name={name}") == b""
        # mod_curl lets libcurl choose how to sign in (CURLAUTH_ANY): it asks without, and again as the answer says.
        first = send(
            port, GET.replace("Authorization: Basic {basic}\n", ""), path="/freeswitch/ringback?number=74994088157"
        )
        assert (first.status, "Basic " in first.headers["WWW-Authenticate"]) == ("HTTP/1.1 401 UNAUTHORIZED", True)
        ringback = send(port, GET, path="/freeswitch/ringback?number=74994088157")
        assert (ringback.headers.get_content_type(), ringback.body) == ("text/plain", f"http_cache://{url}".encode())
        fetch_as_asterisk(port, f"/media/{sha256}.wav", sound)


def fetch_as_asterisk(port: int, path: str, sound: bytes) -> None:
    """Fetch the audio once, and ask a year later whether it is still the same."""
    first = send(port, MEDIA, method="GET", path=path, more="")
    assert (first.status, first.body) == ("HTTP/1.1 200 OK", sound)
    assert (first.headers["Content-Type"], first.headers["Cache-Control"]) == ("audio/wav", YEAR)
    etag = first.headers["ETag"]
    again = send(port, MEDIA, method="HEAD", path=path, more=f"If-None-Match: {etag}\n")
    assert again.status == "HTTP/1.1 304 NOT MODIFIED"
    assert (again.headers["ETag"], again.headers["Cache-Control"]) == (etag, YEAR)
    other = send(port, MEDIA, method="HEAD", path=path, more='If-None-Match: "other"\n')
    assert (other.status, other.headers["Content-Length"]) == ("HTTP/1.1 200 OK", str(len(sound)))
