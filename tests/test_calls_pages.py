"""What callers of every number and department hear, on a page: the same as at a call, filtered, counted, found, downloaded."""

import csv
import io
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from browser_like import Browser, Node, Page
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert
from switchboard import EVENING, LOST, SCRIPT, company_plays, fill_company

from melody_app.calls.exchanges import RINGING
from melody_app.db import write_session
from melody_app.melodies import catalogue
from melody_app.models import Rule, RuleNumber, VirtualNumber

# In the order of the table: departments and numbers by name, then those that only a rule knows.
EVERY = [("departments", each) for each in (98, 93, 97)] + [("numbers", each) for each in (352, 353, 354, 355, 356)]
STRAYS = [("departments", 901), ("numbers", 900)]
BY_FILTER = {
    "all": EVERY + STRAYS,
    "no_rule": [("departments", 97), ("numbers", 353), ("numbers", 356)],
    "frozen": [("numbers", 353), ("numbers", 354)],
    "unknown": STRAYS,
    "no_melody": [("departments", 98), ("numbers", 354), ("departments", 901)],
}


@pytest.fixture
def company(api: FlaskClient, sql: Callable[..., Any]) -> None:
    fill_company(api, sql)


def rows(page: Page) -> dict[tuple[str, int], Node]:
    """Return the table's rows in their order, by kind and id."""
    found = {}
    for row in page.main.one("table").one("tbody").all("tr"):
        box = row.one("input")
        kind = {"number_capacity_ids": "numbers", "employee_group_ids": "departments"}[box.attributes["name"]]
        found[kind, int(box.attributes["value"])] = row
    return found


def shown(browser: Browser, **query: object) -> list[tuple[str, int]]:
    """Return which rows a page shows, in their order; empty where it shows no table."""
    page = browser.get("/calls", query_string=query)
    return list(rows(page)) if page.main.all("table") else []


def listed(browser: Browser, **query: object) -> list[list[str]]:
    """Return the lines of the list that a page offers, without its heading."""
    answer = browser.raw("GET", "/calls/export.csv", query_string=query)
    return list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))[1:]


def chips(page: Page) -> list[int]:
    """Return the count of each filter."""
    return [int(each.text.replace(",", "")) for each in page.main.all(class_="filter-count")]


# ---------------------------------------------------------------- the table


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize("plays", [("beeps", 123), EVENING, LOST])
def test_every_row_says_what_a_call_is_answered(
    signed_in: Browser, call_api: FlaskClient, sql: Callable[..., Any], plays: tuple[str, int]
) -> None:
    company_plays(sql, *plays)
    page = signed_in.get("/calls")
    assert list(rows(page)) == EVERY + STRAYS
    by_row = dict(zip(EVERY + STRAYS, listed(signed_in), strict=True))
    for (kind, its_id), row in rows(page).items():
        asked = {"numbers": "number_capacity_id", "departments": "employee_group_id"}[kind]
        answer = call_api.get("/melodies/resolve", query_string={asked: its_id}).get_json()
        melodies, why = [each["melody"] for each in answer["explain"]], row.all("td")[2]
        played = next((each for each in melodies if each and each["url"]), None)
        lost = [each for each in melodies[: melodies.index(played)] if each] if played else [*filter(None, melodies)]
        heard = row.all("td")[1].text
        assert heard.startswith(played["name"] if played else "Plain ringing"), (kind, its_id)
        assert heard.count("is not in the library") == len(lost)
        assert all(f"melody {each['id']} " in heard.lower() for each in lost)
        line = by_row[kind, its_id]
        assert line[6].startswith(played["name"] if played else "Plain ringing"), line
        assert line[8] == (str(played["id"]) if played else "")
        assert line[9].count("is not in the library") == len(lost)
        sounds = [each.attributes["href"].split("/")[2] for each in row.all("a") if "data-play" in each.attributes]
        ringback = call_api.get("/freeswitch/ringback", query_string={asked: its_id}).get_data(as_text=True)
        assert sounds == [
            catalogue.tone().sha256 if ringback == RINGING else ringback.split("/")[-1].removesuffix(".wav")
        ]
        links = [each.attributes["href"] for each in why.all("a")]
        source = {"company": ["/company"], "none": ["/company"]}.get(answer["source"], [f"/rules/{answer['rule_id']}"])
        assert links == source, (kind, its_id)


