"""A restore puts a sound backup in the place of all that is stored, at once, and takes nothing away for good."""

import re
import signal
import stat
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from backups import ask, begin, command, content, numbers, path_of
from bodies import PERSONAL, rule
from browser_like import Browser
from click.testing import Result
from conftest import CALL_TOKEN, MANAGE_TOKEN, PERSON, with_token
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import downgrade, upgrade

from melody_app.db import sqlite_driver

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    """Run a command that ends by itself."""

    def invoke(*words: object, typed: str | None = None) -> Result:
        result = app.test_cli_runner().invoke(args=[str(each) for each in words], input=typed)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return invoke


@pytest.fixture
def backup(app: Flask, api: FlaskClient, run: Run, tmp_path: Path) -> Path:
    """Make a backup with the rule of one number, and take the rule away afterwards for that of another."""
    api.post(PERSONAL, json=rule(1))
    path = tmp_path / "backup.db"
    assert run("backup", path).exit_code == 0
    api.delete(f"{PERSONAL}/1")
    api.post(PERSONAL, json=rule(2))
    app.extensions["melody_token_uses"].flush()  # or else a thread writes that in a moment
    return path


def kept(database: str) -> list[Path]:
    """Return the backups of what was stored before restores."""
    return sorted(path_of(database).parent.glob("melody-before-restore-*.db"))


def leftovers(database: str) -> list[Path]:
    """Return what restores have left beside the database, but for the backups that they keep."""
    return list(path_of(database).parent.glob(".melody-*"))


def test_what_a_backup_holds_is_heard_by_the_next_call_and_what_was_stored_is_kept(
    app: Flask, api: FlaskClient, run: Run, backup: Path, database: str
) -> None:
    exchange = with_token(app, CALL_TOKEN)
    assert exchange.get("/melodies/resolve?number_capacity_id=2").json["rule_id"] == 2
    before = content(path_of(database))
    done = run("restore", backup, "--yes")
    assert (done.exit_code, done.stderr) == (0, "")
    assert exchange.get("/melodies/resolve?number_capacity_id=1").json["rule_id"] == 1
    assert exchange.get("/melodies/resolve?number_capacity_id=2").json["rule_id"] is None
    (file,) = kept(database)
    assert content(file) == before
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert f"Restored: 1 rule. What was stored before is in {file}." in done.stdout
    assert api.post(PERSONAL, json=rule(2)).status_code == 201
    assert leftovers(database) == []


def test_the_restored_database_is_the_backup_but_for_sign_ins_and_an_entry_in_the_journal(
    run: Run, backup: Path, database: str
) -> None:
    assert run("restore", backup, "--yes").exit_code == 0
    was, now = content(backup), content(path_of(database))
    *older, (_, _, _, door, action, subject, _, _, after, _) = now.pop("journal_entries")
    assert older == was.pop("journal_entries")
    assert (door, action, subject, after) == ("command", "restored", "database", '{"name": "backup.db"}')
    for tables in (was, now):
        tables.pop("sqlite_sequence")
    assert now == was
    assert ask(path_of(database), "PRAGMA journal_mode") == [("wal",)]
    assert path_of(f"{database}-wal").stat().st_size == 0


def test_it_asks_first_and_says_what_will_be_lost(run: Run, backup: Path, database: str) -> None:
    before = content(path_of(database))
    for typed in ("n\n", "\n", ""):
        done = run("restore", backup, typed=typed)
        assert done.exit_code == 1
        assert re.search(r"backup\.db was made on \d{4}-\d\d-\d\d at \d\d:\d\d UTC and holds 1 rule\.", done.stdout)
        assert "Stored now: 1 rule." in done.stdout
        assert content(path_of(database)) == before
    assert kept(database) == leftovers(database) == []
    assert run("restore", backup, typed="y\n").exit_code == 0
    assert numbers(path_of(database)) == {1}


def test_a_backup_says_itself_when_it_was_made(run: Run, backup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: 1_700_000_000.0)
        assert run("backup", backup.with_name("old.db")).exit_code == 0
    assert "2023-11-14 at 22:13 UTC" in run("restore", backup.with_name("old.db"), typed="n\n").stdout


def test_a_restore_is_undone_by_what_it_kept(run: Run, backup: Path, database: str) -> None:
    run("restore", backup, "--yes")
    (file,) = kept(database)
    file = file.rename(file.with_name("before.db"))
    assert run("restore", file, "--yes").exit_code == 0
    assert numbers(path_of(database)) == {2}


