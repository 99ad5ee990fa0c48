"""100,000 lines: read, compared, previewed and taken over in a small part of the minute that people may wait."""

import time
from collections.abc import Iterable

import pytest
from browser_like import Browser
from entries import NUMBERS, apply, counts, upload
from flask.testing import FlaskClient

COUNT = 100_000
MOST_S = 60


def lines(comment: str, ids: Iterable[int]) -> str:
    records = [f"{at};8 (9{at // 10_000_000:02d}) {at:07d};{comment} № {at}, ё" for at in ids]
    return "\n".join(["Ид;Номер;Комментарий", *records])


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_100000_lines_are_previewed_and_taken_over(signed_in: Browser, api: FlaskClient) -> None:
    began = time.monotonic()
    page = upload(signed_in, lines("Отдел продаж", range(1, COUNT + 1)))
    assert counts(page) == [COUNT, 0, 0, 0, 0]
    assert len(page.response.data) < 5_000_000
    assert apply(signed_in, page).path == "/numbers"
    assert time.monotonic() - began < MOST_S
    assert api.get(f"{NUMBERS}?limit=1").headers["X-Total-Count"] == str(COUNT)
    assert "+7 900 010-00-00" in signed_in.get("/numbers?page=99999").main.text

    # Every other one gets another comment, and those between them go.
    began = time.monotonic()
    page = upload(signed_in, lines("Склад", range(1, COUNT + 1, 2)))
    assert counts(page) == [0, COUNT // 2, COUNT // 2, 0, 0]
    assert apply(signed_in, page).path == "/numbers"
    assert time.monotonic() - began < MOST_S
    assert api.get(f"{NUMBERS}/99999").json["comment"] == "Склад № 99999, ё"
    assert api.get(f"{NUMBERS}/100000").status_code == 404
    assert signed_in.get("/numbers?q=склад № 99999").main.text.count("+7 900 009-99-99")
