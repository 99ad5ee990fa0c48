"""Connect the application to its database."""

import os
from collections.abc import Iterable
from typing import Any

from flask import Flask, current_app
from sqlalchemy import Connection, Engine, event

from melody_app.db.base import db
from melody_app.db.group import Group
from melody_app.db.kind import Kind
from melody_app.db.lending import Lender
from melody_app.db.postgresql import Postgresql
from melody_app.db.sqlite import Sqlite
from melody_app.db.transactions import commit_group, told

READERS = "readers"
"""The name of the engine that lean reads have for themselves."""


def init_app(app: Flask, url: str, *, wait_s: int) -> None:
    """Connect the application to the database that the URL names; no connection is opened before it is used.

    Args:
        app: the application.
        url: `sqlite:////path` or `postgresql+psycopg://…`.
        wait_s: the longest wait for a write's turn, in seconds.

    Raises:
        SystemExit: the SQLite library linked here has a bug that loses data, its file can't be made, or PostgreSQL's driver
            isn't installed.
    """
    kind = Sqlite(url, wait_s, app.instance_path) if url.startswith("sqlite") else Postgresql(url, wait_s)
    apart = kind.reader_options
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = kind.options
    app.config["SQLALCHEMY_BINDS"] = {} if apart is None else {READERS: {"url": url, **apart}}
    db.init_app(app)
    app.extensions["melody_kind"] = kind
    app.extensions["melody_gate"] = kind.gate
    app.extensions["melody_group"] = Group(commit_group)
    with app.app_context():
        for name, engine in db.engines.items():
            _prepare(engine, kind, (*kind.settings, *(kind.reader_settings if name == READERS else ())))
        readers = db.engines[READERS] if apart else db.engine
        app.extensions["melody_readers"] = Lender(readers, told, keeps=kind.keeps_connections)
        app.extensions["melody_writers"] = Lender(db.engine, told, keeps=kind.keeps_connections)


def disconnect() -> None:
    """Close every connection of the current application that nobody uses."""
    for lender in ("melody_readers", "melody_writers"):
        current_app.extensions[lender].close()
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()


def _prepare(engine: Engine, kind: Kind, settings: Iterable[str]) -> None:
    def tell(connection: Any, _record: object) -> None:
        for sql in settings:
            connection.execute(sql)
        connection.commit()  # else they would end with the transaction that the driver began for them

    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("writing", False)
        for sql in kind.begin_writing() if writing else kind.begin_reading():
            connection.exec_driver_sql(sql)

    event.listen(engine, "connect", tell)
    event.listen(engine, "begin", begin)
    # A connection shared over a fork would corrupt both sides; the child forgets it without closing the parent's.
    os.register_at_fork(after_in_child=lambda: engine.dispose(close=False))
