"""The last lookups: which exchange asked what, when, and what it was answered; a few for each number.

They are noted in memory and written by a thread of their own, many at once: no answer waits for them. What a killed worker had
not written yet is lost; it is a help for people who look for a fault, not a record.
"""

import atexit
import os
import threading
import time
from collections import deque
from typing import Any

import structlog
from flask import Flask, current_app
from sqlalchemy import bindparam, delete, insert, select

from melody_app.actor import the_actor
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

WRITE_EVERY_S = 1.0


class Noter:
    """Write lookups down, by a thread that starts with the first one in each process.

    Args:
        app: the application whose database it is.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._waiting: deque[dict[str, Any]] = deque(maxlen=MOST_WAITING)
        self._pid = 0
        self._lock = threading.Lock()
        self._closed = threading.Event()

    def note(self, lookup: dict[str, Any]) -> None:
        """Keep a lookup until it is written."""
        self._waiting.append(lookup)
        if self._pid != os.getpid():
            self._start()

    def flush(self) -> None:
        """Write what waits."""
        with self._lock:
            lookups = _latest([self._waiting.popleft() for _ in range(len(self._waiting))])
            if not lookups:
                return
            try:
                with self._app.app_context():
                    write(lambda lean: _store(lean, lookups))
            except UnavailableError:
                structlog.get_logger().info("lookups not noted", count=len(lookups))

    def _start(self) -> None:
        with self._lock:
            if self._pid == os.getpid():
                return
            self._pid = os.getpid()
        threading.Thread(target=self._run, name="lookups", daemon=True).start()
        atexit.register(self.close)

    def close(self) -> None:
        """Write what waits, for the last time."""
        self._closed.set()
        atexit.unregister(self.close)
        self.flush()

    def _run(self) -> None:
        while not self._closed.wait(WRITE_EVERY_S):
            self.flush()


def init_app(app: Flask) -> None:
    """Let the application note lookups."""
    app.extensions["melody_lookups"] = Noter(app)


def note(door: str, question: Question, resolution: Resolution) -> None:
    """Note that an exchange asked; costs the answer nothing but the note itself.

    Args:
        door: `asterisk`, `freeswitch` or `json`.
        question: what it asked.
        resolution: what it was answered.
    """
    stage = _subject_stage(resolution.stages)
    if stage is None:
        return  # the company's own melody: no number was asked for
    decisive, melody = resolution.decisive, resolution.melody
    noter: Noter = current_app.extensions["melody_lookups"]
    noter.note(
        {
            "subject": _subject(stage, question),
            "is_known": stage.name is not None and stage.code != "not_a_number",
            "asked_ms": int(time.time() * 1000),
            "door": door,
            "exchange": the_actor().name,
            "department_id": next((each.id for each in resolution.stages if each.stage == "employee_group"), None),
            "source": resolution.source,
            "rule_id": decisive.rule_id,
            "source_type": melody.source_type if melody else None,
            "media_id": melody.id if melody else None,
        }
    )


def flush() -> None:
    """Write what waits in this process."""
    current_app.extensions["melody_lookups"].flush()


def _subject_stage(stages: list[Stage]) -> Stage | None:
    by_name = {each.stage: each for each in stages}
    return by_name.get("number") or by_name.get("employee_group")


def _subject(stage: Stage, question: Question) -> str:
    """Return under which name the lookup is kept: what is asked for in different spellings is one number."""
    if stage.stage == "employee_group":
        return f"group-{stage.id or question.short_phone}"[:60]
    return f"number-{stage.name or question.digits or f'id-{stage.id}'}"[:60]


def _latest(lookups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    by_subject: dict[str, deque[dict[str, Any]]] = {}
    for each in lookups:
        by_subject.setdefault(each["subject"], deque(maxlen=KEPT)).append(each)
    return [each for kept in by_subject.values() for each in kept]


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