@pytest.mark.parametrize("is_ended", [True, False], ids=["ended meanwhile", "open"])
def test_no_sign_in_opens_anything_afterwards(
    run: Run, sql: Callable[..., Any], signed_in: Browser, tmp_path: Path, is_ended: bool
) -> None:
    run("backup", tmp_path / "with.db")
    assert signed_in.raw("GET", PERSONAL).status_code == 200
    if is_ended:
        sql("DELETE FROM sign_ins")
    run("restore", tmp_path / "with.db", "--yes")
    assert signed_in.raw("GET", PERSONAL).status_code == 401


def test_the_operator_is_told_that_a_revoked_token_opens_again(app: Flask, run: Run, backup: Path) -> None:
    run("token", "revoke", "CRM")
    assert with_token(app, MANAGE_TOKEN).get(PERSONAL).status_code == 401
    assert "revoke again what was revoked since" in run("restore", backup, "--yes").stdout
    assert with_token(app, MANAGE_TOKEN).get(PERSONAL).status_code == 200


def test_an_id_that_was_given_since_is_not_given_again(api: FlaskClient, run: Run, backup: Path) -> None:
    assert api.post(PERSONAL, json=rule(3)).json["id"] == 3
    run("restore", backup, "--yes")
    assert api.post(PERSONAL, json=rule(3)).json["id"] == 4


def test_the_journals_page_tells_of_it(run: Run, backup: Path, visitor: Browser, app: Flask) -> None:
    run("restore", backup, "--yes")
    run("user", "password", PERSON, "--password-stdin", typed="three loud words\n")
    visitor.sign_in(PERSON, "three loud words")
    text = visitor.get("/journal").main.text
    assert "Restored" in text
    assert "backup.db" in text


# ---------------------------------------------------------------- other versions


def test_an_older_backup_is_brought_up_to_date(app: Flask, api: FlaskClient, run: Run, backup: Path) -> None:
    old = backup.with_name("old.db")
    with app.app_context():
        downgrade(revision="0003")
        assert run("backup", old).exit_code == 0
        upgrade()
    assert run("restore", old, "--yes").exit_code == 0
    assert api.get("/readyz").status_code == 200
    assert [each["number_capacity_ids"] for each in api.get(PERSONAL).json] == [[2]]


def test_a_newer_backup_is_refused_by_name(run: Run, backup: Path, database: str) -> None:
    ask(backup, "UPDATE alembic_version SET version_num = '0099'")
    assert "newer version of Melody. Its schema is 0099" in refusal(run, backup, database)


# ---------------------------------------------------------------- what is no backup


def refusal(run: Run, path: Path, database: str) -> str:
    """Restore what can't be restored, and return what is said."""
    before = content(path_of(database))
    done = run("restore", path, "--yes")
    assert (done.exit_code, done.stdout) == (1, "")
    assert content(path_of(database)) == before
    assert kept(database) == leftovers(database) == []
    return done.stderr


def spoil_an_index(path: Path) -> None:
    """Let an index lack a row of its table, which no reader of the table sees."""
    ask(path, "CREATE TABLE twin (id INTEGER PRIMARY KEY, person_id INTEGER)")
    ask(path, "CREATE INDEX twins ON twin (person_id)")
    ask(path, "INSERT INTO rules (id, source_type, media_id, changed_by) VALUES (9, 'client', 9, 'tests')")
    with closing(sqlite_driver.connect(str(path), isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute(
            "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'twins')"
            " WHERE name = 'ix_rules_changed_at_id'"
        )
        connection.execute("DELETE FROM sqlite_master WHERE name = 'twins'")


def cut_short(path: Path) -> None:
    """Lose the file's end, as a copy to a full disk does."""
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def refer_to_nothing(path: Path) -> None:
    """Let a row refer to one that isn't there."""
    ask(path, "INSERT INTO rule_numbers (rule_id, position, number_capacity_id) VALUES (77, 0, 5)")


def make_foreign(path: Path) -> None:
    """Put another program's database in its place, which Alembic looks after as well."""
    path.unlink()
    ask(path, "CREATE TABLE alembic_version (version_num TEXT)")
    ask(path, "INSERT INTO alembic_version VALUES ('0001')")


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (spoil_an_index, "is damaged"),
        (cut_short, "can't be restored"),
        (refer_to_nothing, "is damaged"),
        (make_foreign, "isn't a backup of Melody"),
        (lambda path: path.write_bytes(b""), "isn't a backup of Melody"),
        (lambda path: path.write_bytes(b"no database" * 1000), "can't be restored"),
        (lambda path: path.unlink(), "No such file"),
        (lambda path: (path.unlink(), path.mkdir()), "it is no file"),
    ],
    ids=["index", "cut", "references", "foreign", "empty", "text", "none", "folder"],
)
def test_what_is_no_sound_backup_is_refused(
    run: Run, backup: Path, database: str, spoil: Callable[[Path], Any], why: str
) -> None:
    spoil(backup)
    said = refusal(run, backup, database)
    assert said.startswith(f"Error: {backup} ")
    assert why in said


