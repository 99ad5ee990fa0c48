"""Lists as people really have them: every spelling of a CSV is read, and what is broken is told with its line."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from browser_like import Browser
from entries import NUMBERS, counts, department, fill, lines, number, upload
from flask.testing import FlaskClient

PLAIN = 'Ид;Номер;Комментарий\r\n352;89208547433;"Склад; вход «Б»"\r\n446;+7 499 408-81-57;Ёлки\r\n'


Taking = Callable[..., Any]


@pytest.fixture
def taken(signed_in: Browser, api: FlaskClient) -> Taking:
    """Upload a file that is right, take it over, and return what the directory says then."""

    def take(data: bytes | str, kind: str = "numbers") -> Any:
        page = upload(signed_in, data, kind=kind)
        assert page.status == 200, page.main.text
        signed_in.send(page, action=f"/{kind}/import/apply")
        return api.get(NUMBERS if kind == "numbers" else "/employee-group").get_json()

    return take


@pytest.mark.parametrize(
    "data",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("cp1251"),
        PLAIN.encode("utf-16"),
        PLAIN.replace("\r\n", "\n").encode(),
        PLAIN.replace("\r\n", "\r").encode(),
        PLAIN.replace(";", "\t").replace("Склад\t", "Склад;").encode(),
        PLAIN.replace(";", ",").replace("Склад,", "Склад;").encode(),
        b"\xef\xbb\xbfsep=;\r\n" + PLAIN.encode(),
        PLAIN.replace("Ид;Номер;Комментарий", " КОД ; телефон;Примечание ").encode(),
        PLAIN.replace("Ид;Номер;Комментарий", '"id";"number";"comment"').encode(),
        PLAIN.replace("Ид;Номер;Комментарий", "Id;NUMBER;Comment;").encode(),
        ("\n\n" + PLAIN + "\n;;\n  ;\t;\n").encode(),
        PLAIN.rstrip().encode(),
        PLAIN.replace("вход «", "вход\u00a0«").replace(";8", ";\u202d8\u00a0").encode(),
    ],
    ids=[
        "utf-8", "mark", "cp1251", "utf-16", "lf", "cr", "tab", "comma", "sep", "other-headings", "english",
        "empty-heading", "blank-lines", "no-end", "no-break",
    ],
)  # fmt: skip
def test_every_spelling_of_a_csv_is_the_same_list(taken: Taking, data: bytes) -> None:
    assert taken(data) == [
        number(352, "79208547433", comment="Склад; вход «Б»"),
        number(446, "74994088157", comment="Ёлки"),
    ]


def test_the_operators_json_is_a_list_too(taken: Taking) -> None:
    entries = [{**number(), "purpose": "voice", "channels": [1, 2]}, {"id": 7, "number": "74994088157"}]
    assert taken("\ufeff  " + json.dumps(entries)) == [number(7, "74994088157", comment=None), number()]


@pytest.mark.parametrize("words", ["Городской,Заморожен", "landline,FROZEN", "abc,freeze"])
def test_kinds_and_states_may_be_called_as_the_pages_call_them(taken: Taking, words: str) -> None:
    assert taken(f"Номер,Ид,Вид,Состояние\n84994088157,7,{words}\n") == [
        number(7, "74994088157", comment=None, type="abc", state="freeze")
    ]


def test_departments_are_taken_over_too(taken: Taking) -> None:
    csv = "ИД,Название,Внутренний номер\n93,Продажи,101\n103,«Ёлки»,\n"
    assert taken(csv, "departments") == [department(93, "Продажи"), department(103, "«Ёлки»", short_phone=None)]


def test_what_has_no_column_stays_and_what_is_empty_goes(taken: Taking, api: FlaskClient) -> None:
    fill(api, NUMBERS, number(1, "79200000001", type="abc", state="freeze", region_name="Москва"))
    assert taken("Ид,Номер,Регион,Лишнее\n1,89200000001,,x\n2,89200000002,Тверь,\n") == [
        number(1, "79200000001", type="abc", state="freeze"),
        number(2, "79200000002", comment=None, region_name="Тверь"),
    ]


def test_columns_that_mean_nothing_are_named(signed_in: Browser) -> None:
    page = upload(signed_in, "Ид;Номер;Коментарий;Цена\n1;89200000001;а;5\n")
    assert "Коментарий, Цена" in page.main.text


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "file"),
        ("Ид;Номер\n".encode(), ""),
        (b"[]", ""),
        (b"\x00\x01\x02\x03", "text"),
        (b"PK\x03\x04\x14\x00\x06\x00", "CSV"),
        (b"\x98\x98\x98", "text"),
        (b"\xff\xfe\x00", "text"),
        ("Просто текст\nеще строка".encode(), "line"),
        (b"1;89208547433;x\n2;89208547434;y\n", "line"),
        ("Ид;Комментарий\n1;а".encode(), "“Номер / Number”"),
        ("Ид;Название\n1;Продажи".encode(), "Номер"),
        ("Ид;Номер;Id\n1;89208547433;2".encode(), "“ID”"),
        ('Ид;Номер;Комментарий\n1;89208547433;"а\n2;89208547434;б\n'.encode(), "line 2"),
        ('Ид;Номер;Комментарий\n1;89208547433;"а"б\n'.encode(), "line 2"),
        (b'{"id": 1, "number": "89208547433"}', "JSON"),
        (b'[{"id": 1, "number": "89208547433"}', "line 1, column"),
        (b'[{"id": 1, "id": 2}]', ""),
        (b"Id;Number\n" + b"1;2\n" * 200_001, "200000"),
    ],
    ids=range(18),
)
def test_what_is_no_list_is_refused_in_a_sentence(signed_in: Browser, data: bytes, told: str) -> None:
    page = upload(signed_in, data)
    assert page.status == 422
    assert page.errors("file")
    assert told in page.errors("file"), page.main.text


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ("5", ""),
        (";89208547433", ""),
        ("352.0;89208547433", '"352.0"'),
        ("0;89208547433", "0 "),
        ("9223372036854775808;89208547433", "9223372036854775808"),
        ("5;7,92085E+10", "spreadsheet"),
        ("5;горячая линия", "digits"),
        ("5;892085474", ""),
        ("1;89208547433", "line 2"),
        ("5;8 (920) 000-00-01", "line 2"),
        ("5;89208547433;" + "а" * 201, "201"),
        ('5;89208547433;"а\nб"', "control"),
        ("5;89208547433;Склад;вход", "Line 3 :"),
    ],
    ids=range(13),
)
def test_a_broken_line_is_named_and_stops_the_whole_list(
    signed_in: Browser, api: FlaskClient, record: str, told: str
) -> None:
    page = upload(signed_in, lines("1;89200000001;Первый", record, "7;89200000007;Последний"))
    assert page.status == 200
    assert counts(page) == [2, 0, 0, 0, 1]
    (refused,) = page.main.one(class_="notice-danger").all("li")
    assert refused.text.startswith("Line 3")
    assert told in refused.text
    assert not [form for form in page.main.all("form") if form.attributes.get("action", "").endswith("/apply")]
    assert api.get(NUMBERS).get_json() == []


def test_a_kind_that_is_none_is_answered_with_the_words_of_the_pages(signed_in: Browser) -> None:
    page = upload(signed_in, "Ид;Номер;Вид\n1;89200000001;городской\n2;89200000002;Mobile\n3;89200000003;x\n")
    (refused,) = page.main.one(class_="notice-danger").all("li")
    assert refused.text.startswith('Line 4 , Kind: "x" is not one of "def" (Mobile), "abc" (Landline), ')


def test_a_line_after_a_cell_of_several_lines_is_counted_as_the_file_counts(signed_in: Browser) -> None:
    page = upload(signed_in, 'Ид;Номер;Прочее\n1;89200000001;"а\nб\n\nв"\n\n5;что;\n')
    assert "Line 7 ," in page.main.text


def test_in_json_it_is_the_entry_that_is_counted(signed_in: Browser) -> None:
    entries = [number(1, "79200000001"), number(2, "что"), 5, number(1, "79200000004")]
    page = upload(signed_in, json.dumps(entries, indent=2))
    told = [each.text for each in page.main.one(class_="notice-danger").all("li")]
    assert [each.partition(" :")[0].partition(" ,")[0] for each in told] == ["Entry 2", "Entry 3", "Entry 4"]
    assert told[2].endswith("This is already in entry 1.")


def test_of_many_broken_lines_the_first_are_shown_and_all_counted(signed_in: Browser) -> None:
    page = upload(signed_in, lines(*[f"{at};x" for at in range(1, 151)]))
    assert counts(page) == [0, 0, 0, 0, 150]
    assert "Line 101 ," in page.main.text
    assert "Line 102 ," not in page.main.text
    assert "and 50 more" in page.main.text


def test_pasted_lines_are_read_and_shown_again_when_they_are_wrong(signed_in: Browser) -> None:
    page = signed_in.submit("/numbers/import", text=lines("1;89200000001;Ёж"))
    assert counts(page) == [1, 0, 0, 0, 0]
    wrong = "Ид;Имя\n1;<b>Ёж</b>\n"
    page = signed_in.submit("/numbers/import", text=wrong)
    assert (page.status, bool(page.errors("text"))) == (422, True)
    assert page.fields()["text"].strip() == " ".join(wrong.split())


def test_a_file_and_pasted_lines_at_once_are_refused(signed_in: Browser) -> None:
    values = {"csrf_token": signed_in.csrf(), "text": lines("1;89200000001"), "file": (io.BytesIO(b"x"), "x.csv")}
    page = signed_in.post("/numbers/import", values, content_type="multipart/form-data")
    assert (page.status, bool(page.errors("file"))) == (422, True)
