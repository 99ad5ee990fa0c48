"""What callers of every number and department hear, on a page: the same as at a call, filtered, counted, found, downloaded."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from browser_like import Browser, Node, Page
from entries import DEPARTMENTS, NUMBERS, department, fill, number
from flask import Flask
from flask.testing import FlaskClient
from rows import add_melody, add_rule
from sqlalchemy import insert

from melody_app.calls import lookups
from melody_app.db import write_session
from melody_app.directory import finding
from melody_app.models import Lookup, Rule, RuleNumber, VirtualNumber

MORNING, EVENING, LOST = ("client", 1), ("client", 2), ("client", 99)
SCRIPT = "<script>alert('я')</script>"
FORMULA = '=HYPERLINK("http://x";"y")'

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
    """Fill the directories with all that the table can tell apart; rules 1 to 4."""
    fill(
        api,
        NUMBERS,
        number(352, "74994088150", comment="Единый номер"),
        number(353, "74994088151", comment=SCRIPT, state="freeze"),
        number(354, "74994088152", comment=FORMULA, state="freeze"),
        number(355, "74994088153", comment=None, state="debt_lock"),
        number(356, "78005553510", comment="Чёрный вход"),
    )
    fill(
        api,
        DEPARTMENTS,
        department(93, "Отдел продаж", short_phone="200"),
        department(97, "Сервис", short_phone="93"),
        department(98, "<b>Отдел</b> снов", short_phone=None),
    )
    for (source, its_id), name in ((MORNING, "Утро"), (EVENING, "Вечер & ночь")):
        add_melody(sql, source, its_id, name, name.lower(), f"{its_id}" * 64)
    add_rule(sql, 1, (352,), (93,), melody=MORNING)
    add_rule(sql, 2, (354,), (98, 901), melody=LOST)
    add_rule(sql, 3, (900,), melody=EVENING)
    add_rule(sql, 4, (355,), melody=MORNING)


def company_plays(sql: Callable[..., Any], source_type: str, media_id: int = 123) -> None:
    """Let the company play this while callers wait."""
    sql("DELETE FROM company_default")
    sql(
        "INSERT INTO company_default (id, dialing_source_type, dialing_media_id, hold_source_type, hold_media_id, changed_by)"
        " VALUES (1, :source_type, :media_id, 'beeps', 123, 'tests')",
        source_type=source_type,
        media_id=media_id,
    )


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
    for (kind, its_id), row in rows(page).items():
        asked = {"numbers": "number_capacity_id", "departments": "employee_group_id"}[kind]
        answer = call_api.get("/melodies/resolve", query_string={asked: its_id}).get_json()
        melody, why = answer["melody"], row.all("td")[2]
        heard = row.all("td")[1].text
        assert (melody["name"] or str(melody["id"]) if melody else "Plain ringing") in heard, (kind, its_id)
        assert ("not in the library" in heard) == bool(melody and not melody["url"])
        sounds = [each.attributes["href"].split("/")[2] for each in row.all("a") if "data-play" in each.attributes]
        assert sounds == ([melody["url"].split("/")[-1].removesuffix(".wav")] if melody and melody["url"] else sounds)
        assert len(sounds) == (0 if melody and not melody["url"] else 1)
        links = [each.attributes["href"] for each in why.all("a")]
        source = {"company": ["/company"], "none": []}.get(answer["source"], [f"/rules/{answer['rule_id']}"])
        assert links == source, (kind, its_id)


@pytest.mark.usefixtures("company")
def test_each_filter_shows_its_rows_and_counts_them(signed_in: Browser) -> None:
    for show, expected in BY_FILTER.items():
        assert sorted(shown(signed_in, show=show)) == sorted(expected), show
    page = signed_in.get("/calls")
    assert chips(page) == [len(each) for each in BY_FILTER.values()]
    links = [each.attributes["href"] for each in page.main.one(class_="filters").all("a")]
    assert links == ["/calls", *(f"/calls?show={show}" for show in list(BY_FILTER)[1:])]
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


FOUND: list[tuple[dict[str, str], list[int]]] = [
    ({"q": "ЕДИНЫЙ"}, [352]),
    ({"q": "8 (499) 408"}, [352, 353, 354, 355]),
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
    assert page.main.one("input", name="q").attributes["value"] == "черный"
    assert page.main.one("input", name="show").attributes["value"] == "no_rule"
    assert page.main.one("select", name="kind").one("option", selected="").text == "Numbers"
    nothing = signed_in.get("/calls?q=%25&show=frozen")
    assert "“%”" in nothing.main.one(class_="empty").text
    assert "/calls" in nothing.links


@pytest.mark.usefixtures("company")
def test_names_are_shown_as_they_are_written(signed_in: Browser) -> None:
    page = signed_in.get("/calls")
    assert page.main.all("script") == page.main.all("b") == []
    assert SCRIPT in rows(page)["numbers", 353].text
    assert "<b>Отдел</b> снов" in rows(page)["departments", 98].text
    asked = signed_in.get("/calls", query_string={"q": f"2{SCRIPT}", "number": SCRIPT, "department": SCRIPT})
    assert SCRIPT in asked.main.one(class_="empty").text
    assert asked.main.one("input", name="number").attributes["value"] == SCRIPT
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
    assert every == "/calls?show=no_rule&select=all"
    for address, ticked in ((every, 3), ("/calls?show=no_rule", 0)):
        boxes = [row.one("input") for row in rows(signed_in.get(address)).values()]
        assert [("checked" in each.attributes) for each in boxes].count(True) == ticked


# ---------------------------------------------------------------- the box


def answered(page: Page) -> tuple[str, list[str]]:
    """Return what the box says that callers hear, and its reasons."""
    answer = page.main.one(id="answer")
    return answer.one(class_="heard").text, [each.text for each in answer.one("ol").all("li")]


@pytest.mark.usefixtures("company")
def test_the_box_answers_with_its_reasons(signed_in: Browser, sql: Callable[..., Any]) -> None:
    company_plays(sql, *EVENING)
    heard, reasons = answered(
        signed_in.get("/calls", query_string={"number": "8 499 408-81-50", "department": "сервис"})
    )
    assert heard == "Утро 1 own Listen : Утро"
    assert reasons == [
        "Department Сервис: no rule of its own.",
        "Number +7 499 408-81-50: rule 1 plays “Утро”. This is what plays. Open rule 1",
        "Company: “Вечер & ночь”. Open the company's melody",
    ]
    for query, first in (
        ({"department": "ПРОДАЖ"}, "Department Отдел продаж: rule 1"),
        ({"department": "200"}, "Department Отдел продаж: rule 1"),
        ({"department_id": 97}, "Department Сервис: no rule"),
        ({"department": "98", "number": ""}, "Department <b>Отдел</b> снов: rule 2 plays melody 99, which is not in"),
        ({"department": "901"}, "Department 901: rule 2"),
        ({"number": "900"}, "Number 900: rule 3"),
        ({"number": "353"}, "Number +7 499 408-81-51: no rule"),
        ({"number": "+7 999 111-22-33"}, "Number: it is not in the directory and has no rule."),
    ):
        page = signed_in.get("/calls", query_string=query)
        assert answered(page)[1][0].startswith(first), query
        assert not page.main.all(class_="field-errors")
    assert "Вечер" in answered(page)[0]
    page = signed_in.get("/calls?department_id=97")
    assert page.main.one("input", name="department").attributes["value"] == "Сервис"


@pytest.mark.usefixtures("company")
def test_the_box_says_beside_its_field_what_is_wrong(signed_in: Browser) -> None:
    for query, name, message in (
        ({"number": "", "department": ""}, "number", "Type a number or a department."),
        ({"number": "8 499 408"}, "number", "No such number can exist."),
        ({"number": "123456"}, "number", "No such number can exist."),
        ({"number": "тест"}, "number", "Write the number in digits"),
        ({"number": "7" * 101}, "number", "101 characters long"),
        ({"department": "снег"}, "department", "There is no such department."),
        ({"department_id": "x"}, "department", "There is no such department."),
        ({"department": "отдел"}, "department", "This fits several departments."),
        ({"department": "93", "number": "352"}, "department", "This fits several departments."),
    ):
        page = signed_in.get("/calls", query_string=query)
        assert message in page.errors(name), query
        assert not page.main.all(id="answer")
        assert page.main.one("input", name=name).attributes["aria-invalid"] == "true"
    links = [each.attributes["href"] for each in page.main.one(class_="box-choices").all("a")]
    assert links == [f"/calls?number=352&department_id={each}" for each in (93, 97)]
    assert answered(signed_in.get(links[1]))[1][0].startswith("Department Сервис")


# ---------------------------------------------------------------- the last lookups


def lines(page: Page) -> list[list[str]]:
    """Return the cells of the table of lookups, without the moments."""
    return [[cell.text for cell in row.all("td")[1:]] for row in page.main.one(class_="lookups").one("tbody").all("tr")]


@pytest.mark.usefixtures("company")
def test_lookups_stand_on_the_pages_of_what_was_asked_for(
    app: Flask, signed_in: Browser, call_api: FlaskClient, api: FlaskClient
) -> None:
    for path in ("/numbers/352", "/departments/93"):
        assert "Never asked" in signed_in.get(path).main.text
    for _ in range(6):
        call_api.get("/melodies/resolve?number=84994088150")
    call_api.post("/asterisk/musiconhold/single", data={"name": "number-74994088153"})
    call_api.get("/freeswitch/ringback?number=74994088151&employee_group_id=93")
    call_api.get("/freeswitch/ringback?short_phone=555")
    call_api.get("/melodies/resolve?number=anonymous&employee_group_id=98")
    call_api.get("/melodies/resolve?number=79991112233")
    with app.app_context():
        lookups.flush()
    api.delete("/melodies/personal/4")
    of_number = lines(signed_in.get("/numbers/352"))
    assert of_number == [["none", "Asterisk JSON call", "Утро Rule 1 (the number's)"]] * 5
    assert lines(signed_in.get("/departments/93")) == [
        [f"+7 499 408-81-51 {SCRIPT}", "Asterisk FreeSWITCH", "Утро Rule 1 (the department's)"]
    ]
    page = signed_in.get("/calls/lookups")
    assert lines(page)[:5] == [
        ["+7 999 111-22-33 not in the directory", "none", "Asterisk JSON call", "Plain ringing no rule, and no company melody"],
        ["anonymous not in the directory", "<b>Отдел</b> снов", "Asterisk JSON call",
         "melody 99, which is not in the library Rule 2 (the department's)"],
        ["none", "555 not in the directory", "Asterisk FreeSWITCH", "Plain ringing no rule, and no company melody"],
        [f"+7 499 408-81-51 {SCRIPT}", "Отдел продаж", "Asterisk FreeSWITCH", "Утро Rule 1 (the department's)"],
        ["+7 499 408-81-53", "none", "Asterisk Asterisk", "Утро Rule 4 (the number's)"],
    ]  # fmt: skip
    assert len(lines(page)) == 10
    assert "/rules/4" not in page.links
    assert not page.main.all("b")
    assert "second or two" in page.main.text


@pytest.mark.usefixtures("company")
def test_lookups_are_found_by_the_number_and_paged_by_what_came_before(
    app: Flask, signed_in: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context(), write_session() as session:
        told = {"asked_ms": 1_790_000_000_000, "door": "json", "exchange": "PBX", "source": "none"}
        session.execute(
            insert(Lookup),
            [
                {"subject": f"number-{(74994088150, 79990000000 + each)[each % 2]}", "is_known": not each % 2, **told}
                for each in range(120)
            ],
        )
    page, seen = signed_in.get("/calls/lookups"), []
    seen += lines(page)
    while older := page.main.all("a", rel="next"):
        page = signed_in.get(older[0].attributes["href"])
        seen += lines(page)
    assert [each[0] for each in seen] == [
        "+7 499 408-81-50 Единый номер"
        if not each % 2
        else f"+7 999 000-{each // 100:02}-{each % 100:02} not in the directory"
        for each in reversed(range(120))
    ]
    assert "/calls/lookups" in page.links
    for often in (finding.OFTEN, 0):
        monkeypatch.setattr(finding, "OFTEN", often)
        for text, count in (("единый", 50), ("8 499 408", 50), ("999 000-00-1", 5), ("74994088151", 0), ("нет", 0)):
            found = signed_in.get("/calls/lookups", query_string={"q": text})
            assert len(lines(found) if count else []) == count, text
            assert bool(found.main.all(class_="empty")) == (count == 0)
        page = signed_in.get("/calls/lookups?q=4088150&before=20")
        assert len(lines(page)) == 10
    assert signed_in.get("/calls/lookups?before=x&q=%00").status == 200
    assert "No exchange has asked yet" not in page.main.text