def test_the_database_itself_is_no_backup(run: Run, backup: Path, database: str) -> None:
    assert "the database itself" in refusal(run, path_of(database), database)


# ---------------------------------------------------------------- what is in the place


def test_pages_of_another_size_are_no_obstacle(run: Run, backup: Path, database: str) -> None:
    other = backup.with_name("other.db")
    with closing(sqlite_driver.connect(str(backup), isolation_level=None)) as connection:
        connection.execute("PRAGMA page_size=16384")
        connection.execute("VACUUM INTO ?", (str(other),))
    assert run("restore", other, "--yes").exit_code == 0
    assert numbers(path_of(database)) == {1}


def test_where_nothing_is_stored_nothing_is_kept(make_app: Callable[..., Flask], backup: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'melody.db'}"
    app = make_app(url=url)
    done = app.test_cli_runner().invoke(args=["restore", str(backup), "--yes"])
    assert (done.exit_code, "before" in done.stdout) == (0, False)
    assert with_token(app, MANAGE_TOKEN).get("/readyz").status_code == 200
    assert numbers(path_of(url)) == {1}
    assert kept(url) == []


def test_a_damaged_database_is_told_with_the_way_out(
    make_app: Callable[..., Flask], backup: Path, tmp_path: Path
) -> None:
    (tmp_path / "bad.db").write_bytes(b"no database" * 1000)
    bad = make_app(url=f"sqlite:///{tmp_path / 'bad.db'}").test_cli_runner()
    done = bad.invoke(args=["restore", str(backup), "--yes"])
    assert done.exit_code == 1
    assert "Stop the service, move bad.db and bad.db-wal elsewhere" in done.stderr
    (tmp_path / "bad.db").rename(tmp_path / "elsewhere")
    again = make_app(url=f"sqlite:///{tmp_path / 'bad.db'}").test_cli_runner()
    assert again.invoke(args=["restore", str(backup), "--yes"]).exit_code == 0
    assert numbers(tmp_path / "bad.db") == {1}


def test_whoever_reads_meanwhile_sees_one_state_to_the_end(run: Run, backup: Path, database: str) -> None:
    with closing(sqlite_driver.connect(str(path_of(database)), isolation_level=None)) as reader:
        asked = "SELECT number_capacity_id FROM rule_numbers"
        reader.execute("BEGIN")
        assert reader.execute(asked).fetchall() == [(2,)]
        assert run("restore", backup, "--yes").exit_code == 0
        assert reader.execute(asked).fetchall() == [(2,)]
        reader.execute("COMMIT")
        assert reader.execute(asked).fetchall() == [(1,)]


def test_whoever_writes_out_of_turn_is_not_waited_for_without_an_end(
    make_app: Callable[..., Flask], backup: Path, database: str
) -> None:
    before = content(path_of(database))
    app = make_app(write_wait_s=1)
    with closing(sqlite_driver.connect(str(path_of(database)), isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        done = app.test_cli_runner().invoke(args=["restore", str(backup), "--yes"])
        writer.execute("ROLLBACK")
    assert (done.exit_code, "busy" in done.stderr) == (1, True)
    assert content(path_of(database)) == before


def test_where_there_is_no_room_all_stays_as_it_is(backup: Path, database: str) -> None:
    before = content(path_of(database))

    status, _, refused = command(database, "restore", str(backup), "--yes", most_kb=100)
    assert (status, refused.startswith("Error: ")) == (1, True)
    assert content(path_of(database)) == before
    assert leftovers(database) == []


def test_a_restore_that_is_killed_leaves_what_was_stored_whole(api: FlaskClient, backup: Path, database: str) -> None:
    live = path_of(database)
    ask(backup, "INSERT INTO audio SELECT hex(randomblob(32)), zeroblob(30000000)")
    before = content(live)
    log = live.with_name("melody.db-wal")
    moments: tuple[Callable[[], bool], ...] = (
        lambda: bool(leftovers(database)),
        lambda: bool(kept(database)),
        lambda: log.stat().st_size > 5_000_000,  # half-way: all of the database passes through the log
    )
    for is_reached in moments:
        process = begin(database, "restore", str(backup), "--yes")
        until = time.monotonic() + 60
        while not is_reached() and process.poll() is None and time.monotonic() < until:
            time.sleep(0.0005)
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        assert content(live) == before
        assert [each["number_capacity_ids"] for each in api.get(PERSONAL).json] == [[2]]
    assert api.post(PERSONAL, json=rule(3)).status_code == 201
    assert command(database, "restore", str(backup), "--yes")[0] == 0
    assert [each["number_capacity_ids"] for each in api.get(PERSONAL).json] == [[1]]
