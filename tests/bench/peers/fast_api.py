"""FastAPI with SQLAlchemy, as its tutorials have it: sessions, mapped classes, endpoints in threads.

The same tables, constraints, token check and answers as ours, and the best settings for SQLite that we know (WAL,
synchronous=FULL, BEGIN IMMEDIATE for whoever writes). It keeps no journal, writes no log and adds no headers.
"""

import hashlib
import os
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Header, HTTPException, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, Engine, create_engine, event, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from melody_app.db import sqlite_driver
from melody_app.models import CompanyDefault, Melody, Rule, RuleDepartment, RuleNumber, Token, VirtualNumber
from tests.bench.peers.answers import answer

Id = Annotated[int, Field(ge=1, le=2**63 - 1)]


class RuleIn(BaseModel):
    """A rule's body."""

    model_config = ConfigDict(extra="forbid", strict=True)

    number_capacity_ids: Annotated[list[Id], Field(max_length=10_000)] = []
    employee_group_ids: Annotated[list[Id], Field(max_length=10_000)] = []
    source_type: Literal["client", "system"]
    media_id: Id


def connect() -> Engine:
    """Return an engine on the database that MELODY_DATABASE_URL names."""
    engine = create_engine(
        os.environ["MELODY_DATABASE_URL"],
        module=sqlite_driver,
        connect_args={"isolation_level": None, "check_same_thread": False, "timeout": 30},
        pool_size=64,
    )
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: Any, _record: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


app = FastAPI(openapi_url=None)
engine = connect()


def reader() -> Iterator[Session]:
    """Give an endpoint a session to read with."""
    with Session(engine) as session:
        yield session


def check_token(session: Annotated[Session, Depends(reader)], authorization: Annotated[str, Header()] = "") -> None:
    """Refuse whoever shows no token of ours."""
    key = hashlib.sha256(authorization.removeprefix("Bearer ").encode()).hexdigest()
    if session.scalar(select(Token).where(Token.key_hash == key)) is None:
        raise HTTPException(401)
    session.rollback()


Reading = Annotated[Session, Depends(reader)]
WITH_TOKEN = [Depends(check_token)]


@app.get("/healthz")
def healthz() -> dict[str, str]:
    """Answer that the process lives."""
    return {"status": "ok"}


@app.post("/melodies/personal", status_code=201, dependencies=WITH_TOKEN)
def create(body: RuleIn, response: Response) -> dict[str, Any]:
    """Make a rule."""
    if not body.number_capacity_ids and not body.employee_group_ids:
        raise HTTPException(422)
    try:
        with Session(engine.execution_options(writing=True), expire_on_commit=False) as session, session.begin():
            refuse_unknown(session, body)
            rule = Rule(source_type=body.source_type, media_id=body.media_id, changed_by="bench")
            session.add(rule)
            session.flush()
            for place, each in enumerate(body.number_capacity_ids):
                session.add(RuleNumber(rule_id=rule.id, position=place, number_capacity_id=each))
            for place, each in enumerate(body.employee_group_ids):
                session.add(RuleDepartment(rule_id=rule.id, position=place, employee_group_id=each))
    except IntegrityError:
        raise HTTPException(409) from None
    response.headers["Location"] = f"/melodies/personal/{rule.id}"
    return {**body.model_dump(), "id": rule.id}


def refuse_unknown(session: Session, body: RuleIn) -> None:
    """Refuse what the directory and the catalogue don't hold."""
    known = set(session.scalars(select(VirtualNumber.id).where(VirtualNumber.id.in_(body.number_capacity_ids))))
    melody = exists().where(Melody.source_type == body.source_type, Melody.id == body.media_id)
    if not known.issuperset(body.number_capacity_ids) or not session.scalar(select(melody)):
        raise HTTPException(422)


@app.get("/melodies/resolve", dependencies=WITH_TOKEN)
def resolve(number: str, session: Reading) -> dict[str, Any]:
    """Answer what a caller hears."""
    digits = "".join(filter(str.isdecimal, number))
    entry = session.scalar(select(VirtualNumber).where(VirtualNumber.number == digits))
    found = session.execute(
        select(Rule, Melody)
        .join(RuleNumber, RuleNumber.rule_id == Rule.id)
        .join(Melody, (Melody.source_type == Rule.source_type) & (Melody.id == Rule.media_id), isouter=True)
        .where(RuleNumber.number_capacity_id == (entry.id if entry else 0))
    ).one_or_none()
    company = session.get_one(CompanyDefault, 1)
    return answer(entry, *(found or (None, None)), company)
