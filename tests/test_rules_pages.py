"""The pages of a rule: made, changed, moved, deleted, brought back."""

from collections.abc import Callable
from typing import Any

import pytest
from bodies import PERSONAL, rule
from browser_like import Browser, Page
from conftest import PASSWORD
from flask import Flask
from flask.testing import FlaskClient
from rows import add_melody


def typed(numbers: str = "", departments: str = "", **values: Any) -> dict[str, Any]:
    """Return what somebody types into a rule's form."""
    return {"number_capacity_ids": numbers, "employee_group_ids": departments, "media_id": "50", **values}


def make(api: FlaskClient, *numbers: int, **changes: Any) -> dict[str, Any]:
    """Make a rule by the call."""
    return api.post(PERSONAL, json=rule(*numbers, **changes)).get_json()


def get(api: FlaskClient, rule_id: int) -> Any:
    """Return a rule by the call."""
    return api.get(f"{PERSONAL}/{rule_id}").get_json()


def notice(page: Page) -> str:
    """Return the short message of what was done."""
    return " ".join(each.text for each in page.main.all(role="status", class_="notice"))


def test_an_empty_installation_shows_the_first_steps(signed_in: Browser) -> None:
    page = signed_in.get("/")
    assert page.path == "/rules"
    assert {"/password", "/rules/new", "/tokens/new"} <= set(page.links)
    assert not page.main.all("table")
    signed_in.submit("/rules/new", **typed("1"))
    assert not signed_in.get("/rules").main.all(class_="first-run")


def test_a_rule_is_made_from_what_was_typed(api: FlaskClient, signed_in: Browser) -> None:
    page = signed_in.submit("/rules/new", **typed(" 352, 446 448;\n7 ", "93,103", source_type="client"))
    assert (page.status, page.path) == (200, "/rules")
    (made,) = api.get(PERSONAL).get_json()
    assert made == rule(352, 446, 448, 7, employee_group_ids=[93, 103], source_type="client", id=made["id"])
    assert str(made["id"]) in notice(page)
    assert f"/rules/{made['id']}" in page.links
    assert "Анна" in page.main.one("tbody").text


def test_a_new_page_proposes_a_standard_melody(signed_in: Browser) -> None:
    assert signed_in.get("/rules/new").fields()["source_type"] == "system"


def test_an_edit_page_shows_the_rule_as_it_is(api: FlaskClient, signed_in: Browser) -> None:
    made = make(api, 5, 3, employee_group_ids=[9], source_type="client", media_id=7)
    fields = signed_in.get(f"/rules/{made['id']}").fields()
    del fields["csrf_token"]
    assert fields == {
        "number_capacity_ids": "5, 3",
        "employee_group_ids": "9",
        "source_type": "client",
        "media_id": "7",
        "version": "1",
    }


def test_a_rule_saved_as_it_stands_stays_as_it_was(api: FlaskClient, signed_in: Browser) -> None:
    made = make(api, *range(1, 2001), employee_group_ids=[9], source_type="client", media_id=7)
    assert signed_in.submit(f"/rules/{made['id']}").path == "/rules"
    assert get(api, made["id"]) == made


def test_a_rule_is_changed(api: FlaskClient, signed_in: Browser) -> None:
    made = make(api, 1, 2)
    page = signed_in.submit(f"/rules/{made['id']}", number_capacity_ids="2 3", source_type="client")
    assert page.path == "/rules"
    assert get(api, made["id"]) == {**made, "number_capacity_ids": [2, 3], "source_type": "client"}


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        (typed("1", source_type=""), ["source_type"]),
        (typed("1", source_type="none"), ["source_type"]),
        (typed("1", media_id=""), ["media_id"]),
        (typed("1", media_id="waltz"), ["media_id"]),
        (typed("1", media_id="0"), ["media_id"]),
        (typed("1", media_id="5.0"), ["media_id"]),
        (typed("1, x, 2"), ["number_capacity_ids"]),
        (typed("1", "-3"), ["employee_group_ids"]),
        (typed("1 2 1"), ["number_capacity_ids"]),
        (typed("9223372036854775808"), ["number_capacity_ids"]),
        (typed("9" * 5000), ["number_capacity_ids"]),
        (typed("1\x00"), ["number_capacity_ids"]),
        (typed("١"), ["number_capacity_ids"]),
        (typed("x", "y", media_id="z"), ["number_capacity_ids", "employee_group_ids", "media_id"]),
    ],
)
def test_what_is_wrong_is_told_beside_its_field_and_on_top_and_what_was_typed_stays(
    api: FlaskClient, signed_in: Browser, values: dict[str, str], wrong: list[str]
) -> None:
    made = make(api, 1000)
    for path in ("/rules/new", f"/rules/{made['id']}"):
        page = signed_in.submit(path, **values)
        assert page.status == 422
        summary = page.main.one(id="error-summary")
        assert [each.attributes["href"] for each in summary.all("a")] == [f"#{name}" for name in wrong]
        for name in wrong:
            assert page.errors(name)
            assert name in {each.attributes.get("id") for each in page.form().all()}, "the summary's link leads nowhere"
        kept = page.fields()
        for name, text in values.items():
            if name != "source_type" and "\x00" not in text:
                assert kept[name].replace(",", "").split() == text.replace(",", "").split()
    assert api.get(PERSONAL).get_json() == [made]


