"""Migrations: what they make of an empty database is what the models say; and the way back."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from bodies import PERSONAL, rule
from browser_like import Browser
from conftest import PERSON
from entries import NUMBERS, fill, number
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import check, downgrade, upgrade
from melodies import CLIENT, add, part, wav
from sqlalchemy import Engine, MetaData, inspect, select, text

from melody_app.db import db
from melody_app.models import Melody, Rule

Shape = dict[str, Any]

PARTS = "virtual_numbers_parts"
"""The index of the parts of numbers: on SQLite tables of its own, of which no model tells."""


@pytest.fixture
def engine(app: Flask) -> Iterator[Engine]:
    """Give the database's engine within the application's context."""
    with app.app_context():
        yield db.engine
        db.session.remove()


def shape(engine: Engine) -> Shape:
    """Return all that a database says of its tables, in a form that can be compared."""
    seen = inspect(engine)

    def spell(value: Any) -> str:
        return re.sub(r'[\s()"]|::\w+( varying)?(\[\])?', "", str(value)).lower()

    def sort(parts: list[Any], *names: str) -> list[Any]:
        return sorted(tuple(spell(part.get(name)) for name in names) for part in parts)

    return {
        table: {
            "columns": sort(seen.get_columns(table), "name", "type", "nullable", "default"),
            "primary key": spell(seen.get_pk_constraint(table)),
            "foreign keys": sort(
                seen.get_foreign_keys(table),
                "name",
                "constrained_columns",
                "referred_table",
                "referred_columns",
                "options",
            ),
            "unique": sort(seen.get_unique_constraints(table), "name", "column_names"),
            "checks": sort(seen.get_check_constraints(table), "name", "sqltext"),
            "indexes": sort(
                [each for each in seen.get_indexes(table) if each["name"] != PARTS], "name", "column_names", "unique"
            ),
        }
        for table in sorted(seen.get_table_names())
        if table != "alembic_version" and not table.startswith(PARTS)
    }


def drop_all(engine: Engine) -> None:
    """Leave no table."""
    everything = MetaData()
    everything.reflect(engine, only=lambda name, _: not name.startswith(PARTS))
    with engine.execution_options(writing=True).begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text(f"DROP TABLE {PARTS}"))
        everything.drop_all(connection)


def test_an_upgraded_empty_database_equals_the_models(engine: Engine) -> None:
    migrated = shape(engine)
    drop_all(engine)
    with engine.execution_options(writing=True).begin() as connection:
        db.metadata.create_all(connection)
    made = shape(engine)
    assert migrated == made
    assert sum(len(table["checks"]) for table in made.values()) >= 7
    assert sum(len(table["unique"]) for table in made.values()) >= 6


def test_alembic_finds_nothing_to_change(engine: Engine) -> None:
    check()
    with engine.connect() as connection:
        known = {"compare_type": True, "include_name": lambda name, *_: not (name or "").startswith(PARTS)}
        context = MigrationContext.configure(connection, opts=known)
        assert compare_metadata(context, db.metadata) == []


def test_the_way_back_leaves_nothing_and_the_way_on_works_again(engine: Engine) -> None:
    before = shape(engine)
    downgrade(revision="base")
    assert shape(engine) == {}
    upgrade()
    assert shape(engine) == before


def test_the_journal_tells_an_upgrade_who_uploaded_what_was_renamed_since(
    app: Flask, api: FlaskClient, signed_in: Browser, sql: Callable[..., Any]
) -> None:
    signed_in.submit("/library", action="/library/catalogue")
    as_it_came, renamed, replaced, untold = (add(api, name=str(each))["id"] for each in range(4))
    for each in (renamed, untold):
        signed_in.submit(f"/library/{each}", name="Вечер", file=part(b"", ""))
    signed_in.submit(f"/library/{replaced}", file=part(wav(880)))
    api.put(f"{CLIENT}/{replaced}", json={"name": "Ночь"})
    sql("DELETE FROM journal_entries WHERE subject_id = :id", id=untold)
    sql("UPDATE journal_entries SET at = '2026-01-05 10:00:00' WHERE action = 'created'")
    sql("UPDATE journal_entries SET at = '2026-01-06 10:00:00' WHERE action = 'changed'")
    with app.app_context():
        downgrade(revision="0003")
        upgrade()
        melodies = {melody.id: melody for melody in db.session.scalars(select(Melody)) if melody.uploaded_by}
        db.session.remove()
    assert {each: melody.uploaded_by for each, melody in melodies.items()} == {
        as_it_came: "CRM", renamed: "CRM", replaced: PERSON, untold: PERSON
    }  # fmt: skip
    changed = {each for each, melody in melodies.items() if melody.is_changed_since_upload}
    days = {each: melodies[each].uploaded_at.date().isoformat() for each in changed}
    assert days == {renamed: "2026-01-05", replaced: "2026-01-06"}


def test_numbers_are_still_found_by_their_parts_when_their_table_was_rebuilt(
    api: FlaskClient, signed_in: Browser, engine: Engine
) -> None:
    fill(api, NUMBERS, number(1, "79200000001"), number(2, "79200000002", type="abc"))
    downgrade(revision="0004")
    with engine.connect() as connection:
        found = connection.execute(text("SELECT id, type FROM virtual_numbers ORDER BY id"))
        assert [tuple(row) for row in found] == [(1, "def"), (2, "abc")]
    upgrade()
    api.post(NUMBERS, json=number(3, "79200000003", comment="Склад"))
    api.put(f"{NUMBERS}/2", json=number(2, "79210000002"))
    api.delete(f"{NUMBERS}/1")
    rows = {text: signed_in.get(f"/numbers?q={text}").main.all("tr")[1:] for text in ("7920", "7921", "склад")}
    assert {text: [row.one("th").one(class_="id").text for row in found] for text, found in rows.items()} == {
        "7920": ["3"], "7921": ["2"], "склад": ["3"]
    }  # fmt: skip
    assert [each["type"] for each in api.get(NUMBERS).get_json()] == [None, None]


def test_an_upgrade_of_what_is_current_keeps_what_is_stored(app: Flask, api: FlaskClient) -> None:
    made = api.post(PERSONAL, json=rule(1, employee_group_ids=[1])).get_json()
    with app.app_context():
        upgrade()
    assert api.get(PERSONAL).get_json() == [made]


def test_an_id_that_was_given_once_is_never_given_again(sql: Callable[..., Any], engine: Engine) -> None:
    tables = {table.name for table in db.metadata.tables.values() if table.autoincrement_column is not None}
    assert Rule.__tablename__ in tables
    if engine.dialect.name == "sqlite":
        made = sql("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'")
        assert {name for (name,) in made} == tables


@pytest.mark.parametrize(
    "wrong",
    [
        "INSERT INTO rules (source_type, media_id, changed_by) VALUES ('none', 1, 'x')",
        "INSERT INTO rules (source_type, media_id, changed_by) VALUES ('client', 0, 'x')",
        "INSERT INTO rule_numbers (rule_id, position, number_capacity_id) VALUES (1, 5, 0)",
        "INSERT INTO rule_numbers (rule_id, position, number_capacity_id) VALUES (1, 5, 1)",
        "INSERT INTO rule_numbers (rule_id, position, number_capacity_id) VALUES (77, 0, 5)",
        "INSERT INTO rule_departments (rule_id, position, employee_group_id) VALUES (1, 5, 0)",
        "INSERT INTO rule_departments (rule_id, position, employee_group_id) VALUES (1, 5, 1)",
        "INSERT INTO rule_departments (rule_id, position, employee_group_id) VALUES (77, 0, 5)",
        "INSERT INTO melodies (source_type, id, name, search_key) VALUES ('none', 1, 'x', 'x')",
        "INSERT INTO virtual_numbers (id, number, type, search_key) VALUES (1, '7', 'mobile', 'x')",
        "INSERT INTO virtual_numbers (id, number, state, search_key) VALUES (1, '7', 'x', 'x')",
        "UPDATE tokens SET scope = 'all'",
        "UPDATE tokens SET key_hash = 'x'",
        "INSERT INTO people (name, name_key, password_hash) VALUES ('x', 'анна', 'x')",
        "INSERT INTO journal_entries (person, door, action, subject, subject_id) VALUES ('x', 'window', 'x', 'x', 1)",
    ],
)
def test_the_database_itself_refuses_what_must_not_be(api: FlaskClient, engine: Engine, wrong: str) -> None:
    api.post(PERSONAL, json=rule(1, employee_group_ids=[1]))
    driver = engine.dialect.loaded_dbapi  # type: ignore[attr-defined]
    with engine.execution_options(writing=True).connect() as connection, pytest.raises(Exception) as refused:  # noqa: PT011
        connection.execute(text(wrong))
    assert isinstance(refused.value.orig, driver.IntegrityError)  # type: ignore[attr-defined]
