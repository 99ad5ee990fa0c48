"""What the tests share: a fresh database for each on both kinds of server, the application on it, and who asks."""

import gc
import os
import secrets as random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

os.environ.setdefault(
    "OPENBLAS_NUM_THREADS", "1"
)  # the tests run side by side: numpy's threads would wait for each other

import pytest
import rows
from browser_like import Browser
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from postgresql import Databases, NoServerError, execute, quick_folder, server
from sqlalchemy import text
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from melody_app import create_app
from melody_app.accounts import secrets
from melody_app.config import Settings
from melody_app.db import Base, db, write_session
from melody_app.melodies import audio
from melody_app.models import Person, Token
from melody_app.schema import bring_up_to_date
from melody_app.search import search_key

PERSON = "Анна"
PASSWORD = "three quiet words"
MANAGE_TOKEN = "mel_" + "m" * 40
CALL_TOKEN = "mel_" + "c" * 40

MOST_KEPT = 100_000
"""The largest file whose sound is kept for other tests, in bytes."""

QUICK = "scrypt:256:8:1"
"""A password's hash that costs nothing: the real one takes a quarter of a second."""


# ---------------------------------------------------------------- databases


LONGEST = (
    "browser/test_looks",
    "test_serving",
    "test_crash",
    "test_races",
    "test_soak",
    "test_import_large",
    "test_properties",
)
"""The files that take longest, or wait most: begun first, none of them is what the others' end waits for."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items.sort(key=lambda item: not any(each in item.nodeid for each in LONGEST))


def pytest_collection_finish() -> None:
    """Leave what is loaded by now out of the collector's rounds: with so much of it they take a fifth of the tests' time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Let passwords cost nothing to check; what they really cost is asked by a test of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "METHOD", QUICK)
        yield


@pytest.fixture(scope="session", autouse=True)
def sounds_made_once() -> Iterator[None]:
    """Let a small file that many tests upload be decoded once by each way of decoding; a child process takes half a second."""
    convert = audio.convert
    made = cache(lambda data, _command: convert(data))

    def convert_once(data: bytes) -> audio.Converted:
        return made(data, audio.COMMAND) if len(data) < MOST_KEPT else convert(data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audio, "convert", convert_once)
        yield


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory, quick_passwords: None) -> Iterator[Path]:
    """Make the file that every test's SQLite database is a copy of."""
    with tempfile.TemporaryDirectory(prefix="melody-sqlite-", dir=quick_folder()) as folder:
        path = Path(folder) / "melody.db"
        _furnish(f"sqlite:///{path}", path.parent)
        yield path


@pytest.fixture(scope="session")
def postgresql_databases(tmp_path_factory: pytest.TempPathFactory, quick_passwords: None) -> Iterator[Databases]:
    """Run a PostgreSQL server and make the database that every test's is a copy of."""
    try:
        running = server()
        url = running.__enter__()
    except NoServerError as error:
        pytest.skip(str(error))
    try:
        template = url.set(database=f"melody_template_{random.token_hex(4)}")
        execute(url, f"CREATE DATABASE {template.database} ENCODING 'UTF8' TEMPLATE template0")
        _furnish(template.render_as_string(hide_password=False), tmp_path_factory.mktemp("instance"))
        databases = Databases(template, [table.name for table in Base.metadata.sorted_tables])
        yield databases
        databases.close()
        execute(url, f"DROP DATABASE {template.database} WITH (FORCE)")
    finally:
        running.__exit__(None, None, None)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the URL of a database that is this test's alone: the newest schema, one person and two tokens in it."""
    if request.param == "sqlite":
        with tempfile.TemporaryDirectory(prefix="melody-sqlite-", dir=quick_folder()) as folder:
            path = Path(folder) / "melody.db"
            shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
            yield f"sqlite:///{path}"
        return
    databases: Databases = request.getfixturevalue("postgresql_databases")
    with databases.lend() as url:
        yield url.render_as_string(hide_password=False)


def _furnish(url: str, instance: Path) -> None:
    app = create_app(_settings(url, instance))
    with app.app_context():
        bring_up_to_date()
        with write_session() as session:
            session.add(Person(name=PERSON, name_key=search_key(PERSON), password_hash=secrets.hash_password(PASSWORD)))
            for name, scope, token in (("CRM", "manage", MANAGE_TOKEN), ("Asterisk", "call", CALL_TOKEN)):
                session.add(
                    Token(
                        name=name, scope=scope, prefix=token[:8], key_hash=secrets.hash_key(token), created_by="tests"
                    )
                )
    close(app)


