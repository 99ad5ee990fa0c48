"""A database that can't be used stops the start, or a command, with a sentence: no traceback, no password."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from service import HOUSE

WITHOUT_DRIVER = """
import sys
sys.modules["psycopg"] = None  # what an import of it finds where it isn't installed
sys.argv = ["flask", "--app", "wsgi", "init"]
import runpy
runpy.run_module("flask", run_name="__main__")
"""
NOWHERE = "postgresql+psycopg://melody:hunter2@127.0.0.1:1/melody"


def test_without_its_driver_postgresql_stops_the_start_with_what_to_install(tmp_path: Path) -> None:
    settings = {"MELODY_DATABASE_URL": "postgresql://melody:hunter2@host/melody", "MELODY_INSTANCE_PATH": str(tmp_path)}
    started = subprocess.run(
        [sys.executable, "-c", WITHOUT_DRIVER], cwd=HOUSE, env=settings, capture_output=True, text=True, check=False
    )
    assert (started.returncode, started.stdout) == (1, "")
    assert started.stderr == (
        "MELODY_DATABASE_URL: PostgreSQL needs a driver that isn't installed. "
        "Run: .venv/bin/pip install --editable '.[postgres]'\n"
    )
    assert ".venv/bin/pip install --editable '.[postgres]'" in (HOUSE / "README.md").read_text(encoding="utf-8")


on_one_machine = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # each asks a database of its own


@on_one_machine
@pytest.mark.parametrize("command", [["init"], ["demo"], ["token", "list"], ["catalogue", "load"]])
def test_a_command_says_which_server_is_out_of_reach(make_app: Callable[..., Flask], command: list[str]) -> None:
    done = make_app(url=NOWHERE).test_cli_runner().invoke(args=command)
    assert isinstance(done.exception, SystemExit)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: The database can't be used now: ")
    assert '"127.0.0.1", port 1' in done.stderr
    assert "hunter2" not in done.stderr


@on_one_machine
def test_a_command_on_a_database_without_tables_says_what_to_run(
    make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    done = make_app(url=f"sqlite:///{tmp_path / 'new.db'}").test_cli_runner().invoke(args=["token", "list"])
    assert isinstance(done.exception, SystemExit)
    assert "Run: flask --app wsgi init" in done.stderr


@on_one_machine
def test_a_file_that_is_no_database_is_told(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    (tmp_path / "melody.db").write_bytes(b"no database" * 1000)
    done = make_app(url=f"sqlite:///{tmp_path / 'melody.db'}").test_cli_runner().invoke(args=["token", "list"])
    assert isinstance(done.exception, SystemExit)
    assert done.stderr == "Error: The database can't be used now: file is not a database\n"
