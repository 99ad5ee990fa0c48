"""One installation that the browser looks at: a real gunicorn, and its database within the tests' reach."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import rows
from conftest import PASSWORD, PERSON, QUICK
from flask import Flask
from service import Service
from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session
from werkzeug.security import generate_password_hash

from melody_app import create_app
from melody_app.config import Settings
from melody_app.db import Base, db, write_session
from melody_app.models import Person, Rule, RuleDepartment, RuleNumber, SignIn, Token
from melody_app.search import search_key

SECRET_KEY = "browser" * 6
OTHER = "Борис"

MANY_FROM = 101
"""The first id of many rules that are put in at once."""
NUMBERS_FROM = 100_000
"""Rule n of many has the number NUMBERS_FROM + n."""


class House:
    """An installation: where it answers, and what is in it.

    Args:
        url: its database's.
        folder: its instance folder.
    """

    def __init__(self, url: str, folder: Path) -> None:
        self.app: Flask = create_app(
            Settings(instance_path=folder, database_url=url, secret_key=SECRET_KEY, log_level="ERROR")
        )
        self.service = Service(url, folder, MELODY_SECRET_KEY=SECRET_KEY, MELODY_LOG_LEVEL="INFO")

    @property
    def url(self) -> str:
        """Return the address that it answers at."""
        return f"http://127.0.0.1:{self.service.port}"

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Write to the database past the service, in one transaction."""
        with self.app.app_context(), write_session() as session:
            yield session

    def clear(self) -> None:
        """Leave nothing in it but two people, as if it had never been used."""
        with self.session() as session:
            for table in reversed(Base.metadata.sorted_tables):
                session.execute(table.delete())
            session.execute(text("DELETE FROM sqlite_sequence"))  # the first rule is rule 1 again
            session.add_all(_person(name) for name in (PERSON, OTHER))

    def sign_in(self, name: str = PERSON) -> dict[str, Any]:
        """Sign a person in without the page, and return the browser's cookie."""
        return {"name": self.app.config["SESSION_COOKIE_NAME"], "value": rows.sign_in(self.app, name), "url": self.url}

    def uses_noted(self) -> int:
        """Return of how many tokens a use was noted."""
        with self.session() as session:
            return session.scalar(select(func.count()).select_from(Token).where(Token.last_used_s > 0)) or 0

    def end_sign_ins(self) -> None:
        """Let every sign-in be over, as time does."""
        with self.session() as session:
            session.execute(SignIn.__table__.delete())

    def add_rule(
        self,
        numbers: Sequence[int] = (),
        departments: Sequence[int] = (),
        *,
        media_id: int = 50,
        by: str = OTHER,
        **more: Any,
    ) -> int:
        """Put a rule into the database and return its id."""
        with self.session() as session:
            rule = Rule(**{"source_type": "system", "media_id": media_id, "changed_by": by, **more})
            session.add(rule)
            session.flush()
            for place, each in enumerate(numbers):
                session.add(RuleNumber(rule_id=rule.id, position=place, number_capacity_id=each))
            for place, each in enumerate(departments):
                session.add(RuleDepartment(rule_id=rule.id, position=place, employee_group_id=each))
            return rule.id

    def add_many(self, count: int) -> None:
        """Put so many rules into the database, each with one number, the last one changed last."""
        start = datetime(2026, 1, 1, tzinfo=UTC)
        ids = range(MANY_FROM, MANY_FROM + count)
        with self.session() as session:
            session.execute(insert(Rule), [
                {"id": n, "source_type": "system", "media_id": n % 90 + 1, "changed_by": OTHER,
                 "changed_at": start + timedelta(minutes=n - MANY_FROM)} for n in ids
            ])  # fmt: skip
            numbers = [{"rule_id": n, "position": 0, "number_capacity_id": NUMBERS_FROM + n} for n in ids]
            session.execute(insert(RuleNumber), numbers)

    def rules(self) -> dict[int, tuple[list[int], list[int], str, int]]:
        """Return what is stored: by the rule's id its numbers, departments, source and melody."""
        with self.app.app_context():
            found = {
                rule.id: ([], [], rule.source_type, rule.media_id) for rule in db.session.scalars(select(Rule)).all()
            }
            for number in db.session.scalars(select(RuleNumber).order_by(RuleNumber.position)):
                found[number.rule_id][0].append(number.number_capacity_id)
            for department in db.session.scalars(select(RuleDepartment).order_by(RuleDepartment.position)):
                found[department.rule_id][1].append(department.employee_group_id)
            db.session.remove()
        return found


def _person(name: str) -> Person:
    return Person(name=name, name_key=search_key(name), password_hash=generate_password_hash(PASSWORD, QUICK))