@pytest.mark.usefixtures("company")
def test_each_filter_shows_its_rows_and_counts_them(signed_in: Browser) -> None:
    for show, expected in BY_FILTER.items():
        assert sorted(shown(signed_in, show=show)) == sorted(expected), show
        in_list = [int(line[1]) for line in listed(signed_in, show=show)]
        assert sorted(in_list) == sorted(each for _, each in expected), show
    page = signed_in.get("/calls")
    assert chips(page) == [len(each) for each in BY_FILTER.values()]
    links = [each.attributes["href"] for each in page.main.one(class_="filters").all("a")]
    assert links == ["/calls", *(f"/calls?show={show}" for show in list(BY_FILTER)[1:])]
    searched = signed_in.get("/calls?show=frozen&kind=numbers&q=499&page=1&number=352&select=all")
    links = [each.attributes["href"] for each in searched.main.one(class_="filters").all("a")]
    assert links[:2] == [f"/calls?kind=numbers&q=499&number=352{show}" for show in ("", "&show=no_rule")]
    current = signed_in.get("/calls?show=frozen").main.one(class_="filters").one("a", aria_current="true")
    assert current.text == "Frozen numbers 2"
    assert "Blocked for debt" in rows(page)["numbers", 355].text
    assert shown(signed_in, show="nonsense", page="x", kind="?") == EVERY + STRAYS


@pytest.mark.usefixtures("company")
def test_where_the_companys_melody_is_lost_all_without_a_rule_have_none(
    signed_in: Browser, sql: Callable[..., Any]
) -> None:
    company_plays(sql, *LOST)
    expected = sorted(BY_FILTER["no_melody"] + BY_FILTER["no_rule"])
    assert sorted(shown(signed_in, show="no_melody")) == expected
    page = signed_in.get("/calls?show=no_melody&kind=numbers")
    assert chips(page)[-1] == len(expected)
    assert list(rows(page)) == [each for each in sorted(expected) if each[0] == "numbers"]


@pytest.mark.usefixtures("company")
def test_before_a_melody_is_in_the_library_every_rule_plays_none(signed_in: Browser, sql: Callable[..., Any]) -> None:
    sql("DELETE FROM melodies")
    every = EVERY + STRAYS
    mute = [each for each in every if each not in BY_FILTER["no_rule"]]
    assert chips(signed_in.get("/calls"))[-1] == len(mute)
    assert shown(signed_in, show="no_melody") == mute
    assert shown(signed_in, show="no_melody", q="499 408") == [("numbers", each) for each in (352, 354, 355)]
    assert shown(signed_in, show="no_melody", q="900") == [("numbers", 900)]
    company_plays(sql, *LOST)
    assert chips(signed_in.get("/calls"))[-1] == len(every)
    assert shown(signed_in, show="no_melody") == every
    assert shown(signed_in, show="no_melody", q="отдел") == [("departments", 98), ("departments", 93)]
    assert [int(line[1]) for line in listed(signed_in, show="no_melody")] == [each for _, each in every]


FOUND: list[tuple[dict[str, str], list[int]]] = [
    ({"q": "ЕДИНЫЙ"}, [352]),
    ({"q": "8 (499) 408"}, [352, 353, 354, 355]),
    ({"q": "8\u00a0(499)\u202f408"}, [352, 353, 354, 355]),
    ({"q": "8\t499\u2009408\u200b-81-51"}, [353]),
    ({"q": "<b>Отдел</b>\u00a0снов"}, [98]),
    ({"q": "8 499 408\x00"}, []),
    ({"q": "отдел" * 50}, []),
    ({"q": "черный"}, [356]),
    ({"q": "отдел"}, [98, 93]),
    ({"q": "200"}, [93]),
    ({"q": "352"}, [352]),
    ({"q": "900"}, [900]),
    ({"q": "90"}, []),
    ({"q": "499 408", "show": "no_rule"}, [353]),
    ({"q": "отдел", "show": "no_melody"}, [98]),
    ({"q": "901", "show": "no_melody"}, [901]),
    ({"q": "900", "show": "no_melody"}, []),
    ({"q": "901", "show": "unknown", "kind": "numbers"}, []),
    ({"q": "408-81-51", "show": "frozen"}, [353]),
    ({"kind": "departments"}, [98, 93, 97, 901]),
    ({"kind": "numbers", "show": "unknown"}, [900]),
    ({"kind": "departments", "show": "frozen"}, []),
    ({"q": "%"}, []),
]


