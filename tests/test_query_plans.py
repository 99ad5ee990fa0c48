"""Every statement of every page and call finds its rows by an index; the few that read more than they show are named here.

The database says so itself: each statement that is sent while all addresses are asked for is explained to the one who sent it.
SQLite plans as for large tables as long as it has no statistics; PostgreSQL is told that its tables are large.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import quote

import pytest
from bench.seed import FIRST_NUMBER, fill
from browser_like import Browser
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, insert

from melody_app.db import db, write_session
from melody_app.lean import Lean
from melody_app.models import Lookup

RULES = 300

PAGES = [
    *(f"/rules?sort={sign}{name}&page=3" for name in ("id", "melody", "changed", "person") for sign in ("", "-")),
    "/rules?q=" + quote("линия 017"),
    "/rules?q=%2B7+499+000-00-77",
    "/rules/7",
    "/rules/new",
    "/rules/7/delete",
    "/rules/choices?field=number_capacity_ids",
    "/rules/choices?field=number_capacity_ids&q=" + quote("линия 017"),
    "/rules/choices?field=employee_group_ids&q=77",
    "/rules/taken?number_capacity_ids=7,8&employee_group_ids=7",
    *(f"/numbers?sort={sign}{name}" for name in ("number", "comment", "type", "state", "id") for sign in ("", "-")),
    "/numbers?q=017",
    "/numbers/7",
    *(f"/departments?sort={sign}{name}" for name in ("name", "short_phone", "id") for sign in ("", "-")),
    "/departments?q=77",
    "/departments/7",
    "/calls?page=3",
    *(f"/calls?show={show}" for show in ("no_rule", "frozen", "unknown", "no_melody")),
    "/calls?q=" + quote("линия 017"),
    "/calls?show=no_rule&q=017",
    "/calls?kind=departments&q=77",
    f"/calls?number={FIRST_NUMBER + 7}&department=77",
    "/calls?number=7&department_id=7",
    "/calls/export.csv",
    "/calls/lookups",
    "/calls/lookups?before=50",
    "/calls/lookups?q=" + quote("линия 017"),
    "/calls/lookups?q=" + quote("отдел 77"),
    "/library",
    "/company",
    "/journal",
    "/journal?rule=7",
    "/journal?person=" + quote("Сотрудник 7"),
    "/journal?day=2026-03-03",
    "/journal?before=50",
]
CALLS = [
    "/melodies/personal?limit=5",
    "/melodies/personal?limit=5&after=7&media_id=52",
    "/melodies/personal?limit=5&source_type=system&media_id=52",
    "/melodies/personal?number_capacity_id=7",
    "/melodies/personal?employee_group_id=7",
    "/melodies/personal/7",
    "/melodies/main",
    "/numbers/virtual-number?limit=5",
    "/numbers/virtual-number/7",
    "/employee-group/7",
    f"/melodies/resolve?number={FIRST_NUMBER + 7}&employee_group_id=7",
    "/melodies/resolve?number_capacity_id=7&short_phone=1007",
]

SMALL = {
    "melodies",
    "people",
    "sign_ins",
    "tokens",
    "alembic_version",
    "company_melody",
    "asked",
    "persons",
    "anon_1",
    "lost",
    "played_client",
    "played_system",
}
"""Tables that stay small whatever the company's size, and parts of a statement that give a few rows: they may be read whole."""

ALLOWED = {
    "how many there are in all: SQLite counts without looking at a row, but goes over its smallest index": (
        r"SELECT count\(\*\) AS count_1\s+FROM \w+\s*$"
    ),
    "a walk along an index in the order that is shown, which ends when the page is full": (
        r"FROM \w+ ORDER BY [\w., ]+(DESC)?\s+LIMIT"
    ),
    "the first row tells whether there is any": r"SELECT \w+\.id\s+FROM \w+\s+LIMIT \?( OFFSET \?)?$",
    "what a search has found is counted, and put in order when it is at most a thousand": r"FROM \(SELECT .* UNION SELECT ",
    "departments are few; a search among them reads their keys": r"departments\.search_key LIKE",
    "the few numbers and departments that a page names are put in order": r"row_number\(\) OVER|\.id IN \(.*\) ORDER BY",
    "how many have no rule: one index is gone over beside another, at 100,000 numbers in some 30 ms": r"\) AS no_rule, ",
    "what only rules know is sought along their index until the page is full": r"FROM rule_\w+\s+WHERE NOT \(EXISTS .* LIMIT",
    "the few departments that somebody may mean are put in order": r"departments\.short_phone = \? ORDER BY",
    "the entries of one day are put in order": r"journal_entries\.at >= \? AND",
    "the rules that play one melody, of either source, are put in order": r"source_type = \?\) AND rules\.media_id = \? AND",
}
"""Statements that may do more, and why."""

SCAN, SORT = "SCAN", "USE TEMP B-TREE FOR ORDER BY"
"""What a plan's step begins with that reads a whole table, or sorts what no index has in order."""

BOUND = re.compile(r"%\(\w+\)s(::\w+(\(\d+\))?)?")
"""A value's place in a statement for PostgreSQL; SQLite's is a question mark."""


FEW = 1000
"""As many rows, by PostgreSQL's own estimate, may be put in order; SQLite gives none."""

OF_FEW = {"ix_lookups_is_known_id"}
"""Indexes of some rows alone: to go over one of them is to find those."""

LARGER = 1000
"""As many times as large as they are PostgreSQL's tables are said to be, those that aren't small."""


