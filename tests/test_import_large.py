"""Lists of many lines: read, compared, previewed and taken over."""

from collections.abc import Iterable

import pytest
from browser_like import Browser
from entries import NUMBERS, apply, counts, upload
from flask.testing import FlaskClient

MANY, FEWER = 100_000, 5_000


def lines(comment: str, ids: Iterable[int]) -> str:
    records = [f"{at};8 (9{at // 10_000_000:02d}) {at:07d};{comment} № {at}, ё" for at in ids]
    return "\n".join(["Ид;Номер;Комментарий", *records])


def take_over(signed_in: Browser, text: str, expected: list[int]) -> None:
    page = upload(signed_in, text)
    assert counts(page) == expected
    assert len(page.response.data) < 5_000_000
    assert apply(signed_in, page).path == "/numbers"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_100000_lines_are_previewed_and_taken_over(signed_in: Browser, api: FlaskClient) -> None:
    take_over(signed_in, lines("Отдел продаж", range(1, MANY + 1)), [MANY, 0, 0, 0, 0])
    assert api.get(f"{NUMBERS}?limit=1").headers["X-Total-Count"] == str(MANY)
    assert "+7 900 010-00-00" in signed_in.get("/numbers?page=99999").main.text


def test_every_other_line_gets_another_comment_and_those_between_them_go(signed_in: Browser, api: FlaskClient) -> None:
    take_over(signed_in, lines("Отдел продаж", range(1, FEWER + 1)), [FEWER, 0, 0, 0, 0])
    take_over(signed_in, lines("Склад", range(1, FEWER + 1, 2)), [0, FEWER // 2, FEWER // 2, 0, 0])
    assert api.get(f"{NUMBERS}/4999").json["comment"] == "Склад № 4999, ё"
    assert api.get(f"{NUMBERS}/5000").status_code == 404
    assert signed_in.get("/numbers?q=склад № 4999").main.text.count("+7 900 000-49-99")