@pytest.mark.usefixtures("company")
def test_rows_are_found_within_a_filter(signed_in: Browser) -> None:
    for query, found in FOUND:
        assert [each for _, each in shown(signed_in, **query)] == found, query
        assert [int(line[1]) for line in listed(signed_in, **query)] == found, query
    page = signed_in.get("/calls", query_string={"q": "черный", "kind": "numbers", "show": "no_rule"})
    assert page.main.one("input", id="q").attributes["value"] == "черный"
    assert page.main.one(class_="search").one("input", name="show").attributes["value"] == "no_rule"
    assert page.main.one("select", name="kind").one("option", selected="").text == "Numbers"
    nothing = signed_in.get("/calls?q=%25&show=frozen")
    assert "“%”" in nothing.main.one(class_="empty").text
    assert "/calls" in nothing.links


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("show=frozen&kind=departments", "There are only numbers here"),
        ("show=no_rule&kind=departments", "There are only numbers here"),
        ("show=unknown&kind=numbers", "There are only departments here"),
        ("show=frozen&kind=departments&q=1", "Nothing found for “1”."),
    ],
)
def test_what_stands_in_place_of_rows_agrees_with_the_count_of_the_filter(
    signed_in: Browser, sql: Callable[..., Any], query: str, told: str
) -> None:
    sql("DELETE FROM rule_numbers WHERE number_capacity_id = 900")
    sql("DELETE FROM departments WHERE id = 97")
    page = signed_in.get(f"/calls?{query}")
    assert page.main.one(class_="empty").text.startswith(told)
    assert page.main.one(class_="filters").one("a", aria_current="true").one(class_="filter-count").text != "0"
    both = query.partition("&")[0] if "q=" not in query else ""
    assert (f"/calls?{both}" in page.links) == bool(both)


@pytest.mark.usefixtures("company")
def test_a_filter_without_rows_of_either_kind_says_that_all_is_well(
    signed_in: Browser, sql: Callable[..., Any]
) -> None:
    sql("UPDATE virtual_numbers SET state = 'active'")
    for kind in ("", "&kind=departments", "&kind=numbers"):
        assert "No number is frozen." in signed_in.get(f"/calls?show=frozen{kind}").main.one(class_="empty").text


@pytest.mark.usefixtures("company")
def test_names_are_shown_as_they_are_written(signed_in: Browser) -> None:
    page = signed_in.get("/calls")
    assert page.main.all("script") == page.main.all("b") == []
    assert SCRIPT in rows(page)["numbers", 353].text
    assert "<b>Отдел</b> снов" in rows(page)["departments", 98].text
    asked = signed_in.get("/calls", query_string={"q": f"2{SCRIPT}", "number": SCRIPT, "department": SCRIPT})
    assert SCRIPT in asked.main.one(class_="empty").text
    assert asked.main.one("input", id="number").attributes["value"] == SCRIPT
    assert not asked.main.all("script")


@pytest.mark.usefixtures("company")
def test_the_list_says_the_same_and_holds_no_formula(signed_in: Browser) -> None:
    signed_in.headers["Accept-Language"] = "ru"
    answer = signed_in.raw("GET", "/calls/export.csv")
    assert answer.headers["Content-Disposition"] == "attachment; filename=calls.csv"
    heading, *lines = csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig")), delimiter=";")
    assert heading[:3] == ["Номер или отдел", "ID", "Вид"]
    by_id = {int(line[1]): line for line in lines}
    assert list(by_id) == [each for _, each in EVERY + STRAYS]
    assert [each.replace("\u00a0", " ") for each in by_id[352]] == [
        *("7 499 408-81-50", "352", "Номер", "Единый номер", "", "Работает"),
        *("Утро", "своя", "1", "своё правило", "1"),
    ]
    assert by_id[354][3].startswith("'=")
    assert by_id[93][4] == "200"
    assert by_id[97][6:] == ["Обычные гудки", "", "", by_id[97][9], ""]
    assert (by_id[900][0], by_id[900][10]) == ("", "3")
    assert not [cell for line in lines for cell in line if cell.startswith(("=", "+", "-", "@"))]


