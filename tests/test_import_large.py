"""100,000 lines: read, compared, previewed and taken over in a small part of the minute that people may wait."""

import time

import pytest
from browser_like import Browser
from entries import NUMBERS, apply, counts, upload
from flask.testing import FlaskClient

COUNT = 100_000
MOST_S = 60


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_100000_lines_are_previewed_and_taken_over(signed_in: Browser, api: FlaskClient) -> None:
    records = [f"{at};8 (9{at // 10_000_000:02d}) {at:07d};Отдел продаж № {at}, ё" for at in range(1, COUNT + 1)]
    began = time.monotonic()
    page = upload(signed_in, "\n".join(["Ид;Номер;Комментарий", *records]))
    assert counts(page) == [COUNT, 0, 0, 0, 0]
    assert len(page.response.data) < 5_000_000
    assert apply(signed_in, page).path == "/numbers"
    assert time.monotonic() - began < MOST_S
    assert api.get(f"{NUMBERS}?limit=1").headers["X-Total-Count"] == str(COUNT)
    assert "+7 900 010-00-00" in signed_in.get("/numbers?page=99999").main.text