@pytest.fixture
def filled(app: Flask, database: str, sql: Callable[..., Any]) -> None:
    """Fill the database, and let it plan as for a large one."""
    with app.test_request_context(), write_session() as session:
        fill(session.connection(), rules=RULES, numbers=RULES, departments=RULES, journal=True)
        session.execute(insert(Lookup), [_lookup(each) for each in range(RULES)])
    if not database.startswith("sqlite"):
        sql("ANALYZE")
        # What the planner takes for the number of rows (PostgreSQL's documentation, "Statistics Used by the Planner").
        sql("UPDATE pg_class SET reltuples = reltuples * :larger WHERE relkind = 'r' AND reltuples >= :large"
            " AND relnamespace = 'public'::regnamespace", larger=LARGER, large=RULES)  # fmt: skip


def _lookup(place: int) -> dict[str, Any]:
    return {
        "subject": f"number-{FIRST_NUMBER + place}",
        "is_known": place % 2 == 0,
        "asked_ms": place,
        "door": "asterisk",
        "exchange": "Asterisk",
        "department_id": place if place % 3 else None,
        "source": "number",
    }


class Explainer:
    """Let the database explain every statement that is sent to it.

    Args:
        app: whose statements.
    """

    def __init__(self, app: Flask) -> None:
        self.plans: dict[str, list[str]] = {}
        with app.app_context():
            self._engine = db.engine
        self._steps = {"sqlite": sqlite_steps, "postgresql": postgresql_steps}[self._engine.dialect.name]

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear the ORM's statements and the lean ones."""
        read = Lean.all

        def explained(lean: Lean, statement: Any, **values: Any) -> list[Any]:
            sql, pick = statement.compiled(lean._dialect)
            self.explain(lean._connection, sql, pick(values))
            return read(lean, statement, **values)

        def before(connection: Any, _cursor: Any, sql: str, bound: Any, *_more: Any) -> None:
            self.explain(connection.connection, sql, bound)

        event.listen(self._engine, "before_cursor_execute", before)
        with mock.patch.object(Lean, "all", explained):  # of those, too, that were lent and given back before
            yield
        event.remove(self._engine, "before_cursor_execute", before)

    def explain(self, connection: Any, sql: str, bound: Any) -> None:
        """Keep what a statement that is new reads whole, or puts in order."""
        if sql not in self.plans and re.match(r"\s*(SELECT|WITH|UPDATE|DELETE)", sql):
            self.plans[sql] = list(self._steps(connection.cursor(), sql, bound))

    def faults(self) -> list[str]:
        """Return the statements that read more than they need, each with the step that does."""
        return [f"{step}\n{sql}" for sql, steps in self.plans.items() for step in steps if not is_allowed(sql, step)]


def sqlite_steps(cursor: Any, sql: str, bound: Any) -> Iterator[str]:
    """Yield the steps of SQLite's plan that read a whole table, or sort what no index has in order."""
    cursor.execute(f"EXPLAIN QUERY PLAN {sql}", bound)
    return (row[3] for row in cursor.fetchall() if row[3].startswith((SCAN, SORT)))


def postgresql_steps(cursor: Any, sql: str, bound: Any) -> Iterator[str]:
    """Yield the same of PostgreSQL's plan, in the words of SQLite."""
    # Small tables, too, are to have an index; a connection that only just waits gets its own mind back afterwards.
    cursor.execute("SET LOCAL enable_seqscan = off")
    cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", bound)
    plan = cursor.fetchone()[0][0]["Plan"]
    cursor.execute("SET LOCAL enable_seqscan = on")
    return whole_reads(plan)


def whole_reads(node: dict[str, Any]) -> Iterator[str]:
    """Yield those steps of a node of PostgreSQL's plan and of what is below it."""
    name, of = node["Node Type"], node.get("Relation Name")
    is_whole = (
        name in {"Index Scan", "Index Only Scan"} and "Index Cond" not in node and node["Index Name"] not in OF_FEW
    )
    if name == "Seq Scan" or is_whole:
        yield f"{SCAN} {of}"
    if name == "Sort" and node["Plan Rows"] > FEW:  # an incremental one only orders what an index gives as equal
        yield SORT
    for each in node.get("Plans", ()):
        yield from whole_reads(each)


def is_allowed(sql: str, step: str) -> bool:
    """Tell whether a statement may take such a step."""
    words = step.split()
    of = words[1] if words[0] == "SCAN" else ""
    if of in SMALL or of.startswith(("(", "CONSTANT")) or "VIRTUAL TABLE INDEX" in step:
        return True
    return any(re.search(each, BOUND.sub("?", sql), re.DOTALL) for each in ALLOWED.values())


@pytest.mark.usefixtures("filled")
def test_every_statement_finds_its_rows_by_an_index(
    app: Flask, api: FlaskClient, signed_in: Browser, tmp_path: Path
) -> None:
    explainer = Explainer(app)
    with explainer.listening():
        for path in PAGES:
            assert signed_in.client.get(path).status_code == 200, path
        for path in CALLS:
            assert api.get(path).status_code == 200, path
        assert app.test_cli_runner().invoke(args=["export", "asterisk", str(tmp_path / "moh")]).exit_code == 0
    assert any("asked" in sql for sql in explainer.plans)  # the lookup's
    assert len(explainer.plans) > 50
    # That a search reads the departments' keys is allowed, whatever else it reads: not so the lookups of all others.
    asked = [
        steps for sql, steps in explainer.plans.items() if "FROM lookups" in sql and "departments.search_key" in sql
    ]
    assert asked
    assert not [steps for steps in asked if f"{SCAN} lookups" in steps]
    faults = explainer.faults()
    assert not faults, "\n\n".join(faults)