def test_nothing_at_all_says_what_to_do_first(signed_in: Browser) -> None:
    page = signed_in.get("/calls")
    assert "Import your numbers" in page.main.one(class_="empty").text
    assert {"/numbers/import", "/departments/import"} <= set(page.links)
    assert "/calls/export.csv" not in "".join(page.links)
    for show in BY_FILTER:
        assert signed_in.get("/calls", query_string={"show": show, "page": 3}).main.one(class_="empty").text
    assert chips(page) == [0, 0, 0, 0, 0]
    assert signed_in.raw("GET", "/calls/export.csv").get_data(as_text=True).count("\n") == 1


@pytest.mark.usefixtures("company")
def test_many_rows_are_paged_from_either_end(app: Flask, signed_in: Browser) -> None:
    many = range(1001, 2101)  # more of them have a lost melody than are put in order at once
    with app.app_context(), write_session() as session:
        session.execute(insert(Rule), [{"id": 50, "source_type": "client", "media_id": 99, "changed_by": "tests"}])
        digits = {each: f"7920{each:07}" for each in many}
        session.execute(insert(VirtualNumber), [{"id": n, "number": d, "search_key": d} for n, d in digits.items()])
        places = [{"rule_id": 50, "position": each, "number_capacity_id": each} for each in many[:-2]]
        session.execute(insert(RuleNumber), places)
    numbers = [("numbers", each) for each in many]
    everything = EVERY + numbers + STRAYS
    assert [each for at in range(1, 24) for each in shown(signed_in, page=at)] == everything
    assert shown(signed_in, page=999) == everything[1100:]
    assert signed_in.get("/calls?page=2").main.one("p", class_="count").text == "1,110 rows, shown: 51–100"
    mute = [("departments", 98), ("numbers", 354), *numbers[:-2], ("departments", 901)]
    for query, expected in (
        ({"show": "no_melody"}, mute),
        ({"show": "no_melody", "q": "792"}, numbers[:-2]),
        ({"q": "792"}, numbers),
        ({"show": "no_rule"}, [*BY_FILTER["no_rule"], *numbers[-2:]]),
    ):
        last = (len(expected) - 1) // 50
        assert shown(signed_in, **query) == expected[:50], query
        assert shown(signed_in, **query, page=last + 1) == expected[last * 50 :], query
        assert [int(line[1]) for line in listed(signed_in, **query)] == [each for _, each in expected], query


# ---------------------------------------------------------------- the box, the search and the filters together

TABLE = {"show": "no_rule", "kind": "numbers", "q": "499", "page": "2"}


def sent_by(page: Page, button: str) -> dict[str, str]:
    """Return what a form sends as it stands."""
    (form,) = [each for each in page.main.all("form") if button in [found.text for found in each.all("button")]]
    assert form.attributes["action"] == "/calls"
    fields = {each.attributes["name"]: each.attributes["value"] for each in form.all("input")}
    chosen = {
        each.attributes["name"]: each.one("option", selected="").attributes["value"] for each in form.all("select")
    }
    return {name: text for name, text in {**fields, **chosen}.items() if text}


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize(
    "box",
    [{"number": "352", "department": "Сервис"}, {"number": "8 499", "department": "отдел"}, {"department_id": "97"}],
)
def test_neither_the_box_nor_the_table_forgets_what_the_other_was_asked(
    signed_in: Browser, box: dict[str, str]
) -> None:
    page = signed_in.get("/calls", query_string={**TABLE, **box, "select": "all", "ask": "1"})
    asked = sent_by(page, "Find out")
    assert {name: asked[name] for name in TABLE} == TABLE
    assert set(asked) - set(TABLE) <= {"number", "department"}
    assert sent_by(page, "Find") == {**box, **{name: TABLE[name] for name in ("show", "kind", "q")}}
    links = [each.attributes["href"] for each in page.main.one(class_="filters").all("a")]
    links.append(page.main.one(class_="search").one("a").attributes["href"])
    for link in links:
        assert box.items() <= query_of(link).items(), link
        assert not {"select", "ask"} & query_of(link).keys()
    every = signed_in.get("/calls", query_string={"show": "frozen", "q": "%", **box})
    assert box == query_of(every.main.one(class_="empty").one("a").attributes["href"])


