"""The library's pages, without scripts: upload, hear, rename, replace, delete, load the standard melodies."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from bodies import rule
from browser_like import Browser
from conftest import PASSWORD, PERSON
from flask import Flask
from flask.testing import FlaskClient
from melodies import CLIENT, SYSTEM, ZIP, add, large_form, part, wav
from sounds import encoded, tone

from melody_app.melodies import catalogue


def upload(browser: Browser, *files: tuple[bytes, str]) -> Any:
    """Send the page's form with files."""
    sent = {**browser.get("/library").fields("/library"), "file": [part(*each) for each in files]}
    return browser.post("/library", sent)


def test_several_files_go_in_by_a_plain_form(signed_in: Browser, api: FlaskClient) -> None:
    page = upload(signed_in, (wav(), "Утро.wav"), (wav(880), "Вечер.v2.wav"))
    assert (page.status, page.path) == (200, "/library")
    assert [each["name"] for each in api.get(CLIENT).get_json()] == ["Утро", "Вечер.v2"]
    assert "2 melodies were added to the library." in page.main.text
    hrefs = [link for link in page.links if "/media/" in link]
    assert all(signed_in.raw("GET", link).mimetype.startswith("audio/") for link in hrefs)
    assert len(hrefs) == 5  # two ways to hear each, and plain ringing


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_journal_tells_a_files_length_in_no_languages_letters(app: Flask, api: FlaskClient, language: str) -> None:
    add(api, wav(440, 65))
    browser = Browser(app, language)
    browser.sign_in(PERSON, PASSWORD)
    (entry,) = [row for row in browser.get("/journal").main.all("tr") if "Утро" in row.text]
    assert re.search(r"\bWAV, 1:05, [0-9a-f]{8}\b", entry.text)


def test_each_file_that_is_none_is_named_with_its_reason(signed_in: Browser, api: FlaskClient) -> None:
    page = upload(signed_in, (wav(), "Утро.wav"), (ZIP, "песня.mp3"), (b"", "пусто.wav"))
    assert page.status == 422
    assert "песня.mp3: This is not a sound file" in page.errors("file")
    assert "пусто.wav: There is no sound" in page.errors("file")
    assert [each["name"] for each in api.get(CLIENT).get_json()] == ["Утро"]


def test_no_file_is_told(signed_in: Browser) -> None:
    page = upload(signed_in, (b"", ""))
    assert (page.status, page.errors("file")) == (422, "Choose one file or several.")


def test_files_too_large_together_get_a_page(signed_in: Browser) -> None:
    form = large_form(*[b"\0" * 20_000_000] * 6, **signed_in.get("/library").fields("/library"))
    page = signed_in.post("/library", form.pop("data"), **form)
    assert page.status == 413
    assert "20 MiB" in page.main.text


def test_the_report_is_in_plain_words(signed_in: Browser, api: FlaskClient) -> None:
    add(api, encoded(tone(440, 2, 44_100, 3).clip(-1, 1), 44_100), "Громко")
    add(api, encoded(tone(440, 2, 8_000, 1e-4), 8_000), "Тихо")
    text = signed_in.get("/library").main.text
    assert "It was recorded too loud" in text
    assert "It is nearly silent" in text
    assert "The file: WAV, mono, 44.1 kHz, 0:02." in text


def test_search_finds_without_regard_to_case_and_yo(signed_in: Browser, api: FlaskClient) -> None:
    add(api, name="Весёлая ёлка")
    add(api, wav(880), name="Вечер")
    page = signed_in.get("/library?q=ЕЛКА")
    assert "Весёлая ёлка" in page.main.text
    assert "Вечер" not in page.main.text
    assert signed_in.get("/library?q=нетакой").status == 200
    found = signed_in.raw("GET", "/melodies/choices?q=елка").get_json()
    assert [each["name"] for each in found] == ["Весёлая ёлка"]


def test_renaming_and_replacing(signed_in: Browser, api: FlaskClient) -> None:
    melody = add(api)
    path = f"/library/{melody['id']}"
    page = signed_in.submit(path, name="Вечер", file=part(b"", ""))
    assert page.path == "/library"
    assert api.get(f"{CLIENT}/{melody['id']}").get_json() == {**melody, "name": "Вечер"}
    signed_in.submit(path, file=part(wav(880)))
    after = api.get(f"{CLIENT}/{melody['id']}").get_json()
    assert (after["name"], after["url"] == melody["url"]) == ("Вечер", False)


