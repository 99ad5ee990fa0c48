"""The last lookups: what exchanges asked, and were answered, on their own page and on those of numbers and departments."""

from collections.abc import Callable
from typing import Any

import pytest
from browser_like import Browser, Page
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert
from switchboard import SCRIPT, fill_company

from melody_app.calls import lookups
from melody_app.db import write_session
from melody_app.directory import finding
from melody_app.models import Lookup


@pytest.fixture
def company(api: FlaskClient, sql: Callable[..., Any]) -> None:
    fill_company(api, sql)


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
    call_api.get("/freeswitch/ringback?number=74994088152")
    with app.app_context():
        lookups.flush()
    api.delete("/melodies/personal/4")
    of_number = lines(signed_in.get("/numbers/352"))
    assert of_number == [["none", "Asterisk JSON call", "Утро Rule 1 (the number's)"]] * 5
    assert lines(signed_in.get("/departments/93")) == [
        [f"+7 499 408-81-51 {SCRIPT}", "Asterisk FreeSWITCH", "Утро Rule 1 (the department's)"]
    ]
    page = signed_in.get("/calls/lookups")
    assert lines(page)[0][1:] == [
        "none",
        "Asterisk FreeSWITCH",
        "Plain ringing Rule 2 : its melody was not in the library",
    ]
    assert lines(page)[1:6] == [
        ["+7 999 111-22-33 not in the directory", "none", "Asterisk JSON call", "Plain ringing no rule, and no company melody"],
        ["anonymous not in the directory", "<b>Отдел</b> снов", "Asterisk JSON call",
         "melody 99, which is not in the library Rule 2 (the department's)"],
        ["none", "555 not in the directory", "Asterisk FreeSWITCH", "Plain ringing no rule, and no company melody"],
        [f"+7 499 408-81-51 {SCRIPT}", "Отдел продаж", "Asterisk FreeSWITCH", "Утро Rule 1 (the department's)"],
        ["+7 499 408-81-53", "none", "Asterisk Asterisk", "Утро Rule 4 (the number's)"],
    ]  # fmt: skip
    assert len(lines(page)) == 11
    assert "/rules/4" not in page.links
    assert not page.main.all("b")
    assert "second or two" in page.main.text


@pytest.mark.usefixtures("company")
def test_a_melody_that_was_played_and_deleted_since_is_told_apart_from_one_that_was_never_there(
    app: Flask, signed_in: Browser, call_api: FlaskClient, sql: Callable[..., Any]
) -> None:
    call_api.post("/asterisk/musiconhold/single", data={"name": "number-74994088150"})
    call_api.get("/freeswitch/ringback?number=74994088150")
    call_api.get("/melodies/resolve?number=74994088150")
    with app.app_context():
        lookups.flush()
    sql("DELETE FROM melodies")
    assert [cells[-1].partition(" Rule")[0] for cells in lines(signed_in.get("/numbers/352"))] == [
        "melody 1, which is not in the library",
        "melody 1, which is no longer in the library",
        "melody 1, which is no longer in the library",
    ]


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize("written_at_once", [1, 2, 5, 6])
def test_what_was_asked_first_is_forgotten_first_however_many_are_written_at_once(
    app: Flask, signed_in: Browser, call_api: FlaskClient, written_at_once: int
) -> None:
    asked = ["/freeswitch/ringback", *["/melodies/resolve"] * lookups.KEPT]
    for place, path in enumerate(asked, start=1):
        call_api.get(f"{path}?number=74994088150")
        if place % written_at_once == 0:
            with app.app_context():
                lookups.flush()
    with app.app_context():
        lookups.flush()
    doors = [cells[1] for cells in lines(signed_in.get("/numbers/352"))]
    assert doors == ["Asterisk JSON call"] * lookups.KEPT


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
    for spaces in ("8\u00a0499\u202f408", "8\t499\u2009408", "\u202d8 499 408\u202c"):
        assert len(lines(signed_in.get("/calls/lookups", query_string={"q": spaces}))) == 50
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


