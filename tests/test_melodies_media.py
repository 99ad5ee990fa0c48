"""Audio by its address: for callers without a token, for people as it was uploaded and as it is heard."""

import hashlib

import pytest
from flask.testing import FlaskClient
from melodies import add, path_of, wav
from sounds import decoded, encoded, tone


@pytest.fixture
def heard(api: FlaskClient) -> str:
    """Upload a melody and return the path of what callers hear."""
    return path_of(add(api, name='Утро "в городе"\\.mp3')["url"])


def test_callers_get_a_wav_for_good(client: FlaskClient, heard: str) -> None:
    answer = client.get(heard)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "audio/wav"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    digest = hashlib.sha256(answer.data).hexdigest()
    assert (heard, answer.headers["ETag"]) == (f"/media/{digest}.wav", f'"{digest}"')
    for header in ("Vary", "Set-Cookie", "Content-Language"):
        assert header not in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers.getlist("Cross-Origin-Resource-Policy") == ["same-origin", "cross-origin"][1:]
    assert len(decoded(answer.data)) == 4_000


def test_head_range_and_304(client: FlaskClient, heard: str) -> None:
    whole = client.get(heard)
    head = client.head(heard)
    assert (head.status_code, head.data, head.content_length) == (200, b"", len(whole.data))
    assert head.headers["Accept-Ranges"] == "bytes"
    part = client.get(heard, headers={"Range": "bytes=44-143"})
    assert (part.status_code, part.data) == (206, whole.data[44:144])
    assert part.headers["Content-Range"] == f"bytes 44-143/{len(whole.data)}"
    beyond = client.get(heard, headers={"Range": f"bytes={len(whole.data)}-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(whole.data)}")
    for method in ("GET", "HEAD"):
        known = client.open(heard, method=method, headers={"If-None-Match": whole.headers["ETag"]})
        assert (known.status_code, known.data) == (304, b"")
        assert "Vary" not in known.headers  # what is public stays in shared caches
        assert known.headers["ETag"] == whole.headers["ETag"]


@pytest.mark.parametrize("asked", ["lines=1-2", "bytes=0-1,5-6", "bytes=5-2x", "bytes"])
def test_a_range_that_is_not_understood_is_passed_over(client: FlaskClient, heard: str, asked: str) -> None:
    answer = client.get(heard, headers={"Range": asked})
    assert (answer.status_code, answer.data) == (200, client.get(heard).data)


def test_a_head_is_of_the_whole_file(client: FlaskClient, heard: str) -> None:
    head = client.head(heard, headers={"Range": "bytes=0-9"})
    assert (head.status_code, head.content_length) == (200, len(client.get(heard).data))


def test_the_original_is_for_who_may_manage(api: FlaskClient, client: FlaskClient, call_api: FlaskClient) -> None:
    data = encoded(tone(440, 1, 44_100), 44_100, "MP3", "MPEG_LAYER_III")
    melody = add(api, data, 'Утро\r"в городе"\\'.replace("\r", "") + ".mp3")
    for path in (
        path_of(melody["url"]).replace(".wav", "/original"),
        f"/media/{hashlib.sha256(data).hexdigest()}/original",
    ):
        answer = api.get(path)
        assert (answer.status_code, answer.data, answer.headers["Content-Type"]) == (200, data, "audio/mpeg")
        assert answer.headers["Content-Disposition"].startswith("attachment; ")
        assert answer.headers["Content-Disposition"].endswith(".mp3")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"].startswith("private")
        assert client.get(path).status_code == 401
        assert call_api.get(path).status_code == 403


def test_the_original_is_never_given_out_as_what_callers_hear(api: FlaskClient, client: FlaskClient) -> None:
    data = encoded(tone(440, 1, 44_100), 44_100, "FLAC")
    add(api, data)
    assert client.get(f"/media/{hashlib.sha256(data).hexdigest()}.wav").status_code == 404


def test_as_the_caller_hears_it_is_the_wav_through_a_law(api: FlaskClient, client: FlaskClient, heard: str) -> None:
    path = heard.replace(".wav", "/heard.wav")
    answer = api.get(path)
    plain, through = decoded(client.get(heard).data), decoded(answer.data)
    assert (answer.headers["Content-Type"], len(through)) == ("audio/wav", len(plain))
    assert 0 < abs(plain - through).max() < 0.02
    assert client.get(path).status_code == 401
    assert api.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert api.get(path, headers={"Range": "bytes=0-99"}).data == answer.data[:100]


@pytest.mark.parametrize(
    "path",
    [
        "/media/{0}.wav",
        "/media/{0}/original",
        "/media/{0}/heard.wav",
        "/media/abc.wav",
        "/media/%00.wav",
        "/media/%00/original",
        "/media/",
    ],
)
def test_unknown_addresses(api: FlaskClient, path: str) -> None:
    add(api, wav())
    assert api.get(path.format("0" * 64)).status_code == 404
