"""What happens to the company default: one row, that is always there."""

from collections.abc import Container
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from melody_app import journal
from melody_app.actor import the_actor
from melody_app.db import db, write_session
from melody_app.fields import FieldError
from melody_app.melodies import catalogue, queries
from melody_app.melodies.queries import KINDS
from melody_app.models import CompanyDefault, Melody

Values = dict[str, Any]
"""The four values `dialing_source_type`, `dialing_media_id`, `hold_source_type`, `hold_media_id`."""


class StaleDefaultError(Exception):
    """Somebody changed the company default after the version that was read."""

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.version = version


class UnknownMelodyError(Exception):
    """A catalogue doesn't hold a melody."""

    def __init__(self, errors: list[tuple[str, FieldError]]) -> None:
        super().__init__(len(errors))
        self.errors = errors


def get() -> CompanyDefault:
    """Return the company default."""
    return queries.company_default(db.session())


def change(values: Values, *, versions: Container[int] | None = None) -> CompanyDefault:
    """Replace the whole of the company default.

    Args:
        values: what it shall say; the id of plain ringing may be None.
        versions: the versions that this was meant for; None for whatever is there.

    Raises:
        StaleDefaultError: it has another version by now.
        UnknownMelodyError: a catalogue doesn't hold a melody.
        UnavailableError: the database can't take the change now.
    """
    with write_session() as session:
        # Whoever deletes a melody locks this row first (melodies/service.py): none vanishes between the look and the change.
        default = queries.company_default(session, lock=True)
        if versions is not None and default.version not in versions:
            raise StaleDefaultError(default.version)
        values = _with_tone(values)
        _refuse_unknown(session, values)
        before = spell(default)
        for name, value in values.items():
            setattr(default, name, value)
        default.changed_by = the_actor().name
        default.version += 1
        default.changed_at = func.current_timestamp()
        session.add(default)
        session.flush()
        session.refresh(default)
        journal.record(session, "changed", "company default", 1, before=before, after=spell(default))
    return default


def spell(default: CompanyDefault) -> dict[str, Any]:
    """Spell the company default as the API does."""
    names = [f"{kind}_{name}" for kind in KINDS for name in ("source_type", "media_id")]
    return {name: getattr(default, name) for name in (*names, "id")}


def _with_tone(values: Values) -> Values:
    """Give plain ringing its id where none was sent."""
    tone_id = catalogue.tone().id
    whole = dict(values)
    for kind in KINDS:
        if whole[f"{kind}_source_type"] == "beeps" and whole[f"{kind}_media_id"] is None:
            whole[f"{kind}_media_id"] = tone_id
    return whole


def _refuse_unknown(session: Session, values: Values) -> None:
    errors = []
    for kind in KINDS:
        source_type, media_id = values[f"{kind}_source_type"], values[f"{kind}_media_id"]
        if not _is_known(session, source_type, media_id):
            message = lazy_gettext(
                "There is no melody %(id)s in this catalogue. Choose one that is there.", id=media_id
            )
            errors.append((f"{kind}_media_id", FieldError("unknown_melody", message)))
    if errors:
        raise UnknownMelodyError(errors)


def _is_known(session: Session, source_type: str, media_id: int) -> bool:
    """Tell whether the melody may be played; an empty catalogue vouches for nothing."""
    if source_type == "beeps":
        return media_id == catalogue.tone().id
    held = exists().where(Melody.source_type == source_type)
    return bool(session.scalar(select(held.where(Melody.id == media_id))) or not session.scalar(select(held)))