@pytest.mark.usefixtures("company")
def test_lookups_are_found_by_the_department_too(app: Flask, signed_in: Browser) -> None:
    told = {"asked_ms": 1_790_000_000_000, "door": "json", "source": "none"}
    asked = [  # the number, the department; each exchange is named by its place
        ("number-74994088150", 93),
        ("group-93", 93),
        ("number-74994088151", 97),
        ("number-78005553510", None),
        ("number-79991112233", 93),
        ("group-555", None),
    ]
    with app.app_context(), write_session() as session:
        for place, (subject, its_id) in enumerate(asked):
            known = subject not in {"number-79991112233", "group-555"}
            session.add(Lookup(subject=subject, is_known=known, department_id=its_id, exchange=f"PBX {place}", **told))
    for text, places in (
        ("отдел ПРОДАЖ", "410"),
        ("200", "410"),
        ("сервис", "2"),
        ("отдел продаж", "410"),
        ("499", "20"),
        ("93", "4210"),  # the id of one department, the internal number of another
        ("555", "53"),
        ("бухгалтерия", ""),
    ):
        page = signed_in.get("/calls/lookups", query_string={"q": text})
        assert [each[0] for each in page.main.text.split("PBX ")[1:]] == list(places), text
        empty = page.main.all(class_="empty")
        assert [each.text[:60] for each in empty] == ["No exchange has asked for such a number or department. It ma"][
            places != "" :
        ]
    assert page.main.one("label", for_="q").text == "Number or department"


@pytest.mark.usefixtures("company")
def test_a_lookup_that_is_found_by_its_number_and_its_department_is_told_once(app: Flask, signed_in: Browser) -> None:
    told = {"asked_ms": 1_790_000_000_000, "door": "json", "source": "none", "is_known": True}
    with app.app_context(), write_session() as session:
        for place in range(120):
            its_id = 93 if place % 2 else None  # its internal number is 200
            session.add(Lookup(subject="number-78005553510", department_id=its_id, exchange=f"PBX {place}", **told))
    page, seen = signed_in.get("/calls/lookups?q=00"), []
    seen += lines(page)
    while older := page.main.all("a", rel="next"):
        page = signed_in.get(older[0].attributes["href"])
        seen += lines(page)
    assert [each[2].split()[1] for each in seen] == [str(each) for each in reversed(range(120))]


@pytest.mark.usefixtures("company")
def test_what_was_asked_later_stands_first_whichever_worker_wrote_it_sooner(app: Flask, signed_in: Browser) -> None:
    told = {"subject": "number-74994088150", "is_known": True, "door": "json", "source": "none", "department_id": 93}
    with app.app_context(), write_session() as session:
        for second in (3, 4, 1, 2, 2):  # two batches, the later one written first
            session.add(Lookup(asked_ms=1_790_000_000_000 + 1000 * second, exchange=f"PBX {second}", **told))
    for path in ("/numbers/352", "/departments/93", "/calls/lookups", "/calls/lookups?q=408"):
        said = signed_in.get(path).main.one(class_="lookups").text
        assert [each[:1] for each in said.split("PBX ")[1:]] == list("43221"), path


@pytest.mark.usefixtures("company")
def test_the_page_says_what_it_does_not_show_and_where_that_is(
    app: Flask, signed_in: Browser, call_api: FlaskClient, client: FlaskClient
) -> None:
    for name in ("default", "nonsense"):
        call_api.post("/asterisk/musiconhold/single", data={"name": name})
    refused = client.get("/freeswitch/ringback?number=74994088150", headers={"Authorization": "Bearer mistyped"})
    assert refused.status_code == 401
    with app.app_context():
        lookups.flush()
    page = signed_in.get("/calls/lookups")
    assert "No exchange has asked yet" in page.main.one(class_="empty").text
    for each in ("class default", "unknown classes", "refused with 401"):
        assert each in page.main.text
    assert "/tokens" in [each.attributes["href"] for each in page.main.all("a")]
    assert "every call" not in page.main.text
