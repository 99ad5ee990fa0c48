"""What callers hear where no rule applies, by JSON and on its page."""

from collections.abc import Callable
from typing import Any

import pytest
from browser_like import Browser
from flask.testing import FlaskClient
from melodies import MAIN, add, codes, path_of, wav

FRESH = {
    "dialing_source_type": "beeps",
    "dialing_media_id": 123,
    "hold_source_type": "beeps",
    "hold_media_id": 123,
    "id": 1,
}


def test_a_fresh_installation_rings(api: FlaskClient) -> None:
    answer = api.get(MAIN)
    assert (answer.status_code, answer.get_json()) == (200, [FRESH])
    assert api.get(MAIN, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("path", [MAIN, f"{MAIN}/1"])
def test_it_is_replaced_whole(api: FlaskClient, sql: Callable[..., Any], path: str) -> None:
    melody = add(api)
    body = {**FRESH, "dialing_source_type": "client", "dialing_media_id": melody["id"]}
    answer = api.put(path, json=body)
    assert (answer.status_code, answer.get_json()) == (200, body)
    assert api.get(MAIN).get_json() == [body]
    entries = sql("SELECT person, action, subject_id FROM journal_entries WHERE subject = 'company default'")
    assert entries == [("CRM", "changed", 1)]
    without_ids = {name: value for name, value in FRESH.items() if name.endswith("type")}
    assert api.put(path, json=without_ids).get_json() == FRESH


def test_an_empty_catalogue_vouches_for_nothing(api: FlaskClient) -> None:
    body = {**FRESH, "hold_source_type": "system", "hold_media_id": 50}
    assert api.put(MAIN, json=body).status_code == 200


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"dialing_source_type": None}, [("dialing_source_type", "required")]),
        ({"dialing_source_type": "radio"}, [("dialing_source_type", "not_a_choice")]),
        ({"hold_source_type": 5}, [("hold_source_type", "not_a_choice")]),
        ({"hold_source_type": "client", "hold_media_id": None}, [("hold_media_id", "required")]),
        ({"hold_source_type": "client", "hold_media_id": "1"}, [("hold_media_id", "not_an_integer")]),
        ({"hold_media_id": 0}, [("hold_media_id", "out_of_range")]),
        ({"hold_media_id": 124}, [("hold_media_id", "unknown_melody")]),
        (
            {"hold_source_type": "client", "hold_media_id": 999, "dialing_source_type": "client"},
            [("dialing_media_id", "unknown_melody"), ("hold_media_id", "unknown_melody")],
        ),
        ({"id": 2}, [("id", "out_of_range")]),
        ({"melody": 5}, [("melody", "unknown_field")]),
    ],
)
def test_what_it_is_refused_for(api: FlaskClient, changed: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    add(api)  # from now on the catalogue knows which ids there are
    answer = api.put(MAIN, json={**FRESH, **changed})
    assert answer.status_code == 422
    assert codes(answer) == expected
    assert api.get(MAIN).get_json() == [FRESH]


def test_there_is_only_one(api: FlaskClient) -> None:
    assert api.put(f"{MAIN}/2", json=FRESH).status_code == 404


def test_a_version_that_is_gone_is_refused(api: FlaskClient) -> None:
    tag = api.get(MAIN).headers["ETag"]
    assert api.put(MAIN, json=FRESH, headers={"If-Match": tag}).status_code == 200
    stale = api.put(MAIN, json=FRESH, headers={"If-Match": tag})
    assert (stale.status_code, stale.headers["ETag"]) == (412, '"2"')


def test_the_page_offers_what_there_is_and_saves_the_choice(api: FlaskClient, signed_in: Browser) -> None:
    melody = add(api, name="Добрый день")
    page = signed_in.get("/company")
    assert page.fields()["dialing"] == page.fields()["hold"] == "beeps:123"
    assert "Добрый день" in page.main.text
    heard = path_of(melody["url"]).removesuffix(".wav")
    for form in (page, signed_in.get("/rules/new")):  # as callers hear it, and as it was uploaded
        assert {f"{heard}/heard.wav", f"{heard}/original"} <= set(form.links)
    assert signed_in.raw("GET", f"{heard}/original").data == wav()
    saved = signed_in.send(page, dialing=f"client:{melody['id']}")
    assert (saved.status, saved.path) == (200, "/company")
    assert saved.fields()["dialing"] == f"client:{melody['id']}"
    assert api.get(MAIN).get_json()[0]["dialing_media_id"] == melody["id"]
    assert "company: while being connected" in signed_in.get("/library").main.text
    assert "While being connected" in signed_in.get("/journal").main.text


def test_a_choice_that_is_gone_stays_to_be_seen_and_is_refused(api: FlaskClient, signed_in: Browser) -> None:
    melody, _ = add(api), add(api, wav(880))
    page = signed_in.get("/company")
    api.delete(f"/melodies/client/{melody['id']}")
    refused = signed_in.send(page, hold=f"client:{melody['id']}")
    assert refused.status == 422
    assert refused.errors("hold_media_id")
    assert refused.fields()["hold"] == f"client:{melody['id']}"
    for choice in ("nonsense", "client:x", ""):
        refused = signed_in.send(page, hold=choice)
        assert (refused.status, refused.errors("hold_media_id")) == (422, "Choose a melody."), choice
        assert refused.main.one(id="error-summary").all("a")[0].text == "On hold: Choose a melody."


def test_the_second_of_two_editors_is_told(api: FlaskClient, signed_in: Browser) -> None:
    page = signed_in.get("/company")
    api.put(MAIN, json=FRESH)
    told = signed_in.send(page)
    assert told.status == 412
    (link,) = told.main.one(id="error-summary").all("a")
    assert link.attributes["href"] == "#dialing_media_id"
    said = "Someone changed this in the meantime. Save again to keep your choice."
    assert link.text == told.errors("dialing_media_id") == said
    assert signed_in.send(told).status == 200