# ---------------------------------------------------------------- the application


def _settings(url: str, instance: Path, **changes: Any) -> Settings:
    changes = {"secret_key": "tests" * 8, "log_level": "ERROR", **changes}
    return Settings(instance_path=instance, database_url=url, **changes)


def close(app: Flask) -> None:
    """Close what an application keeps open until its process ends."""
    for batches in ("lookups", "request_lines", "token_uses"):
        app.extensions[f"melody_{batches}"].close()
    app.extensions["melody_readers"].close()
    app.extensions["melody_writers"].close()
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
    if gate := app.extensions["melody_gate"]:
        for file in gate._files[1]:
            os.close(file)
        gate._files = (0, [])


class QuickRule(Rule):
    """A URL rule that is compiled for the first application and taken over by the next ones: half of what an app costs."""

    MADE = ("_parts", "_trace", "_converters", "_build", "_build_unknown")
    COMPILED: ClassVar[dict[Any, dict[str, Any]]] = {}

    def compile(self) -> None:
        """Compile the rule, or take over what was compiled for another application."""
        key = (self.rule, self.endpoint, self.is_leaf, self.merge_slashes, frozenset(self.methods or ()))
        if key not in self.COMPILED:
            super().compile()
            self.COMPILED[key] = {name: getattr(self, name) for name in (*self.MADE, "arguments")}
        vars(self).update(self.COMPILED[key])


@pytest.fixture(scope="session", autouse=True)
def quick_rules() -> Iterator[None]:
    """Let every test's application be made quickly."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "url_rule_class", QuickRule)
        yield


@pytest.fixture
def make_app(database: str, tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """Make applications on the test's database, with whatever settings."""
    made = []

    def make(**changes: Any) -> Flask:
        app = create_app(_settings(changes.pop("url", database), tmp_path, **changes))
        app.test_client_class = Client
        app.jinja_env.bytecode_cache = COMPILED
        made.append(app)
        return app

    yield make
    for app in made:
        close(app)


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """Give the application as it is served."""
    return make_app()


@pytest.fixture
def sql(app: Flask) -> Callable[..., list[tuple[Any, ...]]]:
    """Run a statement on the database itself, past the application, and return its rows."""

    def run(statement: str, **values: Any) -> list[tuple[Any, ...]]:
        with app.app_context(), db.engine.execution_options(writing=True).begin() as connection:
            result = connection.execute(text(statement), values)
            return [tuple(row) for row in result] if result.returns_rows else []

    return run


# ---------------------------------------------------------------- who asks


class Compiled(BytecodeCache):
    """Keep the templates that one application has compiled for the next one: every test has an application of its own."""

    def __init__(self) -> None:
        self.codes: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the template's code, if it was compiled before."""
        if bucket.key in self.codes:
            bucket.bytecode_from_string(self.codes[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the template's code."""
        self.codes[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


class Client(FlaskClient):
    """Read every answer to its end and close it, as a server does."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        """Send a request."""
        return super().open(*args, **{"buffered": True, **options})


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Ask as a stranger."""
    return app.test_client()


@pytest.fixture
def api(app: Flask) -> FlaskClient:
    """Ask as a program that may do everything."""
    return with_token(app, MANAGE_TOKEN)


@pytest.fixture
def call_api(app: Flask) -> FlaskClient:
    """Ask as a telephone exchange, that may only ask what a caller hears."""
    return with_token(app, CALL_TOKEN)


@pytest.fixture
def visitor(app: Flask) -> Browser:
    """Look at the pages in English as a stranger."""
    return Browser(app)


@pytest.fixture
def signed_in(visitor: Browser) -> Browser:
    """Look at the pages in English as a person who is signed in."""
    visitor.client.set_cookie(visitor.app.config["SESSION_COOKIE_NAME"], rows.sign_in(visitor.app, PERSON))
    return visitor


def with_token(app: Flask, token: str) -> FlaskClient:
    """Return a client that sends the token with every request."""
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client
