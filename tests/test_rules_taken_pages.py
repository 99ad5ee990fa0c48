"""Ids that another rule holds, on the pages: told on top and beside the field, moved by a button."""

from collections.abc import Callable
from typing import Any

import pytest
import rows
from bodies import PERSONAL, rule
from browser_like import Browser, Page
from conftest import PASSWORD, PERSON
from flask import Flask
from flask.testing import FlaskClient
from test_rules_pages import get, make, typed

BOTH = ["number_capacity_ids", "employee_group_ids"]


def buttons(page: Page) -> list[str]:
    """Return what the buttons that move ids here would send."""
    return [each.attributes["value"] for each in page.form().all("button", name="move")]


def test_a_taken_id_is_told_with_a_link_to_its_rule_and_a_button_that_moves_it(
    api: FlaskClient, signed_in: Browser
) -> None:
    held = make(api, 1, 2, employee_group_ids=[1])
    page = signed_in.submit("/rules/new", **typed("3, 2", "1"))
    assert page.status == 409
    assert page.links.count(f"/rules/{held['id']}") == 2
    assert buttons(page) == ["number_capacity_ids:2", "employee_group_ids:1"]
    assert page.fields()["number_capacity_ids"] == "3, 2"
    assert api.get(PERSONAL).get_json() == [held]


def test_the_button_moves_the_one_id_and_no_other(api: FlaskClient, signed_in: Browser) -> None:
    held = make(api, 1, 2, employee_group_ids=[1])
    page = signed_in.submit("/rules/new", **typed("3, 2", "1"))
    page = signed_in.send(page, move="number_capacity_ids:2")
    assert page.status == 409
    assert buttons(page) == ["employee_group_ids:1"]
    assert page.fields()["move"] == "number_capacity_ids:2"  # agreed to, until it is unticked
    assert api.get(PERSONAL).get_json() == [held]
    page = signed_in.send(page, move=["number_capacity_ids:2", "employee_group_ids:1"])
    assert page.path == "/rules"
    assert get(api, held["id"])["number_capacity_ids"] == [1]
    assert get(api, held["id"])["employee_group_ids"] == []
    assert api.get(f"{PERSONAL}?number_capacity_id=2").get_json()[0]["employee_group_ids"] == [1]


def test_consents_that_fit_nothing_move_nothing(api: FlaskClient, signed_in: Browser) -> None:
    held = make(api, 1)
    for move in ("employee_group_ids:1", "number_capacity_ids:2", "number_capacity_ids", ":1", "x:1:2", "<b>:<i>"):
        page = signed_in.send(signed_in.get("/rules/new"), **typed("1"), move=move)
        assert page.status == 409, move
    assert api.get(PERSONAL).get_json() == [held]


def test_a_page_script_asks_who_holds_what(api: FlaskClient, signed_in: Browser) -> None:
    held = make(api, 1, 2)
    answer = signed_in.raw("GET", "/rules/taken?number_capacity_ids=2,3&employee_group_ids=1")
    (conflict,) = answer.get_json()["conflicts"]
    assert (conflict["field"], conflict["id"], conflict["rule_id"]) == ("number_capacity_ids", 2, held["id"])
    assert conflict["url"] == f"/rules/{held['id']}"
    own = signed_in.raw("GET", f"/rules/taken?number_capacity_ids=2&rule_id={held['id']}")
    assert own.get_json()["conflicts"] == []


# ---------------------------------------------------------------- on top of the page


def told(page: Page) -> list[tuple[str, str]]:
    """Return what the summary on top says, and where it leads."""
    summary = page.main.one(id="error-summary")
    assert summary.attributes["role"] == "alert"
    assert "autofocus" in summary.attributes
    assert "Not saved yet" in summary.text
    return [(each.text, each.attributes["href"].removeprefix("#")) for each in summary.all("a")]


def test_taken_ids_are_summed_up_on_top_like_any_other_error(api: FlaskClient, signed_in: Browser) -> None:
    make(api, *range(1, 201), employee_group_ids=[1])
    own = make(api, 1000)
    for path in ("/rules/new", f"/rules/{own['id']}"):
        page = signed_in.submit(path, **typed(" ".join(map(str, range(1, 201))), "1"))
        assert page.status == 409
        many = "200 IDs are already in other rules. Move them here, or take them out."
        one = "1 ID is already in another rule. Move it here, or take it out."
        assert told(page) == [(f"Numbers: {many}", BOTH[0]), (f"Departments: {one}", BOTH[1])]
        assert [page.errors(name) for name in BOTH] == [many, one]
        assert len(buttons(page)) == 201
        assert page.root.one("title").text.startswith("Error: ")
    assert not signed_in.get("/rules/new").root.one("title").text.startswith("Error")


