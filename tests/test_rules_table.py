"""The page with all rules: found, sorted, paged, with 1 rule and with 10,000; and what the pickers offer."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from bodies import PERSONAL, rule
from browser_like import Browser, Page
from flask.testing import FlaskClient
from rows import add_melody

from melody_app.search import search_key

Sql = Callable[..., Any]


def shown(page: Page) -> list[int]:
    """Return the ids of the rules on the page, in their order."""
    links = (each.attributes["href"] for each in page.main.all("a") if each.text.startswith("Rule "))
    return [int(link.rpartition("/")[2]) for link in links if re.fullmatch(r"/rules/\d+", link)]


@pytest.fixture
def furnished(api: FlaskClient, sql: Sql) -> dict[str, int]:
    """Make some names and three rules that use them."""
    for number, comment in ((1, "Продажи"), (2, "Ёлки & 50%_"), (3, None)):
        sql(
            "INSERT INTO virtual_numbers (id, number, comment, search_key) VALUES (:id, :number, :comment, :key)",
            id=number,
            number=f"7499408815{number}",
            comment=comment,
            key=search_key(f"7499408815{number} {comment or ''}"),
        )
    sql("INSERT INTO departments (id, name, search_key) VALUES (93, 'Отдел продаж', 'отдел продаж')")
    add_melody(sql, "system", 50, "Вальс", "вальс")
    return {
        "numbers": api.post(PERSONAL, json=rule(1, 2)).get_json()["id"],
        "department": api.post(PERSONAL, json=rule(number_capacity_ids=[], employee_group_ids=[93])).get_json()["id"],
        "own": api.post(PERSONAL, json=rule(3, source_type="client", media_id=93)).get_json()["id"],
    }


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["numbers", "department", "own"]),
        ("продаж", ["numbers", "department"]),
        ("  ОТДЕЛ   продаж ", ["department"]),
        ("елки", ["numbers"]),
        ("ЁЛКИ", ["numbers"]),
        ("88153", ["own"]),
        ("+74994088151", ["numbers"]),  # as it is stored
        ("+7 499 408-81-53", ["own"]),  # as the table shows it
        ("+7\u00a0499\u202f408-81-53", ["own"]),  # as pages and documents have it
        ("вальс", ["numbers", "department"]),
        ("93", ["department", "own"]),  # the department's id, and the melody's
        ("2", ["numbers", "department"]),  # a number's id, and the rule's own
        ("%", ["numbers"]),
        ("_", ["numbers"]),
        ("50%_", ["numbers"]),
        ("\\", []),
        ("nothing like it", []),
        ("9" * 30, []),
        ("' OR 1=1 --", []),
    ],
)
def test_rules_are_found_by_ids_and_by_parts_of_names(
    signed_in: Browser, furnished: dict[str, int], text: str, found: list[str]
) -> None:
    page = signed_in.raw("GET", "/rules", query_string={"q": text})
    assert page.status_code == 200
    read = signed_in._page(page)
    expected = [furnished[name] for name in found]
    assert shown(read) == expected
    if not expected:
        assert text.strip() in read.main.text, "it says what it looked for"
        assert "/rules" in read.links


def test_the_table_names_what_the_directories_know(signed_in: Browser, furnished: dict[str, int]) -> None:
    rows = dict(zip(furnished.values(), signed_in.get("/rules").main.one("tbody").all("tr"), strict=True))
    numbers = rows[furnished["numbers"]].text
    assert "+7 499 408-81-51 Продажи" in numbers
    assert "Вальс" in numbers
    assert "Отдел продаж" in rows[furnished["department"]].text
    assert "+7 499 408-81-53" in rows[furnished["own"]].text
    assert "CRM" in numbers  # who changed it last


def test_a_rule_of_many_ids_shows_a_few_and_says_how_many_more(api: FlaskClient, signed_in: Browser) -> None:
    api.post(PERSONAL, json=rule(*range(1, 10_001)))
    row = signed_in.get("/rules").main.one("tbody").text
    assert "9994 more" in row.replace(",", "")
    assert len(row) < 500


def fill(sql: Sql, count: int) -> None:
    """Store so many rules of one number each, past the application."""
    for start in range(1, count + 1, 2000):
        ids = range(start, min(start + 2000, count + 1))
        sql(
            "INSERT INTO rules (id, source_type, media_id, changed_by) VALUES "
            + ", ".join(
                f"({each}, '{('system', 'client')[each % 2]}', {count + 1 - each}, 'p{each % 7}')" for each in ids
            )
        )
        sql(
            "INSERT INTO rule_numbers (rule_id, position, number_capacity_id) VALUES "
            + ", ".join(f"({each}, 0, {each})" for each in ids)
        )


def test_10000_rules_are_paged_found_and_sorted_without_delay(signed_in: Browser, sql: Sql) -> None:
    fill(sql, 10_000)
    signed_in.get("/rules")
    began = time.monotonic()
    page = signed_in.get("/rules")
    assert shown(page) == list(range(1, 51))
    assert "10,000" in page.main.text or "10000" in page.main.text
    assert shown(signed_in.get("/rules?page=2")) == list(range(51, 101))
    assert shown(signed_in.get("/rules?page=200")) == list(range(9951, 10_001))
    assert shown(signed_in.get("/rules?page=999999")) == list(range(9951, 10_001))  # the last one there is
    assert shown(signed_in.get("/rules?q=5000")) == [5000, 5001]  # a number's and a rule's; a melody's
    assert shown(signed_in.get("/rules?sort=-id"))[0] == 10_000
    assert time.monotonic() - began < 10
    assert len(page.response.get_data()) < 200_000


def test_pages_lead_through_all_rules_and_keep_search_and_order(signed_in: Browser, sql: Sql) -> None:
    fill(sql, 120)
    page, seen = signed_in.get("/rules?sort=-id"), []
    while True:
        seen += shown(page)
        following = page.main.all("a", rel="next")
        if not following:
            break
        page = signed_in.get(following[0].attributes["href"])
    assert seen == list(range(120, 0, -1))


@pytest.mark.parametrize("sort", ["id", "melody", "changed", "person"])
def test_the_table_is_sorted_both_ways_and_the_heading_says_so(signed_in: Browser, sql: Sql, sort: str) -> None:
    fill(sql, 40)
    for each in range(1, 41):
        sql("UPDATE rules SET changed_at = :at WHERE id = :id", at=f"2026-01-{1 + each % 28:02} 10:00:00", id=each)
    keys = {
        "id": lambda each: (each,),
        "melody": lambda each: (("system", "client")[each % 2], 41 - each, each),
        "changed": lambda each: (each % 28, each),
        "person": lambda each: (each % 7, each),
    }
    up, down = (signed_in.get(f"/rules?sort={sign}{sort}") for sign in ("", "-"))
    assert shown(up) == sorted(range(1, 41), key=keys[sort])
    assert shown(down) == shown(up)[::-1]
    assert len(up.main.all("th", aria_sort="ascending")) == 1
    assert len(down.main.all("th", aria_sort="descending")) == 1


def test_a_damaged_address_shows_the_table_all_the_same(api: FlaskClient, signed_in: Browser) -> None:
    made = api.post(PERSONAL, json=rule(1)).get_json()
    for query in (
        "sort=x",
        "page=0",
        "page=-1",
        "page=x",
        f"page={'9' * 5000}",
        "strange=1",
    ):
        page = signed_in.get(f"/rules?{query}")
        assert page.status == 200, query
        assert shown(page) == [made["id"]], query
    for sought in ("%00", "x" * 1000):  # which nothing is called
        page = signed_in.get(f"/rules?q={sought}")
        assert (page.status, shown(page)) == (200, []), sought


# ---------------------------------------------------------------- what the pickers offer


def test_a_picker_offers_what_matches_and_says_which_rule_holds_it(
    signed_in: Browser, furnished: dict[str, int]
) -> None:
    def offered(field: str, q: str) -> list[dict[str, Any]]:
        answer = signed_in.raw("GET", "/rules/choices", query_string={"field": field, "q": q})
        assert answer.status_code == 200
        return answer.get_json()["entries"]

    assert [each["id"] for each in offered("number_capacity_ids", "")] == [1, 2, 3]
    (one,) = offered("number_capacity_ids", "ёлки")
    assert one == {"id": 2, "name": "+7 499 408-81-52 Ёлки & 50%_", "rule_id": furnished["numbers"]}
    (department,) = offered("employee_group_ids", "ОТДЕЛ")
    assert (department["id"], department["name"]) == (93, "Отдел продаж")
    assert offered("employee_group_ids", "%") == []


def test_a_picker_asks_in_order(signed_in: Browser) -> None:
    for query in ("", "field=media_id", "field=number_capacity_ids&x=1"):
        assert signed_in.raw("GET", f"/rules/choices?{query}").status_code == 422, query
    for query in ("number_capacity_ids=x", "rule_id=x", "ids=1"):
        assert signed_in.raw("GET", f"/rules/taken?{query}").status_code == 422, query
