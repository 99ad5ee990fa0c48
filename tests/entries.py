"""Entries of the directory that the tests send, and lists of them."""

import io
from typing import Any

from browser_like import Browser, Page
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

NUMBERS, DEPARTMENTS = "/numbers/virtual-number", "/employee-group"
KINDS = {"numbers": NUMBERS, "departments": DEPARTMENTS}


def number(entry_id: int = 352, digits: str = "79208547433", **changes: Any) -> dict[str, Any]:
    """Return a number as the API answers it; what is given as `...` is left out."""
    body = {"id": entry_id, "number": digits, "comment": "Единый номер", "type": None, "state": "active"}
    return {name: value for name, value in {**body, "region_name": None, **changes}.items() if value is not ...}


def department(entry_id: int = 93, name: str = "Отдел продаж", **changes: Any) -> dict[str, Any]:
    """Return a department as the API answers it."""
    return {"id": entry_id, "name": name, "short_phone": "101", **changes}


ONE = {NUMBERS: number(), DEPARTMENTS: department()}


def fill(api: FlaskClient, path: str, *entries: dict[str, Any]) -> None:
    """Let a directory hold these entries and no others."""
    answer = api.put(path, json=list(entries))
    assert answer.status_code == 200, answer.text


def use(api: FlaskClient, *, numbers: tuple[int, ...] = (), departments: tuple[int, ...] = ()) -> int:
    """Make a rule for these entries and return its id."""
    body = {"number_capacity_ids": numbers, "employee_group_ids": departments, "source_type": "system", "media_id": 50}
    answer = api.post("/melodies/personal", json=body)
    assert answer.status_code == 201, answer.text
    return int(answer.get_json()["id"])


def upload(browser: Browser, data: bytes | str, *, kind: str = "numbers", rest: str = "delete") -> Page:
    """Choose a file on the page of imports, and look at what it would change."""
    content = data.encode() if isinstance(data, str) else data
    values = {"csrf_token": browser.csrf(), "rest": rest, "file": FileStorage(io.BytesIO(content), "list.csv")}
    # Made here, for the test client leaves the temporary file of a large body open.
    boundary, body = encode_multipart(values)
    content_type = f'multipart/form-data; boundary="{boundary}"'
    return browser.post(f"/{kind}/import", body, content_type=content_type)  # type: ignore[arg-type]


def apply(browser: Browser, preview: Page, *, kind: str = "numbers") -> Page:
    """Take over the list that is looked at."""
    return browser.send(preview, action=f"/{kind}/import/apply")


def counts(preview: Page) -> list[int]:
    """Return how many entries a preview says are new, changed, deleted, unchanged, and how many things are refused."""
    return [int(node.text.replace(",", "")) for node in preview.main.one(class_="import-counts").all("dd")]


def lines(*records: str) -> str:
    """Return a CSV of numbers with these records."""
    return "\n".join(["Ид;Номер;Комментарий", *records])
