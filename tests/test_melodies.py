"""The company's own melodies by JSON: what the operator's clients send and get, and what this project adds."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from bodies import rule
from conftest import MANAGE_TOKEN, with_token
from flask import Flask
from flask.testing import FlaskClient
from melodies import BEEPS, CLIENT, MAIN, SYSTEM, ZIP, add, base64_of, codes, large_form, part, path_of, send, wav
from sounds import FORMATS, decoded, encoded, tone

from melody_app.melodies import audio


def stored(sql: Callable[..., list[tuple[Any, ...]]]) -> tuple[int, int, int]:
    """Count what the library left in the database."""
    melodies, audio_rows = sql("SELECT count(*) FROM melodies")[0][0], sql("SELECT count(*) FROM audio")[0][0]
    return melodies, audio_rows, sql("SELECT count(*) FROM journal_entries WHERE subject = 'melody'")[0][0]


# ---------------------------------------------------------------- what is taken


def test_a_file_in_base64_becomes_a_melody_that_callers_hear(api: FlaskClient, client: FlaskClient) -> None:
    answer = send(api, encoded(tone(440, 3, 44_100), 44_100), "АПИ.wav")
    assert answer.status_code == 201
    body = answer.get_json()
    assert list(body) == [
        "name", "id", "url", "duration_s", "channels", "sample_rate_hz", "peak_dbfs", "loudness_lufs",
    ]  # fmt: skip
    assert (body["name"], body["duration_s"], body["channels"], body["sample_rate_hz"]) == ("АПИ.wav", 3, 1, 44_100)
    assert body["peak_dbfs"] == pytest.approx(-12, abs=0.1)
    assert answer.headers["Location"] == f"{CLIENT}/{body['id']}"
    shown = api.get(answer.headers["Location"])
    assert (shown.get_json(), shown.headers["ETag"]) == (body, answer.headers["ETag"])
    assert len(decoded(client.get(path_of(body["url"])).data)) == 24_000
    assert api.get(CLIENT).get_json() == [{name: body[name] for name in ("name", "id", "url")}]


@pytest.mark.parametrize(("container", "subtype", "rate"), FORMATS[1::3])
def test_every_format_comes_in_under_a_wrong_name(api: FlaskClient, container: str, subtype: str, rate: int) -> None:
    data = encoded(tone(440, 1, rate), rate, container, subtype)
    body = add(api, data, "отчёт.pdf")
    assert (body["name"], body["sample_rate_hz"]) == ("отчёт.pdf", rate)


def test_a_file_in_a_form_is_called_as_it_is_unless_a_name_is_sent(api: FlaskClient) -> None:
    first = api.post(CLIENT, data={"file": part(wav(), "Музыка/Утро.wav")})
    assert (first.status_code, first.get_json()["name"]) == (201, "Утро.wav")
    second = api.post(CLIENT, data={"file": part(wav(880)), "name": "Вечер"})
    assert (second.status_code, second.get_json()["name"]) == (201, "Вечер")


def test_base64_with_line_breaks_is_taken(api: FlaskClient) -> None:
    text = base64_of(wav())
    lines = "\r\n".join(text[at : at + 76] for at in range(0, len(text), 76))
    assert api.post(CLIENT, json={"file": lines, "name": "Утро"}).status_code == 201


def test_a_file_of_20_mib_is_taken_and_a_byte_more_is_not(api: FlaskClient) -> None:
    filled = wav() + b"\0" * (audio.MAX_BYTES - len(wav()))
    assert send(api, filled).status_code == 201
    for answer in (send(api, filled + b"\0"), api.post(CLIENT, **large_form(filled + b"\0"))):
        assert (answer.status_code, answer.get_json()["type"]) == (413, "/problems/too_large")
        assert "20 MiB" in answer.get_json()["detail"]
    assert len(api.get(CLIENT).get_json()) == 1


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, [("file", "required"), ("name", "required")]),
        ({"file": base64_of(b""), "name": "x"}, [("file", "empty")]),
        ({"file": "это не Base64", "name": "x"}, [("file", "not_base64")]),
        ({"file": "abc", "name": "x"}, [("file", "not_base64")]),
        ({"file": 5, "name": "x"}, [("file", "not_a_text")]),
        ({"file": ["UklGRg=="], "name": "x"}, [("file", "not_a_text")]),
        ({"file": base64_of(wav()), "name": 5}, [("name", "not_a_text")]),
        ({"file": base64_of(wav()), "name": "a\nb"}, [("name", "not_printable")]),
        ({"file": base64_of(wav()), "name": "x" * 201}, [("name", "wrong_length")]),
        ({"file": base64_of(wav()), "name": "x", "filename": "y"}, [("filename", "unknown_field")]),
        ({"file": base64_of(b"not a sound at all"), "name": "x.mp3"}, [("file", "not_audio")]),
        ({"file": base64_of(ZIP), "name": "x.mp3"}, [("file", "not_audio")]),
        ({"file": base64_of(wav()[: len(wav()) // 2]), "name": "x"}, [("file", "cut_short")]),
        ({"file": base64_of(encoded(tone(440, 0, 8_000), 8_000)), "name": "x"}, [("file", "empty")]),
        (
            {"file": base64_of(encoded(tone(440, 1, 8_000), 8_000, "AIFF")), "name": "x"},
            [("file", "unsupported_format")],
        ),
        ({"file": base64_of(encoded(tone(440, 601, 8_000), 8_000, "FLAC")), "name": "x"}, [("file", "too_long")]),
    ],
)
def test_what_is_no_melody_is_refused_and_nothing_is_stored(
    api: FlaskClient, sql: Callable[..., Any], body: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    answer = api.post(CLIENT, json=body)
    assert answer.status_code == 422
    assert codes(answer) == expected
    assert all(len(each["message"]) > 10 for each in answer.get_json()["errors"])
    assert stored(sql) == (0, 0, 0)


def test_a_form_without_a_file_or_with_strange_parts_is_refused(api: FlaskClient) -> None:
    assert codes(api.post(CLIENT, data={"name": "x", "file": part(b"", "")})) == [("file", "required")]
    strange = {"file": part(wav()), "colour": "red"}
    assert codes(api.post(CLIENT, data=strange, content_type="multipart/form-data")) == [("colour", "unknown_field")]


def test_another_type_is_refused(api: FlaskClient) -> None:
    assert api.post(CLIENT, data=wav(), content_type="audio/wav").status_code == 415


def test_a_body_larger_than_any_file_is_refused_unread(api: FlaskClient) -> None:
    answer = api.post(CLIENT, data=b"x" * (30 * 1024 * 1024), content_type="application/json")
    assert (answer.status_code, answer.get_json()["type"]) == (413, "/problems/too_large")
    # Other calls take no more than before.
    assert api.put(MAIN, data=b"x" * (2 * 1024 * 1024), content_type="application/json").status_code == 413


@pytest.mark.parametrize("code", ["crashed", "timed_out"])
def test_a_decoder_that_dies_is_a_refusal_and_the_service_goes_on(
    api: FlaskClient, sql: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    command = {"crashed": "import os; os.kill(os.getpid(), 11)", "timed_out": "import time; time.sleep(60)"}[code]
    with monkeypatch.context() as patch:
        patch.setattr(audio, "COMMAND", (audio.COMMAND[0], "-c", command))
        patch.setattr(audio, "WALL_SECONDS", 0.5)
        answer = send(api, wav())
        assert (answer.status_code, codes(answer)) == (422, [("file", code)])
    assert stored(sql) == (0, 0, 0)
    assert send(api, wav()).status_code == 201


def test_an_upload_killed_half_way_leaves_nothing(api: FlaskClient, sql: Callable[..., Any]) -> None:
    body = b'{"name": "x", "file": "' + base64_of(wav()).encode()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body) + 1000)}
    assert api.post(CLIENT, input_stream=io.BytesIO(body), headers=headers).status_code == 400
    assert stored(sql) == (0, 0, 0)


def test_a_full_library_says_how_full_it_is(make_app: Callable[..., Flask], sql: Callable[..., Any]) -> None:
    api = with_token(make_app(library_mb=1), MANAGE_TOKEN)
    long = encoded(tone(440, 20, 8_000), 8_000)  # 320 kB, and as much again for callers
    first = add(api, long)
    answer = send(api, encoded(tone(880, 20, 8_000), 8_000))
    assert codes(answer) == [("file", "library_full")]
    message = answer.get_json()["errors"][0]["message"]
    assert "takes 0.6 MB, and the library has room for 0.4 of its 1 MB" in message
    assert stored(sql) == (1, 2, 1)
    # In its own place it fits: what it replaces doesn't count.
    replaced = api.put(f"{CLIENT}/{first['id']}", json={"file": base64_of(encoded(tone(880, 20, 8_000), 8_000))})
    assert replaced.status_code == 200


# ---------------------------------------------------------------- changing and deleting


def test_another_file_keeps_the_id_and_the_rules_and_changes_the_url(api: FlaskClient, sql: Callable[..., Any]) -> None:
    before = add(api)
    made = api.post("/melodies/personal", json=rule(1, source_type="client", media_id=before["id"])).get_json()
    answer = api.put(f"{CLIENT}/{before['id']}", json={"file": base64_of(wav(880))})
    after = answer.get_json()
    assert (answer.status_code, after["id"], after["name"]) == (200, before["id"], before["name"])
    assert after["url"] != before["url"]
    assert api.get(path_of(before["url"])).status_code == 404
    assert api.get(path_of(after["url"])).status_code == 200
    assert api.get(f"/melodies/personal/{made['id']}").get_json()["media_id"] == before["id"]
    assert sql("SELECT count(*) FROM audio")[0][0] == 2


def test_a_new_name_leaves_the_sound(api: FlaskClient) -> None:
    before = add(api)
    answer = api.put(f"{CLIENT}/{before['id']}", json={"name": "Вечер", "id": before["id"]})
    assert answer.get_json() == {**before, "name": "Вечер"}
    form = api.put(f"{CLIENT}/{before['id']}", data={"file": part(wav(880)), "name": "Ночь"})
    assert (form.status_code, form.get_json()["name"]) == (200, "Ночь")


def test_what_a_change_is_refused_for(api: FlaskClient, sql: Callable[..., Any]) -> None:
    melody = add(api)
    path = f"{CLIENT}/{melody['id']}"
    assert codes(api.put(path, json={})) == [("file", "required_one_of"), ("name", "required_one_of")]
    assert codes(api.put(path, json={"name": "x", "id": melody["id"] + 1})) == [("id", "id_mismatch")]
    assert codes(api.put(path, json={"file": base64_of(ZIP)})) == [("file", "not_audio")]
    assert api.put(f"{CLIENT}/999", json=[]).status_code == 404
    assert api.put(path, json={"name": "x"}, headers={"If-Match": '"7"'}).status_code == 412
    assert api.get(path).get_json() == melody
    assert stored(sql) == (1, 2, 1)


def test_a_melody_that_is_played_stays(api: FlaskClient) -> None:
    melody, other = add(api), add(api, wav(880))
    rules = [
        api.post("/melodies/personal", json=rule(number, source_type="client", media_id=melody["id"])).get_json()["id"]
        for number in (1, 2)
    ]
    main = api.get(MAIN).get_json()[0]
    api.put(MAIN, json={**main, "hold_source_type": "client", "hold_media_id": melody["id"]})
    answer = api.delete(f"{CLIENT}/{melody['id']}")
    problem = answer.get_json()
    assert (answer.status_code, problem["type"]) == (409, "/problems/in_use")
    assert (problem["rule_ids"], problem["company_default"]) == (rules, ["hold"])
    assert api.get("/problems/in_use").status_code == 200
    api.put(MAIN, json=main)
    for each in rules:
        api.delete(f"/melodies/personal/{each}")
    assert api.delete(f"{CLIENT}/{melody['id']}").get_json() == {"id": melody["id"]}
    assert api.get(CLIENT).get_json() == [{name: other[name] for name in ("name", "id", "url")}]
    assert api.delete(f"{CLIENT}/{melody['id']}").status_code == 404


def test_bytes_go_with_the_last_melody_made_of_them(api: FlaskClient, sql: Callable[..., Any]) -> None:
    one, two = add(api, name="один"), add(api, name="два")
    assert one["url"] == two["url"]
    assert stored(sql)[:2] == (2, 2)
    api.delete(f"{CLIENT}/{one['id']}")
    assert stored(sql)[:2] == (1, 2)
    assert api.get(path_of(two["url"])).status_code == 200
    api.delete(f"{CLIENT}/{two['id']}", headers={"If-Match": '"1"'})
    assert stored(sql)[:2] == (0, 0)
    assert api.get(path_of(two["url"])).status_code == 404


def test_an_id_is_never_given_again(api: FlaskClient) -> None:
    first = add(api)
    api.delete(f"{CLIENT}/{first['id']}")
    assert add(api)["id"] > first["id"]


def test_the_journal_tells_who_did_it(api: FlaskClient, sql: Callable[..., Any]) -> None:
    melody = add(api)
    api.put(f"{CLIENT}/{melody['id']}", json={"name": "Вечер"})
    api.delete(f"{CLIENT}/{melody['id']}")
    entries = sql("SELECT person, action, subject_id FROM journal_entries WHERE subject = 'melody' ORDER BY id")
    assert entries == [("CRM", action, melody["id"]) for action in ("created", "changed", "deleted")]


# ---------------------------------------------------------------- the other lists


def test_plain_ringing_is_there_before_anything_is_loaded(api: FlaskClient, client: FlaskClient) -> None:
    (tone_,) = api.get(BEEPS).get_json()
    assert (tone_["id"], tone_["name"]) == (123, "Стандартные телефонные гудки")
    assert len(decoded(client.get(path_of(tone_["url"])).data)) == 5 * 8_000
    assert api.get(SYSTEM).get_json() == []
    assert api.get(CLIENT).get_json() == []


def test_the_operators_client_needs_no_more_than_another_address(api: FlaskClient) -> None:
    """Sent as the operator's pages show it: the charset in the type, the bare token."""
    body = {"file": base64_of(wav()), "name": "АПИ.mp3"}
    token = api.environ_base["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    headers = {"Content-Type": "application/json; charset=UTF-8", "Authorization": token}
    answer = api.post(CLIENT, json=body, headers=headers)
    assert answer.status_code == 201
    assert answer.get_json()["name"] == "АПИ.mp3"


@pytest.mark.parametrize("path", [CLIENT, SYSTEM, BEEPS, MAIN])
def test_a_telephone_exchange_may_not_ask(call_api: FlaskClient, client: FlaskClient, path: str) -> None:
    assert call_api.get(path).status_code == 403
    assert client.get(path).status_code == 401


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_an_option_that_melodies_do_not_know_is_refused(api: FlaskClient, method: str) -> None:
    melody_id = add(api)["id"]
    path = "/melodies/client" if method == "POST" else f"/melodies/client/{melody_id}"
    answer = api.open(f"{path}?dry_run=1", method=method, json={"name": "x"})
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0] == {
        "field": "dry_run",
        "code": "unknown_field",
        "message": "There is no such field. Check its spelling.",
    }
    assert api.get("/melodies/client").get_json()[0]["id"] == melody_id
