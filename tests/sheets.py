"""Lists of rules as the tests write, send and read them."""

import csv
import io
from typing import Any

from browser_like import Browser, Page

HEAD = "Rule;Numbers;Departments;Kind of melody;Melody\n"


def export(browser: Browser) -> str:
    """Return the file that the page gives away, as text without its mark."""
    answer = browser.raw("GET", "/rules/export.csv")
    assert answer.status_code == 200
    return answer.get_data().decode("utf-8-sig")


def cells(text: str, delimiter: str = ",") -> list[list[str]]:
    """Return the cells of a CSV below its headings."""
    return list(csv.reader(io.StringIO(text), delimiter=delimiter))[1:]


def look(browser: Browser, lines: str, *, head: str = HEAD, **values: Any) -> Page:
    """Paste lines and look at what they would change."""
    return browser.submit("/rules/import", text=head + lines, **values)


def take_over(browser: Browser, lines: str, **values: Any) -> Page:
    """Paste lines, look, and let them be taken over."""
    page = look(browser, lines, **values)
    assert page.status == 200, page.main.text
    return browser.send(page)


def counts(page: Page) -> dict[str, int]:
    """Return how many rules a preview says come, change, go, stay and are refused."""
    shown = page.root.one("dl", class_="import-counts")
    titles, numbers = ([node.text for node in shown.all(tag)] for tag in ("dt", "dd"))
    return {title: int(number.replace(",", "")) for title, number in zip(titles, numbers, strict=True)}


def refused(page: Page) -> list[str]:
    """Return what a preview says is wrong, line by line."""
    return [item.text for notice in page.root.all(class_="notice-danger") for item in notice.all("li")]


def can_be_taken_over(page: Page) -> bool:
    """Tell whether a preview offers to take the list over."""
    return bool(page.root.all("input", name="parcel"))
