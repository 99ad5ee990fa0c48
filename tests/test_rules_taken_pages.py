"""Ids that another rule holds, on the pages: told on top and beside the field, moved by a button; rules left empty by that."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import rows
from bodies import PERSONAL, rule
from browser_like import Browser, Page
from conftest import PASSWORD, PERSON
from flask import Flask
from flask.testing import FlaskClient
from test_rules_pages import get, make, notice, typed

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


# ---------------------------------------------------------------- what a move leaves empty


def warnings(page: Page) -> list[str]:
    """Return what the page says of rules that would be deleted."""
    return [each.text for each in page.main.all(class_="warning") if "hidden" not in each.attributes]


def test_a_rule_that_a_move_would_empty_is_named_before(api: FlaskClient, signed_in: Browser) -> None:
    single, several, more = make(api, 1), make(api, 2, employee_group_ids=[2]), make(api, 3, 4)
    page = signed_in.submit("/rules/new", **typed("1 2 3", "2"))
    assert warnings(page) == [
        f"Nothing else is in rule {single['id']}: it will be deleted once this is moved.",
        f"Rule {several['id']} will be deleted if everything in it is moved here.",
    ]
    assert f"/rules/{more['id']}" in page.links
    assert len(warnings(signed_in.submit("/rules/new", **typed("1 2 3")))) == 1


def test_a_page_script_learns_what_it_needs_for_the_warning(api: FlaskClient, signed_in: Browser) -> None:
    held = make(api, 1, 2, employee_group_ids=[3])
    (conflict,) = signed_in.raw("GET", "/rules/taken?number_capacity_ids=2").get_json()["conflicts"]
    assert (conflict["rule_size"], str(held["id"]) in conflict["warning"]) == (3, True)


def move(browser: Browser, departments: str, **values: Any) -> Page:
    """Make a rule that takes departments away from other rules."""
    page = browser.submit("/rules/new", **typed(departments=departments, **values))
    return browser.send(page, move=[f"employee_group_ids:{each}" for each in departments.split()])


def undo_of(page: Page) -> str:
    """Return where the button of the message leads that takes the deletion back."""
    (action,) = [each.attributes["action"] for each in page.main.all("form", method="post")]
    return action


def test_a_rule_that_a_move_emptied_is_named_and_comes_back_with_what_was_taken(
    api: FlaskClient, signed_in: Browser
) -> None:
    first = make(api, employee_group_ids=[93], number_capacity_ids=[], media_id=77)
    page = move(signed_in, "93")
    (second,) = api.get(PERSONAL).get_json()
    assert notice(page) == (
        f"Rule {second['id']} was created. 1 ID was moved to it from another rule."
        f" Rule {first['id']} was deleted: nothing was left in it. Undo"
    )
    back = signed_in.send(page, action=undo_of(page))
    assert api.get(PERSONAL).get_json() == [first]
    assert notice(back) == (
        f"Rule {first['id']} was restored. 1 ID was moved to it from another rule."
        f" Rule {second['id']} was deleted: nothing was left in it. Undo"
    )
    # The way back has a way back, and a button that is pressed again does no harm.
    signed_in.send(back, action=undo_of(back))
    assert api.get(PERSONAL).get_json() == [second]
    signed_in.post(undo_of(back), {"csrf_token": signed_in.csrf()})
    assert api.get(PERSONAL).get_json() == [second]


def test_an_edit_that_empties_other_rules_says_so_too(api: FlaskClient, signed_in: Browser) -> None:
    one, two, own = make(api, 1), make(api, 2), make(api, 3)
    page = signed_in.submit(f"/rules/{own['id']}", number_capacity_ids="3 1 2")
    page = signed_in.send(page, move=["number_capacity_ids:1", "number_capacity_ids:2"])
    assert f"Rules {one['id']}, {two['id']} were deleted: nothing was left in them." in notice(page)
    signed_in.send(page, action=undo_of(page))
    assert api.get(PERSONAL).get_json() == [one, two, own]


def test_what_has_gone_to_a_third_rule_since_is_not_taken_back(api: FlaskClient, signed_in: Browser) -> None:
    make(api, employee_group_ids=[93], number_capacity_ids=[])
    page = move(signed_in, "93")
    api.post(f"{PERSONAL}?on_conflict=move", json=rule(employee_group_ids=[93]))
    now = api.get(PERSONAL).get_json()
    assert "other rules now use 93" in notice(signed_in.send(page, action=undo_of(page)))
    assert api.get(PERSONAL).get_json() == now


def test_many_emptied_rules_are_counted(api: FlaskClient, signed_in: Browser) -> None:
    for each in range(1, 7):
        make(api, employee_group_ids=[each], number_capacity_ids=[])
    page = move(signed_in, "1 2 3 4 5 6")
    assert "6 rules were deleted: nothing was left in them. The journal shows what they were." in notice(page)
    assert not page.main.all("form", method="post")
    assert len(api.get(PERSONAL).get_json()) == 1


def test_only_deleted_rules_are_given_back(api: FlaskClient, signed_in: Browser, sql: Callable[..., Any]) -> None:
    held = make(api, 1)
    ((entry,),) = sql("SELECT id FROM journal_entries")
    for entries, status in ((entry, 404), (1000, 404), (2**63, 422), ("x", 422)):
        url = f"/rules/{held['id']}/give-back?entries={entries}"
        assert signed_in.raw("POST", url, data={"csrf_token": signed_in.csrf()}).status_code == status
    assert api.get(PERSONAL).get_json() == [held]


def test_a_refused_undo_names_a_few_of_many_ids(api: FlaskClient, signed_in: Browser) -> None:
    made = make(api, *range(1, 2001))
    page = signed_in.submit(f"/rules/{made['id']}/delete")
    make(api, *range(1, 2001))
    answer = signed_in.raw("POST", undo_of(page), data={"csrf_token": signed_in.csrf()})
    # A browser drops a cookie of more than 4,096 bytes, and what is to be said with it.
    assert all(len(cookie) < 4096 for cookie in answer.headers.getlist("Set-Cookie"))
    assert re.search("other rules now use 1, 2, 3, 4, 5, and 1995 more", notice(signed_in.get("/rules")))
