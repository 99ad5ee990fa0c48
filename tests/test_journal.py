"""The journal: who did what, when, from which door; in the same transaction as the change."""

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

import pytest
from bodies import PERSONAL, rule
from browser_like import Browser, Page
from conftest import PERSON
from flask import Flask
from flask.testing import FlaskClient

from melody_app import journal
from melody_app.journal import views

Sql = Callable[..., Any]
COLUMNS = "person, door, action, subject, subject_id, before, after, request_id"


def entries(sql: Sql) -> list[dict[str, Any]]:
    """Return every entry, the oldest first."""

    def read(value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value

    names = COLUMNS.replace(" ", "").split(",")
    rows = [dict(zip(names, row, strict=True)) for row in sql(f"SELECT {COLUMNS} FROM journal_entries ORDER BY id")]
    return [{**row, "before": read(row["before"]), "after": read(row["after"])} for row in rows]


def summary(sql: Sql) -> list[tuple[Any, ...]]:
    """Return person, door, action, subject and its id of every entry."""
    return [tuple(list(each.values())[:5]) for each in entries(sql)]


def test_a_rules_life_by_the_call_is_told_with_before_and_after(api: FlaskClient, sql: Sql) -> None:
    url = api.post(PERSONAL, json=rule(1, 2), headers={"X-Request-ID": "first"}).headers["Location"]
    own = int(url.rpartition("/")[2])
    api.put(url, json=rule(2, media_id=7))
    api.delete(url)
    assert summary(sql) == [("CRM", "token", action, "rule", own) for action in ("created", "changed", "deleted")]
    made, changed, deleted = entries(sql)
    assert (made["before"], made["request_id"]) == (None, "first")
    assert made["after"]["number_capacity_ids"] == changed["before"]["number_capacity_ids"] == [1, 2]
    assert changed["after"]["number_capacity_ids"] == deleted["before"]["number_capacity_ids"] == [2]
    assert changed["after"]["media_id"] == 7
    assert deleted["after"] is None


def test_a_move_tells_of_every_rule_that_it_changed(api: FlaskClient, sql: Sql) -> None:
    one, two = (api.post(PERSONAL, json=rule(*ids)).get_json()["id"] for ids in ((1, 2), (3,)))
    new = api.post(f"{PERSONAL}?on_conflict=move", json=rule(2, 3)).get_json()["id"]
    told = {(each["action"], each["subject_id"]): each for each in entries(sql)[2:]}
    assert set(told) == {("created", new), ("changed", one), ("deleted", two)}
    assert told["changed", one]["before"]["number_capacity_ids"] == [1, 2]
    assert told["changed", one]["after"]["number_capacity_ids"] == [1]
    assert told["deleted", two]["before"]["number_capacity_ids"] == [3]


def test_what_a_person_does_on_a_page_is_told_under_his_name(signed_in: Browser, sql: Sql) -> None:
    values = {"number_capacity_ids": "1", "media_id": "5"}
    signed_in.submit("/rules/new", **values)
    page = signed_in.submit("/rules/1/delete")
    undo = next(
        each.attributes["action"] for each in page.main.all("form") if "undo" in each.attributes.get("action", "")
    )
    signed_in.send(page, action=undo)
    signed_in.submit("/people/new", name="Борис")
    signed_in.submit("/tokens/new", name="Billing", scope="call")
    told = [each[:4] for each in summary(sql)]
    assert told == [
        (PERSON, "page", "created", "rule"),
        (PERSON, "page", "deleted", "rule"),
        (PERSON, "page", "restored", "rule"),
        (PERSON, "page", "created", "person"),
        (PERSON, "page", "created", "token"),
    ]


def test_what_an_operator_does_by_a_command_is_told_too(app: Flask, sql: Sql) -> None:
    result = app.test_cli_runner().invoke(args=["token", "create", "Billing", "--scope", "call"])
    assert result.exit_code == 0, result.output
    ((person, door, action, subject, _),) = summary(sql)
    assert (door, action, subject) == ("command", "created", "token")
    assert person


def test_the_journal_holds_no_secret(app: Flask, signed_in: Browser, sql: Sql) -> None:
    password = signed_in.submit("/people/new", name="Борис").root.one("pre", id="secret").text
    token = signed_in.submit("/tokens/new", name="Billing", scope="call").root.one("pre", id="secret").text
    signed_in.submit("/password", current="three quiet words", new="another good one", repeat="another good one")
    stored = str(sql("SELECT * FROM journal_entries"))
    for secret in (password, token, "another good one", "scrypt"):
        assert secret not in stored


def test_what_changes_nothing_is_not_told(api: FlaskClient, sql: Sql) -> None:
    url = api.post(PERSONAL, json=rule(1)).headers["Location"]
    api.post(PERSONAL, json=rule(1))
    api.post(PERSONAL, json=rule(0))
    api.post(f"{PERSONAL}?dry_run=1", json=rule(2))
    api.put(f"{url}?dry_run=1", json=rule(2))
    api.delete(f"{url}?dry_run=1")
    api.put(url, json=rule(2), headers={"If-Match": '"77"'})
    api.get(PERSONAL)
    assert [each["action"] for each in entries(sql)] == ["created"]


def without_journal() -> AbstractContextManager[Any]:
    """Let every entry fail, as a full disk or a broken table would."""
    return mock.patch.object(journal, "record", side_effect=RuntimeError("no entry"))


def test_without_its_entry_no_change_of_a_rule_is_stored(api: FlaskClient, sql: Sql) -> None:
    made = api.post(PERSONAL, json=rule(1, 2)).get_json()
    url = f"{PERSONAL}/{made['id']}"
    tag = api.get(url).headers["ETag"]
    with without_journal():
        for answer in (
            api.post(PERSONAL, json=rule(3)),
            api.put(url, json=rule(4)),
            api.delete(url),
            api.post(f"{PERSONAL}?on_conflict=move", json=rule(1, 2)),
        ):
            assert answer.status_code == 500
    assert api.get(PERSONAL).get_json() == [made]
    assert api.get(url).headers["ETag"] == tag
    assert len(entries(sql)) == 1


def test_without_its_entry_no_change_of_who_may_come_in_is_stored(signed_in: Browser, sql: Sql) -> None:
    def state() -> Any:
        return [sql(f"SELECT * FROM {table} ORDER BY id") for table in ("people", "tokens", "sign_ins")]

    signed_in.submit("/people/new", name="Борис")
    ids = dict(sql("SELECT name, id FROM people"))
    before = state()
    csrf = {"csrf_token": signed_in.csrf()}
    with without_journal():
        for path, values in (
            ("/people/new", {"name": "Вера"}),
            (f"/people/{ids['Борис']}/password", {}),
            (f"/people/{ids['Борис']}/remove", {}),
            ("/tokens/new", {"name": "Billing", "scope": "call"}),
            ("/tokens/1/revoke", {}),
            ("/password", {"current": "three quiet words", "new": "another good one", "repeat": "another good one"}),
        ):
            assert signed_in.raw("POST", path, data={**csrf, **values}).status_code == 500, path
    assert state() == before


def test_a_broken_journal_table_stores_nothing_either(api: FlaskClient, sql: Sql) -> None:
    sql("DROP TABLE journal_entries")
    assert api.post(PERSONAL, json=rule(1)).status_code == 503
    assert api.get(PERSONAL).get_json() == []


# ---------------------------------------------------------------- its page


def rows(page: Page) -> list[str]:
    """Return the text of each entry on the page."""
    return [row.text for body in page.main.all("tbody") for row in body.all("tr")]


@pytest.fixture
def told(api: FlaskClient, signed_in: Browser) -> list[int]:
    """Let a program and a person make a rule each; give the ids."""
    one = api.post(PERSONAL, json=rule(351, media_id=77)).get_json()["id"]
    signed_in.submit(f"/rules/{one}", media_id="78")
    signed_in.submit("/rules/new", number_capacity_ids="352", media_id="5")
    return [one, api.get(f"{PERSONAL}?number_capacity_id=352").get_json()[0]["id"]]


def test_the_page_tells_the_newest_first_with_before_and_after(signed_in: Browser, told: list[int]) -> None:
    newest, changed, oldest = rows(signed_in.get("/journal"))
    assert PERSON in newest
    assert "352" in newest
    assert "351" in oldest
    assert "CRM" in oldest
    assert re.search(r"77.*78", changed)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3),
        ("person=CRM", 1),
        ("person=%D0%90%D0%BD%D0%BD%D0%B0", 2),
        ("person=Nobody", 0),
        ("rule={0}", 2),
        ("rule={1}", 1),
        ("rule=1000", 0),
        ("rule={0}&person=CRM", 1),
        ("day=2001-01-01", 0),
    ],
)
def test_the_page_is_filtered_by_rule_person_and_day(
    signed_in: Browser, told: list[int], query: str, count: int
) -> None:
    page = signed_in.get("/journal?" + query.format(*told))
    assert page.status == 200
    assert len(rows(page)) == count