@pytest.mark.usefixtures("company")
def test_choosing_among_departments_keeps_the_rest(signed_in: Browser) -> None:
    page = signed_in.get("/calls", query_string={**TABLE, "number": "352", "department": "отдел", "q": ""})
    links = [query_of(each.attributes["href"]) for each in page.main.one(class_="box-choices").all("a")]
    rest = {"show": "no_rule", "kind": "numbers", "page": "2", "number": "352", "ask": "1"}
    assert links == [{**rest, "department_id": str(each)} for each in (98, 93)]


def query_of(address: str) -> dict[str, str]:
    """Return what an address asks for."""
    return dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))


# ---------------------------------------------------------------- from rows to a rule


@pytest.mark.usefixtures("company")
def test_what_is_selected_goes_to_a_new_rule_and_what_has_one_is_moved_only_by_its_button(
    signed_in: Browser, api: FlaskClient
) -> None:
    form = next(each for each in signed_in.get("/calls").main.all("form") if each.all(class_="selection"))
    assert (form.attributes["action"], form.attributes.get("method", "get")) == ("/rules/new", "get")
    chosen = {"number_capacity_ids": [352, 353], "employee_group_ids": [97]}
    page = signed_in.get("/rules/new", query_string=chosen)
    assert page.status == 200
    assert (page.fields()["number_capacity_ids"], page.fields()["employee_group_ids"]) == ("352, 353", "97")
    told = page.main.one("form").one(class_="conflict")
    assert "/rules/1" in [each.attributes["href"] for each in told.all("a")]
    assert told.one("button").attributes["value"] == "number_capacity_ids:352"
    refused = signed_in.send(page, melody="client:1")
    assert refused.status == 409
    done = signed_in.send(refused, melody="client:1", move="number_capacity_ids:352")
    assert "1 ID was moved" in done.main.text
    made = api.get("/melodies/personal?number_capacity_id=353").get_json()[0]
    assert (made["number_capacity_ids"], made["employee_group_ids"]) == ([352, 353], [97])


@pytest.mark.usefixtures("company")
def test_a_damaged_address_of_a_new_rule_is_an_empty_form(signed_in: Browser) -> None:
    for query in (
        "number_capacity_ids=x",
        "number_capacity_ids=0&employee_group_ids=93&employee_group_ids=93",
        "page=1",
    ):
        page = signed_in.get(f"/rules/new?{query}")
        assert (page.status, page.fields()["number_capacity_ids"], page.fields()["employee_group_ids"]) == (200, "", "")


@pytest.mark.usefixtures("company")
def test_all_rows_of_a_page_are_selected_without_a_script(signed_in: Browser) -> None:
    page = signed_in.get("/calls?show=no_rule&number=352")
    every = next(each for each in page.main.one(class_="selection").all("a")).attributes["href"]
    assert every == "/calls?show=no_rule&number=352&select=all"
    for address, ticked in ((every, 3), ("/calls?show=no_rule", 0)):
        boxes = [row.one("input") for row in rows(signed_in.get(address)).values()]
        assert [("checked" in each.attributes) for each in boxes].count(True) == ticked


@pytest.mark.usefixtures("company")
def test_an_address_says_what_is_selected_and_a_damaged_one_selects_nothing(signed_in: Browser) -> None:
    page = signed_in.get("/calls?show=no_rule&number_capacity_ids=353+352&employee_group_ids=97")
    assert [key for key, row in rows(page).items() if "checked" in row.one("input").attributes] == [
        ("departments", 97),
        ("numbers", 353),
    ]
    bar = page.main.one(class_="selection")
    assert "Selected, not on this page: 1" in bar.text
    none = next(each for each in bar.all("a") if each.text == "Select none")
    assert (none.attributes["href"], "hidden" in none.attributes) == ("/calls?show=no_rule", False)
    nothing = signed_in.get("/calls?q=%25&number_capacity_ids=352")
    assert "Selected, not on this page: 1" in nothing.main.one(class_="selection").text
    many = "+".join(map(str, range(1, 202)))
    for damaged in ("x", "0", "352+352", "99999999999999999999", many, "%00", "<b>"):
        page = signed_in.get(f"/calls?number_capacity_ids={damaged}")
        assert (page.status, page.main.all("input", checked=""), page.main.all("b")) == (200, [], []), damaged
    assert not signed_in.get("/calls?q=%25&number_capacity_ids=x").main.all(class_="selection")
