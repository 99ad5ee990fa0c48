"""The directory's pages: found as people type, two editors are told, nothing that a rule uses is deleted."""

import pytest
from browser_like import Browser, Page
from conftest import PASSWORD, PERSON
from entries import DEPARTMENTS, NUMBERS, department, fill, number, use
from flask import Flask
from flask.testing import FlaskClient

COMPANY = [
    number(352, "74994088150", comment="Единый номер", type="abc"),
    number(446, "79208547433", comment="Чёрный вход, склад", type="def"),
    number(448, "78005553510", comment=None, type="toll_free"),
    number(900, "4930123456", comment="100% Berlin_1", type="def"),
]


@pytest.fixture(autouse=True)
def company(api: FlaskClient) -> None:
    fill(api, NUMBERS, *[{**each, "number": f"+{each['number']}"} for each in COMPANY])
    fill(api, DEPARTMENTS, department(93, "Отдел продаж"), department(103, "Ёлки-иголки", short_phone="205"))


def ids(page: Page) -> list[int]:
    return [int(row.one("th").one(class_="id").text) for row in page.main.one("tbody").all("tr")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ЕДИНЫЙ", [352]),
        ("черный", [446]),
        ("ЧЁРНЫЙ  вход", [446]),
        ("854-74", [446]),
        ("8 (920) 854", [446]),
        ("8\u00a0(920)\u202f854\t74\u200933", [446]),
        ("\u202d+7 920 854\u201174\u00ad33\u202c", [446]),
        ("чёрный\u00a0вход", [446]),
        ("+7 920 854-74-33", [446]),
        ("89208547433", [446]),
        ("8547", [446]),
        ("30 123", [900]),
        ("448", [448]),
        ("100%", [900]),
        ("n_1", [900]),
        ("5", [900, 448, 446, 352]),
    ],
)
def test_numbers_are_found_by_digits_comment_and_id(signed_in: Browser, text: str, found: list[int]) -> None:
    page = signed_in.get("/numbers", query_string={"q": text})
    assert sorted(ids(page)) == sorted(found)
    assert page.main.one("input", name="q").attributes["value"] == text


@pytest.mark.parametrize(("text", "found"), [("ПРОДАЖ", [93]), ("елки", [103]), ("205", [103]), ("93", [93])])
def test_departments_are_found_by_name_internal_number_and_id(signed_in: Browser, text: str, found: list[int]) -> None:
    assert ids(signed_in.get("/departments", query_string={"q": text})) == found


def test_nothing_found_leads_back_to_the_whole_list(signed_in: Browser) -> None:
    for text, told in (("%%", "%%"), ("920854\x0074", "920854"), ("9" * 300, "9" * 300)):
        page = signed_in.get("/numbers", query_string={"q": text})
        assert told in page.main.one(class_="empty").text
        assert "/numbers" in page.links


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("number", [900, 352, 448, 446]),
        ("-number", [446, 448, 352, 900]),
        ("id", [352, 446, 448, 900]),
        ("-id", [900, 448, 446, 352]),
        ("type", [352, 446, 900, 448]),
        ("nonsense", [900, 352, 448, 446]),
    ],
)
def test_numbers_are_sorted(signed_in: Browser, sort: str, order: list[int]) -> None:
    assert ids(signed_in.get("/numbers", query_string={"sort": sort})) == order


def test_each_entry_shows_its_rule(signed_in: Browser, api: FlaskClient) -> None:
    rule_id = use(api, numbers=(446,), departments=(93,))
    for path, entry_id in (("/numbers", 446), ("/departments", 93)):
        rows = {ids(page)[0]: page for page in [signed_in.get(path, query_string={"q": str(entry_id)})]}
        assert f"/rules/{rule_id}" in rows[entry_id].links
        assert f"Rule {rule_id}" in signed_in.get(f"{path}/{entry_id}").main.text


def test_10000_numbers_are_shown_by_pages(signed_in: Browser, api: FlaskClient) -> None:
    fill(api, NUMBERS, *[number(at, f"7920{at:07d}") for at in range(1, 10_001)])
    page = signed_in.get("/numbers?page=200")
    assert ids(page) == list(range(9951, 10_001))
    assert page.main.one(class_="count").text.endswith("9951–10000")
    assert len(page.response.data) < 200_000
    assert ids(signed_in.get("/numbers?page=999999")) == ids(page)


def test_an_entry_is_made_and_changed_on_its_page(signed_in: Browser, api: FlaskClient) -> None:
    page = signed_in.submit("/numbers/new", number="8 920 854-74-34", comment=" Новый ", type="abc", state="active")
    assert (page.path, "Saved: +7 920 854-74-34." in page.main.text) == ("/numbers", True)
    made = api.get(NUMBERS, query_string={"number": "79208547434"}).get_json()
    assert made == [number(901, "79208547434", comment="Новый", type="abc")]
    page = signed_in.submit("/departments/93", name="Отдел ПРОДАЖ", short_phone="")
    assert "Saved: Отдел ПРОДАЖ." in page.main.text
    assert api.get(f"{DEPARTMENTS}/93").get_json() == department(93, "Отдел ПРОДАЖ", short_phone=None)