def test_a_day_is_one_of_the_companys_time_zone(make_app: Callable[..., Flask], api: FlaskClient, sql: Sql) -> None:
    api.post(PERSONAL, json=rule(1))
    zone = "+00:00" if "postgres" in str(sql("SELECT * FROM journal_entries")) else ""
    sql(f"UPDATE journal_entries SET at = '2026-03-09 22:30:00{zone}'")  # 01:30 of the 10th in Moscow
    for timezone, day in (("Europe/Moscow", "2026-03-10"), ("UTC", "2026-03-09"), ("America/New_York", "2026-03-09")):
        visitor = Browser(make_app(timezone=timezone))
        visitor.sign_in(PERSON, "three quiet words")
        for each in ("2026-03-08", "2026-03-09", "2026-03-10", "2026-03-11"):
            assert len(rows(visitor.get(f"/journal?day={each}"))) == (each == day), (timezone, each)


def test_a_filter_that_can_not_be_read_is_told_beside_its_field(signed_in: Browser, told: list[int]) -> None:
    for query, field in (
        ("rule=x", "rule"),
        (f"rule={2**63}", "rule"),
        ("day=yesterday", "day"),
        ("day=2026-02-30", "day"),
    ):
        page = signed_in.get(f"/journal?{query}")
        assert page.status == 200
        assert page.errors(field), query
    for query in ("day=9999-12-31", "day=0001-01-01", f"before={'9' * 40}", "before=x", "person=%00"):
        assert signed_in.get(f"/journal?{query}").status == 200, query


def test_a_long_journal_is_paged_from_the_newest_to_the_oldest(signed_in: Browser, sql: Sql) -> None:
    count = views.PAGE_SIZE * 2 + 10
    values = ", ".join(f"('n{each}', 'token', 'created', 'rule', {each})" for each in range(count))
    sql(f"INSERT INTO journal_entries (person, door, action, subject, subject_id) VALUES {values}")
    page, seen = signed_in.get("/journal"), []
    while True:
        seen += [re.search(r"\bn(\d+)\b", row)[1] for row in rows(page)]  # type: ignore[index]
        older = page.main.all("a", rel="next")
        if not older:
            break
        page = signed_in.get(older[0].attributes["href"])
    assert seen == [str(each) for each in reversed(range(count))]


def test_an_empty_journal_says_so(signed_in: Browser) -> None:
    assert "Nothing has happened yet" in signed_in.get("/journal").main.text