def test_taken_ids_are_summed_up_in_russian(app: Flask, api: FlaskClient) -> None:
    make(api, *range(1, 23))
    russian = Browser(app, "ru")
    russian.client.set_cookie(app.config["SESSION_COOKIE_NAME"], rows.sign_in(app, PERSON))
    for count, said in ((1, "1 ID уже занят другим"), (2, "2 ID уже заняты другими"), (21, "21 ID уже занят другим")):
        page = russian.submit("/rules/new", **typed(" ".join(map(str, range(1, count + 1)))))
        assert said in page.main.one(id="error-summary").text.replace("\u00a0", " ")
        assert page.root.one("title").text.startswith("Ошибка: ")


@pytest.mark.parametrize("path", ["/rules/new", "/rules/{own}"])
def test_taken_ids_are_told_beside_other_errors_at_once(api: FlaskClient, signed_in: Browser, path: str) -> None:
    held, own = make(api, 1, 2), make(api, 1000)
    path = path.format(own=own["id"])
    page = signed_in.submit(path, **typed("1, 2, 1000, x, 0, 99999999999999999999", media_id=""))
    assert page.status == 422
    assert [name for _, name in told(page)] == [BOTH[0]] * 4 + ["media_id"]
    count = 3 if path == "/rules/new" else 2  # its own id is no conflict
    assert f"{count} IDs are already in other rules" in page.errors(BOTH[0])
    assert f"/rules/{held['id']}" in page.links
    assert buttons(page)[:2] == ["number_capacity_ids:1", "number_capacity_ids:2"]
    # Agreed to, it stands in the way no more, and stays agreed to.
    page = signed_in.send(page, move=["number_capacity_ids:1", "number_capacity_ids:2", "number_capacity_ids:1000"])
    assert page.status == 422
    assert "already in" not in page.main.one(id="error-summary").text
    assert not buttons(page)


def test_ids_unknown_and_taken_are_told_together(api: FlaskClient, signed_in: Browser, sql: Callable[..., Any]) -> None:
    make(api, 1)
    sql("INSERT INTO virtual_numbers (id, number, search_key) VALUES (1, '79', 'x')")
    page = signed_in.submit("/rules/new", **typed("1, 2"))
    assert page.status == 422
    assert [name for _, name in told(page)] == [BOTH[0]] * 2
    assert buttons(page) == ["number_capacity_ids:1"]


def test_a_form_that_is_opened_filled_in_tells_what_is_taken(
    api: FlaskClient, signed_in: Browser, sql: Callable[..., Any]
) -> None:
    held = make(api, 352)
    page = signed_in.get("/rules/new?number_capacity_ids=352&number_capacity_ids=446")
    assert buttons(page) == ["number_capacity_ids:352"]
    assert not page.main.all(id="error-summary")  # nobody has tried to save it
    found = signed_in.send(page, find="employee_group_ids")
    assert buttons(found) == ["number_capacity_ids:352"]
    sql("DELETE FROM sign_ins")
    late = signed_in.post("/rules/new", page.fields(), headers={"Origin": "http://localhost"})
    resumed = signed_in.send(late, name=PERSON, password=PASSWORD)
    resumed = signed_in.send(resumed) if "resume" in resumed.fields() else resumed
    assert buttons(resumed) == ["number_capacity_ids:352"]
    assert f"/rules/{held['id']}" in resumed.links


def test_ids_taken_meanwhile_are_told_when_the_rule_itself_is_gone_or_changed(
    api: FlaskClient, signed_in: Browser
) -> None:
    gone, changed = make(api, 1), make(api, 2)
    pages = {each["id"]: signed_in.get(f"/rules/{each['id']}") for each in (gone, changed)}
    api.delete(f"{PERSONAL}/{gone['id']}")
    api.put(f"{PERSONAL}/{changed['id']}", json=rule(2, 3))
    make(api, 9)
    page = signed_in.send(pages[gone["id"]], number_capacity_ids="9")
    assert page.status == 404
    assert [name for _, name in told(page)] == [BOTH[0]] * 2
    assert buttons(page) == ["number_capacity_ids:9"]
    page = signed_in.send(pages[changed["id"]], number_capacity_ids="9")
    assert page.status == 412  # on top are both versions, to choose from first
    assert buttons(page) == ["number_capacity_ids:9"]


def test_a_consent_to_what_is_no_longer_typed_is_forgotten(api: FlaskClient, signed_in: Browser) -> None:
    make(api, 1, 2)
    page = signed_in.send(signed_in.submit("/rules/new", **typed("1 2")), move="number_capacity_ids:1")
    page = signed_in.send(page, number_capacity_ids="3", media_id="")
    assert page.status == 422
    assert "move" not in page.fields()
