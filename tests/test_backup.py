"""A backup is a file with all that is stored: whole, sound, for its owner alone, and never in the place of another."""

import os
import re
import signal
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from backups import ask, begin, command, content, path_of
from bodies import PERSONAL, rule
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient

Run = Callable[..., Result]

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def run(app: Flask) -> Run:
    """Run a command that ends by itself."""

    def invoke(*words: object, typed: str | None = None) -> Result:
        result = app.test_cli_runner().invoke(args=[str(each) for each in words], input=typed)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return invoke


@pytest.fixture
def open_to_all() -> Iterator[None]:
    """Let whatever is made be readable by everybody, unless it says otherwise."""
    before = os.umask(0)
    yield
    os.umask(before)


@on_sqlite
def test_a_backup_holds_all_that_is_stored_and_only_its_owner_may_read_it(
    api: FlaskClient, run: Run, database: str, tmp_path: Path, open_to_all: None
) -> None:
    for number in range(1, 4):
        api.post(PERSONAL, json=rule(number, employee_group_ids=[number]))
    path = tmp_path / "backup.db"
    done = run("backup", path)
    assert (done.exit_code, done.stderr) == (0, "")
    size = path.stat().st_size / 1e6
    assert done.stdout == f"{path} was written: {size:.1f} MB, 3 rules.\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["backup.db"]
    assert content(path) == content(path_of(database))


@on_sqlite
@pytest.mark.parametrize("what", ["file", "folder", "link"])
def test_whatever_has_the_name_already_is_left_alone(run: Run, tmp_path: Path, what: str) -> None:
    path = tmp_path / "backup.db"
    if what == "file":
        path.write_text("last year's", encoding="ascii")
    elif what == "folder":
        path.mkdir()
    else:
        path.symlink_to(tmp_path / "nowhere")
    done = run("backup", path)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"Error: {path} is there already. Name a new file, or move that one away first.\n"
    assert [each.name for each in tmp_path.iterdir()] == ["backup.db"]
    assert what != "file" or path.read_text(encoding="ascii") == "last year's"


@on_sqlite
def test_a_file_that_came_while_the_backup_was_written_is_left_alone(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, fsync = tmp_path / "backup.db", os.fsync

    def write_and_sync(file: int) -> None:
        path.write_text("another's", encoding="ascii")
        fsync(file)

    monkeypatch.setattr(os, "fsync", write_and_sync)
    done = run("backup", path)
    assert done.exit_code == 1
    assert "is there already" in done.stderr
    assert path.read_text(encoding="ascii") == "another's"
    assert [each.name for each in tmp_path.iterdir()] == ["backup.db"]


@on_sqlite
def test_a_file_system_without_links_gets_a_backup_too(
    run: Run, tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    assert run("backup", tmp_path / "backup.db").exit_code == 0
    assert content(tmp_path / "backup.db") == content(path_of(database))
    assert run("backup", tmp_path / "backup.db").exit_code == 1
    assert [each.name for each in tmp_path.iterdir()] == ["backup.db"]


@on_sqlite
def test_a_file_name_may_hold_any_bytes(run: Run, tmp_path: Path, database: str) -> None:
    before = content(path_of(database))
    for name in (b"100%.db", b"a?mode=ro#b.db", "копия.db".encode("cp1251")):
        path = tmp_path / os.fsdecode(name)
        assert run("backup", path).exit_code == 0
        assert run("restore", path, "--yes").exit_code == 0
        path.rename(tmp_path / "copy.db")
        assert content(tmp_path / "copy.db")["tokens"] == before["tokens"]
    *_, (spelled,) = ask(path_of(database), "SELECT after ->> 'name' FROM journal_entries ORDER BY id")
    assert spelled == "\ufffd" * 5 + ".db"


@on_sqlite
@pytest.mark.parametrize(("place", "why"), [("none", "No such file or directory"), ("file", "Not a directory")])
def test_a_place_where_nothing_can_be_written_is_told(run: Run, tmp_path: Path, place: str, why: str) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / place / "backup.db"
    done = run("backup", path)
    assert (done.exit_code, done.stdout, done.stderr) == (1, "", f"Error: {path} was not written: {why}.\n")


@on_sqlite
def test_where_there_is_no_room_no_part_of_a_backup_is_left(database: str, tmp_path: Path) -> None:
    path = tmp_path / "backup.db"
    status, said, refused = command(database, "backup", str(path), most_kb=100)
    assert (status, said) == (1, "")
    assert refused.startswith(f"Error: {path} was not written: ")
    assert list(tmp_path.iterdir()) == []


@on_sqlite
def test_a_damaged_database_gives_no_backup(app: Flask, run: Run, tmp_path: Path, database: str) -> None:
    # A rule's number without its rule: the file is in order, what it says is not.
    ask(path_of(database), "INSERT INTO rule_numbers (rule_id, position, number_capacity_id) VALUES (77, 0, 5)")
    done = run("backup", tmp_path / "backup.db")
    assert done.exit_code == 1
    assert f"What is stored in {path_of(database)} is damaged: it refers to rows that are not in it." in done.stderr
    assert "move melody.db and melody.db-wal elsewhere" in done.stderr
    assert list(tmp_path.iterdir()) == []


@on_sqlite
def test_a_database_without_tables_has_nothing_to_back_up(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    app = make_app(url=f"sqlite:///{tmp_path / 'new.db'}")
    done = app.test_cli_runner().invoke(args=["backup", str(tmp_path / "backup.db")])
    assert (done.exit_code, "flask --app wsgi init" in done.stderr) == (1, True)
    assert not (tmp_path / "backup.db").exists()


@on_sqlite
def test_a_backup_that_is_killed_leaves_no_file_of_its_name(api: FlaskClient, database: str, tmp_path: Path) -> None:
    ask(path_of(database), "INSERT INTO audio SELECT hex(randomblob(32)), zeroblob(40000000)")
    before = content(path_of(database))
    path = tmp_path / "backup.db"
    process = begin(database, "backup", str(path))
    until = time.monotonic() + 60
    while not any(each.stat().st_size for each in tmp_path.glob(".melody-*/*")) and time.monotonic() < until:
        time.sleep(0.0005)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert not path.exists()
    assert all(stat.S_IMODE(each.stat().st_mode) == 0o700 for each in tmp_path.iterdir())
    assert content(path_of(database)) == before
    assert command(database, "backup", str(path))[0] == 0
    assert content(path) == before


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("name", "program"), [("backup", "pg_dump"), ("restore", "pg_restore")])
def test_postgresql_has_programs_of_its_own_for_it(run: Run, tmp_path: Path, name: str, program: str) -> None:
    done = run(name, tmp_path / "a b.dump")
    assert (done.exit_code, done.stdout) == (1, "")
    assert re.search(rf"^  {program} --", done.stderr, re.MULTILINE)
    assert f"'{tmp_path / 'a b.dump'}'" in done.stderr
    assert list(tmp_path.iterdir()) == []


@on_sqlite  # which isn't asked: the server's programs are named from the setting alone
@pytest.mark.parametrize("name", ["backup", "restore"])
def test_no_command_line_shows_the_password(make_app: Callable[..., Flask], name: str) -> None:
    app = make_app(
        url="postgresql+psycopg://melody:hunter2@db.example.com:5433/melody?sslmode=require&password=hunter2"
    )
    said = app.test_cli_runner().invoke(args=[name, "x.dump"]).output
    assert "postgresql://melody@db.example.com:5433/melody?sslmode=require" in said
    assert "hunter2" not in said