def test_what_concerns_both_fields_is_told_beside_each_and_once_on_top(signed_in: Browser) -> None:
    page = signed_in.submit("/rules/new", **typed())
    assert page.status == 422
    sentence = "Enter at least one number or department."
    assert page.errors("number_capacity_ids") == page.errors("employee_group_ids") == sentence
    summary = page.main.one(id="error-summary")
    assert [(each.text, each.attributes["href"]) for each in summary.all("a")] == [(sentence, "#number_capacity_ids")]
    assert "1 problem to fix" in summary.text


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        ({}, "Choose a melody."),
        ({"melody": ""}, "Choose a melody."),
        ({"melody": "none:x"}, "Choose a melody."),
        ({"melody": "client:99"}, "There is no melody 99 in this catalogue. Choose one that is there."),
    ],
)
def test_where_a_melody_is_one_choice_what_is_wrong_with_it_is_one_error(
    api: FlaskClient, signed_in: Browser, sql: Callable[..., Any], choice: dict[str, str], told: str
) -> None:
    add_melody(sql, "client", 1, "Утро", "утро")
    page = signed_in.submit("/rules/new", number_capacity_ids="1", **choice)
    assert page.status == 422
    (link,) = page.main.one(id="error-summary").all("a")
    assert (link.text.removeprefix("Melody: "), link.attributes["href"]) == (told, "#media_id")
    assert page.errors("media_id") == told
    assert "melody-picker" in page.main.one(id="media_id").attributes["class"]
    refused = api.post(PERSONAL, json={"number_capacity_ids": [1]}).get_json()["errors"]
    assert [(each["field"], each["code"]) for each in refused] == [
        ("source_type", "required"),
        ("media_id", "required"),
    ]


def test_what_was_typed_is_shown_as_text(signed_in: Browser) -> None:
    evil = '"><script src=x></script></textarea>'
    page = signed_in.submit("/rules/new", **typed(evil, evil, media_id=evil))
    assert page.status == 422
    assert not page.root.all("script", src="x")
    assert signed_in.get("/rules?q=%22%3E%3Cscript%20src%3Dx%3E").root.all("script", src="x") == []


@pytest.mark.parametrize("path", ["/rules/1000", "/rules/1000/delete", "/rules/0", f"/rules/{2**63}", "/rules/x"])
def test_a_rule_that_is_not_there_is_a_page_that_says_so(signed_in: Browser, path: str) -> None:
    page = signed_in.get(path)
    assert page.status == 404
    assert "/rules" in page.links


# ---------------------------------------------------------------- two editors


def test_the_second_of_two_editors_is_shown_both_versions_and_overwrites_nothing(
    app: Flask, api: FlaskClient, signed_in: Browser
) -> None:
    made = make(api, 1)
    first, second = (signed_in.get(f"/rules/{made['id']}") for _ in range(2))
    assert signed_in.send(first, number_capacity_ids="1 2").path == "/rules"
    page = signed_in.send(second, number_capacity_ids="1 3", media_id="77")
    assert page.status == 412
    versions = page.main.one(class_="compare").text
    assert "1 3" in versions.replace(",", "")
    assert "77" in versions
    assert "50" in versions
    assert "Анна" in page.main.text
    assert get(api, made["id"])["number_capacity_ids"] == [1, 2]
    # Having seen both, he may still choose his own.
    assert signed_in.send(page).path == "/rules"
    assert get(api, made["id"]) == {**made, "number_capacity_ids": [1, 3], "media_id": 77}


def test_a_form_without_a_version_changes_nothing(api: FlaskClient, signed_in: Browser) -> None:
    made = make(api, 1)
    for version in ("", "0", "x", "9" * 30):
        page = signed_in.submit(f"/rules/{made['id']}", number_capacity_ids="2", version=version)
        assert page.status in {412, 422}, version
        if page.status == 422:  # nobody types it: there is no control to lead to
            assert "version: " in page.main.one(id="error-summary").text
    assert get(api, made["id"]) == made