def test_the_uploader_stays_until_another_file_comes_in(
    signed_in: Browser, api: FlaskClient, sql: Callable[..., Any]
) -> None:
    path = f"/library/{add(api)['id']}"
    sql("UPDATE melodies SET uploaded_at = '2026-01-05 10:00:00', changed_at = '2026-01-05 10:00:00'")
    assert "Last changed" not in signed_in.get(path).main.text
    signed_in.submit(path, name="Вечер", file=part(b"", ""))
    lead = signed_in.get(path).main.one(class_="lead-text").text
    assert re.fullmatch(rf"Uploaded by CRM, 5 January 2026, \S+ Last changed by {PERSON}, .+", lead)
    (row,) = signed_in.get("/library").main.one("tbody").all("tr")
    assert re.match(r"5 January 2026, \S+ CRM$", row.all("td")[2].text)
    signed_in.submit(path, name="Ночь", file=part(wav(880)))
    lead = signed_in.get(path).main.one(class_="lead-text").text
    assert lead.startswith(f"Uploaded by {PERSON}, ")
    assert "January" not in lead
    assert "Last changed" not in lead


def test_nobody_has_uploaded_a_standard_melody(signed_in: Browser, sql: Callable[..., Any]) -> None:
    page = signed_in.submit("/library", action="/library/catalogue")
    assert "Uploaded" not in page.main.text
    assert sql("SELECT DISTINCT uploaded_at, uploaded_by FROM melodies") == [(None, None)]


def test_a_wrong_change_is_told_and_changes_nothing(signed_in: Browser, api: FlaskClient) -> None:
    melody = add(api)
    path = f"/library/{melody['id']}"
    refused = signed_in.submit(path, name="Новое", file=part(ZIP))
    assert refused.status == 422
    assert "not a sound file" in refused.errors("file")
    assert refused.fields()["name"] == "Новое"
    assert signed_in.submit(path, name="", file=part(b"", "")).status == 422
    page = signed_in.get(path)
    api.put(f"{CLIENT}/{melody['id']}", json={"name": "Чужое"})
    told = signed_in.send(page, name="Моё", file=part(b"", ""))
    assert told.status == 412
    assert signed_in.send(told, name="Моё", file=part(b"", "")).path == "/library"
    assert signed_in.get("/library/999").status == 404


def test_deleting_asks_first_and_is_refused_with_links_while_it_plays(signed_in: Browser, api: FlaskClient) -> None:
    melody = add(api)
    path = f"/library/{melody['id']}/delete"
    asked = signed_in.get(path)
    made = api.post("/melodies/personal", json=rule(1, source_type="client", media_id=melody["id"])).get_json()
    refused = signed_in.send(asked)
    assert refused.status == 409
    assert f"/rules/{made['id']}" in refused.links
    assert "can't be deleted" in signed_in.get(path).main.text
    api.delete(f"/melodies/personal/{made['id']}")
    assert signed_in.submit(path).path == "/library"
    assert api.get(CLIENT).get_json() == []


def test_the_button_loads_the_standard_melodies_and_names_rules_they_leave_out(
    signed_in: Browser, api: FlaskClient, sql: Callable[..., Any]
) -> None:
    for number, media_id in ((1, 50), (2, 77)):
        api.post("/melodies/personal", json=rule(number, media_id=media_id))
    page = signed_in.submit("/library", action="/library/catalogue")
    assert f"{len(catalogue.entries())} standard melodies were loaded." in page.main.text
    assert "that the catalogue doesn't have: 2." in page.main.text
    listed = api.get(SYSTEM).get_json()
    assert [each["id"] for each in listed][:2] == [50, 51]
    assert listed[-1]["id"] == 123
    assert "Rule 1" in page.main.text
    journal = sql("SELECT count(*) FROM journal_entries WHERE subject = 'melody'")
    again = signed_in.submit("/library", action="/library/catalogue")
    assert "there already" in again.main.text
    assert api.get(SYSTEM).get_json() == listed
    assert sql("SELECT count(*) FROM journal_entries WHERE subject = 'melody'") == journal


def test_the_command_loads_the_same(app: Flask, api: FlaskClient, sql: Callable[..., Any]) -> None:
    run = app.test_cli_runner().invoke(args=["catalogue", "load"])
    assert (run.exit_code, run.output) == (0, "13 standard melodies were new or changed.\n")
    assert app.test_cli_runner().invoke(args=["catalogue", "load"]).output.startswith("0 ")
    assert len(api.get(SYSTEM).get_json()) == 13
    # A melody of an older version is brought to what is shipped, under the same id.
    sql("UPDATE melodies SET name = 'old' WHERE id = 50")
    assert app.test_cli_runner().invoke(args=["catalogue", "load"]).output.startswith("1 ")
    assert api.get(SYSTEM).get_json()[0]["name"] == "Утренний свет"


@pytest.mark.parametrize("path", ["/library", "/company"])
def test_a_stranger_is_shown_the_way_in(visitor: Browser, path: str) -> None:
    assert visitor.get(path).path == "/sign-in"


def test_a_session_writes_only_with_its_token(signed_in: Browser, api: FlaskClient) -> None:
    forged = signed_in.raw("POST", CLIENT, data={"file": part(wav())})
    assert forged.status_code == 403
    meant = signed_in.raw("POST", CLIENT, data={"file": part(wav())}, headers={"X-CSRFToken": signed_in.csrf()})
    assert meant.status_code == 201
