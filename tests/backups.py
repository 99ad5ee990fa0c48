"""Backups of a SQLite database, as tests make them and look into them."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from service import HOUSE

from melody_app.db import sqlite_driver


def path_of(url: str) -> Path:
    """Return the file of a SQLite database."""
    return Path(url.removeprefix("sqlite:///"))


def ask(path: Path, statement: str) -> list[tuple[Any, ...]]:
    """Run a statement on the database in a file."""
    with closing(sqlite_driver.connect(str(path), isolation_level=None)) as connection:
        return list(connection.execute(statement))


def content(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, once the file is found to be sound."""
    assert ask(path, "PRAGMA integrity_check") == [("ok",)]
    assert ask(path, "PRAGMA foreign_key_check") == []
    tables = [name for (name,) in ask(path, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return {table: ask(path, f"SELECT * FROM {table}") for table in tables if "parts" not in table}


def numbers(path: Path) -> set[int]:
    """Return the numbers that have a rule in the database in a file."""
    return {number for (number,) in ask(path, "SELECT number_capacity_id FROM rule_numbers")}


def begin(url: str, *words: str, most_kb: int | None = None, **settings: str) -> "subprocess.Popen[str]":
    """Begin a command in a process of its own, as an operator does.

    Args:
        url: the database's.
        words: the command.
        most_kb: as large may a file become that the process writes, in kilobytes.
        settings: environment variables.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith("MELODY_")}
    limited = ["sh", "-c", f'ulimit -f {most_kb * 2}; exec "$0" "$@"'] if most_kb else []
    return subprocess.Popen(
        [*limited, sys.executable, "-m", "flask", "--app", "wsgi", *words],
        cwd=HOUSE, env={**own, "MELODY_DATABASE_URL": url, "MELODY_SECRET_KEY": "k" * 32, **settings}, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def command(url: str, *words: str, **options: Any) -> tuple[int, str, str]:
    """Run a command, and return its exit status and what it said on both channels."""
    process = begin(url, *words, **options)
    said, refused = process.communicate(timeout=60)
    assert "Traceback" not in refused
    return process.returncode, said, refused
