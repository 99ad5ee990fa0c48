"""`directory import` on the command line: the same lists, the same refusals."""

from pathlib import Path
from typing import Any

import pytest
from entries import DEPARTMENTS, NUMBERS, department, fill, lines, number, use
from flask import Flask
from flask.testing import FlaskClient


@pytest.fixture
def run(app: Flask, tmp_path: Path) -> Any:
    def run(text: str, *options: str) -> tuple[int, str]:
        path = tmp_path / "list.csv"
        path.write_text(text, encoding="cp1251")
        result = app.test_cli_runner().invoke(args=["directory", "import", str(path), *options])
        return result.exit_code, result.output

    return run


def test_a_list_goes_to_the_directory_that_its_columns_name(run: Any, api: FlaskClient, sql: Any) -> None:
    code, output = run(lines("352;89208547433;Единый номер"))
    assert (code, output.splitlines()[-1]) == (0, "new: 1 changed: 0 gone: 0 same: 0")
    assert run("ИД;Название;Внутренний номер\n93;Отдел продаж;101\n")[0] == 0
    assert api.get(NUMBERS).get_json() == [number()]
    assert api.get(DEPARTMENTS).get_json() == [department()]
    assert run('[{"id": 93, "name": "Отдел", "manager": null}]')[0] == 0
    assert api.get(DEPARTMENTS).get_json() == [department(93, "Отдел", short_phone=None)]
    assert sql("SELECT door, action, subject FROM journal_entries ORDER BY id") == [
        ("command", "imported", "number"),
        ("command", "imported", "department"),
        ("command", "imported", "department"),
    ]


def test_a_dry_run_changes_nothing_and_keep_deletes_nothing(run: Any, api: FlaskClient) -> None:
    fill(api, NUMBERS, number())
    assert run(lines("5;89200000005;"), "--dry-run") == run(lines("5;89200000005;"), "--dry-run")
    assert "new: 1 changed: 0 gone: 1 same: 0" in run(lines("5;89200000005;"), "--dry-run")[1]
    assert api.get(NUMBERS).get_json() == [number()]
    assert "new: 1 changed: 0 gone: 0 same: 1" in run(lines("5;89200000005;"), "--keep")[1]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("просто текст", "Error: "),
        ("[]", "Error: "),
        (lines("5;что;"), "line 2: number: "),
        ('[{"id": 352, "number": "89208547433"}, {"id": 5, "number": "что"}]', "entry 2: number: "),
        (lines("5;89200000005;"), "(352)"),
    ],
)
def test_a_refusal_names_what_is_wrong_and_ends_with_an_error(run: Any, api: FlaskClient, text: str, told: str) -> None:
    fill(api, NUMBERS, number())
    use(api, numbers=(352,))
    for options in ((), ("--dry-run",)):
        code, output = run(text, *options)
        assert (code, told in output) == (1, True), output
    assert api.get(NUMBERS).get_json() == [number()]
