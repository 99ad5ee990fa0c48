"""What happens to melodies: the only place that writes them.

A file is decoded before the transaction begins; what is stored then is stored whole, or not at all.
"""

import secrets
from collections.abc import Container, Iterable
from typing import Any

from flask import current_app
from sqlalchemy import delete as delete_from
from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from melody_app import journal
from melody_app.actor import the_actor
from melody_app.db import write_session
from melody_app.melodies import catalogue, queries, sounds
from melody_app.melodies.queries import Uses
from melody_app.melodies.sounds import Sound
from melody_app.models import Audio, CompanyDefault, Melody
from melody_app.search import search_key

Versions = Container[int] | None
"""The versions that a change was meant for; None for whatever is there."""


class NoMelodyError(Exception):
    """The company has no such melody of its own."""


class StaleMelodyError(Exception):
    """Somebody changed the melody after the version that was read."""

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.version = version


class InUseError(Exception):
    """Rules, or the company default, play the melody."""

    def __init__(self, uses: Uses) -> None:
        super().__init__(len(uses.rule_ids))
        self.uses = uses


class LibraryFullError(Exception):
    """The melody doesn't fit into what the library may take.

    Args:
        size: bytes that the melody takes.
        used: bytes that the others take.
        total: bytes that all may take.
    """

    def __init__(self, size: int, used: int, total: int) -> None:
        super().__init__(size, used, total)
        self.size = size
        self.used = used
        self.total = total


def add(name: str, data: bytes) -> Melody:
    """Add a melody to the company's own.

    Args:
        name: what it is called.
        data: a sound file.

    Raises:
        AudioRefused: the file can't be a melody.
        LibraryFullError: it doesn't fit.
        UnavailableError: the service is busy.
    """
    sound = sounds.make(data)
    with write_session() as session:
        _take_turn(session)
        _refuse_overfull(session, sound)
        # The row numbers itself, and its number is the melody's id: until it is known, one that no other row can have.
        melody = Melody(source_type="client", id=-secrets.randbits(62))
        _name(melody, name)
        _give(session, melody, sound)
        session.add(melody)
        session.flush()
        melody.id = melody.key
        session.flush()
        session.refresh(melody)
        journal.record(session, "created", "melody", melody.id, after=_spell(melody))
    return melody


def change(melody_id: int, *, name: str | None = None, data: bytes | None = None, versions: Versions = None) -> Melody:
    """Give a melody of the company's own a new name, or a new file under the same id.

    Args:
        melody_id: which melody.
        name: what it shall be called; as before when absent.
        data: a sound file; as before when absent.
        versions: the versions that this was meant for.

    Raises:
        NoMelodyError: there is no such melody.
        StaleMelodyError: it has another version by now.
        AudioRefused: the file can't be a melody.
        LibraryFullError: it doesn't fit.
        UnavailableError: the service is busy.
    """
    sound = None if data is None else sounds.make(data)
    with write_session() as session:
        _take_turn(session)
        melody = _find(session, melody_id, versions)
        before, hashes = _spell(melody), _hashes(melody)
        _name(melody, name or melody.name)
        if sound:
            _refuse_overfull(session, sound, besides=melody_id)
            _give(session, melody, sound)
        _touch(session, melody)
        _forget(session, hashes)
        journal.record(session, "changed", "melody", melody_id, before=before, after=_spell(melody))
    return melody


def delete(melody_id: int, *, versions: Versions = None) -> Melody:
    """Delete a melody of the company's own that nothing plays, and return it as it was.

    Args:
        melody_id: which melody.
        versions: the versions that this was meant for.

    Raises:
        NoMelodyError: there is no such melody.
        StaleMelodyError: it has another version by now.
        InUseError: a rule, or the company default, plays it.
    """
    with write_session() as session:
        _take_turn(session)
        # Locked before asking who plays it: whoever lets a rule play it locks it too, and is seen here or waits.
        melody = _find(session, melody_id, versions)
        uses = queries.uses_of(session, melody)
        if uses:
            raise InUseError(uses)
        session.delete(melody)
        session.flush()
        _forget(session, _hashes(melody))
        journal.record(session, "deleted", "melody", melody_id, before=_spell(melody))
    return melody


