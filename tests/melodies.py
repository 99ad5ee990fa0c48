"""What the tests of melodies share: small real files, and ways to send them."""

import base64
import io
from functools import cache
from typing import Any

from flask.testing import FlaskClient
from sounds import encoded, tone
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

CLIENT, SYSTEM, BEEPS, MAIN = "/melodies/client", "/melodies/system", "/melodies/beeps", "/melodies/main"

ZIP = b"PK\x03\x04" + b"\x14\x00\x00\x00\x08\x00" * 400


@cache
def wav(hz: float = 440, seconds: float = 0.5) -> bytes:
    """Make a file; another frequency makes another file."""
    return encoded(tone(hz, seconds, 8_000), 8_000)


def base64_of(data: bytes) -> str:
    """Spell bytes as the operator's clients do."""
    return base64.b64encode(data).decode("ascii")


def send(api: FlaskClient, data: bytes, name: str | None = "Утро.wav", **options: Any) -> TestResponse:
    """Upload a file as JSON."""
    return api.post(CLIENT, json={"file": base64_of(data), "name": name}, **options)


def add(api: FlaskClient, data: bytes | None = None, name: str = "Утро.wav") -> dict[str, Any]:
    """Upload a file and return the melody."""
    answer = send(api, wav() if data is None else data, name)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    body: dict[str, Any] = answer.get_json()
    return body


def part(data: bytes, name: str = "Утро.wav") -> tuple[io.BytesIO, str]:
    """Make a part of a multipart form."""
    return io.BytesIO(data), name


def large_form(*files: bytes, **values: str) -> dict[str, Any]:
    """Spell a form with large files; the test client would leave its temporary file open."""
    boundary, body = encode_multipart({**values, "file": [FileStorage(*part(each)) for each in files]})
    return {"data": body, "content_type": f"multipart/form-data; boundary={boundary}"}


def path_of(url: str) -> str:
    """Return the path of an address of this service."""
    assert url.startswith("http://localhost/media/")
    return url.removeprefix("http://localhost")


def codes(answer: TestResponse) -> list[tuple[str, str]]:
    """Return the field and code of every error of a 422."""
    assert answer.mimetype == "application/problem+json", answer.get_data(as_text=True)
    return [(each["field"], each["code"]) for each in answer.get_json()["errors"]]
