"""Rules as a list: an import shows the difference first, and then takes over all of it or nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from bodies import PERSONAL, rule
from browser_like import Browser
from conftest import PASSWORD
from flask import Flask
from flask.testing import FlaskClient
from sheets import HEAD, can_be_taken_over, counts, export, look, refused, take_over

from melody_app import journal
from melody_app.accounts import service as accounts
from melody_app.actor import Actor, set_actor
from melody_app.rules.lists import service

Sql = Callable[..., Any]

NOTHING = {"New": 0, "Changed": 0, "Deleted": 0, "Unchanged": 0, "Refused": 0}


@pytest.fixture
def two(api: FlaskClient) -> list[Any]:
    """Make two rules, 1 and 2."""
    for body in (rule(1, 101, employee_group_ids=[11]), rule(2, 102, source_type="client", media_id=7)):
        assert api.post(PERSONAL, json=body).status_code == 201
    return rules(api)


def rules(api: FlaskClient) -> list[Any]:
    """Return all rules, each as (id, numbers, departments, source, melody)."""
    return [
        (each["id"], each["number_capacity_ids"], each["employee_group_ids"], each["source_type"], each["media_id"])
        for each in api.get(PERSONAL).get_json()
    ]


def entries(sql: Sql) -> list[Any]:
    """Return what the journal says was done to rules on pages."""
    return sql(
        "SELECT action, subject_id, person FROM journal_entries WHERE subject = 'rule' AND door = 'page' ORDER BY id"
    )


def test_a_list_shows_the_difference_and_then_makes_it(
    api: FlaskClient, signed_in: Browser, sql: Sql, two: list[Any]
) -> None:
    page = look(signed_in, "1;1; 103;11;standard;50\n".replace("1; 103", '"1; 103"') + ";5;12 13;own;7\n")
    assert counts(page) == {**NOTHING, "New": 1, "Changed": 1, "Unchanged": 1}
    assert "Rule 1 Numbers was: 1, 101 → becomes: 1, 103" in page.main.text
    assert "Line 3 Numbers: 5; Departments: 12, 13; Own melody: 7" in page.main.text
    assert rules(api) == two
    assert "New: 1, changed: 1, deleted: 0" in signed_in.send(page).main.text
    assert rules(api) == [(1, [1, 103], [11], "system", 50), two[1], (3, [5], [12, 13], "client", 7)]
    assert entries(sql) == [("changed", 1, "Анна"), ("created", 3, "Анна")]
    assert sql("SELECT version, changed_by FROM rules ORDER BY id") == [(2, "Анна"), (1, "CRM"), (1, "Анна")]
    assert api.put(f"{PERSONAL}/1", json=rule(1), headers={"If-Match": '"2"'}).status_code == 200


def test_every_part_of_a_rule_that_changes_is_shown(signed_in: Browser, two: list[Any]) -> None:
    text = look(signed_in, "1;1;;own;9\n").main.text
    assert "Numbers was: 1, 101 → becomes: 1 " in text
    assert "Departments was: 11" in text
    assert "Melody was: Standard melody: 50 → becomes: Own melody: 9" in text


def test_of_a_long_rule_what_changes_is_shown_first(api: FlaskClient, signed_in: Browser) -> None:
    ids = list(range(1, 31))
    api.post(PERSONAL, json=rule(*ids))
    text = look(signed_in, f"1;{' '.join(map(str, [*ids[:-1], 77]))};;standard;50\n").main.text
    assert "was: 30, 1, 2, 3, 4, 5, 6, 7, and 22 more → becomes: 77, 1, 2" in text


def test_what_the_list_lacks_stays_unless_it_is_to_be_deleted(
    api: FlaskClient, signed_in: Browser, sql: Sql, two: list[Any]
) -> None:
    line = "1;1 101;11;standard;50\n"
    assert counts(look(signed_in, line)) == {**NOTHING, "Unchanged": 2}
    page = look(signed_in, line, rest="delete")
    assert counts(page) == {**NOTHING, "Deleted": 1, "Unchanged": 1}
    assert "Rule 2 Numbers: 2, 102; Own melody: 7" in page.main.text
    signed_in.send(page)
    assert rules(api) == two[:1]
    ((action, subject, _),) = entries(sql)
    assert (action, subject) == ("deleted", 2)
    ((entry,),) = sql("SELECT max(id) FROM journal_entries")
    signed_in.post(f"/rules/undo/{entry}", {"csrf_token": signed_in.csrf()})
    assert rules(api) == two


def test_two_rules_swap_what_they_hold(api: FlaskClient, signed_in: Browser, two: list[Any]) -> None:
    take_over(signed_in, "1;2 102;;standard;50\n2;101 1;11;own;7\n")
    assert rules(api) == [(1, [2, 102], [], "system", 50), (2, [101, 1], [11], "client", 7)]


def test_a_new_rule_takes_what_a_changed_and_a_deleted_one_let_go(
    api: FlaskClient, signed_in: Browser, two: list[Any]
) -> None:
    take_over(signed_in, "1;1;;standard;50\n;101 2;11;own;7\n;102;;own;7\n", rest="delete")
    assert rules(api) == [(1, [1], [], "system", 50), (3, [101, 2], [11], "client", 7), (4, [102], [], "client", 7)]


def test_a_list_that_says_nothing_new_offers_nothing(signed_in: Browser, two: list[Any]) -> None:
    page = look(signed_in, export(signed_in), head="")
    assert counts(page) == {**NOTHING, "Unchanged": 2}
    assert not can_be_taken_over(page)


@pytest.mark.parametrize("rest", ["keep", "delete"])
def test_one_wrong_line_keeps_all_others_out(api: FlaskClient, signed_in: Browser, two: list[Any], rest: str) -> None:
    page = look(signed_in, ";5;;standard;50\n;6;;standard;no\n1;9;;standard;50\n", rest=rest)
    assert not can_be_taken_over(page)
    assert refused(page) == ['Line 3 , Melody: "no" is not a whole number. Write digits only.']
    assert rules(api) == two


def test_a_failure_half_way_leaves_everything_as_it_was(
    api: FlaskClient, signed_in: Browser, two: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError

    page = look(signed_in, "1;2;;standard;50\n;5;;standard;50\n", rest="delete")
    monkeypatch.setattr(journal, "record_many", fail)
    assert signed_in.send(page).status == 500
    assert rules(api) == two


@pytest.mark.parametrize("line", ["1;5;;standard;50\n", ";5;;standard;50\n"])
@pytest.mark.parametrize("change", ["change", "create", "delete"])
def test_when_rules_have_changed_since_it_asks_again(
    api: FlaskClient, signed_in: Browser, two: list[Any], line: str, change: str
) -> None:
    page = look(signed_in, line)
    {
        "change": lambda: api.put(f"{PERSONAL}/2", json=rule(2)),
        "create": lambda: api.post(PERSONAL, json=rule(77)),
        "delete": lambda: api.delete(f"{PERSONAL}/2"),
    }[change]()
    before = rules(api)
    again = signed_in.send(page)
    assert again.status == 412
    assert "the rules have changed" in again.main.text
    assert rules(api) == before
    assert signed_in.send(again).path == "/rules"
    assert [5] in [numbers for _, numbers, *_ in rules(api)]


def test_what_somebody_took_meanwhile_is_refused_by_the_new_preview(
    api: FlaskClient, signed_in: Browser, two: list[Any]
) -> None:
    page = look(signed_in, ";5;;standard;50\n")
    api.post(PERSONAL, json=rule(5))
    again = signed_in.send(page)
    assert again.status == 412
    assert refused(again) == ["Line 2 , Numbers: 5 is in rule 3, which isn't in the list and stays as it is."]


def test_what_a_directory_forgot_meanwhile_is_refused(signed_in: Browser, api: FlaskClient, sql: Sql) -> None:
    page = look(signed_in, ";5;;standard;50\n")
    sql("INSERT INTO virtual_numbers (id, number, search_key) VALUES (6, '76', 'x')")
    again = signed_in.send(page)
    assert again.status == 409
    assert refused(again) == ["Line 2 , Numbers: 5 is not in the directory."]
    assert rules(api) == []


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ("UPDATE rules SET version = 2 WHERE id = 2", 412),
        ("INSERT INTO virtual_numbers (id, number, search_key) VALUES (6, '76', 'x')", 409),
    ],
)
def test_a_change_just_before_the_transaction_is_seen_in_it(
    api: FlaskClient,
    signed_in: Browser,
    sql: Sql,
    two: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    change: str,
    status: int,
) -> None:
    compare = service.preview

    def compare_and_be_overtaken(*args: Any, **options: Any) -> Any:
        found = compare(*args, **options)
        monkeypatch.undo()
        sql(change)
        return found

    page = look(signed_in, ";5;;standard;50\n")
    monkeypatch.setattr(service, "preview", compare_and_be_overtaken)
    assert signed_in.send(page).status == status
    assert rules(api) == two


def test_a_preview_is_for_whoever_looked_at_it(app: Flask, signed_in: Browser, api: FlaskClient) -> None:
    page = look(signed_in, ";5;;standard;50\n")
    parcel = page.root.one("input", name="parcel").attributes["value"]
    with app.test_request_context():
        set_actor(Actor("tests", "command"))
        accounts.create_person("Boris", PASSWORD)
    other = Browser(app)
    other.sign_in("Boris", PASSWORD)
    for browser, sent in ((other, parcel), (signed_in, parcel[:-3] + "abc"), (signed_in, "")):
        answer = browser.post("/rules/import/apply", {"csrf_token": browser.csrf(), "parcel": sent})
        assert "too old, or someone else's" in answer.main.text
    assert rules(api) == []
    assert signed_in.get("/rules/import/apply").path == "/rules/import"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_5000_lines_come_in_and_go_out(api: FlaskClient, signed_in: Browser, sql: Sql) -> None:
    take_over(signed_in, "".join(f";{each} {each + 50_000};{each};own;7\n" for each in range(1, 5_001)))
    assert sql("SELECT count(*), max(version) FROM rules") == [(5_000, 1)]
    given = export(signed_in)
    assert given.count("\r\n") == 5_001
    page = look(signed_in, given.replace(",own,7", ",own,8"), head="")
    assert counts(page) == {**NOTHING, "Changed": 5_000}
    assert "and 4900 more" in page.main.text
    signed_in.send(page)
    assert sql("SELECT DISTINCT media_id, version FROM rules") == [(8, 2)]
    assert sql("SELECT count(*) FROM journal_entries WHERE subject = 'rule'") == [(10_000,)]
    take_over(signed_in, "5001;1;;own;8\n".replace("5001", "1"), head=HEAD, rest="delete")
    assert rules(api) == [(1, [1], [], "client", 8)]