def load_catalogue() -> int:
    """Bring the standard catalogue to what is shipped, and return how many melodies were new or changed.

    Raises:
        UnavailableError: the database can't take the change now.
    """
    with write_session() as session:
        _take_turn(session)
        return sum(_load(session, entry) for entry in catalogue.entries())


def total_bytes() -> int:
    """Return what the company's own melodies may take together."""
    return int(current_app.config["LIBRARY_BYTES"])


def _take_turn(session: Session) -> None:
    """Let whoever writes the library pass one by one, also on PostgreSQL, by locking a row that is always there.

    Else two uploads could both take the last room, or one could lose the file that another deletion has just removed.
    """
    session.execute(select(CompanyDefault.id).with_for_update())


def _refuse_overfull(session: Session, sound: Sound, *, besides: int = 0) -> None:
    used, total = queries.used_bytes(session, besides=besides), total_bytes()
    if used + sound.size > total:
        raise LibraryFullError(sound.size, used, total)


def _find(session: Session, melody_id: int, versions: Versions) -> Melody:
    wanted = (Melody.source_type == "client", Melody.id == melody_id)
    melody = session.scalar(select(Melody).where(*wanted).with_for_update())
    if melody is None:
        raise NoMelodyError
    if versions is not None and melody.version not in versions:
        raise StaleMelodyError(melody.version)
    return melody


def _name(melody: Melody, name: str, *, besides: str = "") -> None:
    melody.name = name
    melody.search_key = search_key(f"{name} {besides}")
    melody.changed_by = the_actor().name


def _give(session: Session, melody: Melody, sound: Sound) -> None:
    """Store a sound and let the melody be it."""
    for sha256, data in ((sound.sha256, sound.wav), (sound.original_sha256, sound.original)):
        if not session.scalar(select(exists().where(Audio.sha256 == sha256))):
            session.add(Audio(sha256=sha256, data=data))
            session.flush()
    melody.sha256, melody.original_sha256 = sound.sha256, sound.original_sha256
    melody.original_format = sound.original_format
    melody.bytes = sound.size
    melody.report = sound.report
    for measured in ("duration_s", "channels", "sample_rate_hz", "peak_dbfs", "loudness_lufs"):
        setattr(melody, measured, sound.report[measured])
    if melody.source_type == "client":  # a standard one comes with the program
        melody.uploaded_at, melody.uploaded_by = func.current_timestamp(), the_actor().name


def _touch(session: Session, melody: Melody) -> None:
    melody.version += 1
    melody.changed_at = func.current_timestamp()
    session.flush()
    session.refresh(melody)


def _hashes(melody: Melody) -> set[str]:
    return {melody.sha256, melody.original_sha256}


def _forget(session: Session, hashes: Iterable[str]) -> None:
    """Remove those of the files that no melody is made of any more."""
    in_use = exists().where(or_(Melody.sha256 == Audio.sha256, Melody.original_sha256 == Audio.sha256))
    session.execute(
        delete_from(Audio).where(Audio.sha256.in_(hashes), ~in_use), execution_options={"synchronize_session": False}
    )


def _load(session: Session, entry: catalogue.Entry) -> bool:
    wanted = (Melody.source_type == "system", Melody.id == entry.id)
    melody = session.scalar(select(Melody).where(*wanted).with_for_update())
    shipped = (entry.name, entry.sha256, entry.original_sha256)
    if melody and (melody.name, melody.sha256, melody.original_sha256) == shipped:
        return False
    before, hashes = (_spell(melody), _hashes(melody)) if melody else (None, set())
    sound = Sound(entry.wav, entry.original_data, entry.original_format, entry.report)
    melody = melody or Melody(source_type="system", id=entry.id, version=0)
    _name(melody, entry.name, besides=entry.name_en)
    _give(session, melody, sound)
    session.add(melody)
    _touch(session, melody)
    _forget(session, hashes)
    journal.record(session, "changed" if before else "created", "melody", entry.id, before=before, after=_spell(melody))
    return True


def _spell(melody: Melody) -> dict[str, Any]:
    return {
        "name": melody.name,
        "source_type": melody.source_type,
        "media_id": melody.id,
        "file": {
            "format": melody.original_format,
            "duration_s": round(melody.duration_s, 1),
            "sha256": melody.sha256[:8],
        },
    }
