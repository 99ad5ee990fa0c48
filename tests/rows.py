"""Rows that tests put into the database itself, past the application."""

import time
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import select

from melody_app.accounts.secrets import hash_key, make_key
from melody_app.db import write_session
from melody_app.models import Person, SignIn


def sign_in(app: Flask, name: str) -> str:
    """Sign a person in without the page, and return what the browser's cookie holds."""
    key = make_key()
    with app.app_context(), write_session() as session:
        person_id = session.scalars(select(Person.id).where(Person.name == name)).one()
        session.add(SignIn(person_id=person_id, key_hash=hash_key(key), expires_s=int(time.time()) + 3600))
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return str(signer.dumps({"key": key, "_permanent": True}))


def add_melody(
    sql: Callable[..., Any], source_type: str, its_id: int, name: str, key: str, sha256: str = "none", data: bytes = b""
) -> None:
    """Put a melody into a catalogue: its name is what the test asks about, or its sound, which is nothing unless it is given."""
    sql("INSERT INTO audio (sha256, data) VALUES (:sha256, :data) ON CONFLICT DO NOTHING", sha256=sha256, data=data)
    sql(
        "INSERT INTO melodies (source_type, id, name, search_key, sha256, original_sha256, original_format, bytes,"
        " duration_s, channels, sample_rate_hz, report, changed_by)"
        " VALUES (:source_type, :id, :name, :key, :sha256, :sha256, 'wav', 0, 1, 1, 8000, '{}', 'tests')",
        source_type=source_type,
        id=its_id,
        name=name,
        key=key,
        sha256=sha256,
    )


def add_rule(
    sql: Callable[..., Any],
    rule_id: int,
    numbers: tuple[int, ...] = (),
    departments: tuple[int, ...] = (),
    *,
    melody: tuple[str, int],
) -> None:
    """Put a rule into the database, also one that the service would refuse."""
    sql(
        "INSERT INTO rules (id, source_type, media_id, changed_by) VALUES (:id, :source_type, :media_id, 'tests')",
        id=rule_id,
        source_type=melody[0],
        media_id=melody[1],
    )
    for table, column, ids in (
        ("rule_numbers", "number_capacity_id", numbers),
        ("rule_departments", "employee_group_id", departments),
    ):
        for place, each in enumerate(ids):
            statement = f"INSERT INTO {table} (rule_id, position, {column}) VALUES (:rule_id, :place, :its_id)"
            sql(statement, rule_id=rule_id, place=place, its_id=each)