def test_what_was_typed_for_a_rule_deleted_meanwhile_can_be_saved_as_a_new_one(
    api: FlaskClient, signed_in: Browser
) -> None:
    made = make(api, 1)
    page = signed_in.get(f"/rules/{made['id']}")
    api.delete(f"{PERSONAL}/{made['id']}")
    page = signed_in.send(page, number_capacity_ids="1 2")
    assert page.status == 404
    assert page.fields()["number_capacity_ids"] == "1 2"
    assert signed_in.send(page).path == "/rules"
    assert api.get(PERSONAL).get_json()[0]["number_capacity_ids"] == [1, 2]


# ---------------------------------------------------------------- delete and undo


def test_a_deletion_is_asked_about_and_can_be_undone(api: FlaskClient, signed_in: Browser) -> None:
    made = make(api, 352, employee_group_ids=[93])
    question = signed_in.get(f"/rules/{made['id']}/delete")
    assert {"352", "93", "50"} <= set(question.main.text.split())
    assert get(api, made["id"]) == made  # asking deletes nothing
    page = signed_in.send(question)
    assert page.path == "/rules"
    assert api.get(PERSONAL).get_json() == []
    (undo,) = [
        each.attributes["action"] for each in page.main.all("form") if "/undo/" in each.attributes.get("action", "")
    ]
    back = signed_in.send(page, action=undo)
    assert back.path == "/rules"
    assert str(made["id"]) in notice(back)
    assert api.get(PERSONAL).get_json() == [made]
    # Pressed again in another window, it does no harm.
    assert signed_in.post(undo, {"csrf_token": signed_in.csrf()}).path == "/rules"
    assert api.get(PERSONAL).get_json() == [made]


def test_a_rule_changed_while_somebody_was_asked_is_not_deleted(api: FlaskClient, signed_in: Browser) -> None:
    made = make(api, 1)
    question = signed_in.get(f"/rules/{made['id']}/delete")
    api.put(f"{PERSONAL}/{made['id']}", json=rule(1, 2))
    again = signed_in.send(question)
    assert again.status == 412
    assert get(api, made["id"]) is not None
    assert signed_in.send(again).path == "/rules"
    assert api.get(PERSONAL).get_json() == []


def test_a_deleted_rule_does_not_come_back_over_another(
    api: FlaskClient, signed_in: Browser, sql: Callable[..., Any]
) -> None:
    made = make(api, 1, 2)
    page = signed_in.submit(f"/rules/{made['id']}/delete")
    (undo,) = [
        each.attributes["action"] for each in page.main.all("form") if "/undo/" in each.attributes.get("action", "")
    ]
    other = make(api, 2)
    refused = signed_in.send(page, action=undo)
    assert "2" in notice(refused)
    assert api.get(PERSONAL).get_json() == [other]
    api.delete(f"{PERSONAL}/{other['id']}")
    sql("INSERT INTO virtual_numbers (id, number, search_key) VALUES (9, '79', 'x')")
    assert signed_in.post(undo, {"csrf_token": signed_in.csrf()}).path == "/rules"
    assert api.get(PERSONAL).get_json() == []


def test_undo_brings_back_nothing_but_deleted_rules(
    api: FlaskClient, signed_in: Browser, sql: Callable[..., Any]
) -> None:
    make(api, 1)
    signed_in.submit("/people/new", name="Борис")
    entries = [entry for (entry,) in sql("SELECT id FROM journal_entries")]
    assert len(entries) == 2
    for entry in (*entries, 0, 1000, 2**63):
        assert signed_in.raw("POST", f"/rules/undo/{entry}", data={"csrf_token": signed_in.csrf()}).status_code == 404


# ---------------------------------------------------------------- a sign-in that ends meanwhile


def test_what_was_typed_outlives_the_sign_in(api: FlaskClient, signed_in: Browser, sql: Callable[..., Any]) -> None:
    page = signed_in.get("/rules/new")
    sql("DELETE FROM sign_ins")
    again = signed_in.post(
        "/rules/new", {**page.fields(), **typed("352 446", "93")}, headers={"Origin": "http://localhost"}
    )
    assert again.status == 401
    resumed = signed_in.send(again, name="Анна", password=PASSWORD)
    resumed = signed_in.send(resumed) if "resume" in resumed.fields() else resumed
    assert resumed.fields()["number_capacity_ids"] == "352 446"
    assert api.get(PERSONAL).get_json() == []
    assert signed_in.send(resumed).path == "/rules"
    assert api.get(PERSONAL).get_json()[0]["number_capacity_ids"] == [352, 446]


def test_another_sites_words_are_not_carried_through_a_sign_in(visitor: Browser) -> None:
    for origin in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        page = visitor.post("/rules/new", typed("666"), headers=origin)
        assert page.status == 401
        assert "666" not in page.response.get_data(as_text=True)
