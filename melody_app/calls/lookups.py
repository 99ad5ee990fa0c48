"""The last lookups: which exchange asked what, when, and what it was answered; a few for each number.

They are noted in memory and written by a thread of their own, many at once: no answer waits for them. What a killed worker had
not written yet is lost; it is a help for people who look for a fault, not a record.
"""

import time
from collections import defaultdict, deque
from typing import Any, NamedTuple

import structlog
from flask import Flask, current_app
from sqlalchemy import bindparam, delete, insert, select

from melody_app.actor import the_actor
from melody_app.batches import Batches
from melody_app.calls.resolver import Question, Resolution, Stage
from melody_app.db import UnavailableError, write
from melody_app.lean import Lean, LeanStatement
from melody_app.models import Lookup

KEPT = 5
"""As many are kept for each number, and for each department that was asked for without a number."""

KEPT_UNKNOWN = 5_000
"""As many are kept for whatever no directory knows, together: anybody may dial anything."""

MOST_WAITING = 10_000
"""As many wait to be written; more would only be overwritten."""

WRITE_AFTER_S = 0.3


class Noted(NamedTuple):
    """A lookup that is to be written down.

    Args:
        door: `asterisk`, `freeswitch` or `json`.
        question: what was asked.
        resolution: what it was answered.
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
        batches: Batches[Noted] = current_app.extensions["melody_lookups"]
        batches.put(Noted(door, question, resolution, the_actor().name, int(time.time() * 1000)))


def flush() -> None:
    """Write what waits in this process."""
    current_app.extensions["melody_lookups"].flush()


def _write(app: Flask, noted: list[Noted]) -> None:
    """Write the latest of each subject."""
    by_subject: defaultdict[str, deque[Noted]] = defaultdict(lambda: deque(maxlen=KEPT))
    for each in noted:
        by_subject[_subject(each)].append(each)
    rows = [_row(subject, each) for subject, kept in by_subject.items() for each in kept]
    try:
        with app.app_context():
            write(lambda lean: _store(lean, rows))
    except UnavailableError:
        structlog.get_logger().info("lookups not noted", count=len(rows))


def _subject(noted: Noted) -> str:
    """Return under which name the lookup is kept: what is asked for in different spellings is one number."""
    stage, question = _subject_stage(noted.resolution), noted.question
    if stage.stage == "employee_group":
        return f"group-{stage.id or question.short_phone}"[:60]
    return f"number-{stage.name or question.digits or f'id-{stage.id}'}"[:60]


def _subject_stage(resolution: Resolution) -> Stage:
    return next((each for each in resolution.stages if each.stage == "number"), resolution.stages[0])


def _row(subject: str, noted: Noted) -> dict[str, Any]:
    stage, resolution = _subject_stage(noted.resolution), noted.resolution
    melody = resolution.melody
    return {
        "subject": subject,
        "is_known": stage.name is not None and stage.code != "not_a_number",
        "asked_ms": noted.asked_ms,
        "door": noted.door,
        "exchange": noted.exchange,
        "department_id": next((each.id for each in resolution.stages if each.stage == "employee_group"), None),
        "source": resolution.source,
        "rule_id": resolution.decisive.rule_id,
        "source_type": melody.source_type if melody else None,
        "media_id": melody.id if melody else None,
    }


def _store(lean: Lean, lookups: list[dict[str, Any]]) -> None:
    lean.many(_INSERT, lookups)
    lean.many(_DELETE_OLD, [{"subject": each} for each in {each["subject"] for each in lookups}])
    if not all(each["is_known"] for each in lookups):
        lean.count(_DELETE_UNKNOWN)


_INSERT = LeanStatement(
    insert(Lookup).values(
        {
            column.name: bindparam(column.name, type_=column.type)
            for column in Lookup.__table__.columns
            if column.name != "id"
        }
    )
)


def _beyond(kept: int, *wanted: Any) -> Any:
    """Return the id of the first that is one too many, counted from the latest."""
    return select(Lookup.id).where(*wanted).order_by(Lookup.id.desc()).offset(kept).limit(1).scalar_subquery()


_SUBJECT = Lookup.subject == bindparam("subject", type_=Lookup.subject.type)
_UNKNOWN = Lookup.is_known.is_(False)
_DELETE_OLD = LeanStatement(delete(Lookup).where(_SUBJECT, Lookup.id <= _beyond(KEPT, _SUBJECT)))
_DELETE_UNKNOWN = LeanStatement(delete(Lookup).where(_UNKNOWN, Lookup.id <= _beyond(KEPT_UNKNOWN, _UNKNOWN)))