def test_a_kind_that_nobody_said_is_shown_as_none_and_stays_so(signed_in: Browser, api: FlaskClient) -> None:
    fill(api, NUMBERS, number(352))
    (row,) = signed_in.get("/numbers").main.one("tbody").all("tr")
    assert row.all("td")[1].text == "— Not stated In service"
    page = signed_in.get("/numbers/352")
    options = page.main.one("select", name="type").all("option")
    assert (options[0].text, options[0].attributes["value"]) == ("Not stated", "")
    assert not [each for each in options if "selected" in each.attributes]
    signed_in.send(page, type="", state="active", comment="Другой")
    assert api.get(f"{NUMBERS}/352").get_json() == number(352, comment="Другой")
    signed_in.submit("/numbers/352", type="abc", state="active")
    chosen = signed_in.get("/numbers/352").main.one("select", name="type").one("option", selected="")
    assert chosen.text == "Landline"


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(signed_in: Browser) -> None:
    page = signed_in.submit("/numbers/new", id="352", number="+7 (920) 854-74-33", comment="Мой")
    assert page.status == 409
    assert page.errors("id")
    assert "446" in page.errors("number")
    assert [page.fields()[name] for name in ("id", "number", "comment")] == ["352", "+7 (920) 854-74-33", "Мой"]
    page = signed_in.submit("/numbers/new", id="x", number="12-34", comment="Мой")
    assert (page.status, page.fields()["number"]) == (422, "12-34")
    assert page.errors("id")
    assert page.errors("number")


def test_the_second_of_two_editors_is_told(app: Flask, signed_in: Browser, api: FlaskClient) -> None:
    open_page = signed_in.get("/numbers/446")
    other = Browser(app)
    other.sign_in(PERSON, PASSWORD)
    assert other.submit("/numbers/446", comment="Чужой").status == 200
    told = signed_in.send(open_page, comment="Мой")
    assert told.status == 412
    assert PERSON in told.main.one(id="versions").text
    assert {"Мой", "Чужой"} <= set(told.main.one("table").text.split())
    assert api.get(f"{NUMBERS}/446").get_json()["comment"] == "Чужой"
    assert signed_in.send(told).path == "/numbers"
    assert api.get(f"{NUMBERS}/446").get_json()["comment"] == "Мой"


def test_what_was_deleted_meanwhile_can_be_made_anew(signed_in: Browser, api: FlaskClient) -> None:
    open_page = signed_in.get("/numbers/446")
    api.delete(f"{NUMBERS}/446")
    told = signed_in.send(open_page, comment="Мой")
    assert (told.status, told.fields()["id"], told.fields()["comment"]) == (404, "446", "Мой")
    assert signed_in.send(told).path == "/numbers"
    assert api.get(f"{NUMBERS}/446").get_json()["comment"] == "Мой"


def test_an_entry_is_deleted_after_a_question(signed_in: Browser, api: FlaskClient) -> None:
    question = signed_in.get("/numbers/446/delete")
    assert "+7 920 854-74-33" in question.main.one("h1").text
    assert api.get(f"{NUMBERS}/446").status_code == 200
    assert "Deleted: +7 920 854-74-33." in signed_in.send(question).main.text
    assert api.get(f"{NUMBERS}/446").status_code == 404
    assert signed_in.get("/numbers/446").status == signed_in.get("/numbers/446/delete").status == 404


def test_what_a_rule_uses_is_not_deleted_and_its_rule_is_a_link_away(signed_in: Browser, api: FlaskClient) -> None:
    question = signed_in.get("/departments/93/delete")
    rule_id = use(api, departments=(93,))
    refused = signed_in.send(question)
    assert refused.status == 409
    for page in (refused, signed_in.get("/departments/93/delete")):
        assert f"/rules/{rule_id}" in page.links
        assert not [form for form in page.main.all("form") if form.attributes.get("method") == "post"]
    assert api.get(f"{DEPARTMENTS}/93").status_code == 200


def test_an_entry_that_changed_after_the_question_is_asked_about_again(signed_in: Browser, api: FlaskClient) -> None:
    question = signed_in.get("/departments/93/delete")
    api.put(f"{DEPARTMENTS}/93", json=department(93, "Другой"))
    again = signed_in.send(question)
    assert (again.status, "Другой" in again.main.one("h1").text) == (412, True)
    assert signed_in.send(again).path == "/departments"


def test_an_empty_directory_says_what_to_do_first(signed_in: Browser, api: FlaskClient) -> None:
    fill(api, DEPARTMENTS)
    page = signed_in.get("/departments")
    assert "/departments/import" in page.links
    assert page.main.one(class_="empty").text
