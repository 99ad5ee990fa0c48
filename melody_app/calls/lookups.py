"""The last lookups: which exchange asked what, when, and what it was answered; a few for each number.

They are noted in memory and written by a thread of their own, many at once: no answer waits for them. What a killed worker had
not written yet is lost; it is a help for people who look for a fault, not a record.
"""

import time
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import Any, NamedTuple, TypeVar

import structlog
from flask import Flask
from sqlalchemy import bindparam, delete, insert, select, values
from sqlalchemy.orm import aliased

from melody_app.actor import the_actor
from melody_app.batches import Batches
from melody_app.calls.resolver import DEPARTMENT, Question, Resolution, Stage
from melody_app.current import the_app
from melody_app.db import UnavailableError, write
from melody_app.lean import Lean, LeanStatement
from melody_app.models import Lookup
from melody_app.sought import plain

KEPT = 5
"""As many are kept for each number, and for each department that was asked for without a number."""

KEPT_UNKNOWN = 5_000
"""As many are kept for whatever no directory knows, together: anybody may dial anything."""

MOST_WAITING = 10_000
"""As many wait to be written; more would only be overwritten."""

WRITE_AFTER_S = 0.3
"""They wait as long for others. What waits longer makes a worker grow by as much for good."""

T = TypeVar("T")


class Noted(NamedTuple):
    """A lookup that is to be written down.

    Args:
        door: `asterisk`, `freeswitch` or `json`.
        question: what was asked.
        resolution: what it was answered: at the doors that give sound, by what can be played.
        exchange: the name of the token that asked.
        asked_ms: when, in milliseconds since 1970.
    """

    door: str
    question: Question
    resolution: Resolution
    exchange: str
    asked_ms: int


def init_app(app: Flask) -> None:
    """Let the application note lookups."""
    app.extensions["melody_lookups"] = Batches(
        lambda noted: _write(app, noted), name="lookups", after_s=WRITE_AFTER_S, most=MOST_WAITING, keeps_all=False
    )


def note(door: str, question: Question, resolution: Resolution) -> None:
    """Note that an exchange asked; costs the answer nothing but the note itself.

    Args:
        door: `asterisk`, `freeswitch` or `json`.
        question: what it asked.
        resolution: what it was answered.
    """
    # Where the company's stage is the only one, its own melody was asked for, and no number.
    if len(resolution.stages) > 1:
        batches: Batches[Noted] = the_app().extensions["melody_lookups"]
        batches.put(Noted(door, question, resolution, the_actor().name, int(time.time() * 1000)))


def flush() -> None:
    """Write what waits in this process."""
    the_app().extensions["melody_lookups"].flush()


def _write(app: Flask, noted: list[Noted]) -> None:
    """Write the latest of each subject."""
    rows = _latest(noted)
    try:
        with app.app_context():
            write(lambda lean: _store(lean, rows))
    except UnavailableError:
        structlog.get_logger().info("lookups not noted", count=len(rows))


def _latest(noted: list[Noted]) -> list["Row"]:
    """Return the rows that are to be kept, in the order in which they were noted."""
    counts: Counter[str] = Counter()
    rows = []
    for each in reversed(noted):
        about, subject = _subject(each)
        counts[subject] += 1
        if counts[subject] <= KEPT:
            rows.append(_row(each, about, subject))
    rows.reverse()
    return rows


class Row(NamedTuple):
    """A row of the table, its columns in their order."""

    subject: str
    is_known: bool
    asked_ms: int
    door: str
    exchange: str
    department_id: int | None
    source: str
    rule_id: int | None
    source_type: str | None
    media_id: int | None


def _row(noted: Noted, about: Stage, subject: str) -> Row:
    resolution = noted.resolution
    decisive, melody, first = resolution.decisive, resolution.melody, resolution.stages[0]
    return Row(
        subject,
        about.name is not None and about.code != "not_a_number",
        noted.asked_ms,
        noted.door,
        noted.exchange,
        first.id if first.stage == DEPARTMENT else None,
        resolution.source,
        decisive.rule_id or _passed_over(resolution),
        melody.source_type if melody else None,
        melody.id if melody else None,
    )


def _subject(noted: Noted) -> tuple[Stage, str]:
    """Return what was asked for, and the name under which that is kept: one number's spellings are one."""
    # The number, if one was asked for, is the stage before the company's.
    about = noted.resolution.stages[-2]
    if about.stage == DEPARTMENT:
        return about, f"group-{about.id or noted.question.short_phone}"[:60]
    # A class of Asterisk's may hold what no database takes for text.
    return about, plain(f"number-{about.name or noted.question.digits or f'id-{about.id}'}")[:60]


def _passed_over(resolution: Resolution) -> int | None:
    """Return the rule without whose lost melody the company wouldn't have been asked."""
    return next((each.rule_id for each in resolution.lost if each.rule_id), None)


def _store(lean: Lean, rows: list[Row]) -> None:
    for chunk in _chunks(rows):
        lean.count(_INSERT[len(chunk)], **dict(zip(_NAMES, chain.from_iterable(chunk), strict=False)))
    for subjects in _chunks(sorted({row.subject for row in rows})):
        lean.count(_DELETE_OLD[len(subjects)], **dict(zip(_SUBJECTS, subjects, strict=False)))
    if not all(row.is_known for row in rows):
        lean.count(_DELETE_UNKNOWN)


SIZES = (64, 8, 1)
"""As many rows are written by one statement: between statements, each thread that answers a call would have its turn."""


def _chunks(things: list[T]) -> Iterator[list[T]]:
    """Yield a list in pieces for which there is a statement."""
    while things:
        size = next(each for each in SIZES if each <= len(things))
        yield things[:size]
        things = things[size:]


_COLUMNS = [Lookup.__table__.columns[name] for name in Row._fields]
_NAMES = [f"{column.name}_{place}" for place in range(SIZES[0]) for column in _COLUMNS]
_SUBJECTS = [f"subject_{place}" for place in range(SIZES[0])]
"""The names of what is bound, for as many rows, and as many subjects, as one statement takes."""


def _row_of_binds(place: int) -> dict[str, Any]:
    return {column.name: bindparam(f"{column.name}_{place}", type_=column.type) for column in _COLUMNS}


def _beyond_the_latest(size: int) -> Any:
    """Return the ids of what is one too many for its subject, counted from the latest: for each a few steps in the index."""
    binds = [(bindparam(name, type_=Lookup.subject.type),) for name in _SUBJECTS[:size]]
    asked = values(Lookup.subject, name="asked").data(binds).cte("asked")
    counted = aliased(Lookup)
    own = select(counted.id).where(counted.subject == asked.c.subject)
    first_beyond = own.order_by(counted.id.desc()).offset(KEPT).limit(1).scalar_subquery()
    return (
        select(Lookup.id).join_from(asked, Lookup, Lookup.subject == asked.c.subject).where(Lookup.id <= first_beyond)
    )


_UNKNOWN = Lookup.is_known.is_(False)
_FIRST_UNKNOWN_BEYOND = select(Lookup.id).where(_UNKNOWN).order_by(Lookup.id.desc()).offset(KEPT_UNKNOWN).limit(1)

_INSERT = {size: LeanStatement(insert(Lookup).values([*map(_row_of_binds, range(size))])) for size in SIZES}
_DELETE_OLD = {size: LeanStatement(delete(Lookup).where(Lookup.id.in_(_beyond_the_latest(size)))) for size in SIZES}
_DELETE_UNKNOWN = LeanStatement(delete(Lookup).where(_UNKNOWN, Lookup.id <= _FIRST_UNKNOWN_BEYOND.scalar_subquery()))
